"""requirements*.txt in pip's grammar gives every requirement, its pin, its hashes, and each option that weakens it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement

from tidegate.errors import FormatError
from tidegate.formats import repopath
from tidegate.formats.filenames import python_file
from tidegate.formats.locks import pins
from tidegate.formats.locks.requirement_urls import digest_of, source_of
from tidegate.formats.text import decode, shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import File, Locked, LockFile, Problem, Source, SourceKind, file_name

FORMAT = "requirements.txt"
ECOSYSTEM = "PyPI"
MAX_LINE = 200_000

_NAME = re.compile(r"requirements[^/]*\.txt|[^/]*requirements\.txt")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
_CODING = re.compile(rb"#.*?coding[:=]\s*([-\w.]+)")
_CODINGS = frozenset({b"utf-8", b"utf8", b"utf_8", b"ascii", b"us-ascii"})
_ARCHIVE = re.compile(r"\.(?:whl|zip|tgz|tbz|txz|tlz|tar(?:\.(?:gz|bz2|xz|lz|lzma|z))?)$", re.IGNORECASE)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")
_INDEX = {"-i", "--index-url", "--pypi-url"}
_PLAIN = {"--pre", "--prefer-binary", "--require-hashes", "--no-index"}
_VALUED = {"--no-binary", "--only-binary", "--use-feature"}
_INCLUDE = {"-r", "--requirement"}
_CONSTRAIN = {"-c", "--constraint"}
_EDITABLE = {"-e", "--editable"}
_PER_REQUIREMENT = {"--hash", "--global-option", "--config-settings", "--config-setting", "-C", "--install-option"}


def matches(path: str) -> bool:
    """`requirements*.txt`, `*requirements.txt`, and every `.txt` in a folder called `requirements`."""
    folder, _, name = path.rpartition("/")
    if _NAME.fullmatch(name):
        return True
    return name.endswith(".txt") and folder.rpartition("/")[2] == "requirements"


def parse(path: str, raw: bytes) -> LockFile:
    """Read a requirements file (pip "Requirements File Format"). Raises FormatError.

    Nothing is followed: included files are named in `includes`, variables stay as written.
    """
    text = decode(raw.removeprefix(b"\xef\xbb\xbf"), limit=pins.LIMIT, what="the requirements file")
    for number, start in enumerate(raw[:2000].split(b"\n")[:2], 1):
        # pip decodes by such a line (PEP 263), and then reads other requirements than stand there.
        declared = _CODING.match(start)
        if declared and declared[1].lower() not in _CODINGS:
            raise FormatError("the requirements file says it is not UTF-8", line=number)
    reader = _Reader(path)
    for number, line in logical_lines(text):
        if len(line) > MAX_LINE:
            raise FormatError("the requirements file has a line too long to read", line=number)
        reader.take(number, line)
        if len(reader.packages) > pins.MAX_PACKAGES:
            raise FormatError(f"the requirements file holds more than {pins.MAX_PACKAGES} packages")
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(reader.finished()),
        problems=tuple(reader.problems),
        includes=tuple(reader.includes),
        constraints=tuple(reader.constraints),
        indexes=(pins.without_secrets(reader.index),) if reader.index else (),
    )


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with continuations joined and comments cut, as pip does it, each with the number of its first line."""
    parts: list[str] = []
    start = 1
    for number, line in enumerate(text.splitlines(), 1):
        comment = line.lstrip().startswith("#")
        if not parts:
            start = number
        if line.endswith("\\") and not comment:
            parts.append(line.strip("\\"))
            continue
        parts.append(" " + line if comment else line)
        joined = _COMMENT.sub("", "".join(parts)).strip()
        parts = []
        if joined:
            yield start, joined
    joined = _COMMENT.sub("", "".join(parts)).strip()
    if joined:
        yield start, joined


@dataclass(slots=True)
class _Reader:
    path: str
    packages: list[Locked] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    index: str = ""
    no_index: bool = False
    links: list[tuple[int, str]] = field(default_factory=list)

    def take(self, number: int, line: str) -> None:
        if not line.startswith("-"):
            self._requirement(number, line)
            return
        words = line.split()
        while words:
            option, value = _option(words)
            self._option(number, option, value)

    def finished(self) -> Iterator[Locked]:
        """The packages, once every index option of the file is known."""
        for number, link in self.links:
            inside = repopath.resolve(repopath.folder(self.path), link)
            if not (self.no_index and inside is not None):
                self._problem(
                    "index-mixed",
                    f"find-links:{link}",
                    "`--find-links` adds a second place to take packages from",
                    number,
                )
        registry = pins.registry(ECOSYSTEM, self.index)
        for package in self.packages:
            if package.source.kind is SourceKind.REGISTRY:
                yield Locked(**{name: getattr(package, name) for name in Locked.__slots__} | {"source": registry})
            else:
                yield package

    def _problem(self, rule: str, about: str, message: str, line: int) -> None:
        self.problems.append(Problem(rule, f"{self.path}#{subject(pins.without_secrets(about))}", message, line))

    def _option(self, number: int, option: str, value: str) -> None:
        if not value and option not in _PLAIN:
            self._problem("lock-malformed", option, f"`{shown(option)}` has no value", number)
        elif option in _INDEX:
            self.index = value
        elif option == "--extra-index-url":
            self._problem("index-mixed", value, "`--extra-index-url` lets two indexes serve the same name", number)
        elif option in {"-f", "--find-links"}:
            self.links.append((number, value))
        elif option == "--trusted-host":
            self._problem(
                "source-not-allowed", value, "`--trusted-host` accepts any certificate from that host", number
            )
        elif option in _INCLUDE:
            self._include(number, value)
        elif option in _CONSTRAIN:
            self._include(number, value)
            self.constraints += self.includes[-1:] if repopath.resolve(repopath.folder(self.path), value) else []
        elif option in _EDITABLE:
            self._local_or_url(number, value, [], [], editable=True)
        elif option == "--no-index":
            self.no_index = True
        elif option not in _PLAIN | _VALUED:
            self._problem("lock-malformed", option, f"`{shown(option)}` is no option of a requirements file", number)

    def _include(self, number: int, value: str) -> None:
        target = repopath.resolve(repopath.folder(self.path), value)
        if target is None:
            self._problem("source-not-allowed", value, "a file outside the repository is included", number)
        else:
            self.includes.append(target)

    def _requirement(self, number: int, line: str) -> None:
        words = line.split()
        cut = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
        hashes, bad = self._hashes(number, words[cut:])
        body = " ".join(words[:cut])
        if (
            _URL.match(body)
            or body.startswith((".", "/", "~", "\\"))
            or re.match(r"[^\s@;\[]+/|\S+\.(?:whl|zip|t?gz|tar|bz2|t?xz|lzma)$", body)
        ):
            self._local_or_url(number, body, hashes, bad)
            return
        try:
            requirement = Requirement(body)
            name = pins.python_name(requirement.name)
        except (InvalidRequirement, FormatError, ValueError, RecursionError):
            self._problem("lock-malformed", body, "a line is no requirement", number)
            return
        if requirement.url:
            source, version = source_of(requirement.url)
            hashes = hashes or digest_of(requirement.url)
        else:
            source, version = Source(SourceKind.REGISTRY), _pin(requirement)
        marker = str(requirement.marker or "")
        self._add(number, name, requirement.name, version, source, hashes, bad, marker)

    def _local_or_url(
        self, number: int, body: str, hashes: list[Digest], bad: list[str], *, editable: bool = False
    ) -> None:
        """A path or URL without a name in front; the name comes from its file or its `#egg=`."""
        target = body.split(";")[0].strip()
        bare = re.sub(r"\[[A-Za-z0-9._,\s-]*\]$", "", target)
        if not _URL.match(bare):
            if repopath.resolve(repopath.folder(self.path), bare) is None:
                self._problem("source-not-allowed", bare, "a path outside the repository is installed", number)
                return
            bare = bare.partition("#")[0]
            named = python_file(bare.rsplit("/", 1)[-1])
            if named and not editable:
                self._add(number, pins.python_name(named[0]), named[0], named[1], pins.path(bare), hashes, bad, "")
            elif _ARCHIVE.search(bare):
                message = "an archive does not say in its name which package and version it is"
                self._problem("package-unpinned", bare, message, number)
            return
        source, version = source_of(bare)
        egg = re.search(r"[#&]egg=([A-Za-z0-9._-]+)", bare)
        named = python_file(file_name(bare))
        raw_name = egg[1] if egg else named[0] if named else ""
        try:
            name = pins.python_name(raw_name)
        except FormatError:
            self._problem("package-unpinned", bare, "a path or URL does not say which package it is", number)
            return
        self._add(number, name, raw_name, version, source, hashes or digest_of(bare), bad, "")

    def _add(
        self,
        number: int,
        name: str,
        raw_name: str,
        version: str,
        source: Source,
        hashes: list[Digest],
        bad: list[str],
        marker: str,
    ) -> None:
        files = (File(url=source.url, hashes=tuple(hashes)),) if source.kind is SourceKind.URL else ()
        self.packages.append(
            Locked(
                ecosystem=ECOSYSTEM,
                name=name,
                raw_name=raw_name,
                version=version,
                source=source,
                hashes=tuple(hashes),
                bad_hashes=tuple(bad),
                files=files,
                marker=marker,
                line=number,
            )
        )

    def _hashes(self, number: int, words: list[str]) -> tuple[list[Digest], list[str]]:
        good: list[Digest] = []
        bad: list[str] = []
        waiting = list(words)
        while waiting:
            option, equals, value = waiting.pop(0).partition("=")
            if option not in _PER_REQUIREMENT:
                self._problem("lock-malformed", option, f"`{shown(option, 60)}` is no option of a requirement", number)
                continue
            if not equals:
                value = waiting.pop(0) if waiting else ""
            if option == "--hash":
                digest = pins.digest(value)
                if digest is not None:
                    good.append(digest)
                else:
                    bad.append(value[:200])
        return good, bad


def _option(words: list[str]) -> tuple[str, str]:
    """Take one option and its value off the front: `-rfile`, `-r file`, `--long=value`, `--long value`, `--flag`."""
    word = words.pop(0)
    if not word.startswith("-"):
        return word, ""
    if word.startswith("--"):
        option, attached, value = word.partition("=")
    else:
        option, value = word[:2], word[2:].removeprefix("=")
        attached = value
    if not attached and option not in _PLAIN and words:
        value = words.pop(0)
    return option, value.strip("\"'")


def _pin(requirement: Requirement) -> str:
    """The one version the specifier allows, "" when it allows several."""
    exact = [
        one.version for one in requirement.specifier if one.operator in {"==", "==="} and not one.version.endswith(".*")
    ]
    return exact[0] if len(exact) == 1 else ""
