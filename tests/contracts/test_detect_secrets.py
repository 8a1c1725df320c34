"""What we take from detect-secrets is there and means what we think; a new version that differs is noticed here."""

import importlib
import pkgutil
import re
import subprocess
import sys

import detect_secrets.plugins
from detect_secrets.plugins.base import RegexBasedDetector

from tidegate.domain.secrets import plugins

LEFT_OUT = {"base", "basic_auth", "high_entropy_strings", "ip_public", "keyword", "openai"}
"""Modules without a provider, and two whose pattern ours contains."""


def test_every_plugin_named_is_a_detector_with_patterns() -> None:
    for plugin in plugins.PLUGINS:
        cls = getattr(importlib.import_module(f"detect_secrets.plugins.{plugin.module}"), plugin.name)
        assert issubclass(cls, RegexBasedDetector)
        denylist = tuple(cls.denylist)
        assert denylist
        assert all(isinstance(pattern, re.Pattern) for pattern in denylist)


def test_every_pattern_left_out_by_its_beginning_is_there() -> None:
    for plugin in plugins.PLUGINS:
        denylist = getattr(importlib.import_module(f"detect_secrets.plugins.{plugin.module}"), plugin.name).denylist
        if plugin.skip:
            assert [p for p in denylist if p.pattern.startswith(plugin.skip)], plugin.name
        assert [p for p in denylist if not plugin.skip or not p.pattern.startswith(plugin.skip)], plugin.name


def test_every_provider_the_library_knows_is_used_or_left_out_by_name() -> None:
    known = {module.name for module in pkgutil.iter_modules(detect_secrets.plugins.__path__)}
    assert known == {plugin.module for plugin in plugins.PLUGINS} | LEFT_OUT


def test_the_library_is_loaded_only_when_something_must_be_judged_by_it() -> None:
    code = (
        "import sys; from tidegate.domain.secrets import engine, plugins;"
        "engine.scan_text(b'nothing here');"
        "assert 'detect_secrets' not in sys.modules; [d.patterns() for d in plugins.detectors()];"
        "assert 'detect_secrets' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"1\.5\.\d+", plugins.version())
