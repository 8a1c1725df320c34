"""Package URLs: one spelling for a package, after the purl specification and its type definitions."""

import re
from functools import lru_cache
from urllib.parse import quote

TYPES = {
    "PyPI": "pypi",
    "npm": "npm",
    "crates.io": "cargo",
    "Go": "golang",
    "RubyGems": "gem",
    "Packagist": "composer",
    "Maven": "maven",
    "NuGet": "nuget",
    "Hex": "hex",
    "Docker": "docker",
}
"""OSV ecosystem, or kind of build pin, to purl type; everything else is `generic`."""

_SAFE = re.compile(r"[A-Za-z0-9._~:-]*")
DISTRIBUTIONS = {
    "Debian": ("deb", "debian"),
    "Ubuntu": ("deb", "ubuntu"),
    "Alpine": ("apk", "alpine"),
    "Wolfi": ("apk", "wolfi"),
    "Chainguard": ("apk", "chainguard"),
}
"""OSV's name of a distribution, without its release, to purl type and namespace."""
MANAGERS = {"dpkg": "deb", "apk": "apk"}
"""Of a distribution OSV does not know (`dpkg:kali`), the package manager to purl type."""

_WITHOUT_CASE = frozenset({"pypi", "composer", "hex", "github", "gitlab", "bitbucket"})
_CODE_HOSTS = {"github.com": "github", "gitlab.com": "gitlab", "bitbucket.org": "bitbucket"}


@lru_cache(maxsize=65536)
def render(ecosystem: str, name: str, version: str) -> str:
    """`pkg:type/namespace/name@version?qualifiers`.

    npm names keep their case: `JSONStream` and `jsonstream` are two packages. An image's registry is the qualifier
    `repository_url`; a repository of hooks at a known code host is a package of that host.
    """
    kind, path, registry = TYPES.get(ecosystem, "generic"), name, ""
    if kind == "generic":
        kind, path = _distributed(ecosystem, name)
    if ecosystem == "pre-commit":
        host, _, rest = name.partition("/")
        kind, path = (_CODE_HOSTS[host], rest) if host in _CODE_HOSTS and "/" in rest else (kind, path)
    elif kind == "docker":
        registry, path = _registry(name)
    if kind in _WITHOUT_CASE:
        path = path.lower()
    parts = path.split(":" if kind == "maven" else "/")
    written = "/".join(_quoted(part.replace("_", "-") if kind == "pypi" else part) for part in parts if part)
    at = f"@{_quoted(version)}" if version else ""
    return f"pkg:{kind}/{written}{at}" + (f"?repository_url={_quoted(registry)}" if registry else "")


def _distributed(ecosystem: str, name: str) -> tuple[str, str]:
    """Without release and architecture: the same package of two releases has two versions."""
    family, _, rest = ecosystem.partition(":")
    if family in DISTRIBUTIONS:
        kind, space = DISTRIBUTIONS[family]
        return kind, f"{space}/{name}"
    return (MANAGERS[family], f"{rest or 'unknown'}/{name}") if family in MANAGERS else ("generic", name)


def _quoted(text: str) -> str:
    return text if _SAFE.fullmatch(text) else quote(text, safe=".-_~:")


def _registry(name: str) -> tuple[str, str]:
    """The registry an image's name begins with, "" for the builder's own, and the rest."""
    head, slash, rest = name.partition("/")
    if slash and ("." in head or ":" in head or head == "localhost"):
        return head, rest
    return "", name
