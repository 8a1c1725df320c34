#!/usr/bin/env bash
# Ask the gate, tell the runner what it said, and end with the gate's own exit code: it is the last thing done.
set -uo pipefail

python="$RUNNER_TEMP/tidegate-venv/bin/python"
reports="$(mktemp -d "$RUNNER_TEMP/tidegate-report.XXXXXX")" || exit 3

case "$TIDEGATE_COMMAND" in
  review | check | verify | secrets | lockfiles | ci | deps) ;;
  *)
    echo "::error title=tidegate::the input command is none of review, check, verify, secrets, lockfiles, ci, deps"
    exit 2
    ;;
esac
words=("$TIDEGATE_COMMAND")
mapfile -t further <<< "$TIDEGATE_ARGS"
for word in "${further[@]}"; do
  [[ -n "$word" ]] && words+=("$word")
done
words+=(--policy "$TIDEGATE_POLICY")
for report in markdown=report.md json=run.json sarif=report.sarif github=annotations.txt; do
  words+=(--output "${report%%=*}=$reports/${report#*=}")
done

# Whatever is printed here comes from what was examined; until the marker the runner obeys no line of it.
marker="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
code=3
if cd -- "$TIDEGATE_FOLDER"; then
  echo "::stop-commands::$marker"
  # A token is masked on standard error, which the runner must go on to obey.
  {
    "$python" -I -m tidegate "${words[@]}" 2>&1 >&3 | while IFS= read -r line; do
      case "$line" in
        ::add-mask::*) printf '::%s::\n%s\n::stop-commands::%s\n' "$marker" "$line" "$marker" ;;
        *) printf '%s\n' "$line" ;;
      esac
    done
    code=${PIPESTATUS[0]}
  } 3>&1
  echo "::$marker::"
fi

case "$code" in
  0) verdict=pass ;;
  1) verdict=fail ;;
  3) verdict=undecided ;;
  *) verdict=error ;;
esac

tell() { # name, value: a value of several lines cannot end before its delimiter
  local end
  end="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
  printf '%s<<%s\n%s\n%s\n' "$1" "$end" "$2" "$end" >> "$GITHUB_OUTPUT"
}
there() { [[ -s "$1" ]] && printf '%s' "$1"; }
evidence=""
if [[ -s "$reports/run.json" ]]; then
  evidence="$("$python" -I -c 'import json, os, sys
found = json.load(open(sys.argv[1], encoding="utf-8")).get("evidence", "")
print(os.path.abspath(found) if found else "", end="")' "$reports/run.json")" || evidence=""
fi
tell verdict "$verdict"
tell exit-code "$code"
tell report "$(there "$reports/report.md")"
tell json "$(there "$reports/run.json")"
tell sarif "$(there "$reports/report.sarif")"
tell evidence "$evidence"

if [[ "${TIDEGATE_ANNOTATIONS:-true}" != false && -s "$reports/annotations.txt" ]]; then
  cat -- "$reports/annotations.txt"
fi
# GitHub drops a whole summary that is larger than 1 MiB; the report keeps below it by itself.
if [[ "${TIDEGATE_SUMMARY:-true}" != false && -n "${GITHUB_STEP_SUMMARY:-}" && -s "$reports/report.md" ]]; then
  cat -- "$reports/report.md" >> "$GITHUB_STEP_SUMMARY"
fi
exit "$code"
