#!/usr/bin/env bash
# A virtual environment of our own in the runner's temporary folder, from wheels whose hashes are in requirements.txt.
# tidegate itself is the source beside this file: the commit the action is pinned to, and nothing that was built.
set -euo pipefail

home="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="$RUNNER_TEMP/tidegate-venv"
python="${TIDEGATE_PYTHON:-python3}"

if ! "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "::error title=tidegate::Python 3.11 or later is needed: use actions/setup-python before this step, or name one in the input python"
  exit 2
fi
"$python" -I -m venv --clear "$venv"
"$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check --no-input \
  --require-hashes --only-binary :all: --no-deps --requirement "$home/requirements.txt"
purelib="$("$venv/bin/python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
printf '%s\n' "$home/src" > "$purelib/tidegate.pth"
"$venv/bin/python" -I -m tidegate --version
