"""Builds of other tools' provenance: npm's, and slsa-github-generator's in the older words of version 0.2."""

import re
from collections.abc import Mapping
from dataclasses import replace

from tidegate.domain.claims.built import BuildType, Built, by_signer, claimed, commit
from tidegate.domain.claims.proof import Proof
from tidegate.errors import FormatError
from tidegate.formats import slsa
from tidegate.formats.intoto import Statement, text
from tidegate.formats.slsa import Provenance

NPM = "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1"
NPM_OLD = "https://github.com/npm/cli/gha/v2"
GENERIC_OLD = "https://github.com/slsa-framework/slsa-github-generator/generic@v1"
_RUNNER = "https://github.com/actions/runner"
_RUN = re.compile(r"([0-9]{1,20})-([0-9]{1,6})")
_GENERIC_NAMES = {
    "github_event_name": "build_trigger",
    "github_repository_id": "source_repository_id",
    "github_repository_owner_id": "source_repository_owner_id",
    "github_ref": "source_repository_ref",
    "github_sha1": "source_repository_digest",
}
_NPM_NAMES = {
    "GITHUB_EVENT_NAME": "build_trigger",
    "GITHUB_REPOSITORY_ID": "source_repository_id",
    "GITHUB_REPOSITORY_OWNER_ID": "source_repository_owner_id",
    "GITHUB_REF": "source_repository_ref",
    "GITHUB_SHA": "source_repository_digest",
    "GITHUB_WORKFLOW_SHA": "build_config_digest",
}


def parse(statement: Statement) -> Provenance:
    """Provenance of version 1 or 0.2 in the words of version 1. Raises FormatError.

    What version 0.2 calls the invocation `RUN-ATTEMPT` is spelled as the address certificates have for it.
    """
    if statement.predicate_type != slsa.PROVENANCE_V02:
        return slsa.parse(statement.predicate)
    read = slsa.parse_v02(statement.predicate)
    run = _RUN.fullmatch(read.invocation_id)
    configured = read.external.get("configSource")
    if run is None or not isinstance(configured, dict):
        return read
    repository, _ = _at(configured)
    return replace(read, invocation_id=f"{repository}/actions/runs/{run[1]}/attempts/{run[2]}")


def by_runner(proof: Proof) -> tuple[str, ...]:
    """npm names the runner for the builder; who signed is then said by the certificate alone."""
    return (proof.san, _RUNNER, f"{_RUNNER}/{proof.claim('runner_environment')}")


def _generic(provenance: Provenance, configured: Mapping[str, object]) -> Built:
    return _old(provenance, configured, _GENERIC_NAMES)


def _npm(provenance: Provenance, configured: Mapping[str, object]) -> Built:
    return _old(provenance, configured, _NPM_NAMES)


def _old(provenance: Provenance, configured: Mapping[str, object], names: Mapping[str, str]) -> Built:
    """`configSource` names the workflow, and the one material of that repository the commit."""
    repository, ref = _at(configured)
    digest = slsa.mapping(configured.get("digest"), "configSource.digest")
    made_of = commit(provenance, repository, ref, "sha1")
    if digest != {"sha1": made_of}:
        raise FormatError("the workflow and the source are of different commits")
    path = text(configured.get("entryPoint"), "`configSource.entryPoint`")
    internal = claimed(provenance.internal, "environment", names)
    return Built(repository, ref, made_of, f"{repository}/{path.lstrip('/')}@{ref}", internal)


def _at(configured: Mapping[str, object]) -> tuple[str, str]:
    uri = text(configured.get("uri"), "`configSource.uri`")
    repository, at, ref = uri.removeprefix("git+").partition("@refs/")
    if not at or not repository.startswith("https://"):
        raise FormatError("`configSource.uri` is not a git repository at a ref")
    return repository, f"refs/{ref}"


_CONFIGURED = frozenset({"uri", "digest", "entryPoint"})
OLD = {
    GENERIC_OLD: BuildType("configSource", _CONFIGURED, _generic, by_signer),
    NPM_OLD: BuildType("configSource", _CONFIGURED, _npm, by_runner),
}
