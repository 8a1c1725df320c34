"""A detector of the policy whose regular expression could hang the search makes the policy wrong, with its line."""

import pytest

from tidegate.errors import PolicyError
from tidegate.policy.load import load
from tidegate.policy.schema import Policy

TEXT = """\
version: 1
controls:
  secrets:
    detectors:
      - id: acme-key
        title: an Acme key
        literal: acme_
        regex: 'acme_[0-9a-f]{32}'
      - id: corp-key
        title: a Corp key
        literal: corp_
        regex: '%s'
"""


def read(regex: str) -> Policy:
    text = (TEXT % regex).encode()
    return load("tidegate.yaml", lambda path, limit: text if path == "tidegate.yaml" else None)


def test_a_plain_detector_is_read() -> None:
    rules = read("corp_[0-9]{8,20}").model.controls.secrets.detectors
    assert [rule.id for rule in rules] == ["acme-key", "corp-key"]


@pytest.mark.parametrize(
    ("regex", "why"),
    [
        ("corp_(a+)+$", "`regex` has a repetition inside a repetition"),
        ("(?<=x)corp_[0-9]{8}", "`regex` has look-around"),
        ("[a-z]{4}_[0-9]{8}", "not every match of `regex` holds `corp_`"),
    ],
)
def test_a_hostile_or_useless_detector_is_a_fault_with_its_line_and_a_hint(regex: str, why: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read(regex)
    assert [(fault.message, fault.line) for fault in caught.value.faults] == [(why, 12)]
    assert "repetition" in caught.value.faults[0].hint
