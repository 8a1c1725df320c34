"""`tidegate rebuild`: build a commit again, compare, and say what came of it."""

from tidegate.cli.rebuild.command import rebuild_command

__all__ = ["rebuild_command"]
