"""`tidegate demo`: the gate open and shut on a sample release, offline."""

from tidegate.cli.demo.command import demo_command

__all__ = ["demo_command"]
