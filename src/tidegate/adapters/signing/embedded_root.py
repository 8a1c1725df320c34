"""The trusted root shipped inside the installed sigstore package, read without importing sigstore."""

from importlib.resources import files
from urllib.parse import quote

URL = "https://tuf-repo-cdn.sigstore.dev"
"""The public-good instance; the package keeps one folder an instance, named by its address."""


def read() -> bytes:
    """`trusted_root.json` of the public-good instance."""
    return files("sigstore._store").joinpath(quote(URL, safe=""), "trusted_root.json").read_bytes()
