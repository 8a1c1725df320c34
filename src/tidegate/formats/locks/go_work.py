"""go.work says which modules are built together and what replaces their dependencies."""

from collections.abc import Mapping

from tidegate.errors import FormatError
from tidegate.formats import repopath
from tidegate.formats.locks import pins
from tidegate.formats.locks.go_lines import directives
from tidegate.formats.locks.go_mod import Replacement, replacement
from tidegate.formats.locks.go_sum import Sums
from tidegate.formats.text import shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, LockFile, Problem

FORMAT = "go.work"
ECOSYSTEM = "Go"
NAMES = ("go.work",)
_KNOWN = frozenset({"go", "toolchain", "godebug"})


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in NAMES


def companions(path: str) -> tuple[str, ...]:
    return (repopath.join(repopath.folder(path), "go.work.sum"),)


def parse(path: str, raw: bytes) -> LockFile:
    """Read a go.work alone. Raises FormatError."""
    return parse_with(path, raw, {})


def parse_with(path: str, raw: bytes, beside: Mapping[str, bytes]) -> LockFile:
    """Read a go.work and its go.work.sum; the modules it uses are its `includes`. Raises FormatError."""
    sums = Sums()
    for name, data in beside.items():
        sums.add(data, f"`{shown(name, 80)}`")
    packages: list[Locked] = []
    problems: list[Problem] = []
    includes: list[str] = []
    go = ""
    for directive in directives(raw, limit=pins.LIMIT, what="the go.work"):
        about = f"{path}#{subject(' '.join(directive.words))}"
        if directive.verb == "replace":
            packages.append(_package(*replacement(directive), sums))
        elif directive.verb == "use":
            folder = repopath.resolve(repopath.folder(path), directive.words[0]) if directive.words else None
            if folder is None:
                message = "a module outside the repository is used"
                problems.append(Problem("source-not-allowed", about, message, directive.line))
            else:
                includes.append(repopath.join(folder, "go.mod"))
        elif directive.verb == "go":
            go = " ".join(directive.words)[:40]
        elif directive.verb not in _KNOWN:
            message = f"`{shown(directive.verb, 40)}` is no directive of a go.work"
            problems.append(Problem("lock-malformed", about, message, directive.line))
        if len(packages) + len(includes) > pins.MAX_PACKAGES:
            raise FormatError(f"the go.work names more than {pins.MAX_PACKAGES} modules")
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(packages),
        problems=tuple(problems),
        includes=tuple(dict.fromkeys(includes)),
        version=go,
    )


def _package(module: str, by: Replacement, sums: Sums) -> Locked:
    """What stands in the place of a module in the whole workspace."""
    if not by.at:
        return Locked(ECOSYSTEM, module, module, by.version, pins.path(by.by), line=by.line)
    return Locked(
        ECOSYSTEM,
        by.by,
        module,
        by.at,
        pins.registry(ECOSYSTEM, ""),
        hashes=tuple(sums.files.get((by.by, by.at), ())),
        bad_hashes=tuple(sums.bad.get((by.by, by.at), ())),
        alias_of=by.by if by.by != module else "",
        line=by.line,
    )
