"""The policy a worker reads is the policy the parent loaded, value by value."""

import json
import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from tidegate.policy.lean import lean
from tidegate.policy.schema import Policy, PolicyModel

FULL: dict[str, Any] = {
    "version": 1,
    "trust": {"builders": [{"key": "k.pub"}]},
    "controls": {
        "lockfiles": {"sources": ["packages.example"], "internal": ["@acme/*"], "rules": {"lock-stale": "warn"}},
        "dependencies": {
            "fail_on": "low",
            "engines": ["tidegate", "pip-audit"],
            "epss": "epss.csv",
            "epss_threshold": 0.5,
            "vex": ["a.json", "b.json"],
            "review": {"cooldown": "7d", "popular": {"npm": "top.txt"}, "licences": {"allow": ["MIT", "2020-01-01"]}},
            "registry": {"ask": True, "indexes": {"PyPI": "https://index.example"}},
        },
        "secrets": {"required": False, "reason": "2026-01-02"},
        "ci-tokens": {"enforce": "report", "until": "2026-12-31", "owner": "team"},
        "signing": {"accept": ["key"]},
        "provenance": {"approvals": 2},
        "deployment": {"denied": ["a" * 64]},
    },
}


def policy(model: dict[str, Any]) -> Policy:
    checked = PolicyModel.model_validate_json(json.dumps(model))
    files = {"k.pub": "PEM", "epss.csv": "text"}
    return Policy(model=checked, files=files, digest="sha256:0", path="p.yaml", ref="HEAD", presets=("baseline",))


def sent(real: Policy) -> Policy:
    return lean(json.loads(real.model_dump_json(by_alias=True)))


def same(real: object, other: object, where: str = "policy") -> int:
    """Compare every field, and every property, of a model; the number of values compared."""
    if not isinstance(real, BaseModel):
        assert other == real, where
        assert type(other) is type(real), where
        return 1
    own = (name for name in dir(type(real)) if not name.startswith(("_", "model_")))
    properties = (name for name in own if isinstance(getattr(type(real), name, None), property))
    named = [*type(real).model_fields, *properties]
    return sum(same(getattr(real, name), getattr(other, name), f"{where}.{name}") for name in named)


@pytest.mark.parametrize("model", [{"version": 1}, FULL], ids=["baseline", "everything"])
def test_every_value_is_the_loaded_policys(model: dict[str, Any]) -> None:
    real = policy(model)
    assert same(real, sent(real)) > 80


def test_methods_and_dates_are_the_real_ones() -> None:
    other = sent(policy(FULL))
    assert other.controls.ci_tokens.until == date(2026, 12, 31)
    assert other.controls.secrets.reason == "2026-01-02"
    assert str(other.controls.lockfiles.level("lock-stale")) == "warn"
    assert other.keys(other.model.trust.builders) == {"k.pub": b"PEM"}
    assert other.controls.dependencies.threshold.word == "low"


def test_nothing_unknown_is_answered_and_nothing_changed() -> None:
    other = sent(policy(FULL))
    with pytest.raises(AttributeError):
        _ = other.controls.lockfiles.nothing  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        setattr(other.controls.lockfiles, "sources", [])  # noqa: B010 - the type says the same


def test_plain_values_cost_no_import_of_what_checks_them() -> None:
    text = policy(FULL).model_dump_json(by_alias=True)
    code = (
        "import json, sys\n"
        "from tidegate.policy.lean import lean\n"
        "policy = lean(json.loads(sys.stdin.read()))\n"
        "assert policy.controls.dependencies.review.cooldown == '7d'\n"
        "assert policy.controls.lockfiles.sources == ['packages.example']\n"
        "assert policy.files['k.pub'] == 'PEM'\n"
        "assert 'pydantic' not in sys.modules\n"
        "assert policy.model.trust.builders[0].key == 'k.pub'\n"
        "assert 'pydantic' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], input=text.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
