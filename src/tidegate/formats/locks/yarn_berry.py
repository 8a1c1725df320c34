"""The form of Yarn 2 and later: an entry has a resolution, and a checksum of the archive Yarn itself makes of it."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from tidegate.errors import FormatError
from tidegate.formats import repopath
from tidegate.formats.locks import indented, node, pins, unread, yarn_graph
from tidegate.formats.locks.npm_tree import Wishes
from tidegate.formats.locks.shape import bounded, table, text
from tidegate.formats.text import shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Asked, File, Locked, LockFile, Problem, Source, SourceKind

FORM = "yarn.lock berry"
ECOSYSTEM = "npm"
MAX_PATCHES = 4

_READ = frozenset(str(version) for version in range(4, 11))
_CHECKSUM = re.compile(r"(?:([0-9a-z]{1,16})/)?([0-9a-f]{128})")


def parse(path: str, raw: bytes, content: str, manifest: bytes | None) -> LockFile:
    """`content` is the decoded text; `manifest` the package.json beside the lock, None when there is none."""
    try:
        read = indented.read(content, str)
    except indented.Unknown as error:
        raise FormatError("the lockfile has a line Yarn does not write", line=error.line) from None
    meta = table(read.value.pop("__metadata", None), "`__metadata`")
    version = text(meta.get("version"), "`version`")
    if version not in _READ:
        message = f"version {shown(version, 20)} is not read; Yarn 4 writes one that is"
        return unread.of_version(path, FORM, ECOSYSTEM, raw, message)
    bounded(len(read.value), pins.MAX_PACKAGES)
    reader = _Reader(path, text(meta.get("cacheKey"), "`cacheKey`"), yarn_graph.root(manifest))
    for key, value in read.value.items():
        reader.add(key, table(value, "a package"), read.lines.get((key,)))
    packages = tuple(reader.packages())
    return LockFile(
        path,
        FORM,
        ECOSYSTEM,
        Digest.of(raw),
        packages=packages,
        problems=tuple(reader.problems),
        asked=tuple(reader.asked()),
        version=version,
    )


@dataclass(slots=True)
class _Entry:
    wishes: list[tuple[str, str]]
    name: str
    ref: str
    fields: Mapping[str, object]
    line: int | None

    @property
    def version(self) -> str:
        return text(self.fields.get("version"), "`version`")

    @property
    def folder(self) -> str | None:
        """The folder of a project of the workspace."""
        return self.ref.removeprefix("workspace:") if self.ref.startswith("workspace:") else None

    def needs(self) -> dict[str, str]:
        return node.tables(self.fields, "dependencies")


@dataclass(slots=True)
class _Reader:
    path: str
    cache: str
    root: tuple[Wishes, bool] | None
    problems: list[Problem] = field(default_factory=list)
    entries: list[_Entry] = field(default_factory=list)
    answers: dict[tuple[str, str], int] = field(default_factory=dict)
    by_name: dict[str, list[int]] = field(default_factory=dict)

    @property
    def here(self) -> str:
        return repopath.folder(self.path)

    def add(self, key: str, fields: dict[str, object], line: int | None) -> None:
        number = len(self.entries)
        wishes = [node.split(one.strip()) for one in key.split(",")]
        name, ref = node.split(text(fields.get("resolution"), "`resolution`"))
        try:
            pins.npm_name(name)
        except FormatError as error:
            raise FormatError(error.message, line=line) from None
        entry = _Entry(wishes, name, ref, fields, line)
        self.entries.append(entry)
        for wished, spec in wishes:
            if self.answers.setdefault((wished, node.plain(spec)), number) != number:
                raise FormatError(f"the lockfile answers `{shown(f'{wished}@{spec}', 80)}` twice", line=line)
            if wished != name and not node.asks_for(spec, name):
                locked = Locked(ECOSYSTEM, name, name, entry.version, pins.UNKNOWN)
                self.problems.append(node.alias_problem(self.path, locked, wished, line))
            self.by_name.setdefault(wished, []).append(number)
        version = ref.removeprefix("npm:").partition("::")[0]
        if ref.startswith("npm:") and version != entry.version:
            self._problem("url-mismatch", f"{name}@{ref}", f"`{shown(name)}` is resolved to `{shown(ref)}`, which is "
                          f"not the version {shown(entry.version)} it is listed with", line)  # fmt: skip

    def _problem(self, rule: str, about: str, message: str, line: int | None) -> None:
        self.problems.append(Problem(rule, f"{self.path}#{subject(about)}", message, line))

    def _answer(self, name: str, spec: str) -> int | None:
        """The entry for a wish: by letter, or by name where Yarn put another range in its place (`resolutions`)."""
        number = self.answers.get((name, node.plain(spec)))
        if number is not None:
            return number
        numbers = self.by_name.get(name, [])
        return numbers[0] if len(numbers) == 1 else None

    def asked(self) -> Iterator[Asked]:
        for entry in self.entries:
            folder = repopath.resolve(self.here, entry.folder or ".") if entry.folder is not None else None
            if folder is None:
                continue
            wished = {name: node.plain(spec) for name, spec in entry.needs().items()}
            answered = [(name, self._answer(name, spec)) for name, spec in wished.items()]
            locked = tuple((name, self.entries[number].version) for name, number in answered if number is not None)
            peers = node.written(node.tables(entry.fields, "peerDependencies"))
            yield Asked(folder, node.written(wished), peers, ungrouped=True, locked=locked)

    def packages(self) -> Iterator[Locked]:
        needs: dict[int, tuple[int, ...]] = {}
        for number, entry in enumerate(self.entries):
            found = []
            for name, spec in entry.needs().items():
                answer = self._answer(name, spec)
                if answer is not None:
                    found.append(answer)
                elif name not in self.by_name:
                    about = f"{entry.name}@{entry.ref}#{name}"
                    message = f"`{shown(entry.name)}` needs `{shown(f'{name}@{spec}')}`, the lock has no answer for it"
                    self._problem("lock-stale", about, message, entry.line)
            needs[number] = tuple(found)
        self._unhashed()
        direct = {one for number, entry in enumerate(self.entries) if entry.folder is not None for one in needs[number]}
        dev = self._development(needs)
        labels = node.labels((entry.name, entry.version) for entry in self.entries)
        for number, entry in enumerate(self.entries):
            if entry.folder == ".":
                continue
            requires = sorted(
                {labels[one.name, one.version] for each in needs[number] if (one := self.entries[each]) is not entry}
            )
            yield from self._locked(entry, tuple(requires), direct=number in direct, dev=number in dev)

    def _unhashed(self) -> None:
        """Yarn records no checksum of packages for one platform; they are told once, since no project can mend that."""
        bare = [one for one in self.entries if one.fields.get("conditions") and not one.fields.get("checksum")]
        if bare:
            message = (
                f"{len(bare)} of its packages are for one platform and have no hash, from `{shown(bare[0].name)}` on: "
                "Yarn records none for such packages"
            )
            self._problem("package-unhashed", "conditions", message, bare[0].line)

    def _development(self, needs: Mapping[int, tuple[int, ...]]) -> frozenset[int]:
        if self.root is None or self.root[1]:
            return frozenset()
        wishes = self.root[0]
        production = [self._answer(name, spec) for name, spec in {**wishes.plain, **wishes.optional_}.items()]
        development = [self._answer(name, spec) for name, spec in wishes.dev.items()]
        return yarn_graph.development(
            {one for one in production if one is not None}, {one for one in development if one is not None}, needs
        )

    def _locked(self, entry: _Entry, requires: tuple[str, ...], *, direct: bool, dev: bool) -> Iterator[Locked]:
        source, file = self._source(entry, entry.ref, 0)
        if node.misplaced(source, (spec for _, spec in entry.wishes)):
            self.problems.append(node.misplaced_problem(self.path, entry.name, source, entry.line))
        marker = text(entry.fields.get("conditions"), "`conditions`")
        good, bad, of = self._checksum(entry)
        names: dict[str, list[str]] = {}
        for wished, spec in entry.wishes:
            names.setdefault(wished, []).append(f"{wished}@{node.plain(spec)}")
        for installed, wishes in names.items():
            yield Locked(
                ecosystem=ECOSYSTEM,
                name=entry.name,
                raw_name=installed,
                version=entry.version,
                source=source,
                hashes=good,
                bad_hashes=bad,
                groups=("dev",) if dev else (),
                direct=direct,
                requires=requires,
                files=(File(url=file),) if file else (),
                marker=marker,
                alias_of=entry.name if installed != entry.name else "",
                line=entry.line,
                wishes=tuple(wishes),
                hashes_of=of,
            )

    def _checksum(self, entry: _Entry) -> tuple[tuple[Digest, ...], tuple[str, ...], str]:
        written = text(entry.fields.get("checksum"), "`checksum`")
        match = _CHECKSUM.fullmatch(written)
        of = f"Yarn's archive {match[1] or self.cache if match else self.cache}".strip()
        if entry.ref.startswith("patch:"):
            of += f" of {entry.ref[:300]}"
        if match is None:
            return (), (written[:200],) if written else (), of
        return (Digest("sha512", match[2]),), (), of

    def _source(self, entry: _Entry, ref: str, depth: int) -> tuple[Source, str]:
        """Where a locator leads, and the address of its file where one is written down."""
        kind, colon, rest = ref.partition(":")
        bare, _, bound = rest.partition("::")
        told = dict(parse_qsl(bound))
        match kind:
            case "npm" if colon:
                address = told.get("__archiveUrl", "")
                origin = node.source(address) if address else pins.registry(ECOSYSTEM, "")
                return origin, pins.without_secrets(address) if origin.kind is SourceKind.REGISTRY else ""
            case "workspace":
                return pins.workspace(rest), ""
            case "patch" if depth < MAX_PATCHES:
                inner, _, patches = bare.partition("#")
                self._patches(entry, patches, told)
                return self._source(entry, node.split(unquote(inner))[1], depth + 1)
            case "link" | "portal" | "file":
                return pins.path(self._beside(told, bare.partition("#")[0])), ""
            case "exec" | "virtual" | "patch":
                return pins.UNKNOWN, ""
        if not ref:
            return pins.UNKNOWN, ""
        origin = node.source(ref.partition("::")[0], asked=True)
        return origin, origin.url if origin.kind is SourceKind.URL else ""

    def _patches(self, entry: _Entry, patches: str, told: Mapping[str, str]) -> None:
        """Patch files lie in the repository; `builtin<…>` are Yarn's own."""
        for patch in patches.split("&"):
            where = patch.removeprefix("optional!")
            if where and not where.startswith("builtin<"):
                target = where[2:] if where.startswith("~/") else self._beside(told, where)
                problem = node.link_problem(self.path, self.here, entry.name, target, entry.line)
                if problem is not None:
                    self.problems.append(problem)

    def _beside(self, told: Mapping[str, str], target: str) -> str:
        """A path relative to the project it is written in, from the lock's folder."""
        _, _, folder = unquote(told.get("locator", "")).rpartition("@workspace:")
        return target if target.startswith(("/", "~")) else posixpath.join(folder or ".", target)
