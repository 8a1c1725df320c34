"""Every ecosystem whose version order is known."""

from tidegate.domain.matching.orders.alpine import alpine
from tidegate.domain.matching.orders.debian import debian
from tidegate.domain.matching.orders.maven import maven
from tidegate.domain.matching.orders.nuget import nuget
from tidegate.domain.matching.orders.ordered import Order
from tidegate.domain.matching.orders.packagist import packagist
from tidegate.domain.matching.orders.pep440 import pep440
from tidegate.domain.matching.orders.rubygems import rubygems
from tidegate.domain.matching.orders.semver import pub, semver

ORDERS: dict[str, Order] = {
    "pypi": pep440,
    "npm": semver,
    "crates": semver,
    "go": semver,
    "hex": semver,
    "swifturl": semver,
    "github actions": semver,
    "pub": pub,
    "maven": maven,
    "packagist": packagist,
    "nuget": nuget,
    "rubygems": rubygems,
    "debian": debian,
    "alpine": alpine,
    "ubuntu": debian,
    "wolfi": alpine,
    "chainguard": alpine,
}
"""By `names.ecosystem_key`."""
