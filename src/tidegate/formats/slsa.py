"""SLSA provenance: which build made an artifact, from what, for whom; v1 is written, v0.2 is only read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats.intoto import digest_set, text

PROVENANCE_V1 = "https://slsa.dev/provenance/v1"
PROVENANCE_V02 = "https://slsa.dev/provenance/v0.2"
MAX_DEPENDENCIES = 10_000


@dataclass(frozen=True, slots=True)
class Resource:
    """A ResourceDescriptor as far as it is read: `digests` are (algorithm, value) pairs."""

    uri: str = ""
    digests: tuple[tuple[str, str], ...] = ()
    name: str = ""

    def digest(self, algorithm: str) -> str:
        return dict(self.digests).get(algorithm, "")


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a provenance predicate says. `external` and `internal` are JSON data."""

    build_type: str
    builder_id: str
    external: Mapping[str, object]
    internal: Mapping[str, object] = field(default_factory=dict)
    dependencies: tuple[Resource, ...] = ()
    invocation_id: str = ""
    started_on: str = ""
    finished_on: str = ""


def build(provenance: Provenance) -> dict[str, object]:
    """The predicate as JSON data, optional fields left out when empty."""
    definition: dict[str, object] = {
        "buildType": provenance.build_type,
        "externalParameters": dict(provenance.external),
    }
    if provenance.internal:
        definition["internalParameters"] = dict(provenance.internal)
    definition["resolvedDependencies"] = [_resource(item) for item in provenance.dependencies]
    times = {
        "invocationId": provenance.invocation_id,
        "startedOn": provenance.started_on,
        "finishedOn": provenance.finished_on,
    }
    metadata = {key: value for key, value in times.items() if value}
    run: dict[str, object] = {"builder": {"id": provenance.builder_id}}
    if metadata:
        run["metadata"] = metadata
    return {"buildDefinition": definition, "runDetails": run}


def parse(predicate: Mapping[str, object]) -> Provenance:
    """Read a predicate. Raises FormatError when a required field is missing or of the wrong type."""
    definition = mapping(predicate.get("buildDefinition"), "buildDefinition")
    run = mapping(predicate.get("runDetails"), "runDetails")
    builder = mapping(run.get("builder"), "runDetails.builder")
    metadata = mapping(run.get("metadata", {}), "runDetails.metadata")
    return Provenance(
        build_type=text(definition.get("buildType"), "buildType"),
        builder_id=text(builder.get("id"), "runDetails.builder.id"),
        external=mapping(definition.get("externalParameters"), "externalParameters"),
        internal=mapping(definition.get("internalParameters", {}), "internalParameters"),
        dependencies=_dependencies(definition.get("resolvedDependencies", [])),
        invocation_id=_optional(metadata, "invocationId"),
        started_on=_optional(metadata, "startedOn"),
        finished_on=_optional(metadata, "finishedOn"),
    )


def parse_v02(predicate: Mapping[str, object]) -> Provenance:
    """Read a v0.2 predicate (SLSA v0.2 "Provenance") into the words of v1. Raises FormatError.

    `invocation` becomes the external parameters as it stands (`configSource`, `parameters` where
    there are any), its `environment` the
    internal ones, and the materials the dependencies. `buildConfig` is the build's own record and is not read.
    """
    builder = mapping(predicate.get("builder"), "builder")
    invocation = dict(mapping(_given(predicate, "invocation", {}), "invocation"))
    environment = invocation.pop("environment", None)
    metadata = mapping(_given(predicate, "metadata", {}), "metadata")
    spelled = [metadata[name] for name in ("buildInvocationId", "buildInvocationID") if metadata.get(name)]
    if len(spelled) > 1:
        raise FormatError("the provenance names its invocation twice")
    return Provenance(
        build_type=text(predicate.get("buildType"), "buildType"),
        builder_id=text(builder.get("id"), "builder.id"),
        external={key: value for key, value in invocation.items() if value not in (None, {})},
        internal=mapping({} if environment is None else environment, "invocation.environment"),
        dependencies=_dependencies(_given(predicate, "materials", [])),
        invocation_id=text(spelled[0], "`buildInvocationId`") if spelled else "",
        started_on=_optional(metadata, "buildStartedOn"),
        finished_on=_optional(metadata, "buildFinishedOn"),
    )


def _given(plain: Mapping[str, object], key: str, otherwise: object) -> object:
    """A member, where it is there and not null: version 0.2 allows both for what is not known."""
    value = plain.get(key)
    return otherwise if value is None else value


def mapping(plain: object, what: str) -> Mapping[str, object]:
    if not isinstance(plain, dict):
        raise FormatError(f"`{what}` is missing or not an object")
    return plain


def _resource(resource: Resource) -> dict[str, object]:
    fields: dict[str, object] = {"uri": resource.uri, "digest": dict(resource.digests), "name": resource.name}
    return {key: value for key, value in fields.items() if value}


def _dependencies(plain: object) -> tuple[Resource, ...]:
    if not isinstance(plain, Sequence) or isinstance(plain, str) or len(plain) > MAX_DEPENDENCIES:
        raise FormatError("`resolvedDependencies` is not a list of bearable length")
    return tuple(_read_resource(mapping(item, "resolvedDependencies[]")) for item in plain)


def _read_resource(plain: Mapping[str, object]) -> Resource:
    digests = digest_set(plain["digest"], "a resolved dependency") if plain.get("digest") else ()
    return Resource(_optional(plain, "uri"), digests, _optional(plain, "name"))


def _optional(plain: Mapping[str, object], key: str) -> str:
    value = plain.get(key, "")
    return text(value, f"`{key}`") if value != "" else ""
