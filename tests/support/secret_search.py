"""Searches for credentials as `tidegate secrets` makes them, in folders and repositories of a test's own."""

import random
import string
from pathlib import Path
from typing import Any, cast

from tidegate.adapters.files import LocalFiles
from tidegate.adapters.git import LocalGit
from tidegate.domain.secrets.fingerprint import Fingerprints
from tidegate.model.evidence import Report
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import Crew, NoCrew, World
from tidegate.stages.searching import Search, search

_LETTERS = string.ascii_letters + string.digits


def token(seed: int = 1) -> str:
    """A GitHub token nobody has."""
    return "gh" + "p_" + "".join(random.Random(seed).sample(_LETTERS, 36))


def named(value: str, detector: str = "github-token") -> str:
    """The fingerprint findings give a value."""
    return Fingerprints.derived().of(detector, value)


def policy(**secrets: object) -> Policy:
    model = PolicyModel.model_validate({"version": 1, "controls": {"secrets": secrets}})
    return Policy(model=model, files={}, digest="sha256:" + "0" * 64, path="tidegate.yaml")


def world(root: Path, crew: Crew | None = None) -> World:
    absent = cast("Any", object())
    return World(
        files=LocalFiles(root),
        git=LocalGit(root, 60),
        clock=absent,
        ci=absent,
        taken=absent,
        evidence={},
        advisories=absent,
        workflow_sensor=absent,
        verifier=absent,
        crew=crew or NoCrew(),
    )


def searched(root: Path, question: Search | None = None, **secrets: object) -> Report:
    return search(question or Search(), policy(**secrets), world(root))


def found(report: Report, value: str) -> list[str]:
    """Where a token was found: paths, or ids of commits."""
    return [finding.about.partition("#")[0] for finding in report.findings if finding.fingerprint == named(value)]
