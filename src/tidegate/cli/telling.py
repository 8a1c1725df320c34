"""An error on the screen: what happened, then what to type."""

import sys

from tidegate.errors import PolicyError, TidegateError


def tell(error: TidegateError) -> None:
    """Write `error:`, the faults of a policy, and `hint:` to standard error; foreign text in them stays harmless."""
    from tidegate.reporters.escape import terminal

    sys.stderr.write(f"error: {terminal(error.message, 2000)}\n")
    if isinstance(error, PolicyError):
        for fault in error.faults:
            sys.stderr.write(f"  {terminal(str(fault), 2000)}\n")
    sys.stderr.write(f"hint: {terminal(error.hint, 2000)}\n")
