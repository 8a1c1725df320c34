"""A package URL is what the reference library makes of the same ecosystem, name and version."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packageurl import PackageURL

from tidegate.model.package import PINS, PURL_TYPES, Locked, Source, SourceKind
from tidegate.model.purl import render

PART = st.text(alphabet=string.ascii_letters + string.digits + "._-~+@!'()*%", min_size=1, max_size=12).filter(
    lambda text: text.strip(".") != ""
)
VERSION = st.text(alphabet=string.ascii_letters + string.digits + "._-~+:@!%# ", min_size=1, max_size=20)
NAMESPACED = frozenset({"npm", "Packagist", "Maven", "Go", "Docker"})
QUOTED_IN_LOWER_CASE = frozenset("+@!()*%'~")
"""Characters the library quotes first and folds afterwards, escapes included."""


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PURL_TYPES)), st.lists(PART, min_size=2, max_size=3), VERSION)
def test_every_type_is_written_as_the_reference_library_does(ecosystem: str, parts: list[str], version: str) -> None:
    if ecosystem not in NAMESPACED:
        parts = parts[:1]
    elif ecosystem == "npm":
        parts = [part.lower() for part in parts[:2]]
    elif ecosystem == "Maven":
        parts = parts[:2]
    elif ecosystem == "Docker":
        parts = ["x" + part.replace(".", "") for part in parts]
    version = version.strip() or "1"
    name = (":" if ecosystem == "Maven" else "/").join(parts)
    ours = render(ecosystem, name, version)
    theirs = PackageURL(PURL_TYPES[ecosystem], "/".join(parts[:-1]) or None, parts[-1], version).to_string()
    assert PackageURL.from_string(ours) == PackageURL.from_string(theirs)
    if not QUOTED_IN_LOWER_CASE & set(name):
        assert ours == theirs


@pytest.mark.parametrize(
    ("ecosystem", "name", "version", "purl"),
    [
        ("PyPI", "Left_Pad", "1.0+cu118", "pkg:pypi/left-pad@1.0%2Bcu118"),
        ("npm", "@scope/name", "1.0.0", "pkg:npm/%40scope/name@1.0.0"),
        ("npm", "JSONStream", "1.3.5", "pkg:npm/JSONStream@1.3.5"),
        ("Maven", "org.example:one", "1:2", "pkg:maven/org.example/one@1:2"),
        ("Packagist", "Vendor/Name", "1.0.0", "pkg:composer/vendor/name@1.0.0"),
        ("Go", "example.org/Mod/v2", "v2.0.0+incompatible", "pkg:golang/example.org/Mod/v2@v2.0.0%2Bincompatible"),
        ("NuGet", "Newtonsoft.Json", "13.0.3", "pkg:nuget/Newtonsoft.Json@13.0.3"),
        ("Hex", "phoenix", "", "pkg:hex/phoenix"),
        ("Docker", "python", "3.12", "pkg:docker/python@3.12"),
        ("Docker", "ghcr.example/acme/x", "1", "pkg:docker/acme/x@1?repository_url=ghcr.example"),
        ("Docker", "localhost:5000/x", "1", "pkg:docker/x@1?repository_url=localhost:5000"),
        ("Docker", "python:${V}@x", "", "pkg:docker/python:%24%7BV%7D%40x"),
        ("pre-commit", "github.com/Acme/Hooks", "v1.0", "pkg:github/acme/hooks@v1.0"),
        ("pre-commit", "git.example/acme/hooks", "v1.0", "pkg:generic/git.example/acme/hooks@v1.0"),
        ("Terraform", "registry.example/acme/cloud", "5.1.0", "pkg:generic/registry.example/acme/cloud@5.1.0"),
        ("Helm", "redis", "20.12.1", "pkg:generic/redis@20.12.1"),
    ],
)
def test_a_package_has_one_spelling(ecosystem: str, name: str, version: str, purl: str) -> None:
    assert Locked(ecosystem, name, name, version, Source(SourceKind.REGISTRY)).purl == purl
    assert PackageURL.from_string(purl).type == purl.removeprefix("pkg:").partition("/")[0]


def test_a_pin_of_the_build_is_no_package_an_advisory_names() -> None:
    assert PINS & PURL_TYPES.keys() == {"Docker"}
