"""A version file as setuptools-scm, hatch-vcs and versioneer write it: names of versions, constants, no more code."""

import ast
import re

from tidegate.domain.reconcile.shapes import version_is

MAX_SIZE = 8 << 10

_PATH = re.compile(r"(?:^|/)[A-Za-z0-9_]*version[A-Za-z0-9_]*\.py$", re.ASCII)
_NAME = re.compile(
    r"_{0,2}(?:[a-z]+_)*(?:version|commit_id|revision|full_revisionid)(?:_[a-z]+)*_{0,2}|VERSION(?:_TUPLE)?", re.ASCII
)
_TYPES = frozenset({"VERSION_TUPLE", "COMMIT_ID", "TYPE_CHECKING"})
_TYPING = frozenset({"Tuple", "Union", "tuple", "str", "int", "None", "object", "Optional"})
_JSON = re.compile(r'"version": "([^"]{1,200})"')
# A first line such as `# coding: unicode_escape` turns the text of a comment into code.
_CODING = re.compile(rb"coding[:=]")


def is_named(path: str) -> bool:
    return _PATH.search(path) is not None


def fits(raw: bytes, version: str) -> bool:
    """Does a module state this version, and do nothing else? What is not understood does not fit."""
    # Printable ASCII and line ends: what Python reads is then what a person sees.
    if len(raw) > MAX_SIZE or raw.translate(None, bytes(range(32, 127)) + b"\r\n\t") or _CODING.search(raw):
        return False
    try:
        body = ast.parse(raw).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    values: list[object] = []
    return all(_is_fit(statement, values) for statement in body) and any(_states(value, version) for value in values)


def _states(value: object, version: str) -> bool:
    if not isinstance(value, str):
        return False
    match = _JSON.search(value)
    return version_is(match[1] if match else value, version)


def _is_fit(statement: ast.stmt, values: list[object]) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.ImportFrom(module="__future__", names=[ast.alias(name="annotations", asname=None)], level=0):
            return True
        case ast.ImportFrom(module="typing", names=names, level=0):
            return all(name.name in _TYPING and name.asname is None for name in names)
        case ast.Import(names=[ast.alias(name="json", asname=None)]):
            return True
        case ast.FunctionDef(
            name="get_versions", decorator_list=[], args=arguments, body=[ast.Return(value=answer)], returns=None
        ):
            return not ast.unparse(arguments) and ast.unparse(answer or arguments) == "json.loads(version_json)"
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body, orelse=other):
            return all(_is_fit(each, values) for each in (*body, *other))
        case ast.AnnAssign(target=ast.Name(id=name), annotation=note, value=value):
            return _is_name(name) and _is_type(note) and (value is None or _is_value(name, value, values))
        case ast.Assign(targets=targets, value=value):
            told = [target.id for target in targets if isinstance(target, ast.Name)]
            return len(told) == len(targets) and all(_is_name(n) and _is_value(n, value, values) for n in told)
    return False


def _is_name(name: str) -> bool:
    return name in _TYPES or name == "__all__" or _NAME.fullmatch(name) is not None


def _is_value(name: str, value: ast.expr, values: list[object]) -> bool:
    if name in {"VERSION_TUPLE", "COMMIT_ID"} and _is_type(value):
        return True
    try:
        plain = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    values.append(plain)
    return _is_plain(plain)


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple | list):
        return len(value) <= 50 and all(isinstance(each, str | int | None) for each in value)
    return value is None or isinstance(value, str | int)


def _is_type(note: ast.expr) -> bool:
    """A type made of the plain names alone (`Tuple[Union[int, str], ...]`, `str | None`)."""
    allowed = (ast.Name, ast.Subscript, ast.Tuple, ast.Constant, ast.BinOp, ast.BitOr, ast.Load)
    return all(
        isinstance(node, allowed)
        and (not isinstance(node, ast.Name) or node.id in _TYPING | _TYPES)
        and (not isinstance(node, ast.Constant) or node.value in (None, ...))
        for node in ast.walk(note)
    )
