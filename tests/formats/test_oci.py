"""References, manifests and descriptors are read strictly, or refused."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError, UserError
from tidegate.formats import oci
from tidegate.model.digest import Digest

SHA = "sha256:" + "a" * 64
LAYER = {"mediaType": "application/x", "digest": SHA, "size": 3}


def manifest(**changes: Any) -> bytes:
    plain: dict[str, Any] = {"schemaVersion": 2, "mediaType": oci.IMAGE, "config": LAYER, "layers": [LAYER]}
    plain |= changes
    return json.dumps({key: value for key, value in plain.items() if value is not None}).encode()


@pytest.mark.parametrize(
    ("text", "host", "name", "wanted"),
    [
        ("oci://registry.example/acme/app:1.0", "registry.example", "acme/app", "1.0"),
        ("registry.example:5000/app:v_1.2-3", "registry.example:5000", "app", "v_1.2-3"),
        (f"oci://Registry.Example/a/b/c@{SHA}", "registry.example", "a/b/c", SHA),
        (f"oci://localhost:5000/a__b/c--d:tag@{SHA}", "localhost:5000", "a__b/c--d", SHA),
        ("oci://[::1]:5000/app:1", "[::1]:5000", "app", "1"),
    ],
)
def test_a_reference_is_read_and_a_digest_wins_over_a_tag(text: str, host: str, name: str, wanted: str) -> None:
    found = oci.reference(text)
    assert (found.host, found.name, found.wanted) == (host, name, wanted)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "oci://",
        "app:1.0",
        "oci://registry.example/app",
        "oci://registry.example/App:1",
        "oci://registry.example/../app:1",
        "oci://registry.example/a//b:1",
        "oci://user@registry.example/app:1",
        "oci://registry.example/app:1@sha256:abc",
        f"oci://registry.example/app@sha512:{'a' * 128}",
        "oci://registry.example/app:a b",
        "oci://registry.example/app:" + "a" * 129,
        "oci://registry.example/app:1?x=1",
        "oci://registry.example\\@evil.example/app:1",
        "https://registry.example/app:1",
    ],
)
def test_what_is_no_exact_reference_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        oci.reference(text)


def test_a_manifest_and_an_index_are_read() -> None:
    found = oci.parse(manifest(subject=LAYER, artifactType="application/y", annotations={"a": "b"}), oci.IMAGE)
    assert found.subject is not None
    assert found.subject.digest == Digest.parse(SHA)
    assert (found.artifact_type, found.layers[0].size, found.annotations) == ("application/y", 3, (("a", "b"),))
    assert found.digest == Digest.of(found.raw)
    listed = oci.parse(oci.index((found.descriptor,)))
    assert listed.manifests == (found.descriptor,)


@pytest.mark.parametrize(
    "changes",
    [
        {"manifests": [LAYER]},
        {"mediaType": oci.INDEX},
        {"mediaType": "application/vnd.docker.distribution.manifest.v1+prettyjws"},
        {"mediaType": 7},
        {"schemaVersion": 1},
        {"schemaVersion": True},
        {"schemaVersion": None},
        {"layers": None, "config": None},
        {"layers": {}},
        {"layers": [LAYER] * 501},
        {"layers": [{**LAYER, "size": -1}]},
        {"layers": [{**LAYER, "size": True}]},
        {"layers": [{**LAYER, "size": 1e3}]},
        {"layers": [{**LAYER, "digest": SHA.upper()}]},
        {"layers": [{**LAYER, "digest": "md5:" + "a" * 32}]},
        {"layers": [{**LAYER, "mediaType": "text"}]},
        {"subject": "x"},
        {"annotations": {"a": 1}},
        {"artifactType": 1},
    ],
)
def test_a_manifest_that_two_readers_could_read_differently_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        oci.parse(manifest(**changes), oci.IMAGE if "mediaType" not in changes else "")


def test_a_manifest_called_another_type_by_its_registry_is_refused() -> None:
    with pytest.raises(FormatError, match="calls itself"):
        oci.parse(manifest(), oci.DOCKER_IMAGE)


@given(st.binary(max_size=200) | st.from_regex(rb'\{"schemaVersion":2,"[a-z]{1,8}":.{0,20}\}'))
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_a_manifest_or_a_format_error(raw: bytes) -> None:
    with contextlib.suppress(FormatError):
        oci.parse(raw)


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_a_reference_or_a_user_error(text: str) -> None:
    with contextlib.suppress(UserError):
        assert oci.reference(f"oci://registry.example/{text}").host == "registry.example"
