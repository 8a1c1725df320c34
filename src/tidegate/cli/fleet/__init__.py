"""`tidegate fleet`: many repositories under one policy, side by side, and one table of all."""

from tidegate.cli.fleet.command import fleet_command

__all__ = ["fleet_command"]
