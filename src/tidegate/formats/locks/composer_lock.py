"""composer.lock gives every package with the archive it is taken from and the commit the archive is of."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats import registries, repopath, strict_json
from tidegate.formats.locks import pins
from tidegate.formats.locks.composer_archives import COMMIT, Place, archive_of, host_of, of_commit, repository_of
from tidegate.formats.locks.shape import bounded, table, tables, text, texts
from tidegate.formats.text import decode, shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import File, Locked, LockFile, Problem, Source, SourceKind

FORMAT = "composer.lock"
ECOSYSTEM = "Packagist"
NAMES = ("composer.lock",)

_NAME = re.compile(r"[a-z0-9]+(?:[_.-][a-z0-9]+)*/[a-z0-9]+(?:(?:[_.]|-{1,2})[a-z0-9]+)*", re.ASCII)
_NAMED = re.compile(rb'^[ \t]*"name"[ \t]*:[ \t]*"([^"/\\]+/[^"/\\]+)"', re.MULTILINE)
_BRANCH = re.compile(r"dev-.*|.*-dev", re.DOTALL)


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in NAMES


def companions(path: str) -> tuple[str, ...]:
    """The manifest, which alone says what is direct."""
    return (repopath.join(repopath.folder(path), "composer.json"),)


def parse(path: str, raw: bytes) -> LockFile:
    """Read a composer.lock alone. Raises FormatError."""
    return parse_with(path, raw, {})


def parse_with(path: str, raw: bytes, beside: Mapping[str, bytes]) -> LockFile:
    """Read a composer.lock. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    document = _document(raw, "the lockfile")
    groups = [("", document.get("packages")), ("dev", document.get("packages-dev"))]
    listed = [(group, entry) for group, value in groups for entry in tables(value, "`packages`")]
    bounded(len(listed), pins.MAX_PACKAGES)
    reader = _Reader(path, _lines(raw), _direct(beside.values()))
    for group, entry in listed:
        reader.take(entry, group)
    reader.compare()
    content_hash = text(document.get("content-hash"), "`content-hash`")
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(reader.packages),
        problems=tuple(reader.problems),
        content_hash=content_hash,
        overrides=tuple(sorted(reader.stands_for)),
        version=text(document.get("plugin-api-version"), "`plugin-api-version`")[:40],
    )


def package_name(written: str) -> str:
    """The name in lower case. Raises FormatError when it is no `vendor/name`."""
    lower = written.lower()
    if len(lower) > 200 or not _NAME.fullmatch(lower):
        raise FormatError("a package has a name that is no package name")
    return lower


def _document(raw: bytes, what: str) -> dict[str, object]:
    decode(raw, limit=pins.LIMIT, what=what)
    document = strict_json.loads(raw, limit=pins.LIMIT, what=what)
    if not isinstance(document, dict):
        raise FormatError(f"{what} is not a JSON object")
    return document


def _lines(raw: bytes) -> dict[str, int]:
    """The 1-based line of the first `name` of each package."""
    lines: dict[str, int] = {}
    line, last = 1, 0
    for match in _NAMED.finditer(raw):
        line += raw.count(b"\n", last, match.start(1))
        last = match.start(1)
        lines.setdefault(match[1].decode("utf-8", "replace"), line)
    return lines


def _direct(manifests: Iterable[bytes]) -> frozenset[str]:
    """What the manifest beside asks for; one that cannot be read is a finding of its own."""
    names: set[str] = set()
    for raw in manifests:
        try:
            document = _document(raw, "the manifest")
            for key in ("require", "require-dev"):
                names.update(name.lower() for name in table(document.get(key), f"`{key}`"))
        except FormatError:
            continue
    return frozenset(names)


@dataclass(slots=True)
class _Reader:
    path: str
    lines: dict[str, int]
    asked: frozenset[str]
    packages: list[Locked] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stands_for: set[str] = field(default_factory=set)
    """Names other packages replace or provide."""
    archives: list[Locked] = field(default_factory=list)
    """Packages taken as an archive of a commit, for which no hash is recorded."""

    def take(self, entry: dict[str, object], group: str) -> None:
        raw_name = text(entry.get("name"), "`name`")
        line = self.lines.get(raw_name)
        try:
            self._take(entry, group, raw_name, line)
        except FormatError as error:
            raise FormatError(error.message, line=error.line or line) from None

    def _take(self, entry: dict[str, object], group: str, raw_name: str, line: int | None) -> None:
        name, version = package_name(raw_name), text(entry.get("version"), "`version`")
        kind = text(entry.get("type"), "`type`")
        dist, source = Place.read(entry, "dist"), Place.read(entry, "source")
        for key in ("replace", "provide"):
            self.stands_for.update(other.lower() for other in table(entry.get(key), f"`{key}`"))
        good, bad = _shasum(dist)
        files, place = _taken_from(entry, version, dist, source)
        locked = Locked(
            ECOSYSTEM,
            name,
            raw_name,
            version,
            place if dist or source or kind != "metapackage" else Source(SourceKind.REGISTRY, public=_public(entry)),
            hashes=good,
            bad_hashes=bad,
            groups=(group,) if group else (),
            direct=name in self.asked,
            requires=tuple(one.lower() for one in table(entry.get("require"), "`require`") if "/" in one),
            files=tuple(
                File(url=pins.without_secrets(url), hashes=good if at == 0 else ()) for at, url in enumerate(files)
            ),
            licence=_licence(entry.get("license")),
            install_script=kind == "composer-plugin",
            line=line,
            deprecated=_abandoned(entry.get("abandoned")),
        )
        self.packages.append(locked)
        self._mismatches(locked, dist, source)
        if not locked.hashes and not locked.bad_hashes and of_commit(locked):
            self.archives.append(locked)

    def _problem(self, rule: str, about: str, message: str, line: int | None) -> None:
        self.problems.append(Problem(rule, about, message, line))

    def _mismatches(self, locked: Locked, dist: Place | None, source: Place | None) -> None:
        """Archive and repository are of one commit of one project; Composer falls back from one to the other."""
        about = f"{self.path}#{locked.purl}"
        if dist is None:
            return
        reference, address = (source.reference, source.url) if source else ("", "")
        if COMMIT.fullmatch(reference) and dist.reference and dist.reference != reference:
            message = f"archive and repository of `{shown(locked.name)}` are of different commits"
            self._problem("url-mismatch", f"{about}#reference", message, locked.line)
        project, commit = archive_of(dist.url)
        if not project:
            return
        if commit != dist.reference:
            message = f"the archive of `{shown(locked.name)}` is of another commit than the entry says"
            self._problem("url-mismatch", f"{about}#{subject(dist.url)}", message, locked.line)
        if project.lower() != repository_of(address).lower():
            message = f"archive and repository of `{shown(locked.name)}` are of different projects"
            self._problem("url-mismatch", f"{about}#project", message, locked.line)

    def compare(self) -> None:
        """A name once, and one finding for everything that is an archive without hash."""
        seen: set[str] = set()
        for locked in self.packages:
            if locked.name in seen:
                self._problem("lock-malformed", f"{self.path}#{locked.name}", "it is locked twice", locked.line)
            seen.add(locked.name)
        if self.archives:
            message = (
                f"{len(self.archives)} of its {len(self.packages)} packages are archives a code host makes of a "
                "commit: the commit is pinned, the bytes are not"
            )
            self._problem("pin-unhashed", self.path, message, self.archives[0].line)


def _taken_from(
    entry: dict[str, object], version: str, dist: Place | None, source: Place | None
) -> tuple[list[str], Source]:
    """The addresses it may be downloaded from, and the source."""
    if dist is None:
        if source is None or not source.url:
            return [], pins.UNKNOWN
        if source.kind != "git":
            return [], Source(SourceKind.UNKNOWN, url=pins.without_secrets(source.url))
        return [], pins.git(source.url, source.reference)
    if dist.kind == "path":
        return [], pins.path(dist.url)
    addresses = [dist.url] if dist.url else []
    for mirror in tables(table(entry.get("dist"), "`dist`").get("mirrors"), "`mirrors`"):
        addresses.append(text(mirror.get("url"), "`url`"))
    host = host_of(dist.url)
    if source is not None and source.url and not archive_of(dist.url)[0] and host_of(source.url) != host:
        addresses.append(source.url)
    if not addresses:
        return [], pins.UNKNOWN
    public = _public(entry) and registries.is_public(ECOSYSTEM, host)
    reference = dist.reference or (source.reference if source else "")
    if _BRANCH.fullmatch(version):
        return addresses, Source(SourceKind.GIT, url=pins.without_secrets(dist.url), host=host, ref=reference)
    return addresses, Source(SourceKind.REGISTRY, host=host, ref=reference, public=public)


def _public(entry: dict[str, object]) -> bool:
    """Does the registry that is told of its downloads say that it is the public one?"""
    return registries.is_public(ECOSYSTEM, host_of(text(entry.get("notification-url"), "`notification-url`")))


def _shasum(dist: Place | None) -> tuple[tuple[Digest, ...], tuple[str, ...]]:
    """SHA-1 in hexadecimal: all Composer knows."""
    written = dist.shasum if dist else ""
    if not written:
        return (), ()
    try:
        return (Digest("sha1", written),), ()
    except ValueError:
        return (), (written[:200],)


def _licence(value: object) -> str:
    """A list means a choice."""
    if isinstance(value, str):
        return value[:200]
    return " OR ".join(one[:200] for one in texts(value, "`license`")[:10])


def _abandoned(value: object) -> str:
    if isinstance(value, str) and value:
        return f"abandoned, use {value[:200]}"
    return "abandoned" if value is True or value == "" else ""
