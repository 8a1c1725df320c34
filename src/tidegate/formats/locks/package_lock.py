"""package-lock.json and npm-shrinkwrap.json give every package by its place in the tree."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats import registries, repopath, strict_json
from tidegate.formats.locks import node, npm_tree, package_lock_v1, pins
from tidegate.formats.locks.shape import table, text
from tidegate.formats.text import decode, shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Asked, File, Locked, LockFile, Problem, Source, SourceKind

FORMAT = "package-lock.json"
ECOSYSTEM = "npm"
_FLAGS = frozenset({"dev", "optional", "peer", "devOptional"})
_FETCHED = (SourceKind.REGISTRY, SourceKind.URL)
NAMES = ("package-lock.json", "npm-shrinkwrap.json")


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in NAMES


def companions(path: str) -> tuple[str, ...]:
    """The manifest: version 1 does not record what it asks for."""
    return (repopath.join(repopath.folder(path), "package.json"),)


def parse(path: str, raw: bytes) -> LockFile:
    return parse_with(path, raw, {})


def parse_with(path: str, raw: bytes, beside: Mapping[str, bytes]) -> LockFile:
    """Read an npm lock. Raises FormatError; what is readable but wrong becomes a problem of the lock."""
    decode(raw, limit=pins.LIMIT, what="the lockfile")
    document = strict_json.loads(raw, limit=pins.LIMIT, what="the lockfile")
    if not isinstance(document, dict):
        raise FormatError("the lockfile is not a JSON object")
    version = document.get("lockfileVersion")
    if version not in (1, 2, 3) or isinstance(version, bool | float):
        message = f"version {shown(str(version), 20)} is not read; `npm install --package-lock-only` writes version 3"
        problem = Problem("lock-unsupported", path, message)
        return LockFile(path, FORMAT, ECOSYSTEM, Digest.of(raw), problems=(problem,))
    # npm 7 and later read `packages` wherever there are any, whatever the version says.
    old = version in (1, 2) and "packages" not in document
    if old:
        reader = _Reader(path, package_lock_v1.entries(document), package_lock_v1.lines(raw, document))
        if version == 2:
            reader.problem("lock-malformed", "", "the lockfile has no entry for its own manifest", None)
        npm_tree.bounded(reader.entries)
        reader.read_tree(package_lock_v1.wished(next(iter(beside.values()), None)))
    else:
        packages = table(document.get("packages"), "`packages`")
        reader = _Reader(path, {key: table(value, "a package") for key, value in packages.items()}, {})
        if len(reader.entries) > pins.MAX_PACKAGES:
            raise FormatError(f"the lockfile holds more than {pins.MAX_PACKAGES} packages")
        npm_tree.bounded(reader.entries)
        reader.lines = npm_tree.key_lines(raw)
        reader.read()
        if version == 1:
            reader.problem("lock-malformed", "", "it says version 1 and has the `packages` of later ones", None)
        reader.compare(npm_tree.legacy(table(document.get("dependencies"), "`dependencies`"), reader.entries))
    return LockFile(
        path,
        package_lock_v1.FORM if old else FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(reader.packages),
        problems=tuple(reader.problems),
        asked=tuple(reader.asked),
        version=str(version),
    )


@dataclass(slots=True)
class _Reader:
    path: str
    entries: dict[str, dict[str, object]]
    lines: dict[str, int]
    packages: list[Locked] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    direct: set[str] = field(default_factory=set)
    wished: dict[str, npm_tree.Wishes] = field(default_factory=dict)
    specs: dict[str, set[str]] = field(default_factory=dict)
    """Everything the lock's manifests and packages ask for, by the name it is installed under."""
    own: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    """By place, what each project asks for that is answered there: its wishes for one name."""
    aliases: bool = True
    """Is it known what the manifests ask for, so that an alias nobody asked for can be told?"""

    @property
    def here(self) -> str:
        return repopath.folder(self.path)

    def read(self) -> None:
        if "" not in self.entries:
            self.problem("lock-malformed", "", "the lockfile has no entry for its own manifest", None)
        names = npm_tree.names_of(self.entries)
        for key, entry in self.entries.items():
            self._gather(key, entry)
        for key, entry in self.entries.items():
            try:
                self._entry(key, entry, names)
            except FormatError as error:
                raise FormatError(error.message, line=self.lines.get(key)) from None

    def read_tree(self, wishes: npm_tree.Wishes | None) -> None:
        """Version 1: nothing is said of manifests, so what one asks for is taken from it, where it stands beside."""
        names = npm_tree.names_of(self.entries)
        for key, entry in self.entries.items():
            self.wished[key] = npm_tree.wishes(entry)
            self._note(self.wished[key])
        self.aliases = wishes is not None
        for name, spec in wishes.every() if wishes else ():
            self.specs.setdefault(name, set()).add(spec)
            self.direct.add(f"node_modules/{name}")
            self.own.setdefault(f"node_modules/{name}", []).append(wishes.of(name) if wishes else ())
        for key, entry in self.entries.items():
            try:
                self._entry(key, entry, names)
            except FormatError as error:
                raise FormatError(error.message, line=self.lines.get(key)) from None

    def compare(self, old: dict[str, tuple[str, str, str]]) -> None:
        """Version 2 says everything twice; old and new readers of it must not see different packages."""
        for key, (version, resolved, integrity) in old.items():
            entry = self.entries.get(key, {})
            if entry.get("link") and version.startswith("file:"):
                continue
            pairs = ((resolved, entry.get("resolved")), (integrity, entry.get("integrity")))
            same = all(not left or not right or left == right for left, right in pairs)
            if not same or not npm_tree.same_version(version, entry, npm_tree.installed_name(key)):
                self.problem(
                    "lock-malformed",
                    key,
                    "the two halves of the lockfile say different things about it",
                    self.lines.get(key),
                )

    def problem(self, rule: str, about: str, message: str, line: int | None) -> None:
        self.problems.append(Problem(rule, f"{self.path}#{subject(about)}" if about else self.path, message, line))

    def _note(self, wishes: npm_tree.Wishes) -> None:
        for group in wishes.groups():
            for name, spec in group.items():
                self.specs.setdefault(name, set()).add(spec)

    def _gather(self, key: str, entry: dict[str, object]) -> None:
        """What one entry asks for; a manifest's own wishes are kept for comparison with it."""
        wishes = self.wished[key] = npm_tree.wishes(entry)
        self._note(wishes)
        if npm_tree.installed_name(key) or entry.get("link"):
            return
        folder = self.here if not key else repopath.resolve(self.here, key)
        if folder is not None:
            self.asked.append(Asked(folder, wishes.requires(), wishes.optional()))
        for name, _ in wishes.every():
            place = npm_tree.find(self.entries, key, name)
            if place is not None:
                self.direct.add(place)
                self.own.setdefault(place, []).append(wishes.of(name))
            elif not wishes.dispensable(name):
                self.problem(
                    "lock-stale",
                    name,
                    f"the manifest asks for `{shown(name)}`, the lock does not hold it",
                    self.lines.get(key),
                )

    def _entry(self, key: str, entry: dict[str, object], names: npm_tree.Names) -> None:
        line = self.lines.get(key)
        if not key:
            return
        if not npm_tree.well_formed(key):
            self.problem("lock-malformed", key, "a package is installed at a place that is no place", line)
            return
        if entry.get("link") is True:
            self._link(key, entry, line)
            return
        installed = npm_tree.installed_name(key)
        written = text(entry.get("name"), "`name`")
        raw_name = installed or written or key.rsplit("/", 1)[-1]
        name = pins.npm_name(written or raw_name) if installed or written else raw_name
        good, bad = pins.integrity(text(entry.get("integrity"), "`integrity`"))
        alias = name if installed and name != installed else ""
        resolved = text(entry.get("resolved"), "`resolved`")
        source = self._source(key, entry, resolved, installed)
        locked = Locked(
            ecosystem=ECOSYSTEM,
            name=name,
            raw_name=raw_name,
            version=text(entry.get("version"), "`version`"),
            source=source,
            hashes=good,
            bad_hashes=bad,
            groups=_groups(entry),
            direct=key in self.direct,
            requires=self._requires(key, names),
            files=(File(url=pins.without_secrets(resolved), hashes=good),)
            if resolved and source.kind in _FETCHED
            else (),
            marker=node.conditions(entry),
            licence=_licence(entry.get("license")),
            install_script=entry.get("hasInstallScript") is True,
            alias_of=alias,
            line=line,
            deprecated=node.note(entry.get("deprecated")),
        )
        self.packages.append(locked)
        if alias and self.aliases and not self._is_asked_for(key, installed, name):
            about = f"{locked.purl}#{installed}"
            self.problem(
                "url-mismatch",
                about,
                f"`{shown(name)}` is installed as `{shown(installed)}`, and nothing asks for that",
                line,
            )

    def _is_asked_for(self, key: str, installed: str, name: str) -> bool:
        # What a third party's entry is said to ask for counts for nobody's wish but its own.
        wishes = [*self.own.get(key, ()), tuple(self.specs.get(installed, ()))]
        return all(any(npm_tree.asks_for(spec, name) for spec in one) for one in wishes)

    def _link(self, key: str, entry: dict[str, object], line: int | None) -> None:
        target = text(entry.get("resolved"), "`resolved`") or "."
        if repopath.resolve(self.here, target) is None:
            self.problem(
                "source-not-allowed", f"{key}#file:{target}", "it is linked to a folder outside the repository", line
            )
        elif npm_tree.installed_name(target):
            message = "it is linked to another package instead of a project's folder"
            self.problem("url-mismatch", f"{key}#file:{target}", message, line)
        elif target not in self.entries and target != ".":
            self.problem(
                "lock-malformed", f"{key}#file:{target}", "it is linked to a folder the lock does not describe", line
            )

    def _source(self, key: str, entry: dict[str, object], resolved: str, installed: str) -> Source:
        if not installed:
            return pins.workspace(key)
        if not resolved:
            if entry.get("inBundle") is True and npm_tree.bundled(self.entries, key):
                return Source(SourceKind.BUNDLED)
            return pins.registry(ECOSYSTEM, "")
        scheme = resolved.split(":", 1)[0].lower()
        if scheme.startswith("git"):
            address, _, ref = resolved.partition("#")
            return pins.git(address.removeprefix("git+"), ref)
        if scheme == "file":
            return pins.path(resolved)
        if scheme not in {"http", "https"}:
            return Source(SourceKind.UNKNOWN, url=pins.without_secrets(resolved))
        source = pins.registry(ECOSYSTEM, resolved)
        asked_for = {spec.partition("#")[0] for spec in self.specs.get(installed, ()) if ":" in spec}
        if resolved in asked_for and not registries.is_public(ECOSYSTEM, source.host):
            return pins.direct(resolved)
        return source

    def _requires(self, key: str, names: npm_tree.Names) -> tuple[str, ...]:
        places = [npm_tree.find(self.entries, key, name) for name in self.wished[key].needed()]
        return tuple(names.labels[place] for place in places if place is not None)


def _groups(entry: dict[str, object]) -> tuple[str, ...]:
    if _FLAGS.isdisjoint(entry):
        return ()
    flags = [name for name in ("dev", "optional", "peer") if entry.get(name) is True]
    if entry.get("devOptional") is True:
        flags = sorted({*flags, "dev", "optional"})
    return tuple(flags)


def _licence(value: object) -> str:
    """`license` as text, or the old forms with `type`."""
    if isinstance(value, str):
        return value[:200]
    if isinstance(value, dict):
        return _licence(value.get("type"))
    if isinstance(value, list):
        return " OR ".join(filter(None, (_licence(one) for one in value[:10] if not isinstance(one, list))))
    return ""
