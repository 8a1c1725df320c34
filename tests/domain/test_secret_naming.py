"""A strong value is named by itself, a weak one by its place; neither name nor key nor comment carries a value out."""

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.secrets.engine import Hit, Scanner
from tidegate.domain.secrets.fingerprint import WEAK, Fingerprints, bits
from tidegate.domain.secrets.naming import shown
from tidegate.domain.secrets.rule import sample

KEYS = Fingerprints.derived()
TIERS = frozenset({"block", "warn"})
WEAKLY = "x7K" + "q9!pZ2"
OTHER = "v3M" + "t8?rW5"
STRONG = "gh" + "p_" + sample("<36:alnum>", 3)


def hits(text: str, path: str = "", salt: str = "") -> list[Hit]:
    return Scanner(Fingerprints.derived(salt), tiers=TIERS).scan(text.encode(), path)


@pytest.mark.parametrize(
    "value",
    [
        "hunter2", "password1234", "P@ssw0rd!2024", "correct horse battery staple", "Summer2024!", "1234567890123456",
        "a" * 200, "ab" * 100, "abcdefghijklmnopqrstuvwxyz0123456789", "P@ssw0rd" * 4, "TheQuickBrownFoxJumpsOver",
        WEAKLY, "",
    ],
)  # fmt: skip
def test_what_people_think_up_is_weak(value: str) -> None:
    assert bits(value) < WEAK


@pytest.mark.parametrize(("alphabet", "length"), [(string.hexdigits[:16], 32), (string.ascii_letters + "0189", 40)])
def test_what_machines_make_is_strong(alphabet: str, length: int) -> None:
    rng = random.Random(1)
    values = ["".join(rng.choices(alphabet, k=length)) for _ in range(300)]
    assert sum(bits(value) >= WEAK for value in values) > 280
    assert all(bits(value, made=True) >= WEAK for value in values)


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_more_bits_are_told_than_the_characters_can_hold(value: str) -> None:
    assert 0 <= bits(value) <= bits(value, made=True) + 1e-9 <= 6.6 * len(value) + 1e-6


def test_a_strong_value_has_one_name_wherever_it_lies_and_a_salt_changes_it() -> None:
    here, there = hits(STRONG, "a")[0], hits(f"\n\ntoken = {STRONG}", "b")[0]
    assert here.fingerprint == there.fingerprint == KEYS.of("github-token", STRONG)
    assert hits(STRONG, "a", "salt")[0].fingerprint != here.fingerprint
    assert here.key == there.key == ""


def test_a_weak_value_is_named_by_path_rule_and_key_alone() -> None:
    one, other = (hits(f'db_password = "{value}"', "conf/app.ini")[0] for value in (WEAKLY, OTHER))
    assert one.fingerprint == other.fingerprint == KEYS.placed("conf/app.ini", one.id, one.key)
    assert one.key == "db_password"
    prints = {
        one.fingerprint,
        hits(f'db_password = "{WEAKLY}"', "conf/other.ini")[0].fingerprint,
        hits(f'ftp_password = "{WEAKLY}"', "conf/app.ini")[0].fingerprint,
        hits(f'db_password = "{WEAKLY}"', "conf/app.ini", "salt")[0].fingerprint,
    }
    assert len(prints) == 4


def test_a_line_judged_before_in_another_file_is_named_by_its_own() -> None:
    scanner = Scanner(KEYS, tiers=TIERS)
    text = f'db_password = "{WEAKLY}"'.encode()
    assert scanner.scan(text, "a")[0].fingerprint != scanner.scan(text, "b")[0].fingerprint
    assert scanner.scan(text, "a") == scanner.scan(text, "a")


def test_of_an_address_the_password_decides_and_the_host_is_the_key() -> None:
    weak = hits(f"postgres://app:{WEAKLY.replace('!', '')}@db.internal/x", "a")[0]
    assert weak.key == "db.internal"
    strong = hits(f"postgres://app:{sample('<30:alnum>', 5)}@db.internal/x", "a")[0]
    assert strong.key == ""
    assert strong.fingerprint == hits(f"postgres://app:{sample('<30:alnum>', 5)}@db.internal/x", "b")[0].fingerprint


def test_a_key_is_not_told_when_it_holds_the_value_or_could_be_one() -> None:
    assert shown("db_password", WEAKLY) == "db_password"
    assert shown(f"a_{WEAKLY}_b", WEAKLY) == ""
    assert shown(sample("<30:alnum>", 5), WEAKLY) == ""


def test_what_a_rule_says_of_mending_is_told_with_its_finding() -> None:
    assert hits(STRONG)[0].mend
    assert hits(f'db_password = "{WEAKLY}"')[0].mend


ASKS = "tidegate:allow secret-suspected reason=sample-of-the-docs owner=ann expires=2099-01-01"


def test_a_comment_is_read_from_its_line_else_from_the_line_before() -> None:
    line = f'db_password = "{WEAKLY}"'
    for text in (f"{line}  # {ASKS}", f"# {ASKS}\n{line}", f"# {ASKS}\r\n{line}"):
        assert hits(text)[0].pragma.strip() == ASKS, text
    for text in (line, f"# {ASKS}\n\n{line}", f"{line}\n# {ASKS}", f"# tidegate:allowed\n{line}"):
        assert hits(text)[0].pragma == "", text


@pytest.mark.parametrize("value", [WEAKLY, STRONG])
def test_no_comment_carries_a_value_out(value: str) -> None:
    said = f"tidegate:allow x reason={value} owner=a expires=2099-01-01"
    line = f'db_password = "{value}"'
    for text in (f"{line}  # {said}", f"# {said}\n{line}", f"# {said} {line}", f"# tidegate:allow {line}"):
        assert hits(text)
        assert not [hit for hit in hits(text) if value in repr(hit)], text


def test_a_comment_without_an_end_is_bounded() -> None:
    found = hits(f'db_password = "{WEAKLY}" # tidegate:allow x reason=' + "y z " * 5000)
    assert all(len(hit.pragma) <= 400 for hit in found)


def test_who_watches_sees_each_value_once() -> None:
    seen: list[tuple[str, bytes]] = []
    scanner = Scanner(KEYS, tiers=TIERS, watch=lambda hit, value: seen.append((hit.id, value)))
    scanner.scan(f'{STRONG}\ndb_password = "{WEAKLY}"'.encode())
    assert seen == [("github-token", STRONG.encode()), ("password-or-key", WEAKLY.encode())]
