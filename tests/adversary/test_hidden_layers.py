"""Nothing of an image hides behind its links, its deletions or what it says of itself, and no few bytes fill memory."""

import gzip
import io
import tarfile
from collections.abc import Mapping

import pytest

from support import oci_images as oci
from support.oci_images import Entry, Link, stanza, wheel_metadata
from tidegate.errors import FormatError
from tidegate.formats import archive_names, archives
from tidegate.formats.images import view
from tidegate.formats.images.content import content
from tidegate.model.inventory import Content
from tidegate.model.release import ArtifactKind

STATUS = "var/lib/dpkg/status"
META = "opt/app/jinja2-2.4.1.dist-info/METADATA"
UNREAD = "package-database-unread"
BASE: dict[str, Entry] = {"etc/os-release": oci.DEBIAN, STATUS: oci.status(stanza("bash", "5.2.15-2"))}
APP: dict[str, Entry] = {META: wheel_metadata("Jinja2", "2.4.1")}
JINJA = "pkg:pypi/jinja2@2.4.1"


def of(*layers: Mapping[str, Entry] | bytes) -> Content:
    built = oci.image(*layers)
    return content("app", io.BytesIO(built.raw), built.opener(), "sha1")


def purls(seen: Content) -> list[str]:
    return [packed.package.purl for packed in seen.packages]


def rules(seen: Content) -> set[str]:
    return {problem.rule for problem in seen.problems}


@pytest.mark.parametrize(
    "last",
    [
        {"x/.wh.jinja2-2.4.1.dist-info": b""},
        {"x/.wh..wh..opq": b""},
        {"x/jinja2-2.4.1.dist-info/METADATA": b"nothing"},
        {"x/jinja2-2.4.1.dist-info": b"nothing"},
    ],
)
def test_what_a_layer_does_behind_a_link_of_another_hides_nothing(last: dict[str, Entry]) -> None:
    """A runtime with overlays puts a folder in the link's place, and leaves alone what the link led to."""
    assert JINJA in purls(of(BASE | APP, {"x": Link("/opt/app")}, last))


def test_a_package_brought_behind_a_link_onto_a_folder_shows() -> None:
    seen = of(BASE, {"opt/app/a.egg-info/x": b""}, {"x": Link("/opt/app")}, {"x/a.egg-info": wheel_metadata("a", "1")})
    assert "pkg:pypi/a@1" in purls(seen)


def test_what_is_really_deleted_does_not_show() -> None:
    assert JINJA not in purls(of(BASE | APP, {"opt/app/.wh.jinja2-2.4.1.dist-info": b""}))
    assert JINJA not in purls(of(BASE | APP, {"opt/.wh..wh..opq": b""}))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (BASE, {"var/lib/dpkg/.wh.status": b"", "etc/os-release": b"ID=scratch\n"}),
        (BASE, {"var/.wh.lib": b"", "etc/.wh.os-release": b""}),
        ({"var/lib/dpkg/status.d/bash": oci.status(stanza("bash", "5"))}, {"var/lib/.wh.dpkg": b""}),
        ({"lib/apk/db/installed": b"P:openssl\nV:1\n\n"}, {"lib/apk/.wh..wh..opq": b""}),
        ({"var/lib/rpm/rpmdb.sqlite": b"x"}, {"var/lib/.wh.rpm": b""}),
    ],
)
def test_a_database_that_is_deleted_is_said_whatever_the_system_calls_itself(
    first: dict[str, Entry], last: dict[str, Entry]
) -> None:
    assert rules(of(first, last)) == {UNREAD}


def test_a_database_that_lists_nothing_is_none() -> None:
    assert rules(of({"etc/os-release": oci.DEBIAN, STATUS: b""})) == {UNREAD}
    gone = oci.status(stanza("bash", "5", status="deinstall ok config-files"))
    assert rules(of({"etc/os-release": oci.DEBIAN, STATUS: gone})) == {UNREAD}


@pytest.mark.parametrize(
    ("said", "version", "fits"),
    [
        (oci.DEBIAN, "12.4+deb12u11", True),
        (oci.DEBIAN, "11.1+deb11u9", False),
        (oci.DEBIAN, "12ubuntu4.7", False),
        (b"ID=debian\nVERSION_ID=9\n", "12.4+deb12u11", False),
        (oci.UBUNTU, "12ubuntu4.7", True),
        (oci.UBUNTU, "12.4+deb12u11", False),
        (b"ID=debian\nVERSION_ID=9\n", "x", True),
    ],
)
def test_a_system_that_calls_itself_another_release_than_its_packages_is_said(
    said: bytes, version: str, fits: bool
) -> None:
    seen = of({"etc/os-release": said, STATUS: oci.status(stanza("base-files", version))})
    assert (rules(seen) == set()) is fits


@pytest.mark.parametrize(("version", "fits"), [("3.20.3-r0", True), ("3.18.1-r0", False)])
def test_the_same_of_alpine(version: str, fits: bool) -> None:
    db = f"P:alpine-release\nV:{version}\n\n".encode()
    seen = of({"etc/os-release": oci.ALPINE, "lib/apk/db/installed": db})
    assert (rules(seen) == set()) is fits


def deep(count: int) -> bytes:
    """So many empty files, each in a hundred folders of its own."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for number in range(count):
            archive.addfile(tarfile.TarInfo(f"demo-1.0/{number:06}/" + "a/" * 100 + "f"))
    return out.getvalue()


def test_folders_without_end_are_refused_before_they_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_names, "MAX_FOLDERS", 5_000)
    monkeypatch.setattr(view, "MAX_FOLDERS", 5_000)
    raw = deep(60)
    with pytest.raises(FormatError, match="folders"):
        archives.content("demo-1.0.tar.gz", ArtifactKind.SDIST, io.BytesIO(gzip.compress(raw)))
    seen = of(raw)
    assert rules(seen) == {"image-unlisted"}
    assert (
        len(archives.content("demo-1.0.tar.gz", ArtifactKind.SDIST, io.BytesIO(gzip.compress(deep(40)))).members) == 40
    )
