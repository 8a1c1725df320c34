"""`tidegate keys`: make a signing key and show its public half."""

import os
import sys
from pathlib import Path

import click

from tidegate.cli import wire
from tidegate.errors import UserError
from tidegate.model.verdict import ExitCode

PASSPHRASE = "TIDEGATE_KEY_PASSPHRASE"  # noqa: S105 - the variable's name


def passphrase(*, confirm: bool) -> bytes | None:
    """From the environment, or asked for on a terminal; None when neither is there. Never from the command line."""
    given = os.environ.get(PASSPHRASE)
    if given is not None:
        return given.encode() or None
    if sys.stdin.isatty() and not os.environ.get("CI"):
        typed: str = click.prompt(
            "passphrase (empty for none)",
            hide_input=True,
            default="",
            show_default=False,
            confirmation_prompt=confirm,
            err=True,
        )
        return typed.encode() or None
    return None


@click.group("keys")
def keys_command() -> None:
    """Make signing keys and show their public half."""


@keys_command.command("generate")
@click.argument("name", type=click.Path(path_type=Path))
@click.option("--unencrypted", is_flag=True, help="Allow a private key without a passphrase.")
def generate(name: Path, unencrypted: bool) -> int:
    """Write NAME.key (private, PKCS#8) and NAME.pub (public): ECDSA P-256.

    The passphrase comes from TIDEGATE_KEY_PASSPHRASE or is asked for. Existing files are never replaced.
    """
    word = passphrase(confirm=True)
    if word is None and not unencrypted:
        raise UserError(
            "the private key would be unencrypted", hint=f"set {PASSPHRASE}, or say `--unencrypted` if that is wanted"
        )
    private_path, public_path = name.with_name(name.name + ".key"), name.with_name(name.name + ".pub")
    private, public = wire.generate_key(word)
    for path, data, mode in ((private_path, private, 0o600), (public_path, public, 0o644)):
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        except FileExistsError:
            raise UserError(f"`{path}` is there already", hint="choose another name; keys are never replaced") from None
        except OSError as error:
            raise UserError(f"cannot write `{path}`: {error.strerror}", hint="choose a writable folder") from None
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
    if word is None:
        sys.stderr.write(f"warning: `{private_path}` is not encrypted; whoever reads it can sign as you\n")
    sys.stdout.write(f"private key: {private_path}\npublic key:  {public_path}\n")
    sys.stderr.write(
        f"hint: commit `{public_path}` and name it in the policy under `trust`; never commit the private key\n"
    )
    return ExitCode.OPEN


@keys_command.command("show")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def show(path: Path) -> int:
    """Print the hint of a public key (base64 of the SHA-256 of its SPKI), as bundles name it."""
    sys.stdout.write(wire.key_hint(path.read_bytes()[: 1 << 16]) + "\n")
    return ExitCode.OPEN
