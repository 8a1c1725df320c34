"""Which files of an image say what its distribution installed."""

import re

from tidegate.formats.images import apk, dpkg, os_release

RELEASES = ("etc/os-release", "usr/lib/os-release")
STATUS = "var/lib/dpkg/status"
STATUS_FOLDER = "var/lib/dpkg/status.d"
APK = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
OF_SYSTEMS = {
    "var/lib/rpm/Packages": "rpm",
    "var/lib/rpm/Packages.db": "rpm",
    "var/lib/rpm/rpmdb.sqlite": "rpm",
    "usr/lib/sysimage/rpm/Packages": "rpm",
    "usr/lib/sysimage/rpm/Packages.db": "rpm",
    "usr/lib/sysimage/rpm/rpmdb.sqlite": "rpm",
    "var/lib/rpmmanifest/container-manifest-2": "rpm",
    "var/lib/pacman/local/ALPM_DB_VERSION": "pacman",
    "usr/lib/opkg/status": "opkg",
    "var/lib/opkg/status": "opkg",
    "var/lib/chisel/manifest.wall": "chisel",
}
"""Databases of package managers that are not read."""
DATABASES = {STATUS: "dpkg", **dict.fromkeys(APK, "apk"), **OF_SYSTEMS}

MANAGERS = {
    "debian": "dpkg",
    "ubuntu": "dpkg",
    "alpine": "apk",
    "wolfi": "apk",
    "chainguard": "apk",
    "fedora": "rpm",
    "rhel": "rpm",
    "centos": "rpm",
    "rocky": "rpm",
    "almalinux": "rpm",
    "amzn": "rpm",
    "ol": "rpm",
    "sles": "rpm",
    "suse": "rpm",
    "opensuse": "rpm",
    "opensuse-leap": "rpm",
    "opensuse-tumbleweed": "rpm",
    "photon": "rpm",
    "azurelinux": "rpm",
    "mariner": "rpm",
    "arch": "pacman",
}
"""Which manager a distribution's packages are recorded by."""

SUMS_LIMIT = 16 << 20
_SUMS = re.compile(r"var/lib/dpkg/(?:info|status\.d)/[^/]+\.md5sums")
_ONE = re.compile(r"var/lib/dpkg/status\.d/[^/]+")


def limit_of(path: str) -> int:
    """How much of a member to keep, 0 for what is no such record."""
    if path in RELEASES:
        return os_release.LIMIT
    if path == STATUS:
        return dpkg.LIMIT
    if path in APK:
        return apk.LIMIT
    return SUMS_LIMIT if _ONE.fullmatch(path) or _SUMS.fullmatch(path) else 0


def is_sums(path: str) -> bool:
    return _SUMS.fullmatch(path) is not None
