"""An image is read layer by layer: what shows is told from what lies below, and nothing hostile stays unsaid."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import oci_images as oci
from support.oci_images import Built, Entry, Link, Special, stanza, wheel_metadata
from tidegate.errors import FormatError
from tidegate.formats import archives, unpacking
from tidegate.formats.images import layer as layers
from tidegate.formats.images.content import content
from tidegate.formats.images.layer import Budget
from tidegate.formats.oci import Descriptor
from tidegate.model.digest import Digest
from tidegate.model.inventory import Content
from tidegate.model.release import ArtifactKind

META = "opt/app/jinja2-2.4.1.dist-info/METADATA"
STATUS = "var/lib/dpkg/status"
BASE: dict[str, Entry] = {"etc/os-release": oci.DEBIAN, STATUS: oci.status(stanza("bash", "5.2.15-2"))}


def read(built: Built) -> Content:
    return content("app", io.BytesIO(built.raw), built.opener(), "sha1")


def of(*layers_: bytes | Mapping[str, Entry]) -> Content:
    return read(oci.image(*layers_))


def purls(seen: Content) -> list[str]:
    return [packed.package.purl for packed in seen.packages]


def below(seen: Content) -> list[str]:
    return [packed.package.purl for packed in seen.below]


def rules(seen: Content) -> set[str]:
    return {problem.rule for problem in seen.problems}


def jinja(version: str = "2.4.1") -> bytes:
    return wheel_metadata("Jinja2", version)


def test_packages_of_the_system_and_of_languages_are_found_each_with_its_layer() -> None:
    built = oci.image(BASE, {META: jinja()})
    seen = read(built)
    first, second = [layer["digest"] for layer in json.loads(built.raw)["layers"]]
    assert {(packed.package.purl, packed.path, packed.layer) for packed in seen.packages} == {
        ("pkg:deb/debian/bash@5.2.15-2", STATUS, first),
        ("pkg:pypi/jinja2@2.4.1", META, second),
    }
    assert not seen.problems
    assert [(str(layer.digest), layer.platforms, layer.files, layer.read) for layer in seen.layers] == [
        (first, ("linux/amd64",), 2, True),
        (second, ("linux/amd64",), 1, True),
    ]
    assert {member.layer for member in seen.members} == {first, second}
    assert all(len(member.blob) == 40 for member in seen.members)


@pytest.mark.parametrize(
    "later",
    [
        {"opt/app/.wh.jinja2-2.4.1.dist-info": b""},
        {"opt/.wh.app": b""},
        {"opt/app/.wh..wh..opq": b""},
        {"opt/app": b"now a file"},
        {"opt/app/jinja2-2.4.1.dist-info/.wh.METADATA": b""},
    ],
)
def test_what_a_later_layer_deletes_lies_below_and_does_not_show(later: dict[str, Entry]) -> None:
    seen = of({META: jinja()}, later)
    assert purls(seen) == []
    assert below(seen) == ["pkg:pypi/jinja2@2.4.1"]
    assert not seen.problems


def test_what_a_layer_brings_itself_is_not_emptied_by_it() -> None:
    seen = of({"opt/old": b""}, {"opt/.wh..wh..opq": b"", META: jinja()})
    assert purls(seen) == ["pkg:pypi/jinja2@2.4.1"]


def test_a_replaced_record_counts_as_its_last_version() -> None:
    other = "opt/app/jinja2-3.dist-info/METADATA"
    seen = of({META: jinja(), other: jinja("3.0")}, {META: jinja("2.9")}, {other: jinja("3.0")})
    assert purls(seen) == ["pkg:pypi/jinja2@2.9", "pkg:pypi/jinja2@3.0"]
    assert below(seen) == ["pkg:pypi/jinja2@2.4.1"], "the same package again is not also below"


def test_an_upgraded_system_package_lies_below_at_its_old_version() -> None:
    seen = of(BASE, {STATUS: oci.status(stanza("bash", "5.2.15-3"))})
    assert purls(seen) == ["pkg:deb/debian/bash@5.2.15-3"]
    assert below(seen) == ["pkg:deb/debian/bash@5.2.15-2"]


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        ([("a/.wh.b", b""), ("a/b", b"x")], "is deleted by the layer that brings it"),
        ([("a/b", b"x"), ("a/.wh.b", b"")], "which its own layer brings"),
        ([("a", b"1"), ("a", b"2")], "is there twice"),
        ([("../../etc/passwd", b"x")], "climbs out of its folder"),
        ([("up", Link("/etc")), ("up/passwd", b"x")], "lies behind a link of its own layer"),
        ([("dev/sda", Special(tarfile.BLKTYPE))], "is a block device"),
        ([("dev/null", Special(tarfile.CHRTYPE))], "is a character device"),
        ([("run/pipe", Special(tarfile.FIFOTYPE))], "is a pipe"),
        ([("a", Link("nowhere", hard=True))], "is a hard link to something that is no earlier file"),
        ([("a/.wh...", b"")], "is a whiteout of nothing"),
        ([("a/.wh.", b"")], "is a whiteout of nothing"),
        ([(".wh..wh.plnk", b"")], "has a name that is reserved"),
        ([("a", None), ("a", b"x")], "is both a file and a folder"),
    ],
)
def test_tricks_with_names_are_named(layer: list[tuple[str, Entry]], says: str) -> None:
    seen = of(oci.tar(layer))
    assert any(problem.rule == "archive-hostile" and says in problem.message for problem in seen.problems)


def test_what_is_ordinary_in_an_image_is_no_finding() -> None:
    odd: list[tuple[str, Entry]] = [
        ("./", None),
        ("./etc/alternatives/awk", Link("/usr/bin/mawk")),
        ("./lib", Link("usr/lib")),
        ("./usr/lib/os", Link("../../../../etc/os")),
        ("./usr/share/terminfo/N", b"1"),
        ("./usr/share/terminfo/n", b"2"),
        ("./lib2/systemd/system-systemd\\x2dcryptsetup.slice", b""),
        ("./usr/bin/perl", b"p"),
        ("./usr/bin/perl5.36", Link("./usr/bin/perl", hard=True)),
        ("./run/", None),
        ("./run/", None),
    ]
    assert of(oci.tar(odd)).problems == ()
    assert of(b"\0" * 1024).problems == (), "builders write an empty layer for a step that changes nothing"


def test_a_layer_that_ends_right_behind_its_last_file_is_read_as_runtimes_read_it() -> None:
    data = oci.tar({META: jinja()})[: 512 + len(jinja())]
    assert purls(of(data)) == ["pkg:pypi/jinja2@2.4.1"]
    assert rules(of(data[:-1])) == {"layer-unread"}
    with pytest.raises(FormatError):
        list(archives.members(io.BytesIO(data), ArtifactKind.TAR))


def test_a_record_behind_a_hard_link_is_read_and_stays_when_its_first_name_goes() -> None:
    layer: list[tuple[str, Entry]] = [("cache/v0/ab12", jinja()), (META, Link("cache/v0/ab12", hard=True))]
    seen = of(oci.tar(layer), {"cache/.wh.v0": b""})
    assert purls(seen) == ["pkg:pypi/jinja2@2.4.1"]


def test_a_record_that_is_a_link_to_no_record_is_said() -> None:
    seen = of({META: Link("/data/x"), "data/x": jinja()})
    assert rules(seen) == {"package-unread"}
    assert purls(seen) == []


def test_a_database_behind_a_link_is_said_and_not_passed_over() -> None:
    hidden: dict[str, Entry] = {
        "etc/os-release": oci.DEBIAN,
        "opt/x/status": BASE[STATUS],
        "var/lib/dpkg": Link("/opt/x"),
    }
    assert "package-database-unread" in rules(of(hidden))


def test_a_system_without_its_database_is_said() -> None:
    assert "package-database-unread" in rules(of({"etc/os-release": oci.DEBIAN}))
    assert "package-database-unread" in rules(of(BASE, {"var/lib/.wh.dpkg": b""}))
    assert rules(of({"usr/bin/app": b"x"})) == set(), "an image of one program has no system"


@pytest.mark.parametrize(
    "path", ["var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/Packages.db", "var/lib/pacman/local/ALPM_DB_VERSION"]
)
def test_databases_that_are_not_read_are_said(path: str) -> None:
    assert "package-database-unread" in rules(of({path: b"x"}))


def test_alpine_through_the_link_of_its_lib_folder() -> None:
    db = b"C:Q1x=\nP:libssl3\nV:3.1.0-r0\no:openssl\nL:Apache-2.0\nF:lib\nR:x.so\nZ:Q1qqqqqqqqqqqqqqqqqqqqqqqqqqo=\n\n"
    one: dict[str, Entry] = {"etc/os-release": oci.ALPINE, "lib": Link("usr/lib")}
    seen = of(one, {"usr/lib/apk/db/installed": db})
    (packed,) = seen.packages
    assert packed.package.ecosystem == "Alpine:v3.20"
    assert packed.package.purl == "pkg:apk/alpine/libssl3@3.1.0-r0"
    assert packed.origin is not None
    assert packed.origin.name == "openssl"


def test_a_library_the_distribution_brought_is_part_of_its_package() -> None:
    path = "usr/lib/python3/dist-packages/jinja2-2.4.1.egg-info/PKG-INFO"
    sums = f"{hashlib.md5(jinja(), usedforsecurity=False).hexdigest()}  {path}\n".encode()
    listed = {STATUS: oci.status(stanza("bash", "5.2.15-2"), stanza("python3-jinja2", "2.4.1-1"))}
    listed["var/lib/dpkg/info/python3-jinja2.md5sums"] = sums
    seen = of({**BASE, **listed, path: jinja()})
    assert purls(seen) == ["pkg:deb/debian/bash@5.2.15-2", "pkg:deb/debian/python3-jinja2@2.4.1-1"]
    changed = of({**BASE, **listed, path: jinja("2.4.2")})
    assert "pkg:pypi/jinja2@2.4.2" in purls(changed), "what was changed since is no longer what it brought"


def test_every_platform_is_read_and_shared_layers_once() -> None:
    built = oci.image({"etc/os-release": oci.DEBIAN, STATUS: BASE[STATUS]})
    one = oci.listed(built)
    two = oci.listed(oci.image(BASE, {META: jinja()}, built=built, platform=("linux", "arm64")), "linux/arm64")
    seen = read(oci.index(built, one, two))
    assert purls(seen) == ["pkg:pypi/jinja2@2.4.1", "pkg:deb/debian/bash@5.2.15-2"]
    assert [layer.platforms for layer in seen.layers] == [("linux/amd64", "linux/arm64"), ("linux/arm64",)]


def attestation(built: Built, kind: str = oci.IN_TOTO) -> dict[str, object]:
    config = built.add(json.dumps({"os": "unknown", "architecture": "unknown", "rootfs": {"type": "layers"}}).encode())
    oci.manifest(built, config | {"mediaType": oci.CONFIG}, [built.add(b"{}", kind)])
    return oci.listed(built, "unknown/unknown", **{"vnd.docker.reference.type": "attestation-manifest"})


def test_attestations_of_a_builder_are_skipped_and_only_those() -> None:
    built = oci.image({META: jinja()})
    image = oci.listed(built)
    seen = read(oci.index(built, image, attestation(built)))
    assert purls(seen) == ["pkg:pypi/jinja2@2.4.1"]
    assert not seen.problems
    hidden = read(oci.index(built, image, attestation(built, oci.GZIP)))
    assert "image-malformed" in rules(hidden), "a layer is read, whatever its manifest is called"


def test_a_blob_that_is_missing_or_another_is_named() -> None:
    built = oci.image(BASE, {META: jinja()})
    del built.blobs[json.loads(built.raw)["layers"][1]["digest"]]
    seen = read(built)
    assert rules(seen) == {"blob-missing"}
    assert [layer.read for layer in seen.layers] == [True, False]
    assert purls(seen) == ["pkg:deb/debian/bash@5.2.15-2"], "what could be read stands"


def test_a_layer_that_is_not_what_the_configuration_lists_is_named() -> None:
    assert "image-malformed" in rules(read(oci.image(BASE, diff_ids=["sha256:" + "0" * 64])))
    assert "image-malformed" in rules(read(oci.image(BASE, diff_ids=[])))


@pytest.mark.parametrize(
    "kind",
    [
        f"{oci.LAYER}+zstd",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.example.thing",
    ],
)
def test_layers_of_other_kinds_are_not_read_and_that_is_said(kind: str) -> None:
    seen = read(oci.image(BASE, {META: jinja()}, kinds=[oci.GZIP, kind]))
    assert "layer-unread" in rules(seen)
    assert [layer.read for layer in seen.layers] == [True, False]


@pytest.mark.parametrize("data", [b"x" * 600, b"\x28\xb5\x2f\xfdxxxx", b"BZh91AY&SY", gzip.compress(b"no tar" * 200)])
def test_a_layer_that_is_no_layer_is_not_read_and_that_is_said(data: bytes) -> None:
    assert "layer-unread" in rules(read(oci.image(data, kinds=[oci.LAYER])))


def test_a_bomb_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "FREE_SIZE", 1 << 20)
    seen = of(oci.tar({"big": b"\0" * (4 << 20)}))
    assert any(problem.rule == "layer-unread" and "bomb" in problem.message for problem in seen.problems)
    assert [layer.read for layer in seen.layers] == [False]


@pytest.mark.parametrize("budget", [Budget(data=4096), Budget(files=2)])
def test_all_layers_together_are_bounded(budget: Budget) -> None:
    data = oci.tar({"a": b"x" * 9000, "b": b"", "c": b""})
    item = Descriptor(oci.LAYER, Digest.of(data), len(data))
    layer = layers.read(item, None, lambda: io.BytesIO(data), budget)
    assert not layer.whole
    assert {problem.rule for problem in layer.problems} == {"layer-unread"}


def test_indexes_within_indexes_end() -> None:
    built = oci.image({META: jinja()})
    for _ in range(6):
        built = oci.index(built, oci.listed(built, kind=oci.INDEX if b'"manifests"' in built.raw else oci.MANIFEST))
    assert "image-malformed" in rules(read(built))
    crowd = oci.image({META: jinja()})
    many = [oci.listed(oci.image({"n": str(n).encode()}, built=crowd)) for n in range(40)]
    seen = read(oci.index(crowd, *many))
    assert any("more than 32 images" in problem.message for problem in seen.problems)


def test_ten_thousand_layers_are_a_finding() -> None:
    built = Built()
    layer = built.add(gzip.compress(oci.tar({"a": b""})), oci.GZIP)
    config = built.add(b"{}", oci.CONFIG)
    inner = oci.listed(oci.manifest(built, config, [layer] * 10_000))
    assert "image-malformed" in rules(read(oci.index(built, inner)))


def test_another_platform_than_the_index_says_is_a_finding() -> None:
    built = oci.image({META: jinja()}, platform=("linux", "arm64"))
    assert "image-malformed" in rules(read(oci.index(built, oci.listed(built, "linux/amd64"))))


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"rootfs": {}}', b"\xff", b'{"schemaVersion": 2, "manifests": []}'])
def test_a_document_that_is_no_image_is_listed_as_none(raw: bytes) -> None:
    seen = content("app", io.BytesIO(raw), Built().opener())
    assert "image-unlisted" in rules(seen)


def test_without_its_layers_an_image_is_unlisted() -> None:
    built = oci.image(BASE)
    seen = archives.content("app", ArtifactKind.IMAGE, io.BytesIO(built.raw))
    assert rules(seen) == {"image-unlisted"}


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_are_a_layer_or_a_problem(data: bytes) -> None:
    seen = read(oci.image(data, kinds=[oci.LAYER]))
    assert seen.layers[0].read or seen.problems


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 600))
def test_a_damaged_archive_never_raises(patch: bytes, at: int) -> None:
    data = bytearray(oci.tar({**BASE, META: jinja()}))
    data[at : at + len(patch)] = patch
    read(oci.image(bytes(data)))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=500))
def test_any_document_is_an_image_or_a_problem(raw: bytes) -> None:
    assert content("app", io.BytesIO(raw), Built().opener()).problems
