"""The build types whose parameters are known: where each says its source, and which parameters it may have."""

from collections.abc import Mapping

from tidegate.domain.claims import foreign_builds
from tidegate.domain.claims.built import BuildType, Built, claimed, commit
from tidegate.domain.claims.proof import Proof
from tidegate.formats.intoto import text
from tidegate.formats.slsa import Provenance, mapping

GITHUB = "https://actions.github.io/buildtypes/workflow/v1"
GITLAB = "https://tidegate.dev/buildtypes/gitlab/v1"
LOCAL = "https://tidegate.dev/buildtypes/local/v1"
LOCAL_BUILDER = "https://tidegate.dev/builders/local"

__all__ = ["BUILD_TYPES", "GITHUB", "GITLAB", "LOCAL", "LOCAL_BUILDER", "Built", "builders", "read", "unknown"]


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


def builders(provenance: Provenance, proof: Proof) -> tuple[str, ...]:
    """The ids the holder of a certificate may name as the builder."""
    return BUILD_TYPES[provenance.build_type].builders(proof)


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
    made_of = commit(provenance, repository, ref)
    return Built(repository, ref, made_of, f"{repository}/{path.lstrip('/')}@{ref}", internal)


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
    return Built(repository, ref, commit(provenance, repository, ref), f"{repository}//{config}@{ref}", internal)


def _local(provenance: Provenance, origin: Mapping[str, object]) -> Built:
    repository = text(origin["repository"], "`source.repository`") if origin.get("repository") else ""
    ref = text(origin["ref"], "`source.ref`") if origin.get("ref") else ""
    return Built(repository, ref, commit(provenance, repository, ref))


def _internal(provenance: Provenance, section: str, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    plain = mapping(provenance.internal.get(section, {}), f"internalParameters.{section}")
    return claimed(plain, section, names)


BUILD_TYPES = {
    GITHUB: BuildType("workflow", frozenset({"ref", "repository", "path"}), _github),
    GITLAB: BuildType("pipeline", frozenset({"ref", "repository", "config"}), _gitlab),
    LOCAL: BuildType("source", frozenset({"ref", "repository"}), _local),
    foreign_builds.NPM: BuildType(
        "workflow", frozenset({"ref", "repository", "path"}), _github, foreign_builds.by_runner
    ),
    **foreign_builds.OLD,
}
