"""GitLab pipelines in dictionaries: read, judged, and their joined jobs as plain values to compare."""

from collections.abc import Iterator, Mapping

from tidegate.domain.grants.gitlab.wholly import findings
from tidegate.errors import FormatError
from tidegate.formats.gitlab import reader
from tidegate.formats.gitlab.including import Fetch
from tidegate.formats.gitlab.merging import flat
from tidegate.formats.gitlab.tree import Node, Problems
from tidegate.model.finding import Finding
from tidegate.model.pipeline import Pipeline, PipelineJob

ROOT = ".gitlab-ci.yml"
COMPARED = (
    *("script", "before_script", "after_script", "image", "services", "rules", "only", "except", "environment"),
    *("id_tokens", "secrets", "variables", "stage", "when", "allow_failure", "tags", "trigger", "resource_group"),
    *("artifacts", "extends", "needs"),
)


def fetcher(files: Mapping[str, str | bytes]) -> Fetch:
    def fetch(path: str, limit: int) -> bytes:
        if path not in files:
            raise FormatError(f"`{path}` is missing")
        text = files[path]
        raw = text if isinstance(text, bytes) else text.encode()
        if len(raw) > limit:
            raise FormatError(f"`{path}` is larger than {limit} bytes")
        return raw

    return fetch


def pipelines(files: Mapping[str, str | bytes]) -> list[Pipeline]:
    return list(reader.pipelines(fetcher(files), frozenset(files)))


def pipeline(text: str | bytes, **others: str) -> Pipeline:
    """The root pipeline; `others` are files whose `/` and `.` are spelled `__` and `_yml`."""
    files = {ROOT: text} | {name.replace("__", "/").replace("_yml", ".yml"): each for name, each in others.items()}
    return pipelines(files)[0]


def job(text: str, name: str = "job") -> PipelineJob:
    return next(each for each in pipeline(text).jobs if each.name == name)


def judged(text: str, files: Mapping[str, str] | None = None) -> list[Finding]:
    return list(findings(pipelines({ROOT: text, **(files or {})})))


def brief(text: str, files: Mapping[str, str] | None = None) -> list[tuple[str, str, int | None]]:
    """(rule, level, line) of each finding."""
    return [(each.rule, str(each.level), each.place.line if each.place else None) for each in judged(text, files)]


def rules(text: str, files: Mapping[str, str] | None = None) -> set[str]:
    return {finding.rule for finding in judged(text, files)}


def merged(files: Mapping[str, str], path: str) -> tuple[dict[str, dict[str, object]], Problems]:
    """The jobs of a pipeline after everything is joined, reduced to what the reference data has."""
    problems = Problems()
    joined = reader.join(path, reader.Means.of(fetcher(files), files), problems)
    return {name: dict(_compared(node)) for name, node in joined.jobs.items()}, problems


def _compared(node: Node) -> Iterator[tuple[str, object]]:
    for word in COMPARED:
        value = node.get(word)
        made = _plain(word, value) if value is not None else None
        if made not in (None, "", [], {}):
            yield word, made


def _plain(word: str, node: Node) -> object:
    if word in ("script", "before_script", "after_script"):
        return [str(each.scalar) for each in flat(node)]
    if word == "image":
        return _name(node)
    if word == "services":
        return [_name(each) for each in flat(node)]
    if word == "variables" and node.keys is not None:
        return {name: value.text.lower() for name, value in node.keys.items()}
    if word == "needs":
        return [_name(each, "job") for each in flat(node)]
    return plain(node)


def _name(node: Node, key: str = "name") -> str | None:
    inner = node.get(key) if node.keys is not None else node
    return inner.text if inner is not None else None


def plain(node: Node) -> object:
    if node.keys is not None:
        return {key: plain(value) for key, value in node.keys.items()}
    if node.items is not None:
        return [plain(each) for each in flat(node)]
    return node.scalar
