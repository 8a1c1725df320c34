"""An approval says that somebody wants these very artifacts released under this very policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tidegate.errors import FormatError
from tidegate.formats import claimed
from tidegate.formats.intoto import moment, text
from tidegate.model.digest import Digest

APPROVAL_V1 = "https://tidegate.dev/approval/v1"
MAX_REASON = 2000


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval's predicate; its subjects are the release's artifacts. `policy` is `sha256:hex`.

    `actor` is the CI account it was given by, as the CI said, "" outside of CI.
    """

    release: str
    policy: str
    reason: str
    time: datetime
    actor: str = ""


def build(approval: Approval) -> dict[str, object]:
    """The predicate as JSON data."""
    algorithm, _, value = approval.policy.partition(":")
    predicate: dict[str, object] = {
        "release": approval.release,
        "policy": {"digest": {algorithm: value}},
        "reason": approval.reason,
        "approvedAt": approval.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if approval.actor:
        predicate["actor"] = approval.actor
    return predicate


def parse(predicate: Mapping[str, object]) -> Approval:
    """Read a predicate. Raises FormatError for anything `build` does not write; unknown fields are refused."""
    if set(predicate) - {"release", "policy", "reason", "approvedAt", "actor"}:
        raise FormatError("the approval has unknown fields")
    reason = text(predicate.get("reason"), "`reason`")
    if len(reason) > MAX_REASON:
        raise FormatError("`reason` is too long")
    return Approval(
        release=text(predicate.get("release"), "`release`"),
        policy=_policy(predicate.get("policy")),
        reason=reason,
        time=moment(predicate.get("approvedAt"), "`approvedAt`"),
        actor=text(predicate["actor"], "`actor`") if "actor" in predicate else "",
    )


def is_approval(raw: bytes) -> bool:
    """Does a bundle claim to be an approval? Nothing is verified here."""
    return claimed.predicate_type(raw) == APPROVAL_V1


def _policy(plain: object) -> str:
    digest = plain.get("digest") if isinstance(plain, dict) else None
    value = digest.get("sha256") if isinstance(digest, dict) else None
    try:
        return str(Digest("sha256", value if isinstance(value, str) else ""))
    except ValueError:
        raise FormatError("the approval names no policy by its sha256") from None
