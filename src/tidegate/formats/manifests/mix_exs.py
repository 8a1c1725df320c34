"""mix.exs is a program; a list of dependencies that is written out is read, anything else is computed."""

import re
from collections.abc import Collection, Iterator

from tidegate.errors import FormatError
from tidegate.formats import elixir, repopath
from tidegate.formats.elixir import Atom, Sequence, Term
from tidegate.formats.text import decode
from tidegate.model.package import Manifest

FORMAT = "mix.exs"
ECOSYSTEM = "Hex"
LIMIT = 1024 * 1024
MAX_LISTS = 50

_CODE = re.compile(r"#[^\n]*|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_DEPS = re.compile(
    r"\bdefp?\s+(?P<def>deps(?:_[a-z0-9_]*)?)\s*(?:\([^()\n]*\))?\s*(?:do\b|,\s*do:)\s*|\bdeps:\s*(?=\[)"
)
_LOCKFILE = re.compile(r'\blockfile:\s*"([^"\\#\n]{1,300})"')
_ENVIRONMENT = re.compile(r"\bMix\.(?:env|target)\(\)\s*(?:==|!=|in)\s*(?::[a-z_]+|\[[^\[\]\n]*\])")
"""The one computed option everybody's generator writes; it says when a package is started, not whether."""
_CALL = re.compile(r"\s*(?:end\b|\n|,|$)")


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "mix.exs"


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read `deps` where it is a literal list (Mix.Project, "mix deps"). Raises FormatError.

    A wish is `application@requirement`; folders of the repository ask for nothing in the lock.
    """
    text = decode(raw.removeprefix(b"\xef\xbb\xbf"), limit=LIMIT, what="the manifest")
    code = _CODE.sub(lambda match: " " * len(match[0]) if match[0].startswith("#") else match[0], text)
    code = _ENVIRONMENT.sub("nil", code)
    requires: list[str] = []
    optional: list[str] = []
    dynamic = False
    for number, match in enumerate(_DEPS.finditer(code)):
        wishes = _wishes(code, match.end()) if number < MAX_LISTS else None
        if wishes is None:
            dynamic = True
            continue
        for wish, only in wishes:
            (optional if only else requires).append(wish)
    return Manifest(
        path,
        FORMAT,
        ECOSYSTEM,
        requires=tuple(dict.fromkeys(requires)),
        optional=tuple(dict.fromkeys(optional)),
        locks=tuple(_locks(path, code, present)),
        dynamic=dynamic,
    )


def _wishes(code: str, start: int) -> list[tuple[str, bool]] | None:
    """(wish, is it for some environments only) of a list and nothing behind it; None where it is computed."""
    try:
        term, end = elixir.read(code, "the list of dependencies", start)
    except FormatError:
        return None
    if not isinstance(term, Sequence) or term.kind != "[" or not _CALL.match(code, end):
        return None
    if code[end:].lstrip().startswith(("++", "|>", "|", "--")):
        return None
    wishes = [_wish(item) for item in term.items]
    return None if None in wishes else [one for one in wishes if one and one[0]]


def _wish(item: Term) -> tuple[str, bool] | None:
    """`{:app, "~> 1.0", options}`; ("", False) for a folder of the repository, None for what is no dependency."""
    if isinstance(item, elixir.Pair):
        return (f"{item.key}@{item.value}", False) if isinstance(item.value, str) else None
    if not isinstance(item, Sequence) or item.kind != "{" or not item.items or not isinstance(item.items[0], Atom):
        return None
    rest = item.items[1:]
    requirement = next((one for one in rest if isinstance(one, str)), "")
    options = Sequence("[", tuple(_options(rest)), item.line)
    if options.option("path") is not None or options.option("in_umbrella") == Atom("true"):
        return "", False
    return f"{item.items[0].name}@{requirement}", options.option("only") is not None


def _options(rest: tuple[Term, ...]) -> Iterator[Term]:
    """Options in a list of their own or without brackets."""
    for one in rest:
        if isinstance(one, Sequence):
            yield from one.items
        else:
            yield one


def _locks(path: str, code: str, present: Collection[str]) -> Iterator[str]:
    """The lock beside it, or the one it names (`lockfile:` of an umbrella's application)."""
    folder = repopath.folder(path)
    named = _LOCKFILE.search(code)
    target = repopath.resolve(folder, named[1]) if named else repopath.join(folder, "mix.lock")
    if target is not None and target in present:
        yield target
