"""uv.lock, version 1 with any revision, gives every package, its source, its files' digests and who asked for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from tidegate.errors import FormatError
from tidegate.formats import repopath, toml
from tidegate.formats.locks import graph, pins
from tidegate.formats.locks.python_files import file_problems, size
from tidegate.formats.locks.shape import array, bounded, table, tables, text, texts
from tidegate.formats.text import shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Asked, File, Locked, LockFile, Problem, Source, file_name

FORMAT = "uv.lock"
ECOSYSTEM = "PyPI"
_LOCAL = ("editable", "virtual", "directory")


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "uv.lock"


def parse(path: str, raw: bytes) -> LockFile:
    """Read a uv.lock. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    document = toml.loads(raw, limit=pins.LIMIT, what="the lockfile")
    problems = _version_problems(path, document)
    if any(problem.rule == "lock-unsupported" for problem in problems):
        return LockFile(path, FORMAT, ECOSYSTEM, Digest.of(raw), problems=tuple(problems))
    entries = tables(document.get("package"), "`package`")
    bounded(len(entries), pins.MAX_PACKAGES)
    lines = graph.header_lines(raw, b"[[package]]", len(entries))
    nodes = [_Node.read(entry, line) for entry, line in zip(entries, lines, strict=True)]
    manifest = table(document.get("manifest"), "`manifest`")
    here = repopath.folder(path)
    asked = tuple(_asked(nodes, manifest, here))
    packages, more = _packages(path, nodes, manifest, here)
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=packages,
        problems=(*problems, *more),
        asked=asked,
        overrides=tuple(sorted(_overridden(manifest))),
        version=str(document.get("version", "")),
    )


def _version_problems(path: str, document: dict[str, object]) -> list[Problem]:
    version = document.get("version")
    if version is None:
        return [Problem("lock-malformed", path, "the lockfile does not say its version")]
    revision = document.get("revision", 0)
    if version != 1 or isinstance(version, bool) or not isinstance(revision, int):
        return [Problem("lock-unsupported", path, f"uv.lock version {shown(str(version), 20)} is not read")]
    return []


@dataclass(slots=True)
class _Node:
    """One `[[package]]` before its place in the graph is known."""

    name: str
    raw_name: str
    version: str
    source: Source
    local: str
    entry: dict[str, object]
    line: int | None
    files: list[File] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, entry: dict[str, object], line: int | None) -> "_Node":
        raw_name = text(entry.get("name"), "`name`")
        try:
            name = pins.python_name(raw_name)
            source, local = _source(table(entry.get("source"), "`source`"))
            node = cls(name, raw_name, text(entry.get("version"), "`version`"), source, local, entry, line)
            node._read_files()
        except FormatError as error:
            raise FormatError(error.message, line=error.line or line) from None
        return node

    def _read_files(self) -> None:
        sdist = self.entry.get("sdist")
        for one in [*([sdist] if sdist is not None else []), *array(self.entry.get("wheels"), "`wheels`")]:
            file = table(one, "a file")
            url, local = text(file.get("url"), "`url`"), text(file.get("path"), "`path`")
            if local:
                self.paths.append(local)
            written = text(file.get("hash"), "`hash`")
            digest = pins.digest(written)
            if digest is None and written:
                self.bad.append(written[:200])
            name = text(file.get("filename"), "`filename`") or file_name(url or local)
            self.files.append(
                File(
                    unquote(name) if "%" in name else name,
                    pins.without_secrets(url),
                    (digest,) if digest else (),
                    text(file.get("upload-time"), "`upload-time`"),
                    size(file.get("size")),
                )
            )

    def edges(self, group: str = "", extra: str = "") -> list[dict[str, object]]:
        if group:
            return tables(table(self.entry.get("dev-dependencies"), "`dev-dependencies`").get(group), group)
        if extra:
            return tables(table(self.entry.get("optional-dependencies"), "`optional-dependencies`").get(extra), extra)
        return tables(self.entry.get("dependencies"), "`dependencies`")

    def needs(self) -> Iterator[dict[str, object]]:
        """What comes with it. Of a package that is not ours, uv lists only the extras somebody asked for."""
        yield from self.edges()
        extras = () if self.local else table(self.entry.get("optional-dependencies"), "`optional-dependencies`")
        for extra in extras:
            yield from self.edges(extra=extra)


def _source(source: dict[str, object]) -> tuple[Source, str]:
    """The source, and the folder of a local project."""
    kinds = [kind for kind in ("registry", "git", "url", "path", *_LOCAL) if kind in source]
    if len(kinds) != 1:
        return pins.UNKNOWN, ""
    value = text(source[kinds[0]], "`source`")
    match kinds[0]:
        case "registry":
            return (pins.registry(ECOSYSTEM, value) if value else pins.UNKNOWN), ""
        case "git":
            return _git(value), ""
        case "url":
            return pins.direct(value), ""
        case "path":
            return pins.path(value), ""
    return pins.workspace(value), value or "?"


def _git(value: str) -> Source:
    address, _, ref = value.partition("#")
    try:
        bare = urlsplit(address)._replace(query="").geturl()
    except ValueError:
        return pins.git(address, ref)
    return pins.git(bare, ref)


def _packages(
    path: str, nodes: list[_Node], manifest: dict[str, object], here: str
) -> tuple[tuple[Locked, ...], list[Problem]]:
    places = graph.Places([(node.name, node.version) for node in nodes])
    direct, groups = _reach(nodes, manifest, places)
    packages: list[Locked] = []
    problems: list[Problem] = []
    for number, node in enumerate(nodes):
        if node.local and repopath.resolve(here, node.local) == here:
            continue
        locked = Locked(
            ecosystem=ECOSYSTEM,
            name=node.name,
            raw_name=node.raw_name,
            version=node.version,
            source=node.source,
            hashes=tuple(digest for file in node.files for digest in file.hashes),
            bad_hashes=tuple(node.bad),
            groups=groups.get(number, ()),
            direct=number in direct,
            requires=tuple(
                dict.fromkeys(places.label(other) for edge in node.needs() for other in _targets(places, edge))
            ),
            files=tuple(node.files),
            marker=" or ".join(texts(node.entry.get("resolution-markers"), "`resolution-markers`")),
            line=node.line,
        )
        packages.append(locked)
        problems += _file_problems(path, node, locked)
    return tuple(packages), problems


def _file_problems(path: str, node: _Node, locked: Locked) -> Iterator[Problem]:
    for place in node.paths:
        if repopath.resolve(".", place) is None:
            about = f"{path}#{locked.purl}#file:{subject(place)}"
            yield Problem("source-not-allowed", about, "one of its files lies outside the repository", node.line)
    yield from file_problems(path, locked)


def _targets(places: graph.Places, edge: dict[str, object]) -> list[int]:
    name = text(edge.get("name"), "a dependency's `name`")
    return places.find(pins.python_name(name), text(edge.get("version"), "a dependency's `version`"))


def _reach(
    nodes: list[_Node], manifest: dict[str, object], places: graph.Places
) -> tuple[set[int], dict[int, tuple[str, ...]]]:
    """Which packages a project asks for itself, and for those no project needs at run time, the groups they serve."""

    def follow(state: graph.State) -> Iterator[graph.State]:
        number, extra = state
        for edge in nodes[number].edges(extra=extra):
            yield from starts([edge])

    def starts(edges: list[dict[str, object]]) -> Iterator[graph.State]:
        for edge in edges:
            for number in _targets(places, edge):
                yield number, ""
                for extra in texts(edge.get("extra"), "`extra`"):
                    yield number, extra

    roots: dict[str, list[graph.State]] = {"": []}
    for node in nodes:
        if not node.local:
            continue
        roots[""] += starts(node.edges())
        for extra in table(node.entry.get("optional-dependencies"), "`optional-dependencies`"):
            roots.setdefault(extra, []).extend(starts(node.edges(extra=extra)))
        for group in table(node.entry.get("dev-dependencies"), "`dev-dependencies`"):
            roots.setdefault(group, []).extend(starts(node.edges(group=group)))
    for group, edges in table(manifest.get("dependency-groups"), "`dependency-groups`").items():
        roots.setdefault(group, []).extend(starts(tables(edges, group)))
    return graph.reach(roots, follow)


def _asked(nodes: list[_Node], manifest: dict[str, object], here: str) -> Iterator[Asked]:
    """What each local project asked for; projects locked without metadata but with dependencies say nothing."""
    rooted = False
    for node in nodes:
        folder = repopath.resolve(here, node.local) if node.local else None
        if folder is None:
            continue
        rooted = rooted or folder == here
        if "metadata" not in node.entry and (node.edges() or "dev-dependencies" in node.entry):
            continue
        metadata = table(node.entry.get("metadata"), "`metadata`")
        wanted = [_render(one) for one in tables(metadata.get("requires-dist"), "`requires-dist`")]
        groups = table(metadata.get("requires-dev"), "`requires-dev`")
        dev = [_render(one) for name, group in groups.items() for one in tables(group, name)]
        yield Asked(
            folder,
            tuple(one for one in wanted if "extra ==" not in one),
            (*(one for one in wanted if "extra ==" in one), *dev),
        )
    if not rooted:
        groups = table(manifest.get("dependency-groups"), "`dependency-groups`")
        loose = [_render(one) for name, group in groups.items() for one in tables(group, name)]
        yield Asked(here, (), tuple(loose))


def _render(entry: dict[str, object]) -> str:
    """A `requires-dist` entry as PEP 508 text."""
    extras = texts(entry.get("extras"), "`extras`")
    head = text(entry.get("name"), "`name`") + (f"[{','.join(extras)}]" if extras else "")
    where = next((kind for kind in ("git", "url", "path", *_LOCAL) if kind in entry), "")
    if where:
        head += f" @ {where}:{text(entry[where], where)}"
    else:
        head += text(entry.get("specifier"), "`specifier`")
    marker = text(entry.get("marker"), "`marker`")
    return f"{head} ; {marker}" if marker else head


def _overridden(manifest: dict[str, object]) -> Iterator[str]:
    for entry in tables(manifest.get("overrides"), "`overrides`"):
        yield pins.python_name(text(entry.get("name"), "`name`"))
