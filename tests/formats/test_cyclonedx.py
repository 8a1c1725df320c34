"""CycloneDX: the same content is the same bytes, valid, and other readers see what was meant."""

import itertools
import json
import re
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.model.bom import Bom as LibraryBom
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sboms import shuffled
from tidegate.errors import FormatError
from tidegate.formats.cyclonedx import render, validate
from tidegate.formats.sbom_model import Aggregate, Bom, Component, Composition, Download, Occurrence
from tidegate.model.digest import Digest

DATA = Path(__file__).parents[1] / "data" / "cyclonedx"


def digest(word: str) -> Digest:
    return Digest.of(word.encode())


def bom() -> Bom:
    part = Component("artifact:a.whl!/x.libs/y.so", "file", "x.libs/y.so", hashes=(digest("y"),))
    wheel = Component("artifact:a.whl", "file", "a.whl", "1.0", hashes=(digest("w"),), parts=(part,), licence="MIT")
    alpha = Component(
        "pkg:pypi/alpha@1.2",
        "library",
        "alpha",
        "1.2",
        purl="pkg:pypi/alpha@1.2",
        licence="Apache-2.0 or mit",
        scope="required",
        hashes=(digest("alpha"),),
        downloads=(Download("https://packages.example/a.whl", (digest("alpha"), Digest("sha512", "0" * 128))),),
        occurrences=(Occurrence("uv.lock", 3), Occurrence("a/uv.lock")),
        properties=(("tidegate:group", "b"), ("tidegate:group", "a")),
    )
    scoped = Component("pkg:npm/%40x/y@1", "library", "y", "1", group="@x", purl="pkg:npm/%40x/y@1", licence="see file")
    return Bom(
        root=Component("release:demo", "application", "demo", "1.0", purl="pkg:pypi/demo@1.0", hashes=(digest("w"),)),
        components=(wheel, alpha, scoped),
        edges=(
            ("release:demo", ("pkg:pypi/alpha@1.2", "artifact:a.whl")),
            ("pkg:pypi/alpha@1.2", ("pkg:npm/%40x/y@1",)),
            ("pkg:npm/%40x/y@1", ()),
            ("artifact:a.whl", ()),
        ),
        compositions=(
            Composition(Aggregate.UNKNOWN, assemblies=("artifact:a.whl",)),
            Composition(Aggregate.COMPLETE, dependencies=("release:demo", "pkg:pypi/alpha@1.2")),
        ),
        tool_version="0.1.0",
        timestamp="2026-01-02T03:04:05Z",
    )


def test_what_is_written_is_valid() -> None:
    validate(render(bom()))


@settings(max_examples=30, deadline=None)
@given(st.integers())
def test_order_of_input_does_not_matter(seed: int) -> None:
    assert render(shuffled(bom(), seed)) == render(bom())


def test_the_serial_number_follows_the_content() -> None:
    first, second = json.loads(render(bom())), json.loads(render(replace(bom(), timestamp="")))
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{14}5[0-9a-f-]{21}", first["serialNumber"])
    assert first["serialNumber"] != second["serialNumber"]
    assert "timestamp" not in second["metadata"]
    assert json.loads(render(bom()))["serialNumber"] == first["serialNumber"]


def test_another_reader_reads_the_same() -> None:
    written = json.loads(render(bom()))
    read = LibraryBom.from_json(written)  # type: ignore[attr-defined]
    assert str(read.serial_number) == written["serialNumber"].removeprefix("urn:uuid:")
    assert read.metadata.component.name == "demo"
    assert {h.content for h in read.metadata.component.hashes} == {digest("w").value}
    components = {str(each.bom_ref): each for each in read.components}
    assert set(components) == {"artifact:a.whl", "pkg:pypi/alpha@1.2", "pkg:npm/%40x/y@1"}
    assert {str(part.bom_ref) for part in components["artifact:a.whl"].components} == {"artifact:a.whl!/x.libs/y.so"}
    alpha = components["pkg:pypi/alpha@1.2"]
    assert str(alpha.purl) == "pkg:pypi/alpha@1.2"
    assert [each.value for each in alpha.licenses] == ["Apache-2.0 OR MIT"]
    assert {h.content for ref in alpha.external_references for h in ref.hashes} == {digest("alpha").value, "0" * 128}
    assert {(o.location, o.line) for o in alpha.evidence.occurrences} == {("uv.lock", 3), ("a/uv.lock", None)}
    graph = {str(d.ref): {str(to.ref) for to in d.dependencies} for d in read.dependencies}
    assert graph == {ref: set(to) for ref, to in bom().edges}
    assert [tool.name for tool in read.metadata.tools.components] == ["tidegate"]


def test_words_that_are_no_licence_expression_stay_words() -> None:
    (scoped,) = [each for each in json.loads(render(bom()))["components"] if each["name"] == "y"]
    assert scoped["licenses"] == [{"license": {"name": "see file", "acknowledgement": "declared"}}]
    assert scoped["group"] == "@x"


@pytest.mark.parametrize("text", ["\udcff.py", "a\x00b", "\x1b[31m", "é\u202e", "x" * 5000, '"quoted"\n'])
def test_odd_names_do_not_break_the_document(text: str) -> None:
    odd = replace(bom(), components=(Component("odd:" + text, "file", text, properties=((text, text),), licence=text),))
    edges = (("odd:" + text, ()), ("release:demo", ("odd:" + text,)))
    written = render(replace(odd, edges=edges, compositions=()))
    written.encode()
    validate(written)


def sample(kind: str) -> list[Path]:
    paths = sorted(DATA.glob(f"{kind}-*.json"))
    assert len(paths) == 5
    return paths


@pytest.mark.parametrize("path", sample("valid"), ids=lambda path: path.stem)
def test_the_specification_s_valid_documents_are_accepted(path: Path) -> None:
    validate(path.read_bytes())


@pytest.mark.parametrize("path", sample("invalid"), ids=lambda path: path.stem)
def test_the_specification_s_invalid_documents_are_refused(path: Path) -> None:
    with pytest.raises(FormatError, match="not valid CycloneDX: /"):
        validate(path.read_bytes())


def changed(**more: object) -> str:
    return json.dumps(json.loads(render(bom())) | more)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{}",
        "nonsense",
        '{"bomFormat": "CycloneDX"}',
        '{"bomFormat": "CycloneDX", "specVersion": "1.1"}',
        '{"bomFormat": "CycloneDX", "specVersion": ["1.6"]}',
        '{"bomFormat": "CycloneDX", "bomFormat": "CycloneDX", "specVersion": "1.6"}',
        "[" * 10_000,
        changed(version=0),
        changed(surprise=True),
        changed(components=[{"type": "library"}]),
        changed(dependencies=[{"ref": "nowhere"}]),
        changed(dependencies=[{"ref": "release:demo", "dependsOn": ["nowhere"]}]),
        changed(compositions=[{"aggregate": "complete", "assemblies": ["nowhere"]}]),
        changed(components=[{"type": "file", "name": n, "bom-ref": "twice"} for n in "ab"], dependencies=[]),
        b"\xff",
    ],
)
def test_what_is_not_valid_is_refused(document: str | bytes) -> None:
    with pytest.raises(FormatError):
        validate(document)


def test_errors_are_named_with_their_place_and_bounded() -> None:
    broken = json.loads(render(bom()))
    broken["components"] = [{"type": "nothing", "name": str(i)} for i in range(50)]
    broken["dependencies"] = broken["compositions"] = []
    with pytest.raises(FormatError) as caught:
        validate(json.dumps(broken))
    assert "/components/0/type" in caught.value.message
    assert len(caught.value.message) < 2000


def test_validation_never_reaches_for_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for version in ("1.4", "1.5", "1.6", "1.7"):
        validate(json.dumps({"bomFormat": "CycloneDX", "specVersion": version, "version": 1}))


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda t: st.lists(t) | st.dictionaries(st.text(max_size=5), t),
        max_leaves=10,
    )
)
def test_any_foreign_part_is_refused_or_accepted_without_a_crash(tree: Any) -> None:
    keys = itertools.cycle(["components", "dependencies", "compositions", "metadata"])
    for key in itertools.islice(keys, 4):
        try:
            validate(changed(**{key: tree}))
        except FormatError as error:
            message = error.message
            assert message
