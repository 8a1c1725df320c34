"""`python -m benchmarks`: run every benchmark in this folder; exit 1 when one is short of its target."""

import importlib
import pkgutil
import sys

import benchmarks

lines = []
for found in sorted(pkgutil.iter_modules(benchmarks.__path__), key=lambda m: m.name):
    if not found.name.startswith("_"):
        for line in importlib.import_module(f"benchmarks.{found.name}").run():
            print(line, flush=True)
            lines.append(line)
sys.exit(any(line.endswith(" short") for line in lines))
