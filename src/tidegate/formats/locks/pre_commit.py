"""`.pre-commit-config.yaml` gives every repository whose hooks are run, its revision, and what is installed beside."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats import urls, yaml_documents
from tidegate.formats.locks import pins
from tidegate.formats.locks.shape import table, tables, text, texts
from tidegate.formats.text import decode, shown, subject
from tidegate.formats.yaml_documents import Document
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, LockFile, Problem, Source, SourceKind

FORMAT = ".pre-commit-config.yaml"
ECOSYSTEM = "pre-commit"
NAMES = (".pre-commit-config.yaml", ".pre-commit-config.yml")
LIMIT = 1024 * 1024
MAX_REPOS = 1_000

_OWN = frozenset({"local", "meta"})
MAX_WRITTEN = 500
"""Of a package with its version; what is longer is taken for none."""
_EXACT = re.compile(
    r"[^\s@=<>~!^*,;:]+(?:\[[^\]\s]*\])?\s*={2,3}\s*[0-9][^\s,;*]*(?:\s*;.*)?"  # name==1.2
    r"|(?:npm:)?@?[^\s@=<>~!^*,;]+@v?[0-9]+\.[0-9]+\.[0-9]+[^\s,;*]*"  # name@1.2.3
    r"|[^\s@=<>~!^*,;:]+(?::[^\s@=<>~!^*,;:]+)?:v?[0-9][^\s,;:*]*"  # name:1.2
    r"|[^\s]+ @ [^\s]+[@#][0-9a-f]{40}(?:#.*)?"  # name @ git+https://…@commit
)


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in NAMES


def parse(path: str, raw: bytes) -> LockFile:
    """Read it (pre-commit "Adding pre-commit plugins to your project"). Raises FormatError."""
    decode(raw, limit=LIMIT, what="the configuration")
    document = yaml_documents.load(raw, limit=LIMIT, what="the configuration")
    value = document.value
    top = {"repos": value} if isinstance(value, list) else table(value, "the configuration")
    repos = tables(top.get("repos"), "`repos`")
    if len(repos) > MAX_REPOS:
        raise FormatError(f"the configuration names more than {MAX_REPOS} repositories")
    reader = _Reader(path, document, () if isinstance(value, list) else ("repos",))
    for at, repo in enumerate(repos):
        reader.take(at, repo)
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(reader.packages.values()),
        problems=tuple(reader.problems),
    )


@dataclass(slots=True)
class _Reader:
    path: str
    document: Document
    base: tuple[str | int, ...]
    packages: dict[tuple[str, str], Locked] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def take(self, at: int, repo: dict[str, object]) -> None:
        line = self.document.line(*self.base, at)
        written = text(repo.get("repo"), "`repo`")
        if not written:
            raise FormatError("an entry does not say which repository it is", line=line)
        name = "local"
        if written not in _OWN:
            locked = _locked(written, repo.get("rev", repo.get("sha")), line)
            self.packages.setdefault((locked.name, locked.version), locked)
            name = locked.name
        for number, hook in enumerate(tables(repo.get("hooks"), "`hooks`")):
            where = (*self.base, at, "hooks", number)
            self.problems += self._beside(name, hook, where)

    def _beside(self, repo: str, hook: dict[str, object], where: tuple[str | int, ...]) -> Iterator[Problem]:
        """What is installed beside a hook, by whatever package manager its language has."""
        for number, written in enumerate(texts(hook.get("additional_dependencies"), "`additional_dependencies`")):
            exact = len(written) <= MAX_WRITTEN and _EXACT.fullmatch(written)
            if exact or written.startswith((".", "file:")):
                continue
            ident = text(hook.get("id"), "`id`")
            about = f"{self.path}#{subject(repo)}#{subject(ident)}#{subject(written)}"
            message = f"`{shown(written)}`, installed beside the hook `{shown(ident, 60)}`, is not one version"
            line = self.document.line(*where, "additional_dependencies", number)
            yield Problem("pin-movable", about, message, line)


def _locked(written: str, rev: object, line: int | None) -> Locked:
    ref = text(rev, "`rev`")
    source = _source(written, ref)
    name = written
    if source.kind is SourceKind.GIT and source.host:
        url = urls.parse_git(written.removeprefix("git+"))
        name = f"{url.host}{url.path.removesuffix('/').removesuffix('.git')}"
    return Locked(ECOSYSTEM, pins.without_secrets(name), pins.without_secrets(written), ref, source, line=line)


def _source(written: str, ref: str) -> Source:
    """An address, or a folder of the repository."""
    head = re.split(r"[/\s]", written, maxsplit=1)[0]
    at = head.find("@", 1)
    if "://" in written or (at > 0 and head.find(":", at + 2) > 0):
        return pins.git(written, ref)
    return Source(SourceKind.PATH, url=written, ref=ref)
