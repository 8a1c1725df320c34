"""go.mod since Go 1.17 lists every module that is built with its version; go.sum beside it gives their digests."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats import repopath
from tidegate.formats.locks import pins
from tidegate.formats.locks.go_lines import Directive, directives
from tidegate.formats.locks.go_sum import Module, Sums
from tidegate.formats.text import shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, LockFile, Problem

FORMAT = "go.mod"
ECOSYSTEM = "Go"
NAMES = ("go.mod",)

_PATH = re.compile(r"[A-Za-z0-9~_][A-Za-z0-9~._/-]*", re.ASCII)
_GO = re.compile(r"(\d{1,4})\.(\d{1,4})(?:\..*|rc.*|beta.*)?", re.ASCII)
_KNOWN = frozenset(
    {"module", "go", "toolchain", "require", "replace", "exclude", "retract", "tool", "godebug", "ignore"}
)
_FOLDER = re.compile(r"\.\.?(?:/.*)?|/.*|[A-Za-z]:[\\/].*|\.\.?\\.*", re.DOTALL)
_WHOLE = (1, 17)
"""The first version whose go.mod lists the whole graph."""
_MODULES_TXT = re.compile(r"# (\S+)(?: (v\S+))?(?: => .*)?")


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in NAMES


def companions(path: str) -> tuple[str, ...]:
    """go.sum beside, what is vendored, and the go.work.sum of a workspace here or above."""
    here = repopath.folder(path)
    parts = [] if here == "." else here.split("/")
    above = ["/".join(parts[:count]) or "." for count in range(len(parts), -1, -1)]
    sums = [repopath.join(folder, "go.work.sum") for folder in above]
    return (repopath.join(here, "go.sum"), repopath.join(here, "vendor/modules.txt"), *sums)


def parse(path: str, raw: bytes) -> LockFile:
    """Read a go.mod alone, as if it had no go.sum. Raises FormatError."""
    return parse_with(path, raw, {})


def parse_with(path: str, raw: bytes, beside: Mapping[str, bytes]) -> LockFile:
    """Read a go.mod and the files of `companions`. Raises FormatError."""
    sums = Sums()
    vendored = b""
    for name, data in beside.items():
        if name.endswith("/modules.txt"):
            vendored = data
        else:
            sums.add(data, f"`{shown(name, 80)}`")
    reader = _Reader(path, sums)
    for directive in directives(raw, limit=pins.LIMIT, what="the go.mod"):
        reader.take(directive)
        if len(reader.required) > pins.MAX_PACKAGES:
            raise FormatError(f"the go.mod requires more than {pins.MAX_PACKAGES} modules")
    packages = tuple(reader.packages())
    reader.compare(has_sum=repopath.join(repopath.folder(path), "go.sum") in beside or bool(sums.files))
    if vendored:
        reader.compare_vendored(vendored)
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=packages,
        problems=tuple(reader.problems),
        version=reader.go,
    )


@dataclass(frozen=True, slots=True)
class Replacement:
    """`version` "" replaces every version of the module; `by` is a module path, or a folder where `at` is ""."""

    version: str
    by: str
    at: str
    line: int


def replacement(directive: Directive) -> tuple[str, Replacement]:
    """The module that is replaced, and by what. Raises FormatError."""
    words = directive.words
    arrow = words.index("=>") if "=>" in words else 0
    left, right = words[:arrow], words[arrow + 1 :]
    if len(left) not in (1, 2) or len(right) not in (1, 2):
        raise FormatError("a `replace` is not `module => other version`", line=directive.line)
    local = len(right) == 1
    if local and not _FOLDER.fullmatch(right[0]):
        raise FormatError("a `replace` names another module without a version", line=directive.line)
    if not local:
        module_path(right[0], directive.line)
    module_path(left[0], directive.line)
    at = "" if local else right[1]
    return left[0], Replacement(left[1] if len(left) == 2 else "", right[0], at, directive.line)


def module_path(written: str, line: int) -> str:
    """The path as it is. Raises FormatError when it is no module path (Go Modules Reference, "Module paths")."""
    parts = written.split("/")
    if (
        len(written) > 400
        or not _PATH.fullmatch(written)
        or any(not part or part.startswith(".") or part.endswith(".") for part in parts)
    ):
        raise FormatError("a module has a path that is no module path", line=line)
    return written


@dataclass(slots=True)
class _Reader:
    path: str
    sums: Sums
    go: str = ""
    required: dict[str, Directive] = field(default_factory=dict)
    replaced: dict[str, list[Replacement]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: list[Locked] = field(default_factory=list)

    def take(self, directive: Directive) -> None:
        match directive.verb:
            case "go":
                self.go = directive.words[0][:40] if directive.words else ""
            case "require":
                self._require(directive)
            case "replace":
                module, by = replacement(directive)
                self.replaced.setdefault(module, []).append(by)
            case verb if verb not in _KNOWN:
                message = f"`{shown(verb, 40)}` is no directive of a go.mod"
                self._problem("lock-malformed", verb, message, directive.line)

    def _problem(self, rule: str, about: str, message: str, line: int | None) -> None:
        self.problems.append(Problem(rule, f"{self.path}#{subject(about)}" if about else self.path, message, line))

    def _require(self, directive: Directive) -> None:
        if len(directive.words) != 2:
            raise FormatError("a `require` is not `module version`", line=directive.line)
        module = module_path(directive.words[0], directive.line)
        before = self.required.get(module)
        if before is not None and before.words != directive.words:
            self._problem("lock-malformed", module, "it is required in two versions", directive.line)
        self.required[module] = directive

    @property
    def whole(self) -> bool:
        """Does it list every module? Without a `go` line Go 1.16 is meant."""
        match = _GO.fullmatch(self.go)
        return match is not None and (int(match[1]), int(match[2])) >= _WHOLE

    def packages(self) -> Iterator[Locked]:
        """What is built: each requirement, or what stands in its place; before Go 1.17 also what go.sum alone holds."""
        for module, directive in self.required.items():
            locked = self._locked(module, directive.words[1], directive.line, direct=not directive.indirect)
            self.seen.append(locked)
            yield locked
        if self.whole:
            return
        for module, version in self.sums.files:
            if module not in self.required:
                yield self._locked(module_path(module, 0), version, None, direct=False)

    def _by(self, module: str, version: str) -> Replacement | None:
        """The replacement for exactly this version comes first."""
        found = self.replaced.get(module, ())
        return next((one for one in found if one.version == version), None) or next(
            (one for one in found if not one.version), None
        )

    def _locked(self, module: str, version: str, line: int | None, *, direct: bool) -> Locked:
        by = self._by(module, version)
        if by is not None and not by.at:
            return Locked(ECOSYSTEM, module, module, version, pins.path(by.by), direct=direct, line=by.line)
        name, at = (module, version) if by is None else (by.by, by.at)
        return Locked(
            ECOSYSTEM,
            name,
            module,
            at,
            pins.registry(ECOSYSTEM, ""),
            hashes=tuple(self.sums.files.get((name, at), ())),
            bad_hashes=tuple(self.sums.bad.get((name, at), ())),
            direct=direct,
            alias_of=name if name != module else "",
            line=line if by is None else by.line,
        )

    def compare(self, *, has_sum: bool) -> None:
        """Is everything that is built in go.sum, once and with the digest of its go.mod?"""
        if not self.whole:
            said = f"Go {shown(self.go, 20)}" if self.go else "no Go version"
            message = f"it names {said} and so lists a part of what is built; go.sum stands for the rest"
            self._problem("lock-uncompared", "go", message, None)
        hashed = [one for one in self.seen if one.source.kind.value == "registry"]
        if hashed and not has_sum:
            self._problem("lock-missing", "", "it requires modules and has no `go.sum`", hashed[0].line)
            return
        for locked in hashed:
            key: Module = (locked.name, locked.version)
            if key not in self.sums.mods and locked.hashes:
                message = f"`{shown(locked.name)}` has no digest of its go.mod in `go.sum`"
                self._problem("lock-stale", locked.purl, message, locked.line)
            if max(len(self.sums.files.get(key, ())), len(self.sums.mods.get(key, ()))) > 1:
                message = f"`{shown(locked.name)}` stands in go.sum with two different digests"
                self.problems.append(Problem("hash-conflict", locked.purl, message, locked.line))

    def compare_vendored(self, raw: bytes) -> None:
        """What is vendored is what is built: the same modules in the same versions."""
        held: dict[str, str] = {}
        for line in raw.decode("utf-8", "replace").splitlines():
            match = _MODULES_TXT.fullmatch(line.rstrip())
            if match:
                held.setdefault(match[1], match[2] or "")
        for module, directive in self.required.items():
            version = held.get(module)
            if version and version != directive.words[1]:
                message = f"`{shown(module)}` is vendored at {shown(version, 60)}"
                self._problem("lock-stale", f"{module}#vendor", message, directive.line)
        for module in sorted(held.keys() - self.required.keys()):
            if self.whole:
                self._problem("lock-stale", f"{module}#vendor", f"`{shown(module)}` is vendored, not required", None)
