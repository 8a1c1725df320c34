"""Start-up is part of the contract: nobody waits for `--version` or `--help`."""

from collections.abc import Iterator

from benchmarks._measure import cpu, line, tidegate


def run() -> Iterator[str]:
    yield line("version-cpu", cpu([tidegate(), "--version"]), 0.15)
    yield line("check-help-cpu", cpu([tidegate(), "check", "--help"]), 0.25)
