"""The statements tidegate signs: provenance, SBOM and verdict, each as canonical bytes of an in-toto statement."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tidegate.domain.claims import build_types, source, vsa
from tidegate.errors import FormatError
from tidegate.formats import approval, intoto, slsa, strict_json
from tidegate.formats.approval import Approval
from tidegate.formats.slsa import Provenance, Resource
from tidegate.formats.vsa import FAILED, PASSED, VSA_V1, Input, Summary
from tidegate.formats.vsa import build as build_summary
from tidegate.model.digest import Digest
from tidegate.model.inventory import Source
from tidegate.model.release import Artifact, ArtifactKind

SBOM_TYPE = "https://cyclonedx.org/bom"
SPDX_TYPE = "https://spdx.dev/Document"
_SBOMS = {SBOM_TYPE: ("bomFormat", "CycloneDX"), SPDX_TYPE: ("spdxVersion", "SPDX-2.3")}
"""Predicate type to the member that tells the format, and its value."""
SBOM_LIMIT = 12 * 1024 * 1024


class Facts(Protocol):
    """What the CI says about this run; `ports.CIFacts` is one."""

    @property
    def system(self) -> str: ...

    def get(self, name: str) -> str: ...


def verifier_id(kind: str, identity: str) -> str:
    """`verifier.id` of a signer as `ports.SignerFacts` names it: `key` with a hint, or `keyless` with a SAN."""
    if kind != "key":
        return identity
    try:
        return vsa.key_verifier(base64.b64decode(identity, validate=True).hex())
    except (binascii.Error, ValueError):
        raise FormatError("the signer's key has no readable hint") from None


def provenance_statement(artifact: Artifact, facts: Facts, origin: Source) -> bytes:
    """SLSA provenance v1 of one artifact. Raises FormatError, naming the fact, when CI or git do not say enough."""
    if not source.is_commit(origin.commit):
        raise FormatError("git does not say which commit is released")
    makers = {"github": _github, "gitlab": _gitlab}
    provenance = makers.get(facts.system, _local)(facts, origin)
    slsa.parse(slsa.build(provenance))
    return intoto.build([_subject(artifact)], slsa.PROVENANCE_V1, slsa.build(provenance))


def sbom_statement(artifact: Artifact, sbom_text: str) -> bytes:
    """An SBOM as the predicate about one artifact: CycloneDX or SPDX 2.3, both in JSON. Raises FormatError when it is
    neither (in-toto attestation framework, "CycloneDX predicate" and "SPDX predicate")."""
    document = strict_json.loads(sbom_text.encode(), limit=SBOM_LIMIT, what="the SBOM")
    kinds = [kind for kind, (key, word) in _SBOMS.items() if isinstance(document, dict) and document.get(key) == word]
    if not isinstance(document, dict) or len(kinds) != 1:
        raise FormatError("the SBOM is neither a CycloneDX nor an SPDX 2.3 document in JSON")
    return intoto.build([_subject(artifact)], kinds[0], document)


def vsa_statement(
    artifact: Artifact,
    passed: bool,
    policy_digest: str,
    policy_uri: str,
    verifier: str,
    inputs: Sequence[tuple[str, Digest]],
    time: datetime,
    levels: Sequence[str],
    rows: Mapping[str, str],
    resource: str = "",
) -> bytes:
    """The verdict on one artifact. `rows` are the outcomes of rows 1 to 7 by control id; `policy_digest` is hex or
    `sha256:hex`; `inputs` are (file name, digest) of every attestation and the MANIFEST; `resource` is what it is
    about, by default the file itself."""
    summary = Summary(
        verifier_id=verifier,
        resource_uri=resource or vsa.resource_uri(artifact.name, artifact.digest),
        policy_uri=policy_uri,
        policy_digests=(("sha256", policy_digest.removeprefix("sha256:")),),
        result=PASSED if passed else FAILED,
        levels=tuple(levels) if passed else (),
        time_verified=time,
        inputs=tuple(Input(name, ((digest.algorithm, digest.value),)) for name, digest in sorted(inputs)),
        rows=tuple(sorted(rows.items())),
    )
    return _statement(artifact, VSA_V1, build_summary(summary))


def approval_statement(artifacts: Sequence[Artifact], given: Approval) -> bytes:
    """An approval of a whole release. Raises FormatError when it cannot be written."""
    predicate = approval.build(given)
    approval.parse(predicate)
    return intoto.build([(each.name, each.digest) for each in artifacts], approval.APPROVAL_V1, predicate)


def _subject(artifact: Artifact) -> tuple[str, Digest]:
    """An image goes by its full name, as other tools look for it; a file by its own."""
    image = artifact.kind is ArtifactKind.IMAGE
    return (artifact.path.partition("@")[0] if image else artifact.name), artifact.digest


def _statement(artifact: Artifact, predicate_type: str, predicate: Mapping[str, object]) -> bytes:
    return intoto.build([(artifact.name, artifact.digest)], predicate_type, predicate)


def _github(facts: Facts, origin: Source) -> Provenance:
    """As GitHub's own attest action writes it, from the environment: declared, unless a certificate says the same."""
    repository, ref = _needed(facts, "repository"), _needed(facts, "ref")
    workflow = _needed(facts, "workflow_ref")
    path = workflow.removeprefix(source.path(repository) + "/").removesuffix(f"@{ref}")
    if not path.startswith(".github/workflows/") or len(path) + len(ref) + 1 > len(workflow):
        raise FormatError("the CI facts `workflow_ref`, `repository` and `ref` do not fit together")
    said = {
        "actor": facts.get("actor"),
        "event_name": facts.get("event"),
        "repository_id": facts.get("repository_id"),
        "repository_owner_id": facts.get("owner_id"),
        "runner_environment": facts.get("runner"),
        "triggering_actor": facts.get("triggering_actor"),
    }
    return Provenance(
        build_type=build_types.GITHUB,
        builder_id=f"{source.server_of(repository)}/{facts.get('signer_workflow_ref') or workflow}",
        external={"workflow": {"ref": ref, "repository": repository, "path": path}},
        internal={"github": {name: value for name, value in said.items() if value}},
        dependencies=(_commit(repository, ref, origin),),
        invocation_id=facts.get("run_url"),
    )


def _gitlab(facts: Facts, origin: Source) -> Provenance:
    repository, ref, config = _needed(facts, "repository"), _needed(facts, "ref"), _needed(facts, "workflow")
    said = {
        "actor": facts.get("actor"),
        "pipeline_source": facts.get("event"),
        "project_id": facts.get("repository_id"),
        "runner_environment": facts.get("runner"),
    }
    return Provenance(
        build_type=build_types.GITLAB,
        builder_id=facts.get("signer_workflow_ref") or f"{repository}//{config}@{ref}",
        external={"pipeline": {"ref": ref, "repository": repository, "config": config}},
        internal={"gitlab": {name: value for name, value in said.items() if value}},
        dependencies=(_commit(repository, ref, origin),),
        invocation_id=facts.get("run_url"),
    )


def _local(facts: Facts, origin: Source) -> Provenance:
    repository = source.repository(facts.get("repository") or origin.remote)
    ref = facts.get("ref") or origin.ref
    said = {name: value for name, value in (("repository", repository), ("ref", ref)) if value}
    return Provenance(
        build_type=build_types.LOCAL,
        builder_id=build_types.LOCAL_BUILDER,
        external={"source": said},
        dependencies=(_commit(repository, ref, origin),),
    )


def _commit(repository: str, ref: str, origin: Source) -> Resource:
    at = f"@{ref}" if ref.startswith("refs/") else ""
    return Resource(f"git+{repository}{at}" if repository else "", (("gitCommit", origin.commit),))


def _needed(facts: Facts, name: str) -> str:
    value = facts.get(name)
    if not value:
        raise FormatError(f"the CI does not say `{name}`", hint="run in a job of the CI system, or on a laptop")
    return value
