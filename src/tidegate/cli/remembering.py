"""What `verify` tells a ledger, and when: under one lock, after everything passed, and not otherwise."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tidegate.acts import Seal
from tidegate.cli import wire
from tidegate.errors import UserError
from tidegate.formats.ledger import Entry
from tidegate.formats.records import from_plain
from tidegate.model.control import Control
from tidegate.model.evidence import Report
from tidegate.model.verdict import Outcome, Run
from tidegate.ports import Deploying

_LONGEST = 500


class Kept(Protocol):
    """A ledger that is locked; see `adapters.ledger.LedgerFile`."""

    raw: bytes | None

    def append(self, entries: Sequence[Entry], now: datetime) -> str: ...


@dataclass(slots=True)
class Memory(Seal):
    """One verification's dealings with the ledger. `copy` is what the workers read, None without a ledger file."""

    told: Deploying
    file: Kept | None = None
    copy: Path | None = None
    entries: list[Entry] = field(default_factory=list)

    def concluded(self, reports: Mapping[Control, Report]) -> None:
        """Keep what row 8 would have the ledger say."""
        from tidegate.stages.placing import LEDGER

        report = reports.get(Control.DEPLOYMENT)
        for produced in report.produced if report else ():
            if produced.name == LEDGER:
                self.entries += from_plain(tuple[Entry, ...], json.loads(produced.text))

    def keep(self, run: Run) -> str:
        """Append after a pass; gives a note for the reader, "" when there was nothing to say."""
        passed = all(v.outcome is Outcome.PASS for v in run.verdicts if v.control is Control.DEPLOYMENT)
        if self.file is None or run.exit_code != 0 or not passed:
            return ""
        if not self.entries:
            return "the ledger says so already"
        head = self.file.append(self.entries, wire.clock().now())
        return f"the ledger was continued: head {head}"


@contextmanager
def memory(path: Path | None, told: Deploying, private: Path) -> Iterator[Memory]:
    """Lock the ledger for the whole verification, so that two of them cannot both believe to be the newest."""
    if path is None:
        yield Memory(told)
        return
    with wire.ledger(path) as file:
        copy = None
        if file.raw is not None:
            copy = private / "ledger"
            copy.write_bytes(file.raw)
        yield Memory(told, file, copy)


def asked(*, release: str, ledger: Path | None, head: str, back_to: str, reason: str, owner: str) -> Deploying:
    """The options of `verify` as one value. Raises UserError when they do not fit together."""
    for name, text in (("--rollback-to", back_to), ("--reason", reason), ("--owner", owner), ("--release", release)):
        if not text.isprintable() or len(text) > _LONGEST:
            raise UserError(f"`{name}` is not a plain text of at most {_LONGEST} characters", hint="say it shorter")
    if back_to and (ledger is None or not reason or not owner):
        raise UserError(
            "a rollback is recorded in the ledger, with its reason and owner",
            hint="say `--ledger FILE --rollback-to VERSION --reason REASON --owner OWNER`",
        )
    if (reason or owner) and not back_to:
        raise UserError("`--reason` and `--owner` belong to `--rollback-to`", hint="say which version to go back to")
    if head and (ledger is None or len(head) != 64 or set(head) - set("0123456789abcdef")):
        raise UserError("`--ledger-head` is the sha256 of a line of `--ledger`", hint="`tidegate ledger show FILE`")
    return Deploying(release=release, named=ledger is not None, head=head, back_to=back_to, reason=reason, owner=owner)
