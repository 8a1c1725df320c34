"""The files of one pipeline: the root, what it includes of this repository, and what cannot be read from here.

Follows "CI/CD YAML syntax reference, `include`". Only `local` (and components of this repository) can be resolved;
conditions of an include (`rules`) are not evaluated, the file is read.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tidegate.errors import FormatError
from tidegate.formats.gitlab.inputs import Inputs
from tidegate.formats.gitlab.merging import Merger, flat
from tidegate.formats.gitlab.tree import LIMIT, File, Node, Problems, load, mapping
from tidegate.formats.text import shown
from tidegate.model.pipeline import At, Included, Splice

MAX_INCLUDES = 150
MAX_BYTES = 16_000_000
MAX_STACK = 100
MAX_GLOB = 1000
MAX_TRIED = 1_000_000
Fetch = Callable[[str, int], bytes]
"""The bytes of one file of the repository, at most so many. Raises FormatError: no file, a link, too large."""

_OWN_COMPONENT = re.compile(
    r"\$\{?CI_SERVER_(?:FQDN|HOST)\}?/\$\{?CI_PROJECT_PATH\}?/([A-Za-z0-9._-]{1,100})@(\S{1,200})"
)
_OWN_REF = re.compile(r"\$\{?CI_COMMIT_(?:SHA|REF_NAME|BRANCH|TAG|REF_SLUG|SHORT_SHA)\}?")
_KINDS = ("local", "remote", "project", "template", "component", "artifact")


@dataclass(slots=True)
class Files:
    """Reads and joins the files of one pipeline."""

    fetch: Fetch
    here: "Here"
    problems: Problems
    merger: Merger
    read: dict[str, File | None] = field(default_factory=dict)
    includes: list[Included] = field(default_factory=list)
    splices: list[Splice] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _bytes: int = 0
    _count: int = 0

    def join(self, path: str) -> Node:
        """The root with everything it includes. Raises FormatError when the root itself cannot be read."""
        root = self._load(path)
        return self._joined(root, {}, (), rooted=True)

    def _load(self, path: str) -> File:
        if path in self.read:
            known = self.read[path]
            if known is None:
                raise FormatError("the file cannot be read")
            return known
        self.read[path] = None
        raw = self.fetch(path, LIMIT)
        self._bytes += len(raw)
        if self._bytes > MAX_BYTES:
            raise FormatError(f"the included files are larger than {MAX_BYTES} bytes together")
        file = self.read[path] = load(path, raw, self.problems)
        return file

    def _joined(self, file: File, given: Mapping[str, Node], stack: tuple[str, ...], *, rooted: bool) -> Node:
        inputs = Inputs(file, given, rooted, self.problems)
        content = inputs.content()
        self.splices += [each for each in inputs.splices if each not in self.splices]
        if content.empty:
            return mapping(content.at, {})
        if content.keys is None:
            self.problems.tell(content.at, "a pipeline file is a mapping of jobs and settings")
            return mapping(content.at, {})
        base = mapping(content.at, {})
        for entry in flat(content.keys.get("include")):
            for inner, values in self._opened(entry, (*stack, file.path)):
                base = self.merger.merge(base, self._joined(inner, values, (*stack, file.path), rooted=False))
        own = replace(content, keys={key: node for key, node in content.keys.items() if key != "include"})
        return self.merger.merge(base, own)

    def _opened(self, entry: Node, stack: tuple[str, ...]) -> Iterator[tuple[File, Mapping[str, Node]]]:
        told = included(entry)
        if told is None:
            self.problems.tell(entry.at, "an `include` that names nothing")
            return
        self._count += 1
        if self._count > MAX_INCLUDES:
            raise FormatError(f"there are more than {MAX_INCLUDES} includes", line=entry.at.line)
        paths, why = self._paths(told)
        self.includes.append(replace(told, why=why))
        values = entry.get("inputs")
        given = values.keys if values is not None and values.keys is not None else {}
        for path in paths:
            if path in stack or len(stack) >= MAX_STACK:
                self.problems.tell(entry.at, f"`{shown(path)}` includes itself")
                continue
            self._count += 1
            if self._count > 2 * MAX_INCLUDES:
                raise FormatError(f"there are more than {MAX_INCLUDES} includes", line=entry.at.line)
            try:
                yield self._load(path), given
            except FormatError as error:
                self.refused.append(path)
                line = At(path, error.line) if error.line else entry.at
                self.problems.tell(line, f"the included file `{shown(path)}` cannot be read: {error.message}")

    def _paths(self, told: Included) -> tuple[tuple[str, ...], str]:
        """The repository's files that an include means, and why there is none."""
        if told.kind == "component":
            own = _OWN_COMPONENT.fullmatch(told.reference + "@" + told.ref)
            if own is None or not _OWN_REF.fullmatch(own[2]):
                return (), ELSEWHERE["component"]
            places = (f"templates/{own[1]}.yml", f"templates/{own[1]}/template.yml")
            there = tuple(path for path in places if path in self.here.paths)
            return there[:1], "" if there else "this repository has no such component"
        if told.kind != "local":
            return (), ELSEWHERE.get(told.kind, "not known")
        return self.here.find(told.reference)


ELSEWHERE = {
    "remote": "a file behind an address",
    "project": "a file of another project",
    "template": "a template of the GitLab server",
    "artifact": "a file that a job makes",
    "component": "a component of another project",
}


@dataclass(slots=True)
class Here:
    """The repository's YAML files, and which of them a `local` path means; each path is opened once."""

    paths: frozenset[str]
    known: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    left: int = MAX_TRIED

    def find(self, reference: str) -> tuple[tuple[str, ...], str]:
        """The files, `*` and `**` opened, and why there is none. None is outside the tree. FormatError: too many."""
        if reference not in self.known:
            self.known[reference] = self._find(reference)
        return self.known[reference]

    def _find(self, reference: str) -> tuple[tuple[str, ...], str]:
        if "$" in reference:
            return (), "its path is known only when the pipeline starts"
        path = reference.lstrip("/")
        if not path or "\\" in path or ".." in path.split("/"):
            return (), "its path leads out of the repository"
        if "*" not in path:
            path = posixpath.normpath(path)
            return ((path,), "") if path in self.paths else ((), "there is no such file")
        self.left -= len(self.paths)
        if self.left < 0:
            raise FormatError("there are too many patterns of files to include")
        opens = _opened_by(path)
        found = tuple(sorted(each for each in self.paths if opens(each)))
        return found, "" if found else "there is no such file"


def yaml_files(paths: Iterable[str]) -> frozenset[str]:
    """Those GitLab takes for a pipeline's."""
    return frozenset(path for path in paths if path.endswith((".yml", ".yaml")))


def _opened_by(path: str) -> Callable[[str], bool]:
    """`**` is anything, `*` anything but `/`; so `a/**.yml` is all below `a`, `a/**/*.yml` what its folders hold.

    Every place in the pattern that is reached is one bit, so that a path costs one step a character, whatever it is.
    """
    parts = re.split(r"(\*+)", path[:MAX_GLOB])
    signs = [each for part in parts for each in ([part[:2]] if part.startswith("*") else part)]
    literal: dict[str, int] = {}
    anything = within = 0
    for at, sign in enumerate(signs):
        if sign == "**":
            anything |= 1 << at
        elif sign == "*":
            within |= 1 << at
        else:
            literal[sign] = literal.get(sign, 0) | 1 << at
    stars, last, prefix = anything | within, 1 << len(signs), parts[0]

    def matches(text: str) -> bool:
        if not text.startswith(prefix):
            return False
        reached = 1 | (1 & stars) << 1
        for sign in text:
            kept = reached & (anything if sign == "/" else stars)
            reached = (reached & literal.get(sign, 0)) << 1 | kept
            reached |= (reached & stars) << 1
        return bool(reached & last)

    return matches


def included(entry: Node) -> Included | None:
    """One entry of `include` as it is written, None when it names nothing."""
    if entry.keys is None:
        text = entry.text
        kind = "remote" if re.match(r"https?://", text, re.IGNORECASE) else "local"
        return Included(kind, text, entry.at) if text else None
    for kind in _KINDS:
        node = entry.get(kind)
        if node is None or not node.text:
            continue
        if kind == "component":
            address, _, ref = node.text.rpartition("@") if "@" in node.text else (node.text, "", "")
            return Included(kind, address, node.at, ref)
        ref = _text(entry, "ref")
        names = ",".join(each.text for each in flat(entry.get("file"))) if kind == "project" else ""
        reference = f"{node.text}:{names}" if names else node.text
        return Included(kind, reference, node.at, ref, _text(entry, "integrity"))
    return None


def _text(node: Node, key: str) -> str:
    value = node.get(key)
    return value.text if value is not None else ""
