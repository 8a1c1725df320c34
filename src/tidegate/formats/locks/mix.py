"""mix.lock gives every Hex package with the hashes of its archive, and every git checkout with its commit."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats import elixir, repopath
from tidegate.formats.elixir import Atom, Pair, Sequence, Term
from tidegate.formats.locks import pins
from tidegate.formats.locks.shape import bounded
from tidegate.formats.text import decode, shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import File, Locked, LockFile, Problem, Source, SourceKind

FORMAT = "mix.lock"
ECOSYSTEM = "Hex"
PUBLIC = "hexpm"
"""What Hex calls its own repository in a lock."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,127}", re.ASCII)
_REPOSITORY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,127}", re.ASCII)


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "mix.lock"


def companions(path: str) -> tuple[str, ...]:
    """The manifest beside it, which alone may say that a package goes by another name."""
    return (repopath.join(repopath.folder(path), "mix.exs"),)


def parse(path: str, raw: bytes) -> LockFile:
    return parse_with(path, raw, {})


def parse_with(path: str, raw: bytes, beside: Mapping[str, bytes]) -> LockFile:
    """Read a mix.lock (Hex "Mix.Dep.Lock", `Hex.Mix`). Raises FormatError; what is wrong becomes a problem."""
    text = decode(raw, limit=pins.LIMIT, what="the lockfile")
    document = elixir.loads(text, "the lockfile") if text.strip() else Sequence("%{", (), 1)
    if not isinstance(document, Sequence) or document.kind != "%{":
        raise FormatError("the lockfile is not a map")
    bounded(len(document.items), pins.MAX_PACKAGES)
    manifest = b"".join(beside.values()).decode("utf-8", "replace")
    reader = _Reader(path, frozenset(re.findall(r"\bhex:\s*[:\"]\"?([a-z][a-z0-9_]*)", manifest)))
    for item in document.items:
        if isinstance(item, Pair):
            reader.take(item)
    reader.compare()
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(reader.packages),
        problems=tuple(reader.problems),
    )


@dataclass(slots=True)
class _Reader:
    path: str
    renamed: frozenset[str]
    """Packages the manifest asks for under another name."""
    packages: list[Locked] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    wanted: set[str] = field(default_factory=set)
    """Packages some locked package asks for under another name."""

    def take(self, entry: Pair) -> None:
        if not _NAME.fullmatch(entry.key):
            raise FormatError("a package has a name that is no package name", line=entry.line)
        fields = entry.value.items if isinstance(entry.value, Sequence) and entry.value.kind == "{" else ()
        match fields[:1]:
            case (Atom("hex"),) if len(fields) >= 3:
                self._hex(entry, fields)
            case (Atom("git"),) if len(fields) >= 3:
                self._git(entry, fields)
            case _:
                self._problem("lock-malformed", entry, "an entry is neither a Hex package nor a git checkout")

    def _problem(self, rule: str, entry: Pair, message: str) -> None:
        self.problems.append(Problem(rule, f"{self.path}#{subject(entry.key)}", message, entry.line))

    def _hex(self, entry: Pair, fields: tuple[Term, ...]) -> None:
        """`{:hex, name, version, inner, managers, dependencies, repository, outer}`; older ones end sooner."""
        name, version, inner, _, deps, repository, outer, *_ = (*fields[1:], *("",) * 8)
        package = name.name if isinstance(name, Atom) else ""
        if not _NAME.fullmatch(package) or not isinstance(version, str):
            self._problem("lock-malformed", entry, f"`{shown(entry.key)}` does not say its package and version")
            return
        hashes, bad = _digests(inner, outer)
        archive = hashes[-1:] if outer and not bad else ()
        self.packages.append(
            Locked(
                ecosystem=ECOSYSTEM,
                name=package,
                raw_name=entry.key,
                version=version,
                source=_repository(repository),
                hashes=hashes,
                bad_hashes=bad,
                requires=tuple(self._requires(deps)),
                files=(File(name=f"{package}-{version}.tar", hashes=archive),) if archive else (),
                alias_of=package if package != entry.key else "",
                line=entry.line,
            )
        )

    def _requires(self, deps: Term) -> Iterator[str]:
        for dep in deps.items if isinstance(deps, Sequence) else ():
            if not isinstance(dep, Sequence) or not dep.items or not isinstance(dep.items[0], Atom):
                continue
            options = dep.items[-1]
            package = options.option("hex") if isinstance(options, Sequence) else None
            name = dep.items[0].name
            if isinstance(package, Atom) and package.name != name:
                self.wanted.add(package.name)
            if not (isinstance(options, Sequence) and options.option("optional") == Atom("true")):
                yield name

    def _git(self, entry: Pair, fields: tuple[Term, ...]) -> None:
        """`{:git, address, commit, options}`."""
        address, commit = fields[1], fields[2]
        if not isinstance(address, str) or not isinstance(commit, str):
            self._problem("lock-malformed", entry, f"`{shown(entry.key)}` does not say its address and commit")
            return
        source = pins.git(address, commit)
        self.packages.append(Locked(ECOSYSTEM, entry.key, entry.key, "", source, line=entry.line))

    def compare(self) -> None:
        """A package under another name has to be asked for by that name."""
        for package in self.packages:
            if package.alias_of and package.alias_of not in self.renamed | self.wanted:
                message = f"`{shown(package.name)}` is used as `{shown(package.raw_name)}`, and nothing asks for that"
                about = f"{self.path}#{package.purl}#{package.raw_name}"
                self.problems.append(Problem("url-mismatch", about, message, package.line))


def _digests(inner: Term, outer: Term) -> tuple[tuple[Digest, ...], tuple[str, ...]]:
    """The inner digest is of the archive's contents, the outer one of the archive; Hex before 0.20 wrote no outer."""
    good, bad = [], []
    for written in (inner, outer):
        digest = pins.digest(f"sha256:{written}") if isinstance(written, str) and written else None
        if digest is not None:
            good.append(digest)
        elif written:
            bad.append(str(written)[:200])
    return tuple(good), tuple(bad)


def _repository(written: Term) -> Source:
    """Hex's own repository where none is named; others are told by their name, as the lock has no address."""
    if written in ("", PUBLIC):
        return pins.registry(ECOSYSTEM, "")
    if isinstance(written, str) and _REPOSITORY.fullmatch(written):
        return Source(SourceKind.REGISTRY, host=written.lower().replace(":", "."))
    return pins.UNKNOWN
