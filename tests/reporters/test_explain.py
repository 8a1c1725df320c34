"""`tidegate explain`: what, why, how to mend, and YAML that can be pasted."""

import yaml
from hypothesis import given, settings

from support import runs
from support.hostile import texts, unseen
from tidegate.model.control import Control
from tidegate.model.finding import Level, Rule
from tidegate.policy.schema import ExceptionEntry
from tidegate.reporters import explain


def test_a_rule_says_what_why_and_how() -> None:
    shown = explain.render(runs.VULNERABLE, width=100)
    assert shown.startswith("dependency-vulnerable: a locked package has a known vulnerability\n\n")
    assert "row    Dependency review (dependencies)\nlevel  fail\n" in shown
    assert "\nwhy it matters\n  what is published about a package is known to everyone" in shown
    assert "\nhow to mend it\n  upgrade to a fixed version\n" in shown
    assert "\nserves\n  NIST SSDF PW.4.4\n" in shown


def test_a_rule_that_serves_no_framework_claims_none() -> None:
    assert "serves" not in explain.render(runs.UNHASHED, width=100)


def test_the_exception_is_ready_to_paste() -> None:
    shown = explain.render(runs.VULNERABLE, width=100)
    block = shown[shown.index("  exceptions:") : shown.index("to change its level")]
    (entry,) = yaml.safe_load(block)["exceptions"]
    assert entry["rule"] == runs.VULNERABLE.id
    assert set(entry) == set(ExceptionEntry.model_fields) - {"until_fixed", "vex"}


def test_the_other_level_is_ready_to_paste() -> None:
    for rule, other in ((runs.VULNERABLE, "warn"), (runs.UNPINNED, "fail")):
        shown = explain.render(rule, width=100)
        assert yaml.safe_load(shown[shown.index("  controls:") :]) == {
            "controls": {rule.control.value: {"rules": {rule.id: other}}}
        }


def test_prose_is_wrapped_at_the_width() -> None:
    shown = explain.render(runs.VULNERABLE, width=50)
    assert "\n  what is published about a package is known to\n  everyone who would use it against you\n" in shown


@settings(max_examples=60, deadline=None)
@given(texts)
def test_a_rule_of_others_only_prints(spell: str) -> None:
    rule = Rule(spell, Control.SBOM, Level.FAIL, spell, spell, spell, (spell,))
    shown = explain.render(rule, width=80)
    assert not any(unseen(char) and char != "\n" for char in shown)
    assert not any(line.lstrip().startswith("::") for line in shown.split("\n"))
