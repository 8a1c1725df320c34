"""The shipped policies: `policies/*.yaml` of the repository, inside the wheel beside this file."""

from pathlib import Path

from tidegate.errors import UserError

NAMES = ("starter", "baseline", "strict")
DEFAULT = "baseline"


def read(name: str) -> bytes:
    """The text of a preset. Raises UserError when the installation lacks it."""
    if name not in NAMES:
        raise UserError(f"there is no preset {name!r}", hint=f"the presets are {', '.join(NAMES)}")
    here = Path(__file__).resolve()
    # A wheel carries the folder beside this file; an editable install has it at the repository's top.
    for folder in (here.parent / "presets", here.parents[3] / "policies"):
        path = folder / f"{name}.yaml"
        if path.is_file():
            return path.read_bytes()
    raise UserError(f"the preset {name!r} is missing from this installation", hint="reinstall tidegate")
