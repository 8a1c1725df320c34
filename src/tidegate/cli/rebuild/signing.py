"""The half of `tidegate rebuild` that signs: it runs no project code, and signs only what it can check itself."""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from tidegate.cli import wire
from tidegate.cli.attesting import is_among, lay_beside, searched, signed
from tidegate.cli.gate import Gate
from tidegate.cli.rebuild.targets import Target
from tidegate.cli.signers import named
from tidegate.errors import FormatError, UserError
from tidegate.formats import intoto
from tidegate.formats import rebuild as format_of
from tidegate.formats.rebuild import LIMIT as LIMIT
from tidegate.formats.rebuild import Rebuild
from tidegate.model.verdict import ExitCode
from tidegate.ports import Signer
from tidegate.reporters.escape import terminal


def sign(made: Gate, targets: Sequence[Target], raw: bytes, key: str | None, out: Path | None) -> int:
    """Check the statement, sign it as we would write it, and lay it beside each artifact it is about."""
    try:
        stated = format_of.read(intoto.parse(raw))
    except FormatError as error:
        raise UserError(f"this is no statement of a rebuild: {error.message}", hint="rebuild again") from None
    wrong = next(_wrong(made, targets, stated), "")
    if wrong:
        raise UserError(f"the statement is not signed: {wrong}", hint="rebuild these artifacts at this commit")
    signer = _signer(made, key)
    statement = format_of.build(stated)
    searched(made, statement, "the statement", "take the secret out of the build's command and of file names")
    made.progress("signing")
    line = signed(signer, statement)
    made.progress.clear()
    about = {each.name: each.result for each in stated.artifacts}
    for target in targets:
        name = target.artifact.name
        if name in about:
            lay_beside((out / name) if out is not None else target.path, line)
            sys.stdout.write(f"signed: {terminal(name)} {target.artifact.digest} is {about[name]}\n")
    facts = signer.facts()
    if facts.kind == "key" and not is_among(facts, made.policy.keys(list(made.policy.model.trust.rebuilders))):
        sys.stderr.write("warning: `trust.rebuilders` of this policy does not name the key; nobody will count it\n")
    return ExitCode.OPEN if stated.reproduced else ExitCode.SHUT


def _wrong(made: Gate, targets: Sequence[Target], stated: Rebuild) -> Iterator[str]:
    """What the statement says and this checkout does not."""
    from tidegate.domain.claims.vsa import SKEW

    source = made.git.source()
    if (stated.commit, stated.tree) != (source.commit, source.tree):
        yield f"it is about the commit `{stated.commit}`, and HEAD is `{source.commit}`"
    if not source.committed or stated.epoch != int(datetime.fromisoformat(source.committed).timestamp()):
        yield "its SOURCE_DATE_EPOCH is not the commit's time"
    rules = made.policy.controls.sbom.build
    if rules is None or stated.command != tuple(rules.command):
        yield "it was built by another command than `controls.sbom.build` names"
    if stated.time > wire.clock().now() + SKEW:
        yield "it is of the future"
    here = {target.artifact.name: target.artifact.digest for target in targets}
    for each in stated.artifacts:
        digest = here.get(each.name)
        if digest is None:
            yield f"`{each.name}` is not among the artifacts here"
        elif not digest.matches(each.digest):
            yield f"`{each.name}` is {digest} here, and {each.digest} there"


def _signer(made: Gate, key: str | None) -> Signer:
    if key is not None:
        return named(key)
    try:
        found = wire.keyless_signer(made.policy, made.facts, entries=made.policy.model.trust.rebuilders)
    except FormatError as error:
        raise UserError(
            f"cannot sign with `trust.instance`: {error.message}", hint="name a ClientTrustConfig"
        ) from None
    if found is None:
        raise UserError(
            "there is nobody to sign", hint="give `--key`, or sign in a CI job whose identity `trust.rebuilders` names"
        )
    return found
