"""This machine, its repository and its CI job, as ports."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.errors import NotARepository
from tidegate.model.inventory import Source
from tidegate.ports import CIFacts, Clock, Files, Git, Taken, Workers

if TYPE_CHECKING:  # only a commit hook asks for it
    from tidegate.adapters.staged import Staged as Staged

GIT_TIMEOUT = 60.0


def clock() -> Clock:
    from tidegate.adapters.clock import SystemClock

    return SystemClock()


def files(root: Path) -> Files:
    from tidegate.adapters.files import LocalFiles

    return LocalFiles(root)


def git(root: Path, index: str = "") -> Git:
    from tidegate.adapters.git import LocalGit

    return LocalGit(root, GIT_TIMEOUT, index)


def staged(root: Path, index: str) -> "Staged":
    """What the next commit would hold."""
    from tidegate.adapters.staged import read_staged

    return read_staged(root, GIT_TIMEOUT, index)


def workers(say: Callable[[str], None] = lambda _text: None) -> Workers:
    """Worker processes, the first of which may have been started already; `say` hears how far they are."""
    from tidegate.adapters.workers import ProcessWorkers
    from tidegate.cli.wire.waiting import waiting_workers

    return ProcessWorkers(ready=waiting_workers(), say=say)


def taken(folder: Path) -> Taken:
    from tidegate.adapters.taking import TakenFolder

    return TakenFolder(folder)


def ci_facts(source: Source, environment: Mapping[str, str] = os.environ) -> CIFacts:
    """Facts of the CI we run in; read in the parent only."""
    from tidegate.adapters.ci.detect import detect

    return detect(environment).facts(source)


def token_facts(facts: CIFacts, environment: Mapping[str, str] = os.environ) -> tuple[CIFacts, str]:
    """The facts with what the CI's token says of the job, and why there is none; see `adapters.ci.token`."""
    from tidegate.adapters.ci.token import with_token

    return with_token(facts, environment)


def repository_root(start: Path) -> Path:
    """The top of the git work tree that holds `start`; `start` itself without one."""
    from tidegate.adapters.git import toplevel

    return toplevel(start) or start.resolve()


def require_repository(found: Git) -> None:
    if not found.present():
        raise NotARepository("this is not a git repository", hint="run it inside the repository, or `git init` first")
