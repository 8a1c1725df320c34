"""The values a policy is made of: each text checked by itself, no key unknown, no type guessed.

Lax typing would turn the string `'no'` into False and a typo into a default, so every model is strict and forbids
unknown keys.
"""

import re
import sys
from types import ModuleType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tidegate.policy.durations import duration as duration

# Packages of the environment may offer pydantic plugins, which see every value and may change the answer. None has a
# say in how a policy is checked; that nobody looks for them saves 20 ms, too. Where pydantic comes to look elsewhere,
# this does nothing.
_NO_PLUGINS = ModuleType("pydantic.plugin._loader")
_NO_PLUGINS.__dict__["get_plugins"] = tuple
sys.modules.setdefault(_NO_PLUGINS.__name__, _NO_PLUGINS)


def _is_duration(text: str) -> str:
    duration(text)
    return text


def _is_inside(text: str) -> str:
    parts = text.split("/")
    hidden = any(ord(char) < 32 or ord(char) == 127 for char in text)
    if not text or text.startswith("/") or "\\" in text or hidden or ".." in parts or (":" in parts[0]):
        raise ValueError("a path is relative to the repository, with `/`, and does not leave it")
    return text


def _is_host(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", text):
        raise ValueError("a host is written in lower case without scheme, port or path, such as `packages.example`")
    return text


def _is_exact(text: str) -> str:
    """A value that looks like a pattern would match nothing, and its author would believe it matches much."""
    if re.search(r"[*?^$|\\\s]|\.\+|@refs/", text):
        raise ValueError("this value is compared as it stands; patterns and refs are written under `refs` only")
    return text


def _is_image(text: str) -> str:
    from tidegate.formats import oci  # few policies name an image

    if not oci.is_repository(text):
        raise ValueError("an image is written `host/name`, without tag and digest, such as `registry.example/acme/app`")
    return text


def _is_package_pattern(text: str) -> str:
    bare = text.removesuffix("*")
    if not re.fullmatch(r"[A-Za-z0-9@][A-Za-z0-9@/._:-]{0,213}", bare) or "*" in bare:
        raise ValueError("a name of your own, or its beginning with `*` at the end, such as `@acme/*` or `acme-*`")
    return text


def _is_met(text: str) -> str:
    """A policy says which versions know what it asks for; an older one would pass over what it does not know."""
    from packaging.requirements import InvalidRequirement, Requirement  # few policies say it

    from tidegate import __version__

    try:
        asked = Requirement(text)
    except InvalidRequirement:
        raise ValueError("this is written `tidegate>=1.2`") from None
    if asked.name != "tidegate" or asked.url or asked.marker or asked.extras or not asked.specifier:
        raise ValueError("this names tidegate and its versions, such as `tidegate>=1.2`")
    if not asked.specifier.contains(__version__, prereleases=True):
        raise ValueError(f"this policy asks for `{text}`, and this is tidegate {__version__}: install another version")
    return text


PackagePattern = Annotated[str, AfterValidator(_is_package_pattern)]
ImageName = Annotated[str, AfterValidator(_is_image)]
Duration = Annotated[str, AfterValidator(_is_duration)]
Inside = Annotated[str, AfterValidator(_is_inside)]
Host = Annotated[str, AfterValidator(_is_host)]
Requirement = Annotated[str, AfterValidator(_is_met)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
NonEmpty = Annotated[str, Field(min_length=1, max_length=2000)]
Exact = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_is_exact)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Grade = Literal["low", "medium", "high", "critical"]


def no_list() -> list[Any]:
    """What `list` gives; pydantic tokenizes the text signature of a builtin to see how it is called, field by field."""
    return []


def no_table() -> dict[Any, Any]:
    return {}


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)
