"""No package of an image is unheard of because a list was edited, and no database keeps a reader busy."""

import base64
import hashlib
import io
import time
from collections.abc import Mapping

import pytest

from support import oci_images as oci
from support.oci_images import Entry, Link, stanza, wheel_metadata
from tidegate.errors import FormatError
from tidegate.formats.images import apk, dpkg
from tidegate.formats.images.content import content
from tidegate.model.inventory import Content

STATUS, INFO, APK = "var/lib/dpkg/status", "var/lib/dpkg/info", "lib/apk/db/installed"
UNREAD = "package-database-unread"
BASH, OPENSSL = stanza("bash", "5.2.15-2"), stanza("openssl", "3.0.11-1")
JINJA = wheel_metadata("Jinja2", "2.4.1")
VULNERABLE = "pkg:pypi/jinja2@2.4.1"
DEBIAN: dict[str, Entry] = {
    "etc/os-release": oci.DEBIAN,
    STATUS: oci.status(BASH, OPENSSL),
    f"{INFO}/bash.md5sums": b"0" * 32 + b"  bin/bash\n",
    f"{INFO}/openssl:amd64.md5sums": b"0" * 32 + b"  usr/bin/openssl\n",
}


def of(*layers: Mapping[str, Entry]) -> Content:
    built = oci.image(*layers)
    return content("app", io.BytesIO(built.raw), built.opener(), "sha1")


def rules(seen: Content) -> list[str]:
    return [problem.rule for problem in seen.problems]


def purls(seen: Content) -> list[str]:
    return [packed.package.purl for packed in seen.packages]


def md5(data: bytes, path: str) -> bytes:
    return f"{hashlib.md5(data, usedforsecurity=False).hexdigest()}  {path}\n".encode()


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("opt/app/jinja2-2.4.1.dist-info/METADATA", "bash"),
        ("usr/local/lib/python3.12/site-packages/jinja2-2.4.1.dist-info/METADATA", "bash"),
        ("usr/lib/python3/dist-packages/jinja2-2.4.1.dist-info/METADATA", "nobody"),
    ],
)
def test_a_line_among_the_sums_of_a_distribution_hides_no_package(path: str, owner: str) -> None:
    layer = {**DEBIAN, path: JINJA, f"{INFO}/{owner}.md5sums": md5(JINJA, path)}
    assert VULNERABLE in purls(of(layer))


def test_sums_that_were_deleted_hide_no_package() -> None:
    path = "usr/lib/python3/dist-packages/jinja2-2.4.1.dist-info/METADATA"
    layer = {**DEBIAN, path: JINJA, f"{INFO}/bash.md5sums": md5(JINJA, path)}
    assert VULNERABLE not in purls(of(layer)), "as long as it is there, it is the distribution's"
    assert VULNERABLE in purls(of(layer, {f"{INFO}/.wh.bash.md5sums": b""}))


def test_the_sums_of_apk_hide_no_package_elsewhere() -> None:
    sha1 = base64.b64encode(hashlib.sha1(JINJA, usedforsecurity=False).digest()).decode()
    folder = "opt/app/jinja2-2.4.1.dist-info"
    base = f"P:musl\nV:1.2\nF:{folder}\nR:METADATA\nZ:Q1{sha1}\n\n".encode()
    assert VULNERABLE in purls(of({"etc/os-release": oci.ALPINE, APK: base, f"{folder}/METADATA": JINJA}))


def test_an_honest_system_of_several_layers_has_no_problem() -> None:
    newer = oci.status(BASH, stanza("openssl", "3.0.17-1"))
    upgrade = {STATUS: newer, f"{INFO}/openssl:amd64.md5sums": b"1" * 32 + b"  usr/bin/openssl\n"}
    removal = {STATUS: oci.status(BASH), f"{INFO}/.wh.openssl:amd64.md5sums": b""}
    left = {**removal, STATUS: oci.status(BASH, stanza("openssl", "3.0.11-1", status="deinstall ok config-files"))}
    for last in ({}, upgrade, removal, left):
        assert rules(of(DEBIAN, last)) == []


@pytest.mark.parametrize(
    "status",
    [
        oci.status(BASH),
        oci.status(BASH, stanza("openssl", "3.0.11-1", status="deinstall ok config-files")),
        oci.status(BASH, stanza("openssl", "3.0.17-1")),
    ],
)
def test_a_database_that_was_only_edited_is_said(status: bytes) -> None:
    """The package is still there: unlisted, said to be removed, or said to be a version that has no advisory."""
    seen = of(DEBIAN, {STATUS: status})
    assert [(problem.rule, problem.about) for problem in seen.problems] == [(UNREAD, f"{INFO}/openssl:amd64.md5sums")]


def test_the_same_in_one_layer_and_without_a_status_of_its_own() -> None:
    assert rules(of({**DEBIAN, STATUS: oci.status(BASH)})) == [UNREAD]
    folder = "var/lib/dpkg/status.d"
    whole: dict[str, Entry] = {"etc/os-release": oci.DEBIAN, f"{folder}/libssl3": oci.status(stanza("libssl3", "3.0"))}
    assert rules(of({**whole, f"{folder}/libssl3.md5sums": b""})) == []
    assert rules(of({**whole, f"{folder}/openssl.md5sums": b""})) == [UNREAD]


def installed(*packages: tuple[str, str, str]) -> bytes:
    """Name, version and the one file of each."""
    rows = (f"P:{n}\nV:{v}\nF:{f.rpartition('/')[0]}\nR:{f.rpartition('/')[2]}\nZ:Q1AAAA\n" for n, v, f in packages)
    return "\n".join([*rows, ""]).encode()


MUSL, SSL = ("musl", "1.2.5-r0", "lib/ld-musl.so"), ("libssl3", "3.1.0-r0", "lib/libssl.so.3")
ALPINE: dict[str, Entry] = {
    "etc/os-release": oci.ALPINE,
    APK: installed(MUSL, SSL),
    "lib/ld-musl.so": b"1",
    "lib/libssl.so.3": b"1",
}


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ({APK: installed(MUSL)}, [UNREAD]),
        ({APK: installed(MUSL, ("libssl3", "3.3.9-r0", SSL[2]))}, [UNREAD]),
        ({APK: installed(MUSL), "lib/.wh.libssl.so.3": b""}, []),
        ({APK: installed(MUSL, ("libssl3", "3.3.9-r0", SSL[2])), SSL[2]: b"2"}, []),
        ({APK: installed(MUSL, ("openssl-compat", "1-r0", SSL[2]))}, [UNREAD]),
    ],
)
def test_what_apk_only_says_is_gone_is_said(last: dict[str, Entry], said: list[str]) -> None:
    assert rules(of(ALPINE, last)) == said


@pytest.mark.parametrize("path", ["etc/debian_version", "sbin/apk", "usr/bin/rpm"])
def test_a_system_without_any_database_is_said_whatever_it_calls_itself(path: str) -> None:
    assert rules(of({path: b"12.5\n", "etc/os-release": b"ID=scratch\n"})) == [UNREAD]
    assert rules(of({"srv/app": b"1"})) == []


@pytest.mark.parametrize("path", [STATUS, APK])
def test_a_database_that_lists_nothing_is_said_whatever_the_system_calls_itself(path: str) -> None:
    assert rules(of({path: b"", "etc/os-release": b"ID=scratch\n"})) == [UNREAD]


@pytest.mark.parametrize(
    "read",
    [
        lambda: dpkg.parse(b"Package: a\nVersion: 1\nDepends: b,\n" + b" c,\n" * 3_000_000, "Debian:12"),
        lambda: dpkg.parse(b"\n" * (60 << 20), "Debian:12"),
        lambda: dpkg.parse(b"Package: a\nVersion: 1\nDepends: b,\n" + b" c,\n" * 500_000, "Debian:12"),
        lambda: apk.parse(b"P:a\nV:1\n" + b"Z:\n" * 15_000_000, "Alpine:v3.20"),
    ],
)
def test_no_database_keeps_a_reader_busy(read: object) -> None:
    began = time.process_time()
    with pytest.raises(FormatError, match="more than"):
        read()  # type: ignore[operator]
    assert time.process_time() - began < 3


def test_many_packages_and_many_sums_are_compared_once() -> None:
    paths = [f"usr/lib/python3/dist-packages/p{number}-1.dist-info/METADATA" for number in range(1500)]
    found = {path: wheel_metadata(f"p{number}", "1") for number, path in enumerate(paths)}
    sums = b"".join(md5(b"%d" % number, f"usr/share/doc/{number}") for number in range(150_000))
    layer: dict[str, Entry] = {**DEBIAN, **found, f"{INFO}/bash.md5sums": sums}
    began = time.process_time()
    assert len(purls(of(layer))) == len(paths) + 2
    assert time.process_time() - began < 8


def told_twice(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert old in raw
    return raw.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"layers":', b'"Layers": [], "layers":'),
        (b'"layers":', b'"layer\\u017f": [], "layers":'),
        (b'"config":', b'"CONFIG": {}, "config":'),
        (b'"digest":', b'"Digest": "sha256:00", "digest":'),
    ],
)
def test_a_manifest_says_the_same_to_readers_who_overlook_case(old: bytes, new: bytes) -> None:
    """Runtimes are written in Go, whose reader takes `Layers` for `layers`, and of both the last."""
    built = oci.image(DEBIAN)
    seen = content("app", io.BytesIO(told_twice(built.raw, old, new)), built.opener())
    assert "image-malformed" in rules(seen)


@pytest.mark.parametrize("key", [b"rootFS", b"Diff_IDs"])
def test_a_configuration_says_the_same_to_them(key: bytes) -> None:
    built = oci.image(DEBIAN)
    config = next(data for data in built.blobs.values() if data.startswith(b'{"os"'))
    twice = told_twice(config, b'"' + key.lower() + b'":', b'"' + key + b'": {}, "' + key.lower() + b'":')
    seen = content("app", io.BytesIO(twice), built.opener())
    assert rules(seen) == ["image-malformed", "image-unlisted"]


LODASH = b'{"name": "lodash", "version": "4.17.4"}'


@pytest.mark.parametrize(
    "layer",
    [
        {"opt/x/METADATA": JINJA, "usr/lib/python3/jinja2-2.4.1.dist-info": Link("/opt/x")},
        {"opt/x/PKG-INFO": JINJA, "usr/lib/python3/jinja2.egg-info": Link("../../../opt/x")},
        {"opt/x/lodash/package.json": LODASH, "app/node_modules": Link("/opt/x")},
    ],
)
def test_a_record_behind_a_link_of_its_folder_is_not_passed_over(layer: dict[str, Entry]) -> None:
    assert rules(of(DEBIAN | layer)) == ["package-unread"]


def test_a_link_to_what_is_read_under_its_own_name_is_fine() -> None:
    real, link = "opt/node_modules/lodash/package.json", "app/node_modules"
    seen = of({**DEBIAN, real: LODASH, link: Link("/opt/node_modules")})
    assert (rules(seen), "pkg:npm/lodash@4.17.4" in purls(seen)) == ([], True)
