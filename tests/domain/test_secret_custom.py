"""A detector of the user's own finds what it says, and a regular expression that could hang the gate is refused."""

import time
from dataclasses import dataclass

import pytest

from tidegate.domain.secrets import custom
from tidegate.domain.secrets.engine import Scanner
from tidegate.domain.secrets.fingerprint import Fingerprints


@dataclass(frozen=True)
class Rule:
    literal: str
    regex: str
    id: str = "acme-key"
    title: str = "an Acme key"
    group: int = 0
    tier: str = "block"
    mend: str = ""


def found(rule: Rule, text: str) -> list[tuple[str, str, int, int]]:
    tiers = frozenset({"block", "warn"})
    scanner = Scanner(Fingerprints.derived(), tiers=tiers, extra=custom.detectors([rule]))
    return [(hit.id, hit.tier, hit.line, hit.width) for hit in scanner.scan(text.encode()) if hit.id == rule.id]


FINE = [
    Rule("acme_", r"acme_[0-9a-f]{32}"),
    Rule("acme_", r"(?i)ACME_([0-9a-f]{32})", group=1),
    Rule("acme-", r"\bacme-(?:live|test)-[0-9A-Za-z]{20,40}\b"),
    Rule("-acme-", r"(?:prod|stage)-acme-\d+"),
    Rule("token:", r"acme\s*token:\s*[\w.-]{8,64}"),
    Rule("key", r"(?:acme|corp)[_-]key=[A-Z]{4}(?:-[A-Z0-9]{4}){3}"),
]


@pytest.mark.parametrize("rule", FINE, ids=lambda rule: rule.regex)
def test_a_plain_rule_is_accepted(rule: Rule) -> None:
    assert custom.faults(rule) == ""


def test_a_rule_of_the_users_finds_its_credential_and_says_how_to_mend_it() -> None:
    rule = Rule("acme_", r"key=(acme_[0-9a-f]{8})", group=1, mend="revoke it at Acme, then make a new one")
    assert found(rule, "a\nkey=acme_0123abcd\n") == [("acme-key", "block", 2, 13)]
    assert found(rule, "key=ACME_0123abcd") == []
    assert custom.detectors([rule])[0].mend == "revoke it at Acme, then make a new one"
    assert custom.detectors([Rule("acme_", "acme_[0-9]{8}")])[0].mend


def test_a_rule_that_folds_case_finds_every_case_and_a_warning_rule_warns() -> None:
    rule = Rule("Acme_", r"(?i)acme_[0-9a-f]{8}", tier="warn")
    assert custom.faults(rule) == ""
    assert found(rule, "x ACME_0123abcd y") == [("acme-key", "warn", 1, 13)]


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (Rule("acme", r"acme(a+)+$"), "inside a repetition"),
        (Rule("acme", r"acme(?:a?){20}b"), "inside a repetition"),
        (Rule("acme", r"acme(?:\w{1,9}-){1,9}"), "inside a repetition"),
        (Rule("acme", r"acme(?:a|b1|ab1)*c"), "alternatives inside"),
        (Rule("acme", r"(?<=x)acme[0-9]{4}"), "look-around"),
        (Rule("acme", r"acme(?!x)[0-9]{4}"), "look-around"),
        (Rule("acme", r"(a)cme\1[0-9]{4}"), "back-reference"),
        (Rule("acme", r"(x)?acme(?(1)a|b)"), "condition"),
        (Rule("acme", r"acme(?>a+)b"), "atomic"),
        (Rule("acme", r"acmea++b"), "possessive"),
        (Rule("acme", r"acme[0-9]{1,5000}"), "more than 2048"),
        (Rule("acme", r"acme[0-9"), "compile"),
        (Rule("acme", r"acme[0-9]{4}", group=1), "no group 1"),
        (Rule("acme", r"corp_[0-9]{4}"), "holds `acme`"),
        (Rule("acme", r"(?:acme)?_[0-9]{4}"), "holds `acme`"),
        (Rule("acme", r"(?:acme|corp)_[0-9]{4}"), "holds `acme`"),
        (Rule("acme", r"ac[m]{1,2}e_[0-9]{4}"), "holds `acme`"),
        (Rule("Acme", r"acme_[0-9]{4}"), "holds `Acme`"),
        (Rule("acmé", r"acmé_[0-9]{4}"), "ASCII"),
        (Rule("acme", r"acme\w*\w*\w*\w*\w*x"), "too long"),
        (Rule("acme", r"\w*\w*\w*acme"), "too long"),
        (Rule("acme", r"acme" + r"\w*-?" * 9), "more than 8"),
        (Rule("ghp_", r"ghp_[0-9]{4}", id="github-token"), "comes with"),
        (Rule("acme", "(?:" * 3000 + "acme" + ")" * 3000), ""),
    ],
    ids=lambda each: each.regex[:40] if isinstance(each, Rule) else "",
)
def test_a_rule_that_could_hang_or_never_be_asked_is_refused_with_the_reason_and_soon(rule: Rule, why: str) -> None:
    began = time.process_time()
    said = custom.faults(rule)
    assert said
    assert why in said
    assert time.process_time() - began < 10


def test_what_to_do_about_it_is_said_in_one_line() -> None:
    assert "\n" not in custom.HINT
    assert len(custom.HINT) < 200
