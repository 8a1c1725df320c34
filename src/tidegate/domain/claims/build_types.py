"""The build types whose parameters are known: where each says its source, and which parameters it may have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tidegate.domain.claims import source
from tidegate.errors import FormatError
from tidegate.formats.intoto import text
from tidegate.formats.slsa import Provenance, mapping

GITHUB = "https://actions.github.io/buildtypes/workflow/v1"
GITLAB = "https://tidegate.dev/buildtypes/gitlab/v1"
LOCAL = "https://tidegate.dev/buildtypes/local/v1"
LOCAL_BUILDER = "https://tidegate.dev/builders/local"


@dataclass(frozen=True, slots=True)
class Built:
    """What a provenance says about its source. `workflow` is the whole reference `<url>/<path>@<ref>`, "" for local.

    `internal` are the parameters the platform added, by the name of the certificate claim each must equal.
    """

    repository: str
    ref: str
    commit: str
    workflow: str = ""
    internal: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BuildType:
    """One build type: its only external parameter, the names inside it, and how to read them."""

    parameter: str
    names: frozenset[str]
    read: Callable[[Provenance, Mapping[str, object]], Built]


def unknown(provenance: Provenance, allowed: frozenset[str]) -> list[str]:
    """External parameters neither the build type nor the policy names (SLSA v1.1 "Verifying artifacts", step 2)."""
    kind = BUILD_TYPES[provenance.build_type]
    outer = sorted(set(provenance.external) - {kind.parameter} - allowed)
    inner = provenance.external.get(kind.parameter)
    names = sorted(set(inner) - kind.names) if isinstance(inner, dict) else []
    return outer + [f"{kind.parameter}.{name}" for name in names]


def read(provenance: Provenance) -> Built:
    """The source a provenance names. Raises FormatError when it does not name exactly one."""
    kind = BUILD_TYPES[provenance.build_type]
    return kind.read(provenance, mapping(provenance.external.get(kind.parameter), kind.parameter))


def _github(provenance: Provenance, workflow: Mapping[str, object]) -> Built:
    repository = text(workflow.get("repository"), "`workflow.repository`")
    ref = text(workflow.get("ref"), "`workflow.ref`")
    path = text(workflow.get("path"), "`workflow.path`")
    names = {
        "event_name": "build_trigger",
        "repository_id": "source_repository_id",
        "repository_owner_id": "source_repository_owner_id",
        "runner_environment": "runner_environment",
    }
    internal = _internal(provenance, "github", names)
    commit = _commit(provenance, repository, ref)
    return Built(repository, ref, commit, f"{repository}/{path.lstrip('/')}@{ref}", internal)


def _gitlab(provenance: Provenance, pipeline: Mapping[str, object]) -> Built:
    repository = text(pipeline.get("repository"), "`pipeline.repository`")
    ref = text(pipeline.get("ref"), "`pipeline.ref`")
    config = text(pipeline.get("config"), "`pipeline.config`")
    names = {
        "pipeline_source": "build_trigger",
        "project_id": "source_repository_id",
        "runner_environment": "runner_environment",
    }
    internal = _internal(provenance, "gitlab", names)
    return Built(repository, ref, _commit(provenance, repository, ref), f"{repository}//{config}@{ref}", internal)


def _local(provenance: Provenance, origin: Mapping[str, object]) -> Built:
    repository = text(origin["repository"], "`source.repository`") if origin.get("repository") else ""
    ref = text(origin["ref"], "`source.ref`") if origin.get("ref") else ""
    return Built(repository, ref, _commit(provenance, repository, ref))


def _internal(provenance: Provenance, section: str, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    plain = mapping(provenance.internal.get(section, {}), f"internalParameters.{section}")
    return tuple((claim, text(plain[name], f"`{section}.{name}`")) for name, claim in names.items() if name in plain)


def _commit(provenance: Provenance, repository: str, ref: str) -> str:
    """The one commit of the source among the resolved dependencies; a second one would let a reader choose."""
    commits = []
    for item in provenance.dependencies:
        uri, _, at = item.uri.removeprefix("git+").partition("@refs/")
        named = f"refs/{at}" if at else ""
        ours = source.same(uri, repository) if repository else not item.uri
        if ours and (named == ref or not named) and item.digest("gitCommit"):
            commits.append(item.digest("gitCommit"))
        elif ours:
            raise FormatError("the provenance names the source twice, at another ref or without a commit")
    if len(commits) != 1 or not source.is_commit(commits[0]):
        raise FormatError("the provenance does not name exactly one source commit")
    return commits[0]


BUILD_TYPES = {
    GITHUB: BuildType("workflow", frozenset({"ref", "repository", "path"}), _github),
    GITLAB: BuildType("pipeline", frozenset({"ref", "repository", "config"}), _gitlab),
    LOCAL: BuildType("source", frozenset({"ref", "repository"}), _local),
}
