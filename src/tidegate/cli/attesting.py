"""What every statement somebody signs by hand has in common: searched first, signed with a deadline, laid beside."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tidegate.cli import wire
from tidegate.cli.gate import Gate
from tidegate.errors import UnavailableError, UserError
from tidegate.formats.endings import ATTESTATIONS
from tidegate.formats.records import from_plain
from tidegate.ports import Job, Signer, SignerFacts

_SCAN_DEADLINE = 60.0
_SIGNING_DEADLINE = 120.0


def searched(made: Gate, statement: bytes, what: str, hint: str) -> None:
    """A signature lasts: what carries a secret must not get one. Raises UserError, UnavailableError."""
    payload = f'{{"means":{made.means()},"payloads":{json.dumps([statement.decode()])}}}'
    for done in wire.workers().run([Job("payloads", "payloads", payload)], _SCAN_DEADLINE):
        if done.failed:
            break
        leaks = from_plain(tuple[str, ...], json.loads(done.text))
        if leaks:
            raise UserError(f"{what} carries a secret: {leaks[0]}", hint=hint)
        return
    raise UnavailableError(f"{what} could not be searched for secrets", hint="run again")


def signed(signer: Signer, statement: bytes) -> str:
    """The bundle on one line. Raises UnsealedError, UnavailableError."""
    bundle = _bounded(signer.ready, partial(signer.sign_statement, statement))
    return json.dumps(json.loads(bundle), separators=(",", ":"))


def lay_beside(artifact: Path, line: str) -> None:
    """Append a bundle to the attestations of a file. Raises UserError."""
    wire.add_line(artifact.with_name(artifact.name + ATTESTATIONS), line)


def is_among(facts: SignerFacts, keys: dict[str, bytes]) -> bool:
    """Is a signer's key one of these?"""
    from tidegate.domain.claims.proof import fingerprint

    mine = fingerprint(facts.public_key.encode())
    return bool(mine) and mine in {fingerprint(pem) for pem in keys.values()}


def _bounded(ready: Callable[[], None], sign: Callable[[], str]) -> str:
    from tidegate.sealing import bounded

    bounded(ready, _SIGNING_DEADLINE)
    return bounded(sign, _SIGNING_DEADLINE)
