"""What the locks of npm, Yarn, pnpm and Bun have in common: names with ranges, aliases, addresses, platforms."""

import re
from collections.abc import Iterable, Mapping

from tidegate.errors import FormatError
from tidegate.formats import repopath, urls
from tidegate.formats.locks import pins
from tidegate.formats.locks.shape import table, text
from tidegate.formats.text import shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import File, Locked, Problem, Source, SourceKind

ECOSYSTEM = "npm"
MAX_NOTE = 300

_ALIAS = re.compile(r"npm:((?:@[^/@\s]+/)?[^/@\s]+)(?:@(.*))?", re.DOTALL)
_RANGE = re.compile(r"[\^~<>=*v\d]|x$|\|\|")
CODE_HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
"""The hosts behind the short forms `github:owner/name`."""
_COMMIT = r"([0-9a-f]{7,64})"
_ARCHIVES = (
    re.compile(rf"https://codeload\.github\.com/[^/?#]+/[^/?#]+/tar\.gz/(?:refs/[^?#]+/)?{_COMMIT}"),
    re.compile(rf"https://gitlab\.com/[^?#]+/repository/archive\.tar\.gz\?(?:ref|sha)={_COMMIT}"),
    re.compile(rf"https://gitlab\.com/[^?#]+/-/archive/{_COMMIT}/[^/?#]+\.tar\.gz"),
    re.compile(rf"https://bitbucket\.org/[^/?#]+/[^/?#]+/get/{_COMMIT}\.tar\.gz"),
)
"""Archives a code host makes of a commit: pinned by the commit in the address, as a checkout is."""


def split(written: str) -> tuple[str, str]:
    """Name and the rest of `@scope/name@rest` or `name@rest`; the rest may hold `@` too."""
    at = written.find("@", 1)
    return (written, "") if at < 0 else (written[:at], written[at + 1 :])


def alias(spec: str) -> str:
    """The real name in `npm:real@range`, "" where the specifier names none (`npm:^1.0.0` is a range)."""
    match = _ALIAS.fullmatch(spec)
    if match is None or (match[2] is None and _RANGE.match(match[1])):
        return ""
    return match[1]


def plain(spec: str) -> str:
    """A wish without the `npm:` that Yarn writes before ranges."""
    return spec[4:].strip() if spec.startswith("npm:") and not alias(spec) else spec.strip()


def overridden(key: str) -> str:
    """The name an override is for: `name`, `name@^1`, `parent@1>name@2` (pnpm), `parent/**/name` (Yarn)."""
    inner = re.search(r"[^ |@]>(?=[@A-Za-z])", key)
    names: list[str] = []
    for part in (key[inner.end() :] if inner else key).split("/"):
        bare, at, _ = part[1:].partition("@")
        names.append(part[:1] + bare)
        if at:
            break
    return "/".join(names[-2:]) if names[-2:-1] and names[-2].startswith("@") else names[-1]


def asks_for(spec: str, name: str) -> bool:
    """Does a wish ask for a package under another name: by alias, or by an address, which may hold any?"""
    real = alias(spec)
    return real == name if real or spec.startswith("npm:") else ":" in spec or "/" in spec


def catalog(name: str, wished: Mapping[str, object]) -> list[str]:
    """The wishes of one catalog, as `LockFile.settings` has them."""
    return [f"catalog {name}: {key}@{text(value, 'a catalog')}" for key, value in sorted(wished.items())]


_CONDITIONS = frozenset({"os", "cpu", "libc"})


def conditions(entry: Mapping[str, object]) -> str:
    """`os`, `cpu` and `libc` in Yarn's words: `os=linux & (cpu=arm64 | cpu=x64)`."""
    parts: list[str] = []
    if _CONDITIONS.isdisjoint(entry):
        return ""
    for key in ("os", "cpu", "libc"):
        value = entry.get(key)
        words = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        terms = [_term(key, word) for word in words[:50] if isinstance(word, str)]
        if terms:
            parts.append(terms[0] if len(terms) == 1 else f"({' | '.join(terms)})")
    return " & ".join(parts)


def _term(key: str, word: str) -> str:
    return f"{key}!={word[1:]}" if word.startswith("!") else f"{key}={word}"


def note(value: object) -> str:
    """What maintainers say of a deprecated package, bounded; `true` without words is still a word."""
    if isinstance(value, str):
        return value[:MAX_NOTE]
    return "deprecated" if value is True else ""


def source(address: str, *, asked: bool = False) -> Source:
    """Where an address in a lock leads; "" is the registry. `asked`: somebody wished for this very address."""
    if not address:
        return pins.registry(ECOSYSTEM, "")
    bare, _, fragment = address.partition("#")
    scheme = bare.split(":", 1)[0].lower()
    if scheme.startswith("git") or scheme == "ssh":
        return pins.git(bare.removeprefix("git+"), fragment.rpartition("commit=")[2])
    if scheme == "file":
        return pins.path(bare)
    if scheme not in {"http", "https"}:
        return Source(SourceKind.UNKNOWN, url=pins.without_secrets(bare))
    commit = next((match[1] for archive in _ARCHIVES if (match := archive.fullmatch(bare))), "")
    if commit:
        return pins.git(bare, commit)
    if _is_repository(bare):
        return pins.git(bare, fragment.rpartition("commit=")[2])
    origin = pins.registry(ECOSYSTEM, bare)
    return pins.direct(bare) if asked and not origin.public else origin


def _is_repository(address: str) -> bool:
    """Is this what Yarn clones rather than downloads?"""
    try:
        url = urls.parse(address)
    except FormatError:
        return False
    parts = [part for part in url.path.split("/") if part]
    return url.path.endswith(".git") or (url.host in CODE_HOSTS.values() and len(parts) == 2)


def version_in(address: str, name: str) -> str:
    """The version in the file name of a registry's tarball, "" where there is none."""
    bare = re.escape(name.rpartition("/")[2])
    match = re.search(rf"/{bare}-([0-9]+\.[0-9][^/?#]*)\.tgz$", address)
    return match[1] if match else ""


def files(origin: Source, hashes: tuple[Digest, ...]) -> tuple[File, ...]:
    """The file a source downloads."""
    fetched = origin.kind in (SourceKind.REGISTRY, SourceKind.URL) and origin.url
    return (File(url=origin.url, hashes=hashes),) if fetched else ()


def link_problem(path: str, folder: str, name: str, target: str, line: int | None) -> Problem | None:
    """A link that leaves the repository; `folder` is what `target` is relative to."""
    if repopath.resolve(folder, target or ".") is not None:
        return None
    about = f"{path}#{subject(f'{name}#file:{target}')}"
    return Problem("source-not-allowed", about, f"`{shown(name)}` is linked to a folder outside the repository", line)


def alias_problem(path: str, package: Locked, installed: str, line: int | None) -> Problem:
    about = f"{path}#{subject(f'{package.purl}#{installed}')}"
    message = f"`{shown(package.name)}` is installed as `{shown(installed)}`, and nothing asks for that"
    return Problem("url-mismatch", about, message, line)


def misplaced(origin: Source, specs: Iterable[str]) -> bool:
    """Is a package taken from a folder, a repository or an address of its own, where only ranges were asked for?"""
    wished = list(specs)
    elsewhere = origin.kind in (SourceKind.PATH, SourceKind.GIT, SourceKind.URL)
    return elsewhere and bool(wished) and not any(_is_address(spec) for spec in wished)


def _is_address(spec: str) -> bool:
    return not spec.startswith("npm:") and (":" in spec or "/" in spec or spec.startswith("."))


def misplaced_problem(path: str, name: str, origin: Source, line: int | None) -> Problem:
    about = f"{path}#{subject(f'{name}#{origin.url}')}"
    message = f"`{shown(name)}` is taken from `{shown(origin.url)}`, and nothing asks for it from there"
    return Problem("url-mismatch", about, message, line)


def tables(entry: Mapping[str, object], *keys: str) -> dict[str, str]:
    """Several dependency tables as one."""
    merged: dict[str, str] = {}
    for key in keys:
        merged.update({name: text(spec, f"`{key}`") for name, spec in table(entry.get(key), f"`{key}`").items()})
    return merged


def written(wished: Mapping[str, str]) -> tuple[str, ...]:
    """`name@range` of each."""
    return tuple(f"{name}@{spec}" for name, spec in sorted(wished.items()))


def labels(packages: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """How `Locked.requires` calls each package: by name, with `@version` where there are several of the name."""
    versions: dict[str, set[str]] = {}
    for name, version in packages:
        versions.setdefault(name, set()).add(version)
    return {
        (name, version): f"{name}@{version}" if len(held) > 1 and version else name
        for name, held in versions.items()
        for version in held
    }
