"""A simple verification result names the properties a verifier found (in-toto attestation framework, "SVR" v0.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tidegate.errors import FormatError
from tidegate.formats.intoto import digest_set, moment, text
from tidegate.formats.slsa import mapping

SVR_V02 = "https://in-toto.io/attestation/svr/v0.2"
MAX_PROPERTIES = 100
MAX_POLICIES = 100


@dataclass(frozen=True, slots=True)
class Applied:
    """One policy the verifier applied."""

    uri: str
    digests: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A verification result. `time_created` is aware and in UTC; `properties` are all that was found to hold."""

    verifier_id: str
    time_created: datetime
    properties: tuple[str, ...]
    policies: tuple[Applied, ...] = ()


def build(result: Result) -> dict[str, object]:
    """The predicate as JSON data."""
    policies = [{"uri": each.uri, "digest": dict(each.digests)} for each in result.policies]
    return {
        "verifier": {"id": result.verifier_id, "policies": policies},
        "timeCreated": result.time_created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "properties": list(result.properties),
    }


def parse(predicate: Mapping[str, object]) -> Result:
    """Read a predicate. Raises FormatError when a required field is missing or of the wrong type."""
    verifier = mapping(predicate.get("verifier"), "verifier")
    return Result(
        verifier_id=text(verifier.get("id"), "`verifier.id`"),
        time_created=moment(predicate.get("timeCreated"), "`timeCreated`"),
        properties=tuple(
            text(item, "an item of `properties`") for item in _list(predicate, "properties", MAX_PROPERTIES)
        ),
        policies=tuple(
            _applied(mapping(item, "verifier.policies[]"))
            for item in (_list(verifier, "policies", MAX_POLICIES) if "policies" in verifier else [])
        ),
    )


def _list(plain: Mapping[str, object], key: str, limit: int) -> list[object]:
    value = plain.get(key)
    if not isinstance(value, list) or len(value) > limit:
        raise FormatError(f"`{key}` is missing or not a list of bearable length")
    return value


def _applied(plain: Mapping[str, object]) -> Applied:
    digests = digest_set(plain["digest"], "a policy") if plain.get("digest") else ()
    return Applied(text(plain.get("uri"), "a policy's `uri`"), digests)
