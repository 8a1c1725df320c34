"""What one entry of a script does, read once however many jobs run it."""

import re
from dataclasses import dataclass
from functools import lru_cache

from tidegate.domain.grants import foreign_code, gate_scripts, publishing, shell
from tidegate.domain.grants.following import Worked
from tidegate.domain.grants.gitlab.deploying import deploys
from tidegate.domain.grants.gitlab.variables import NAMED
from tidegate.model.workflow import Step

MAX_TEXT = 50_000
# Programs whose exit code is a verdict.
_SCANNERS = frozenset(
    {
        "bandit",
        "checkov",
        "detect-secrets-hook",
        "gitleaks",
        "gosec",
        "govulncheck",
        "grype",
        "osv-scanner",
        "pip-audit",
    }
    | {"safety", "semgrep", "snyk", "tfsec", "trivy", "trufflehog", "zizmor", "kics"}
)
_SUBCOMMANDS = frozenset(
    {("bundle", "audit"), ("cargo", "audit"), ("cargo", "deny"), ("composer", "audit"), ("cosign", "verify")}
    | {("npm", "audit"), ("pnpm", "audit"), ("yarn", "audit"), ("slsa-verifier", "verify-artifact")}
)
_PRIVILEGED = re.compile(r"--privileged\b|/var/run/docker\.sock|DOCKER_HOST=[\"']?tcp://[^\s:]{1,100}:2375\b")
_WRITING = {"sbom", "--write"}
_SHRUG = re.compile(r"\|\|\s*(?:true|:|exit +0|echo\b)")
_PERSONAL = re.compile(
    r"PRIVATE-TOKEN: *\$\{?(\w{1,100})|(?:oauth2|gitlab-ci-token):\$\{?(\w{1,100})\}?@", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Each field is the words that do it, "" when nothing does."""

    publishes: str = ""
    deploys: str = ""
    foreign: str = ""
    privileged: str = ""
    shrugs: str = ""
    gate: bool = False
    writes: bool = False
    """Does the gate only write an SBOM here, and decide nothing?"""
    scans: bool = False
    tokens: tuple[str, ...] = ()
    """Variables with long-lived tokens that are sent to GitLab."""
    names: tuple[str, ...] = ()
    """Every variable it names."""


@lru_cache(maxsize=16_384)
def read(text: str) -> Reading:
    text = text[:MAX_TEXT]
    step = Step(run=text)
    gate = gate_scripts.mentions(text)
    privileged, shrug = _PRIVILEGED.search(text), _SHRUG.search(text)
    own = [words for words in shell.commands(text) if words[0] == gate_scripts.NAME]
    named = (match[1] or match[2] for match in _PERSONAL.finditer(text))
    return Reading(
        publishes=publishing.publishes(Worked(step, "")),
        deploys=deploys(text),
        foreign="" if gate else foreign_code.command(text),
        privileged=privileged[0] if privileged else "",
        shrugs=" ".join(text[: shrug.end()].split())[-60:] if shrug else "",
        gate=gate,
        writes=gate and bool(own) and all(set(words) >= _WRITING for words in own),
        scans=any(words[0] in _SCANNERS or words[:2] in _SUBCOMMANDS for words in shell.commands(text)),
        names=tuple(dict.fromkeys(NAMED.findall(text))),
        tokens=tuple(dict.fromkeys(name for name in named if name != "CI_JOB_TOKEN")),
    )
