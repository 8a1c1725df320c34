"""An image's configuration: what it runs on, and the digests its layers have when unpacked."""

import re
from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.formats.text import shown
from tidegate.model.digest import Digest

LIMIT = 8 << 20
MAX_LAYERS = 500
TYPES = frozenset({"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"})

_KEYS = frozenset({"os", "architecture", "variant", "rootfs", "type", "diff_ids", "config", "history"})
_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Config:
    """`diff_ids` are the digests of the layers' tar archives, lowest first (OCI image specification, "config")."""

    system: str
    architecture: str
    diff_ids: tuple[Digest, ...]
    variant: str = ""

    @property
    def platform(self) -> str:
        return "/".join(word for word in (self.system, self.architecture, self.variant) if word)


def parse(raw: bytes) -> Config:
    """Read a configuration of OCI or Docker. Raises FormatError."""
    plain = strict_json.loads(raw, limit=LIMIT, what="the image's configuration")
    if not isinstance(plain, dict):
        raise FormatError("the image's configuration is no object")
    rootfs = plain.get("rootfs")
    for each in (plain, rootfs):
        odd = strict_json.spelt_otherwise(each, _KEYS) if isinstance(each, dict) else ""
        if odd:
            raise FormatError(f"the image's configuration has a key {odd[:40]!a}, which some readers take for another")
    listed = rootfs.get("diff_ids") if isinstance(rootfs, dict) and rootfs.get("type") == "layers" else None
    if not isinstance(listed, list) or len(listed) > MAX_LAYERS:
        raise FormatError("the image's configuration has no bearable list of layers (`rootfs.diff_ids`)")
    return Config(
        _word(plain, "os"),
        _word(plain, "architecture"),
        tuple(_digest(each) for each in listed),
        _word(plain, "variant") if plain.get("variant") else "",
    )


def _word(plain: dict[str, object], key: str) -> str:
    value = plain.get(key)
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise FormatError(f"the image's configuration has no readable `{key}`")
    return value


def _digest(plain: object) -> Digest:
    try:
        digest = Digest(*plain.split(":", 1)) if isinstance(plain, str) and ":" in plain else None
    except ValueError:
        digest = None
    if digest is None or digest.algorithm != "sha256":
        raise FormatError(f"`{shown(str(plain), 80)}` in `rootfs.diff_ids` is no sha256 digest")
    return digest
