"""Dockerfiles give every image a build takes: base images, images files are copied or mounted from, the frontend."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats.locks import dockerfile_lines, image_names
from tidegate.formats.locks.dockerfile_lines import Instruction
from tidegate.formats.text import decode, shown, subject
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, LockFile, Problem, Source, SourceKind

FORMAT = "Dockerfile"
ECOSYSTEM = "Docker"
LIMIT = 2 * 1024 * 1024
MAX_IMAGES = 2_000
MAX_STAGES = 1_000

_NAME = re.compile(
    r"dockerfile|containerfile|(?:Dockerfile|Containerfile)(?:[.][^/]+)?|[^/]+[.](?:[Dd]ockerfile|[Cc]ontainerfile)"
)
_OTHER = re.compile(r".*[.](?:dockerignore|md|rst|txt|py|go|js|ts|rb|vim|lua|html|json|ya?ml)", re.IGNORECASE)
_TEMPLATE = re.compile(r".*[.](?:j2|jinja2?|tm?pl|template|erb|mustache|in|ejs|hbs|liquid)", re.IGNORECASE)
_FLAG = re.compile(r"--([a-z-]+)(?:=(\S*))?")
_ARGUMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:=(\"[^\"]*\"|'[^']*'|\S*))?")
_PLATFORM = frozenset(f"{side}{part}" for side in ("TARGET", "BUILD") for part in ("PLATFORM", "OS", "ARCH", "VARIANT"))


def matches(path: str) -> bool:
    """`Dockerfile`, `Dockerfile.NAME`, `NAME.Dockerfile`, and Containerfile likewise. Templates of them are built by
    nobody, and what is made of them is not here."""
    name = path.rsplit("/", 1)[-1]
    return _NAME.fullmatch(name) is not None and not (_OTHER.fullmatch(name) or _TEMPLATE.fullmatch(name))


def parse(path: str, raw: bytes) -> LockFile:
    """Read a Dockerfile (Dockerfile reference). Raises FormatError.

    What an image is cannot be told where an argument has no default: it is a package without version.
    """
    text = decode(raw.removeprefix(b"\xef\xbb\xbf"), limit=LIMIT, what="the Dockerfile")
    reader = _Reader(path)
    every = list(dockerfile_lines.instructions(text))
    for one in every:
        reader.note(one)
    for one in every:
        reader.take(one)
    return LockFile(
        path,
        FORMAT,
        ECOSYSTEM,
        Digest.of(raw),
        packages=tuple(reader.images.values()),
        problems=tuple(reader.problems[:MAX_IMAGES]),
    )


@dataclass(slots=True)
class _Reader:
    path: str
    images: dict[tuple[str, str, tuple[str, ...]], Locked] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    arguments: dict[str, str | None] = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)
    """The names of the stages so far, "" for one without."""
    earlier: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    """The names of all stages: files may be copied from any."""

    def note(self, one: Instruction) -> None:
        if one.name == "FROM" and (stage := _from(one.rest)[1]):
            self.names.add(stage)

    def take(self, one: Instruction) -> None:
        if one.name == "ONBUILD":
            name, _, rest = one.rest.partition(" ")
            one = Instruction(name.upper(), rest.strip(), one.line)
        match one.name:
            case "#syntax":
                self._image(one.rest.split()[0] if one.rest.split() else "", one.line)
            case "ARG" if not self.stages:
                for match in _ARGUMENT.finditer(one.rest):
                    self._argument(match[1], match[2])
            case "FROM":
                self._from(one)
            case "COPY":
                for value in _flags(one.rest, "from"):
                    self._copied(value, one.line)
            case "RUN":
                for mount in _flags(one.rest, "mount"):
                    for part in mount.strip("\"'").split(","):
                        key, _, value = part.partition("=")
                        if key.lower() == "from":
                            self._copied(value, one.line)

    def _argument(self, name: str, written: str | None) -> None:
        value = written.strip("\"'") if written is not None else None
        self.arguments[name] = image_names.expand(value, self.arguments) if value is not None else None

    def _from(self, one: Instruction) -> None:
        written, stage, whole = _from(one.rest)
        if not whole:
            about = f"{self.path}#{subject(one.rest)}"
            self.problems.append(Problem("lock-malformed", about, "a `FROM` is not one image and its name", one.line))
        if len(self.stages) >= MAX_STAGES:
            raise FormatError(f"the Dockerfile has more than {MAX_STAGES} stages", line=one.line)
        known = not written or written == "scratch" or self._is_stage(written, self.earlier)
        self.stages.append(stage)
        self.earlier.add(stage)
        if not known:
            self._image(written, one.line)

    def _copied(self, written: str, line: int) -> None:
        written = written.strip("\"'")
        if written.isdigit() and int(written[:6]) < len(self.stages):
            return
        if written and written != "scratch" and not self._is_stage(written, self.names):
            self._image(written, line)

    def _is_stage(self, written: str, names: set[str]) -> bool:
        """A stage by its name; a platform's name in it stands for any."""
        known = {**dict.fromkeys(_PLATFORM, "\0"), **self.arguments}
        plain = (image_names.expand(written, known) or "").lower()
        if "\0" not in plain:
            return plain in names and plain != ""
        parts = plain.split("\0")
        if len(parts) > 4 or not any(parts):
            return False
        pattern = re.compile(".+".join(map(re.escape, parts)))
        return any(len(name) <= 200 and pattern.fullmatch(name) for name in names)

    def _image(self, written: str, line: int) -> None:
        expanded = image_names.expand(written, self.arguments)
        image = image_names.read(expanded) if expanded else None
        if expanded and image is None:
            about = f"{self.path}#{subject(written)}"
            message = f"`{shown(written)}` is no name of an image"
            self.problems.append(Problem("lock-malformed", about, message, line))
            return
        if len(self.images) >= MAX_IMAGES:
            raise FormatError(f"the Dockerfile names more than {MAX_IMAGES} images", line=line)
        one = _locked(image, written, line)
        self.images.setdefault((one.name, one.version, one.bad_hashes), one)


def _locked(image: image_names.Image | None, written: str, line: int) -> Locked:
    """An image; one whose arguments have no value is known by what is written only."""
    if image is None:
        return Locked(ECOSYSTEM, written, written, "", Source(SourceKind.REGISTRY), line=line)
    return Locked(
        ecosystem=ECOSYSTEM,
        name=image.name,
        raw_name=written,
        version=str(image.digest) if image.digest else image.tag,
        source=Source(SourceKind.REGISTRY, host=image.host, ref=image.tag),
        hashes=(image.digest,) if image.digest else (),
        bad_hashes=(image.bad,) if image.bad else (),
        line=line,
    )


def _from(rest: str) -> tuple[str, str, bool]:
    """(image, stage in lower case, is that all) of `[--platform=…] image [AS stage]`."""
    words = rest.split()
    while words and words[0].startswith("--"):
        words.pop(0)
    named = len(words) == 3 and words[1].upper() == "AS"
    image = words[0].strip("\"'") if words else ""
    return image, words[2].lower() if named else "", len(words) == 1 or named


def _flags(rest: str, name: str) -> Iterator[str]:
    """The values of a flag; flags stand in front of everything else."""
    for word in rest.split():
        match = _FLAG.fullmatch(word)
        if match is None:
            return
        if match[1] == name and match[2]:
            yield match[2]
