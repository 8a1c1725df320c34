"""Names are searched to the last, and what is told of one never shows the credential in it."""

import pytest

from support.secret_search import named, token
from tidegate.domain.secrets.engine import MAX_HITS, Scanner
from tidegate.domain.secrets.fingerprint import Fingerprints
from tidegate.stages.secret_names import Names


@pytest.fixture
def names() -> Names:
    return Names(Scanner(Fingerprints.derived(), tiers=frozenset({"block", "warn"})))


@pytest.mark.parametrize(
    "before",
    [
        "src/",
        "ä" * 40 + "/",
        "\udc80" * 9 + "/",
        "with\na line/",
        "語/" * 1200,
        "a/" * 2500,
        "nul\0/",
    ],
    ids=["plain", "wide", "surrogates", "line feed", "long in bytes", "long", "NUL"],
)
def test_what_is_told_of_a_name_never_holds_its_credential(names: Names, before: str) -> None:
    name = f"{before}{token()}.txt"
    told = names.told(name)
    assert token() not in told
    assert "secret" in told or told == "(a name with a credential in it)"
    assert names.told(name) == told


def test_a_name_without_a_credential_is_told_as_it_is(names: Names) -> None:
    assert names.told("docs/ä\n.md") == "docs/ä\n.md"


def test_a_token_behind_more_names_than_the_engine_lists_is_found(names: Names) -> None:
    many = [f"{number}/{token(number)}" for number in range(MAX_HITS + 5)]
    found = names.hits([*many, f"last/{token(9999)}"])
    assert {number for number, _ in found} == set(range(MAX_HITS + 6))
    assert [hit.fingerprint for number, hit in found if number == MAX_HITS + 5] == [named(token(9999))]
