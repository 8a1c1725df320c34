"""Every error tidegate raises on purpose; each carries a hint that can be typed or done."""

from tidegate.late import dataclass


class TidegateError(Exception):
    """The root of the taxonomy. `hint` says what to do next and is never empty."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UserError(TidegateError):
    """The command line or the policy is wrong; nothing was run. Exit 2."""


class NoSuchArtifact(UserError):
    """A release names an artifact that is not there."""


class NotARepository(UserError):
    """The command needs a git repository and there is none."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in a policy, with its place. `line` is 1-based; None when the fault has no single line."""

    message: str
    path: str = ""
    line: int | None = None
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}: " if self.line is not None else (f"{self.path}: " if self.path else "")
        return f"{place}{self.message}" + (f" ({self.hint})" if self.hint else "")


class PolicyError(UserError):
    """The policy has faults; all of them are reported at once."""

    def __init__(
        self, faults: tuple[Fault, ...], *, hint: str = "run `tidegate policy check` after mending them"
    ) -> None:
        many = "fault" if len(faults) == 1 else "faults"
        super().__init__(f"the policy has {len(faults)} {many}", hint=hint)
        self.faults = faults


class UndecidedError(TidegateError):
    """Something outside the team's reach did not answer; the gate stays shut. Exit 3."""


class UnavailableError(UndecidedError):
    """A service did not answer, answered late, or answered with something that is not an answer."""


class ToolMissing(UndecidedError):
    """A tool the control needs is not installed or does not run."""


class StaleDatabase(UndecidedError):
    """A database is missing, empty, unreadable or older than the policy allows."""


class FormatError(TidegateError):
    """A document that cannot be read as what it claims to be; a stage turns this into a finding.

    `line` is 1-based where the place is known.
    """

    def __init__(self, message: str, *, hint: str = "mend or remove the file", line: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.line = line


class UnsealedError(TidegateError):
    """The signer refused: what it was asked to sign did not pass act 1, or changed since."""
