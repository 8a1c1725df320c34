"""`tidegate policy`: show the effective policy, check one, print its JSON Schema."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegate.cli import wire
from tidegate.cli.gate import load_policy
from tidegate.cli.options import policy_option
from tidegate.errors import UserError
from tidegate.model.verdict import ExitCode

if TYPE_CHECKING:  # pydantic is imported where it is used
    from tidegate.policy.schema import Policy


@click.group("policy")
def policy_command() -> None:
    """Show, check and describe policies."""


def _load(policy_path: str, committed: bool) -> "Policy":
    root = wire.repository_root(Path.cwd())
    return load_policy(root, policy_path, ref="HEAD" if committed else "", known_rules=True)


@policy_command.command("check")
@policy_option
@click.option("--committed", is_flag=True, help="Check the policy of HEAD instead of the working tree's.")
def check(policy_path: str, committed: bool) -> int:
    """Check a policy and everything it names; all faults are shown at once, each with its line."""
    policy = _load(policy_path, committed)
    for warning in policy.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    extends = " < ".join(reversed(policy.presets)) or "nothing"
    sys.stdout.write(f"{policy.path}: ok, extends {extends}, digest {policy.digest}\n")
    return ExitCode.OPEN


@policy_command.command("show")
@policy_option
@click.option("--committed", is_flag=True, help="Show the policy of HEAD instead of the working tree's.")
def show(policy_path: str, committed: bool) -> int:
    """Print the effective policy, presets merged, as YAML."""
    import yaml

    policy = _load(policy_path, committed)
    plain = json.loads(policy.model.model_dump_json(by_alias=True, exclude_none=True))
    sys.stdout.write(f"# {policy.path}  digest {policy.digest}\n")
    sys.stdout.write(yaml.safe_dump(plain, sort_keys=False, allow_unicode=False, width=110))
    return ExitCode.OPEN


@policy_command.command("schema")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file.")
def schema(output: Path | None) -> int:
    """Print the JSON Schema of the policy, for editors."""
    from tidegate.policy.schema import PolicyModel

    text = json.dumps(PolicyModel.model_json_schema(by_alias=True), indent=2, sort_keys=True) + "\n"
    if output is None:
        sys.stdout.write(text)
        return ExitCode.OPEN
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write `{output}`: {error.strerror}", hint="name a writable file") from None
    return ExitCode.OPEN
