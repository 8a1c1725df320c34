"""What a command's worker does in any case, told from the command line alone, before anything of it is checked.

The worker starts while the command is still being imported. A wrong guess costs time and nothing else: what a job asks
for is compared with what is there already, and a worker nobody has a job for is killed.
"""

import os
from collections.abc import Sequence

_STAGES = {"lockfiles": "lockfiles", "ci": "ci_tokens"}
_READY = "domain.secrets.ready"
_OFFLINE = "--database"
_VALUED = ("--policy", "--format", "--output", "--color")
_SEARCH = ("--staged", "--range", "--history")


def ahead(arguments: Sequence[str]) -> tuple[str, ...]:
    """What to tell a worker (see `cli.worker`), empty when none is needed at once."""
    if "--help" in arguments or "-h" in arguments:
        return ()
    words = [each for each in arguments if not each.startswith("-")]
    match words[:2]:
        case ["review", *_] if "--staged" in arguments:
            return ("cli.staging", "stages.searching", _READY)
        case ["review", *_]:
            return ("adapters.inventory", "read:")
        case ["deps", ("audit" | "review") as name]:
            changes = ("stages.changes",) if name == "review" else ()
            return (*changes, *_row("dependencies"), _engine(arguments))
        case ["sbom", *_] if "--write" in arguments:
            early = ("read:sbom",) if "--pre-build" in arguments else ()
            return ("adapters.inventory", *early, "cli.rendering")
        case ["secrets", *_] if _searches(arguments):
            return ("stages.searching", "cli.wire", "adapters.crew", "adapters.git", _READY)
        case ["secrets", *_]:
            return (*_row("secrets"), _READY)
        case [name, *_] if name in _STAGES:
            return _row(_STAGES[name])
    return ()


def _searches(arguments: Sequence[str]) -> bool:
    """Is a path named, or another way to search than the policy's?"""
    words = list(arguments)
    for at, word in enumerate(words):
        if word.startswith(_SEARCH):
            return True
        if word.startswith("-") or word == "secrets" or (at and words[at - 1] in _VALUED):
            continue
        return True
    return False


def _row(stage: str) -> tuple[str, ...]:
    return (f"stages.{stage}", "adapters.inventory", f"read:{stage.replace('_', '-')}")


def _engine(arguments: Sequence[str]) -> str:
    offline = any(each.startswith(_OFFLINE) for each in arguments) or "TIDEGATE_DATABASE" in os.environ
    return "adapters.vulns.offline" if offline else "adapters.vulns.osv_api"
