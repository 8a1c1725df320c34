#!/usr/bin/env bash
# Mutate what decides, in a copy, and show what survives; SURVIVORS.md explains each kind that may.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=.venv-mutation
[ -x "$venv/bin/cosmic-ray" ] || { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet -r requirements/dev.txt cosmic-ray==8.7.0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet . "$work/copy"
cd "$work/copy"
PATH="$OLDPWD/$venv/bin:$PATH"
cosmic-ray init tests/mutation/cosmic-ray.toml session.sqlite
cr-filter-operators session.sqlite tests/mutation/cosmic-ray.toml
cosmic-ray exec tests/mutation/cosmic-ray.toml session.sqlite
cr-report session.sqlite --show-diff --surviving-only
