"""`tidegate explain RULE`: what a rule says, why it matters, and how to mend it."""

import sys

import click

from tidegate.errors import UserError
from tidegate.model.verdict import ExitCode


@click.command("explain")
@click.argument("rule", required=False)
def explain_command(rule: str | None) -> int:
    """Say what a rule checks, why, and how to mend it; without RULE, list them all."""
    from tidegate.all_rules import RULES
    from tidegate.policy.faults import did_you_mean
    from tidegate.reporters import explain

    if rule is None:
        for name in sorted(RULES, key=lambda name: (RULES[name].control.label, name)):
            sys.stdout.write(f"{name:32} {RULES[name].says}\n")
        return ExitCode.OPEN
    if rule not in RULES:
        hint = did_you_mean(rule, sorted(RULES)) or "list them with `tidegate explain`"
        raise UserError(f"there is no rule `{rule}`", hint=hint)
    sys.stdout.write(explain.render(RULES[rule], width=100))
    return ExitCode.OPEN
