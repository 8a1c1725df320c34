"""The private names of pip-audit the second engine is made of."""

import inspect

from packaging.version import Version
from pip_audit import __version__
from pip_audit._service.interface import (
    Dependency,
    ResolvedDependency,
    SkippedDependency,
    VulnerabilityResult,
    VulnerabilityService,
)
from pip_audit._service.osv import OsvService


def test_the_version_is_one_the_names_were_read_in() -> None:
    assert __version__.startswith("2.")


def test_a_dependency_has_a_name_a_version_and_says_whether_it_is_skipped() -> None:
    spec = ResolvedDependency("Foo_Bar", Version("1.0"))
    assert (spec.name, spec.canonical_name, spec.version, spec.is_skipped()) == (
        "Foo_Bar",
        "foo-bar",
        Version("1.0"),
        False,
    )
    skipped = SkippedDependency("foo", "a reason")
    assert isinstance(skipped, Dependency)
    assert (skipped.is_skipped(), skipped.skip_reason) == (True, "a reason")


def test_a_result_holds_one_id_and_its_aliases() -> None:
    result = VulnerabilityResult.create(["GHSA-1", "PYSEC-1", "CVE-1"], "", [], None)
    assert {result.id, *result.aliases} == {"GHSA-1", "PYSEC-1", "CVE-1"}


def test_a_service_is_asked_one_package_at_a_time() -> None:
    assert list(inspect.signature(VulnerabilityService.query).parameters) == ["self", "spec"]
    assert VulnerabilityService.__abstractmethods__ == {"query"}


def test_the_osv_service_takes_a_folder_a_timeout_and_an_address_and_asks_by_its_session() -> None:
    assert list(inspect.signature(OsvService.__init__).parameters) == ["self", "cache_dir", "timeout", "osv_url"]
    assert "self.session.post(" in inspect.getsource(OsvService.query)
    assert OsvService.DEFAULT_OSV_URL.endswith("/v1/query")
