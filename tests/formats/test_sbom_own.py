"""What we write ourselves is checked as strictly as what others wrote, but for what our writer cannot get wrong."""

import pytest

from support.stock import inventory, release
from tidegate.domain.sbom.build import build, parts
from tidegate.errors import FormatError
from tidegate.formats.all_sboms import FORMATS
from tidegate.formats.sbom import own
from tidegate.formats.sbom.own import check_own
from tidegate.formats.sbom.reading import read


def written(name: str) -> str:
    found = inventory()
    return FORMATS[name].render(build(parts(release(), found), found, "1.0"), "1.6")


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_we_write_passes_both_checks(name: str) -> None:
    check_own(written(name))
    assert read(written(name).encode()).root.name == "Demo"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_broken_document_of_ours_is_refused(name: str) -> None:
    text = written(name)
    broken = text.replace("SHA-256", "SHA-257").replace('"SHA256"', '"SHA257"')
    assert broken != text
    with pytest.raises(FormatError):
        check_own(broken)


def test_half_surrogates_and_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FormatError, match="UTF-8"):
        check_own('{"a": "\ud800"}')
    monkeypatch.setattr(own, "LIMIT", 10)
    with pytest.raises(FormatError, match="more than 10 bytes"):
        check_own('{"bomFormat": "CycloneDX"}')
