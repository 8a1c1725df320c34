"""Property tests give the same examples each time; `make fuzz` looks for new ones."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.register_profile(
    "fuzz", max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
settings.load_profile("default")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Bytes are named by their parameter: archives hold the time they were made, and names must not change."""
    return argname if isinstance(val, bytes) else None


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Under TIDEGATE_NO_SKIPS (the whole check) a skipped test is a failure: its peer should have been there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped") if reporter is not None else None
    if os.environ.get("TIDEGATE_NO_SKIPS") and exitstatus == 0 and skipped:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
