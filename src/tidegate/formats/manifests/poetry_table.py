"""`[tool.poetry]` dependencies, written as PEP 508 requirements as far as that language goes."""

import re
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from tidegate.errors import FormatError
from tidegate.formats.locks.shape import table, text, texts
from tidegate.formats.text import shown

_CARET = re.compile(r"\^\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?((?:[.-]?[A-Za-z0-9.]+)?)")
_TILDE = re.compile(r"~\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?((?:[.-]?[A-Za-z0-9.]+)?)")


def requires(poetry: dict[str, object]) -> Iterator[str]:
    """What is installed always."""
    for name, value in table(poetry.get("dependencies"), "`dependencies`").items():
        for entry in _entries(value):
            if name != "python" and entry.get("optional") is not True:
                yield _requirement(name, entry)


def optional(poetry: dict[str, object]) -> Iterator[str]:
    """Extras, groups and the older dev-dependencies."""
    for name, value in table(poetry.get("dependencies"), "`dependencies`").items():
        for entry in _entries(value):
            if name != "python" and entry.get("optional") is True:
                yield _requirement(name, entry)
    groups = [table(one, "a group") for one in table(poetry.get("group"), "`group`").values()]
    for asked in (*(group.get("dependencies") for group in groups), poetry.get("dev-dependencies")):
        for name, value in table(asked, "`dependencies`").items():
            for entry in _entries(value):
                if name != "python":
                    yield _requirement(name, entry)


def _entries(value: object) -> list[dict[str, object]]:
    listed = value if isinstance(value, list) else [value]
    return [{"version": one} if isinstance(one, str) else table(one, "a dependency") for one in listed]


def _requirement(name: str, entry: dict[str, object]) -> str:
    extras = texts(entry.get("extras"), "`extras`")
    head = name + (f"[{','.join(extras)}]" if extras else "")
    where = next((kind for kind in ("git", "url", "path") if kind in entry), "")
    if where:
        written = f"{head} @ {where}:{'_'.join(text(entry[where], where).split())}"
    else:
        written = head + specifier(text(entry.get("version"), "`version`"))
    marker = text(entry.get("markers"), "`markers`") or (
        "python_version > '0'" if "python" in entry or "platform" in entry else ""
    )
    whole = f"{written} ; {marker}" if marker else written
    try:
        Requirement(whole)
    except (InvalidRequirement, ValueError, RecursionError):
        raise FormatError(f"`{shown(name, 80)}` is no dependency") from None
    return whole


def specifier(constraint: str) -> str:
    """PEP 440 for Poetry's `^` and `~` and comparisons; "" (any) for unions, which PEP 440 cannot say."""
    parts: list[str] = []
    for part in constraint.split(","):
        plain = part.strip()
        if plain in {"", "*"}:
            continue
        caret, tilde = _CARET.fullmatch(plain), None if plain.startswith("~=") else _TILDE.fullmatch(plain)
        if caret or tilde:
            parts += _range(caret or tilde, caret is not None)
        elif re.match(r"[0-9]", plain):
            parts.append(f"=={plain}")
        else:
            parts.append(re.sub(r"\s+", "", plain) if re.match(r"[=<>!~]", plain) else "?")
    joined = ",".join(re.sub(r"^=(?!=)", "==", part) for part in parts)
    try:
        SpecifierSet(joined)
    except InvalidSpecifier:
        return ""
    return joined


def _range(match: re.Match[str] | None, caret: bool) -> list[str]:
    if match is None:
        return []
    numbers = [int(part) for part in match.groups()[:3] if part is not None]
    low = ".".join(map(str, numbers)) + (match[4] or "")
    if caret:
        fixed = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
    else:
        fixed = 0 if len(numbers) == 1 else 1
    high = [*numbers[:fixed], numbers[fixed] + 1]
    return [f">={low}", f"<{'.'.join(map(str, high))}"]
