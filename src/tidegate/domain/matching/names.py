"""One spelling for an ecosystem and for a package name, so that a lock and an advisory mean the same package."""

import re
from functools import lru_cache

_RUNS = re.compile(r"[-_.]+")
_WITHOUT_CASE = frozenset({"go", "nuget", "packagist", "hex", "pub", "github actions", "swifturl"})


@lru_cache(maxsize=1024)
def ecosystem_key(ecosystem: str) -> str:
    """The ecosystem in lower case, since databases do not agree on the case, without suffix (`Debian:12`) or domain.

    The one ecosystem named after a domain (Rust's) is `crates`.
    """
    return ecosystem.partition(":")[0].partition(".")[0].strip().lower()


@lru_cache(maxsize=4096)
def release_of(ecosystem: str) -> str:
    """The release a distribution's ecosystem names (`12` of `Debian:12`), "" for none.

    Ubuntu marks releases with long-term support, which are the same ones without the mark.
    """
    return ecosystem.partition(":")[2].strip().lower().removesuffix(":lts")


def same_release(one: str, other: str) -> bool:
    """Can what is said of one be true of the other? Of two releases of a distribution each has versions of its own."""
    mine, theirs = release_of(one), release_of(other)
    return not mine or not theirs or mine == theirs


@lru_cache(maxsize=65536)
def name_key(ecosystem: str, name: str) -> str:
    """The name as the ecosystem compares it: PEP 503 for PyPI, without case where the registry ignores case.

    crates has one name for `-`, `_` and either case. Go's registry does not ignore case, and the code hosts its modules
    are fetched from do: one without a go.mod can be required in any. npm, Maven, RubyGems and Linux packages are as
    written.
    """
    kind = ecosystem_key(ecosystem)
    if kind == "pypi":
        return _RUNS.sub("-", name).lower()
    if kind == "crates":
        return name.replace("_", "-").lower()
    return name.lower() if kind in _WITHOUT_CASE else name


def package_key(ecosystem: str, name: str) -> tuple[str, str]:
    return ecosystem_key(ecosystem), name_key(ecosystem, name)
