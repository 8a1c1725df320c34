"""Records of distributions: every reader gives packages or a FormatError, whatever the bytes."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import oci_images as oci
from support.oci_images import stanza, status
from tidegate.errors import FormatError
from tidegate.formats.images import apk, config, dpkg, os_release

APK = """C:Q1mB8=
P:musl
V:1.2.5-r0
o:musl
L:MIT
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1qqqqqqqqqqqqqqqqqqqqqqqqqqo=

P:ssl_client
V:1.36.1-r29
o:busybox
D:so:libc.musl-x86_64.so.1 !uclibc
"""


@pytest.mark.parametrize(
    ("raw", "ecosystem"),
    [
        (oci.DEBIAN, "Debian:12"),
        (oci.ALPINE, "Alpine:v3.20"),
        (oci.UBUNTU, "Ubuntu:22.04:LTS"),
        (b"ID=ubuntu\nVERSION_ID='23.10'\nVERSION='23.10 (Mantic)'\n", "Ubuntu:23.10"),
        (b"ID=wolfi\nVERSION_ID=20230201\n", "Wolfi"),
        (b"ID=debian\n", ""),
        (b"ID=alpine\nVERSION_ID=3.21_alpha20240606\n", ""),
        (b"ID=kali\nID_LIKE=debian\nVERSION_ID=2024.1\n", ""),
        (b"", ""),
    ],
)
def test_a_release_is_called_as_advisories_call_it(raw: bytes, ecosystem: str) -> None:
    assert os_release.parse(raw).ecosystem == ecosystem


def test_an_unknown_distribution_goes_by_its_package_manager() -> None:
    assert os_release.parse(b"ID=kali\n").called("dpkg") == "dpkg:kali"


def test_binary_packages_carry_the_source_advisories_name() -> None:
    raw = status(
        stanza("libssl3", "3.0.11-1~deb12u2", "openssl", depends="libc6 (>= 2.34), gone | libc6"),
        stanza("libc6", "2.36-9+deb12u7", "glibc"),
        stanza("bash", "5.2.15-2+b2", "bash (5.2.15-2)"),
        stanza("left", "1.0", status="deinstall ok config-files"),
        stanza("half", "2.0", status="install reinstreq half-installed"),
    )
    found = {each.package.name: each for each in dpkg.parse(raw, "Debian:12")}
    assert found.keys() == {"libssl3", "libc6", "bash", "half"}
    assert found["libssl3"].package.requires == ("libc6",)
    assert found["libssl3"].origin is not None
    assert (found["libssl3"].origin.name, found["libssl3"].origin.version) == ("openssl", "3.0.11-1~deb12u2")
    assert found["bash"].origin is not None
    assert found["bash"].origin.version == "5.2.15-2", "a rebuild has the version of its source"
    assert found["half"].origin is None


@pytest.mark.parametrize(
    "raw",
    [
        b"Package: a\nStatus: install ok installed\n",
        b"Package: a\nStatus: installed\nVersion: 1\n",
        b"Package: a\nPackage: b\nVersion: 1\n",
        b"Package: a b\nVersion: 1\n",
        b"Package: a\nVersion: 1\nSource: (1\n",
        b" continued\n",
        b"no field\n",
    ],
)
def test_a_damaged_status_is_refused_whole(raw: bytes) -> None:
    with pytest.raises(FormatError):
        dpkg.parse(raw, "Debian:12")


def test_alpine_packages_carry_their_origin_licence_and_needs() -> None:
    base = apk.parse(APK.encode(), "Alpine:v3.20")
    found = {each.package.name: each for each in base.packages}
    assert found["musl"].origin is None
    assert found["musl"].package.licence == "MIT"
    assert found["ssl_client"].origin is not None
    assert found["ssl_client"].origin.name == "busybox"
    assert found["ssl_client"].package.requires == ("musl",)
    assert {path for path, _ in base.files} == {"lib/ld-musl-x86_64.so.1"}


@pytest.mark.parametrize("raw", [b"P:a\n", b"P:a b\nV:1\n", b"P:a\nP:b\nV:1\n", b"nothing\n", b"V:1\n"])
def test_a_damaged_database_of_alpine_is_refused_whole(raw: bytes) -> None:
    with pytest.raises(FormatError):
        apk.parse(raw, "Alpine:v3.20")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400) | st.text(alphabet="Package: Vrsion1\n", max_size=200).map(str.encode))
def test_any_bytes_are_packages_or_a_format_error(raw: bytes) -> None:
    for reader in (
        os_release.parse,
        config.parse,
        lambda data: dpkg.parse(data, "Debian:12"),
        lambda data: apk.parse(data, "Alpine:v3.20"),
    ):
        with contextlib.suppress(FormatError):
            reader(raw)
