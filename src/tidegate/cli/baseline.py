"""`tidegate baseline`: accept findings of secret scanning with an owner, a reason and an end; prune and show them."""

import json
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from tidegate.cli import wire
from tidegate.cli.options import leads_out, policy_option
from tidegate.errors import UnavailableError, UserError
from tidegate.formats import secret_baseline
from tidegate.formats.secret_baseline import Baseline, Entry
from tidegate.model.exit_code import ExitCode

if TYPE_CHECKING:  # pydantic is imported where it is used
    from tidegate.cli.accepting import Offer, Taken
    from tidegate.cli.gate import Gate
    from tidegate.cli.searched import Searched

DEFAULT = "tidegate-baseline.json"
LISTED = 50


@click.group("baseline")
def baseline_command() -> None:
    """Accept findings of secret scanning, each with an owner, a reason and an end.

    The file holds no value and nothing a value could be guessed from. It counts once it is committed, since it is read
    with the policy from the policy's ref: a change cannot bring its own excuses.
    """


@dataclass(frozen=True, slots=True)
class Held:
    """The baseline of the working tree: where it lies, what it holds, and whether the policy names it."""

    name: str
    path: Path
    baseline: Baseline
    named: bool
    raw: bytes | None
    """What lay there when it was read."""


@baseline_command.command("adopt")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--owner", required=True, metavar="WHO", help="Who answers for these entries.")
@click.option("--reason", default="", metavar="TEXT", help="Why these are no live credentials; at least 10 characters.")
@click.option("--expires", default="90d", show_default=True, metavar="DATE|DAYS", help="Last day they count.")
@click.option("--include-block", is_flag=True, help="Adopt tokens and keys of providers, too. This revokes nothing.")
@click.option("--history", is_flag=True, help="Adopt what any earlier commit or message holds, too.")
@click.option("--artifacts", is_flag=True, help="Adopt what the built artifacts hold, too.")
@click.option(
    "--from",
    "theirs",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Adopt only what this `.secrets.baseline` of detect-secrets accepts by the hash of its value.",
)
@policy_option
def adopt(
    paths: tuple[str, ...],
    owner: str,
    reason: str,
    expires: str,
    include_block: bool,
    history: bool,
    artifacts: bool,
    theirs: Path | None,
    policy_path: str,
) -> int:
    """Add what is found now and not accepted yet. Entries that are there stay as they are.

    \b
    tidegate baseline adopt --owner ann --reason "passwords of the test database" tests
    tidegate baseline adopt --owner ann --from .secrets.baseline
    tidegate baseline adopt --owner ann --reason "revoked on 2026-11-02" --include-block --history

    Whatever a provider issued is to be revoked and rotated first: adopting it only keeps the gate from saying so again.
    """
    from tidegate.cli.accepting import Terms, credentials, offer, taken_over
    from tidegate.formats import detect_secrets_baseline

    listed = (
        detect_secrets_baseline.parse(wire.read_bounded(theirs, detect_secrets_baseline.MAX_BYTES)) if theirs else ()
    )
    if not reason and theirs is None:
        raise UserError("`--reason` is missing", hint='say why they are none: `--reason "…"`')
    terms = Terms(owner, reason or f"taken over from {theirs.name if theirs else ''}", _day(expires))
    with _court(policy_path) as (made, held, searched):
        searched.refuse_credentials(owner, reason)
        runs = searched.runs(paths, history=history, artifacts=artifacts)
        found = credentials(runs)
        taken = None
        if theirs is not None:
            matches = searched.matches(tuple(each.sha1 for each in listed), paths, history)
            taken = taken_over(listed, matches, found)
        chosen = taken.subjects if taken else None
        made_offer = offer(
            found, held.baseline, terms, include_block, lambda finding: chosen is None or finding.about in chosen
        )
        made.progress.clear()
        if made_offer.new:
            _write(held, (*held.baseline.entries, *made_offer.new))
        _tell(made_offer, held)
        if taken is not None and theirs is not None:
            _tell_taken(taken, theirs.name)
        searched.tell_gaps()
    return ExitCode.OPEN


@baseline_command.command("prune")
@click.option("--expired", is_flag=True, help="Take out those past their day, too.")
@click.option("--artifacts", is_flag=True, help="Look into the built artifacts, and prune their entries.")
@policy_option
def prune(expired: bool, artifacts: bool, policy_path: str) -> int:
    """Take out entries that match nothing any more: neither in the tree nor in the history the gate looks at."""
    from tidegate.cli.accepting import credentials, pruned

    with _court(policy_path) as (made, held, searched):
        found = credentials(searched.runs((), history=False, artifacts=artifacts))
        if gaps := searched.gaps():
            raise UnavailableError(f"nothing was pruned: {gaps[0]}", hint="mend it: what was not searched may match")
        looked = pruned(held.baseline, found, searched.covers, wire.clock().now().date(), expired)
        made.progress.clear()
        if looked.gone or looked.ended:
            _write(held, looked.kept)
        for what, entries in (("pruned", looked.gone), ("ended", looked.ended)):
            _list(what, entries)
        _count("not looked at, kept", looked.unseen, "give `--artifacts` after a build")
        sys.stdout.write(f"{_many(len(looked.kept))} left in {held.name}\n")
    return ExitCode.OPEN


@baseline_command.command("show")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@policy_option
def show(format_: str, policy_path: str) -> int:
    """List every entry with what became of it: used, unused, expired, or not looked at."""
    from tidegate.cli.accepting import credentials

    with _court(policy_path) as (made, held, searched):
        found = credentials(searched.runs((), history=False, artifacts=False))
        today = wire.clock().now().date()
        told = []
        for entry in held.baseline.entries:
            seen = (entry.rule, entry.about) in found
            word = "used" if seen else "unused" if searched.covers(entry) else "not looked at"
            told.append(("expired" if today > entry.expires else word, entry))
        made.progress.clear()
    if format_ == "json":
        plain = [{"standing": word, **secret_baseline.plain(entry)} for word, entry in told]
        sys.stdout.write(json.dumps({"path": held.name, "entries": plain}, indent=2) + "\n")
        return ExitCode.OPEN
    for word, entry in told:
        sys.stdout.write(f"{word:<14}{_line(entry)}\n")
    sys.stdout.write(f"{_many(len(told))} in {held.name}\n")
    return ExitCode.OPEN


@contextmanager
def _court(policy_path: str) -> "Iterator[tuple[Gate, Held, Searched]]":
    """The policy and the baseline of the working tree: what is about to be proposed."""
    from tidegate.cli.gate import gate
    from tidegate.cli.searched import Searched, with_baseline

    fresh = secret_baseline.render(Baseline(secrets.token_hex(16)))
    with gate(policy_path, lambda _git: "", facts=False, unwritten=fresh) as made:
        named = made.policy.controls.secrets.baseline
        name = named or DEFAULT
        path = made.root / name
        if leads_out(path, made.root):
            raise UserError(f"the repository has a link on the way to `{name}`", hint="name a file of its own")
        raw = _now(path)
        text = made.policy.files[name] if named else _found(made, name) or fresh
        made.policy = with_baseline(made.policy, name, text)
        held = Held(name, path, secret_baseline.parse(text.encode()), named is not None, raw)
        yield made, held, Searched(made)


def _found(made: "Gate", name: str) -> str:
    """The baseline no policy names yet. Raises UserError for one with faults: it is never written over."""
    from tidegate.errors import PolicyError
    from tidegate.policy import baseline

    raw = wire.policy_reader(made.root, "")(name, secret_baseline.MAX_BYTES)
    if raw is None:
        return ""
    text, faults = baseline.check(name, raw)
    if faults:
        raise PolicyError(faults)
    return text


def _day(text: str) -> date:
    today = wire.clock().now().date()
    days = re.fullmatch(r"([1-9][0-9]{0,3})d", text)
    try:
        day = today + timedelta(int(days[1])) if days else date.fromisoformat(text)
    except ValueError:
        raise UserError(f"`--expires {text[:40]}` is no date", hint="write `2027-02-01` or `90d`") from None
    if day < today:
        raise UserError(f"`--expires {text[:40]}` is past", hint="name the last day it should count")
    return day


def _write(held: Held, entries: tuple[Entry, ...]) -> None:
    text = secret_baseline.render(Baseline(held.baseline.salt, entries))
    if held.path.is_symlink() or (_now(held.path) != held.raw):
        raise UserError(f"`{held.name}` changed meanwhile, or is a link", hint="run it again")

    def fill(out: BinaryIO) -> None:
        out.write(text.encode())

    wire.write_whole(held.path, fill)


def _now(path: Path) -> bytes | None:
    return wire.read_bounded(path, secret_baseline.MAX_BYTES) if path.exists() else None


def _tell(made: "Offer", held: Held) -> None:
    _list("adopted", made.new)
    total = len(held.baseline.entries) + len(made.new)
    sys.stdout.write(f"{_many(len(made.new))} adopted, {total} in {held.name}\n")
    _count("ended, and not renewed", made.ended, "`tidegate baseline prune --expired`, then adopt again")
    if made.blocked:
        sys.stdout.write(
            f"{len(made.blocked)} of a provider's tokens and keys were NOT adopted: revoke and rotate them; "
            "`--include-block` accepts them and revokes nothing\n"
        )
        _mend([(finding.about, finding.fix) for finding in made.blocked])
    if made.rotate:
        sys.stdout.write("still to be revoked and rotated, unless that was done:\n")
        _mend([(finding.about, finding.fix) for finding in made.rotate])
    if made.new and not held.named:
        sys.stdout.write(f"name it in the policy: `controls.secrets.baseline: {held.name}`\n")
    if made.new:
        sys.stdout.write("it counts once it is committed where the policy is read\n")


def _tell_taken(taken: "Taken", name: str) -> None:
    from tidegate.reporters.escape import terminal

    for what, entries in (
        ("refused, the hash is of a mere prefix and would accept every token of its kind", taken.bare),
        ("refused, somebody audited it as a real credential", taken.real),
        ("matches nothing that tidegate finds there", taken.lost),
    ):
        if entries:
            sys.stdout.write(f"{len(entries)} of {name}: {what}\n")
        for each in entries[:LISTED]:
            bare = f" (`{each.bare}`)" if each.bare else ""
            sys.stdout.write(f"  {terminal(each.path, 300)}: {terminal(each.kind, 100)}{bare}\n")
        if len(entries) > LISTED:
            sys.stdout.write(f"  and {len(entries) - LISTED} more\n")


def _mend(items: list[tuple[str, str]]) -> None:
    from tidegate.reporters.escape import terminal

    for about, fix in items[:LISTED]:
        sys.stdout.write(f"  {terminal(about, 500)}\n    {terminal(fix, 500)}\n")
    if len(items) > LISTED:
        sys.stdout.write(f"  and {len(items) - LISTED} more\n")


def _list(what: str, entries: tuple[Entry, ...]) -> None:
    for entry in entries:
        sys.stdout.write(f"{what:<10}{_line(entry)}\n")


def _count(what: str, entries: tuple[Entry, ...], hint: str) -> None:
    if entries:
        sys.stdout.write(f"{_many(len(entries))} {what}: {hint}\n")


def _many(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _line(entry: Entry) -> str:
    from tidegate.reporters.escape import terminal

    return f"{entry.rule}  {terminal(entry.about, 600)}  until {entry.expires} ({terminal(entry.owner, 200)})"
