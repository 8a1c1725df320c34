"""Our own rules about GitHub's pipelines: for each what it finds, and the nearest thing it leaves alone."""

import pytest

from tidegate.domain.grants.following import Repository
from tidegate.domain.grants.ledger import keep
from tidegate.domain.grants.reach import never, only_members, reached
from tidegate.domain.grants.rules import RULES
from tidegate.domain.grants.wholly import findings
from tidegate.formats.workflows.github import parse
from tidegate.model.finding import Finding

CI = ".github/workflows/ci.yml"
PUSH = "on: {push: {tags: ['v*']}}"


def every(files: dict[str, str], name: str = "") -> list[Finding]:
    repository = Repository([parse(path, text.encode()) for path, text in files.items()], name)
    return list(findings(repository, keep(repository)))


def told(rule: str, files: dict[str, str], name: str = "") -> list[tuple[str, str, int | None]]:
    return [(f.about, f.level.value, f.place.line if f.place else None) for f in every(files, name) if f.rule == rule]


def flow(steps: str, head: str = "on: push", job: str = "permissions: {contents: read}") -> dict[str, str]:
    return {CI: f"{head}\npermissions: {{}}\njobs:\n  a:\n    {job}\n    steps:\n{steps}\n"}


def about(rule: str, files: dict[str, str], name: str = "") -> list[str]:
    return [level for _, level, _ in told(rule, files, name)]


SIGNS = "permissions: {id-token: write}"
GUARDED = "permissions: {id-token: write}\n    environment: release"


@pytest.mark.parametrize(
    ("steps", "job", "expected"),
    [
        ("      - run: pip install -r requirements.txt", SIGNS, ["warn"]),
        ("      - run: |\n          cd x\n          ./build.sh", SIGNS, ["warn"]),
        ("      - run: sudo make", SIGNS, ["warn"]),
        ("      - uses: stranger/thing@v1", SIGNS, ["warn"]),
        ("      - uses: ./tool", SIGNS, ["warn"]),
        (
            "      - run: npm ci\n      - {run: twine upload x, env: {TWINE_PASSWORD: '${{ secrets.P }}'}}",
            "permissions: {}",
            ["warn"],
        ),
        ("      - run: pip install x", "permissions: {contents: write}", []),
        ("      - uses: actions/download-artifact@v4\n      - uses: pypa/gh-action-pypi-publish@v1", SIGNS, []),
        ("      - uses: sigstore/cosign-installer@v3\n      - run: cosign sign-blob --yes x", SIGNS, []),
        ("      - uses: me/own-action@v1", SIGNS, []),
        ("      - uses: acme/tidegate@v1", SIGNS, []),
        ("      - run: pip download x", SIGNS, []),
    ],
)
def test_signing_token_shared(steps: str, job: str, expected: list[str]) -> None:
    files = flow(steps, PUSH, job)
    files["tool/action.yml"] = "runs: {using: composite, steps: [{run: npm ci, shell: bash}]}"
    assert about("signing-token-shared", files, "me/it") == expected


@pytest.mark.parametrize(
    ("head", "job", "expected"),
    [
        ("on: pull_request_target", SIGNS, ["fail"]),
        ("on: [push, issue_comment]", SIGNS, ["fail"]),
        ("on: {workflow_run: {workflows: [a], branches: [main]}}", SIGNS, ["fail"]),
        ("on: pull_request", SIGNS, ["warn"]),
        ("on: workflow_dispatch", SIGNS, ["warn"]),
        ("on: pull_request_target", GUARDED, []),
        ("on: pull_request_target", "permissions: {contents: write}", []),
        ("on: push", SIGNS, []),
        ("on: [push, pull_request_target]", SIGNS + "\n    if: github.event_name == 'push'", []),
        ("on: [push, pull_request]", SIGNS + "\n    if: startsWith(github.ref, 'refs/tags/v')", []),
        ("on: workflow_run", SIGNS + "\n    if: github.event.workflow_run.event == 'push'", []),
        ("on: workflow_run", SIGNS + "\n    if: github.event.workflow_run.conclusion == 'success'", ["fail"]),
        ("on: workflow_run", SIGNS + "\n    if: github.event.workflow_run.head_branch == 'main'", ["fail"]),
        ("on: workflow_run", SIGNS + "\n    if: github.event.workflow_run.event == 'pull_request'", ["fail"]),
        ("on: workflow_call", SIGNS, []),
        ("on: pull_request_target", "permissions: write-all", ["fail"]),
    ],
)
def test_signing_token_exposed(head: str, job: str, expected: list[str]) -> None:
    assert about("signing-token-exposed", flow("      - run: x", head, job)) == expected


def test_a_credential_in_a_command_is_not_in_a_finding() -> None:
    password = "ghp_" + "a1B2" * 9
    steps = f"      - run: python deploy.py {password}\n      - run: tidegate check --x {password} || echo {password}"
    files = flow(steps, "on: pull_request_target", "permissions: {id-token: write, contents: write}")
    found = every(files)
    assert {"signing-token-shared", "gate-toothless"} <= {finding.rule for finding in found}
    assert password not in repr(found)


def test_a_called_workflow_is_reached_by_whatever_reaches_its_callers() -> None:
    lib = ".github/workflows/lib.yml"
    callee = "on: workflow_call\npermissions: {}\njobs: {s: {permissions: {id-token: write}, steps: []}}"
    for event, expected in (("issues", ["fail"]), ("push", [])):
        caller = f"on: {event}\npermissions: {{}}\njobs: {{a: {{permissions: {{contents: read}}, uses: ./{lib}}}}}"
        assert about("signing-token-exposed", {CI: caller, lib: callee}) == expected


@pytest.mark.parametrize(
    ("step", "job", "expected"),
    [
        ("uses: pypa/gh-action-pypi-publish@v1", SIGNS, ["warn"]),
        ("run: npm publish --provenance", SIGNS, ["warn"]),
        ("uses: pypa/gh-action-pypi-publish@v1", GUARDED, []),
        ("run: npm publish --dry-run", SIGNS, []),
        ("run: npm pack", SIGNS, []),
    ],
)
def test_publish_unguarded(step: str, job: str, expected: list[str]) -> None:
    assert about("publish-unguarded", flow(f"      - {step}", PUSH, job)) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{run: x, env: {AWS_SECRET_ACCESS_KEY: '${{ secrets.AWS }}'}}", [f"{CI}#a#AWS"]),
        ("{uses: google-github-actions/auth@v2, with: {credentials_json: \"${{ secrets['G'] }}\"}}", [f"{CI}#a#G"]),
        ("{uses: pypa/gh-action-pypi-publish@v1, with: {password: '${{ secrets.P }}'}}", [f"{CI}#a#P"]),
        ("{uses: pypa/gh-action-pypi-publish@v1}", []),
        ("{uses: google-github-actions/auth@v2, with: {workload_identity_provider: x}}", []),
        ("{run: npm publish, env: {NODE_AUTH_TOKEN: '${{ secrets.GITHUB_TOKEN }}'}}", []),
    ],
)
def test_credential_long_lived(step: str, expected: list[str]) -> None:
    assert [each for each, _, _ in told("credential-long-lived", flow(f"      - {step}", PUSH))] == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("on: push\nenv: {A: '${{ secrets.KEY }}'}", [(f"{CI}##KEY", "fail", 2)]),
        ("on: push\nenv: {A: '${{ secrets.GITHUB_TOKEN }}'}", []),
        ("on: push\nenv: {A: '${{ vars.KEY }}'}", []),
    ],
)
def test_secret_in_workflow_env(head: str, expected: list[object]) -> None:
    assert told("secret-in-workflow-env", flow("      - run: x", head)) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{uses: stranger/thing@v1, with: {key: '${{ secrets.A }}', more: '${{ secrets.B }}'}}", ["warn"]),
        ("{uses: stranger/thing@v1, with: {key: '${{ secrets.GITHUB_TOKEN }}'}}", []),
        ("{uses: actions/checkout@v4, with: {token: '${{ secrets.A }}'}}", []),
        ("{uses: me/thing@v1, with: {key: '${{ secrets.A }}'}}", []),
    ],
)
def test_secret_handed_out(step: str, expected: list[str]) -> None:
    assert about("secret-handed-out", flow(f"      - {step}"), "me/it") == expected


HEAD = "{uses: actions/checkout@v4, with: {ref: '${{ github.event.pull_request.head.sha }}'}}"
ASIDE = "{uses: actions/checkout@v4, with: {path: aside, ref: '${{ github.head_ref }}'}}"


@pytest.mark.parametrize(
    ("steps", "head", "expected"),
    [
        ([HEAD, "run: npm ci"], "on: pull_request_target", ["fail"]),
        ([HEAD, "uses: ./action"], "on: pull_request_target", ["fail"]),
        (["run: gh pr checkout 1", "run: make"], "on: issue_comment", ["fail"]),
        (["{run: git checkout $R, env: {R: '${{ github.head_ref }}'}}", "run: ./x.sh"], "on: workflow_run", ["fail"]),
        ([ASIDE, "{run: make, working-directory: aside}"], "on: pull_request_target", ["fail"]),
        ([ASIDE, "run: cd aside && make"], "on: pull_request_target", ["fail"]),
        ([ASIDE, "run: make"], "on: pull_request_target", []),
        ([HEAD, "run: npm ci"], "on: pull_request", []),
        ([HEAD, "run: cat README.md"], "on: pull_request_target", []),
        (["run: npm ci", HEAD], "on: pull_request_target", []),
        (["uses: actions/checkout@v4", "run: npm ci"], "on: pull_request_target", []),
    ],
)
def test_untrusted_checkout_executed(steps: list[str], head: str, expected: list[str]) -> None:
    text = "\n".join(f"      - {step}" for step in steps)
    assert about("untrusted-checkout-executed", flow(text, head)) == expected


def test_a_condition_that_keeps_strangers_out_of_the_checkout_is_read() -> None:
    same = "if: github.event.pull_request.head.repo.full_name == github.repository\n    permissions: {}"
    text = f"      - {HEAD}\n      - run: npm ci"
    assert about("untrusted-checkout-executed", flow(text, "on: pull_request_target", same)) == []


@pytest.mark.parametrize(
    ("guard", "head", "expected"),
    [
        ("github.actor == 'me'", "on: pull_request_target", ["warn"]),
        ("contains(fromJSON('[\"me\"]'), github.triggering_actor)", "on: issue_comment", ["warn"]),
        ("github.actor == 'me'", "on: push", []),
        ("github.event.pull_request.user.login == 'me'", "on: pull_request_target", []),
    ],
)
def test_guard_on_actor(guard: str, head: str, expected: list[str]) -> None:
    files = flow("      - run: x", head, f"if: {guard}\n    permissions: {{contents: write}}")
    assert about("guard-on-actor", files) == expected


CLAUDE = "{uses: anthropics/claude-code-action@v1, with: {anthropic_api_key: '${{ secrets.KEY }}'}}"
READS = "permissions: {contents: read}"
WRITES = "permissions: {contents: write}"


@pytest.mark.parametrize(
    ("step", "head", "job", "expected"),
    [
        (CLAUDE, "on: issues", WRITES, ["fail"]),
        (CLAUDE, "on: issue_comment", "permissions: write-all", ["fail"]),
        (CLAUDE, "on: pull_request_target", WRITES, ["fail"]),
        ('run: npx @anthropic-ai/claude-code || claude -p "$TEXT"', "on: issues", WRITES, ["fail"]),
        ("run: codex exec --full-auto 'triage'", "on: discussion_comment", WRITES, ["fail"]),
        (CLAUDE + "\n      - {run: x, env: {T: '${{ secrets.OTHER }}'}}", "on: issues", READS, ["fail"]),
        ("uses: openai/codex-action@v1", "on: issues", WRITES, ["fail"]),
        (CLAUDE, "on: issues", READS, []),
        (CLAUDE, "on: push", WRITES, []),
        (CLAUDE, "on: pull_request", WRITES, []),
        ("run: claude --version", "on: issues", WRITES, []),
        ("uses: actions/labeler@v5", "on: issues", WRITES, []),
        (
            CLAUDE,
            "on: issue_comment",
            'if: contains(fromJSON(\'["OWNER", "MEMBER"]\'), github.event.comment.author_association)\n    ' + WRITES,
            ["warn"],
        ),
        (CLAUDE, "on: issue_comment", "if: contains(github.event.comment.body, '@claude')\n    " + WRITES, ["fail"]),
    ],
)
def test_agent_overpowered(step: str, head: str, job: str, expected: list[str]) -> None:
    assert about("agent-overpowered", flow(f"      - {step}", head, job)) == expected


def test_an_agent_called_as_a_workflow_is_one_too() -> None:
    called = "docker/docker-agent-action/.github/workflows/review-pr.yml@v1"
    text = f"on: issue_comment\npermissions: {{}}\njobs: {{a: {{permissions: {{issues: write}}, uses: {called}}}}}"
    assert about("agent-overpowered", {CI: text}) == ["fail"]


def test_an_agent_with_the_default_token_is_overpowered() -> None:
    text = f"on: issues\njobs:\n  a:\n    steps:\n      - {CLAUDE}\n"
    assert about("agent-overpowered", {CI: text}) == ["fail"]


@pytest.mark.parametrize(
    ("steps", "job", "expected"),
    [
        ("{uses: acme/tidegate@v1, continue-on-error: true}", "name: x", ["fail"]),
        ("{uses: acme/tidegate@v1, if: false}", "name: x", ["fail"]),
        ("{uses: acme/tidegate@v1, if: '${{ false }}'}", "name: x", ["fail"]),
        ('{uses: acme/tidegate@v1, if: "success() && false"}', "name: x", ["fail"]),
        ("{uses: acme/tidegate@v1, continue-on-error: '${{ inputs.soft }}'}", "name: x", ["fail"]),
        ("run: tidegate check || true", "name: x", ["fail"]),
        ("run: python -m tidegate check || :;", "name: x", ["fail"]),
        ('run: "tidegate check; exit 0"', "name: x", ["fail"]),
        ("run: tidegate check --exit-zero", "name: x", ["fail"]),
        ("run: tidegate check | tee log", "name: x", ["fail"]),
        ("run: |\n          set +e\n          tidegate check", "name: x", ["fail"]),
        ("run: |\n          tidegate check \\\n            --color never || echo shut", "name: x", ["fail"]),
        ("run: x", "name: tidegate\n    continue-on-error: true", ["fail"]),
        ("run: x", "name: tidegate\n    if: false", ["fail"]),
        ("uses: acme/tidegate@v1", "continue-on-error: true", ["fail"]),
        ("uses: acme/tidegate@v1", "name: x", []),
        ("{uses: acme/tidegate@v1, continue-on-error: false}", "name: x", []),
        ("run: tidegate check", "name: tidegate", []),
        ('run: "mkdir x || true; tidegate check"', "name: x", []),
        ("{run: tidegate check | tee log, shell: bash}", "name: x", []),
        ("run: |\n          set +e\n          tidegate check\n          exit $?", "name: x", []),
        ("run: tidegate explain || true", "name: x", []),
        ("{uses: acme/other@v1, continue-on-error: true}", "name: x", []),
    ],
)
def test_gate_toothless(steps: str, job: str, expected: list[str]) -> None:
    assert about("gate-toothless", flow(f"      - {steps}", "on: push", job)) == expected


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ("github.event_name == 'push'", {"push"}),
        ("${{ github.event_name != 'pull_request_target' }}", {"push", "pull_request", "issues"}),
        ("github.event_name == 'push' || github.event_name == 'issues'", {"push", "issues"}),
        (
            "(github.event_name == 'push' || always()) && github.event_name != 'issues'",
            {"push", "pull_request", "pull_request_target"},
        ),
        ("always() && (github.event_name == 'push')", {"push"}),
        ("github.ref == 'refs/heads/main'", {"push", "pull_request_target", "issues"}),
        ("startsWith(github.ref, 'refs/tags/')", {"push"}),
        ("startsWith(github.ref, 'refs/tags/') == false", None),
        ("!startsWith(github.ref, 'refs/tags/')", None),
        ("github.ref == 'refs/heads/main' == false", None),
        ("!(github.event.pull_request.head.repo.full_name == github.repository)", None),
        ("github.event.pull_request.head.repo.full_name != github.repository", None),
        ("github.event.pull_request.head.repo.fork", None),
        ("!github.event.pull_request.head.repo.fork", {"push", "pull_request", "issues"}),
        ("github.repository == github.event.pull_request.head.repo.full_name", {"push", "pull_request", "issues"}),
        ("!(github.event_name == 'push')", {"push", "pull_request", "pull_request_target", "issues"}),
        ("contains(github.event.issue.title, ' && github.event_name == ''push''')", None),
        ("github.event_name == 'push' || true", None),
        (")(", None),
        ("((((", None),
        ("x" * 5000 + " && false", None),
        ("false", set()),
    ],
)
def test_only_a_condition_that_certainly_keeps_an_event_out_takes_it_away(
    condition: str, left: set[str] | None
) -> None:
    events = {"push", "pull_request", "pull_request_target", "issues"}
    quoted = "'" + condition.replace("'", "''") + "'"
    text = f"on: [{', '.join(events)}]\njobs: {{a: {{if: {quoted}, steps: []}}, b: {{needs: a, steps: []}}}}"
    found = reached(parse(CI, text.encode()))
    assert found["a"] == (events if left is None else left)
    assert found["b"] == found["a"]


def test_a_job_that_runs_whatever_happens_to_those_before_it_is_reached_by_everything() -> None:
    text = "on: [push, issues]\njobs:\n  a: {if: \"github.event_name == 'push'\", steps: []}\n"
    text += "  b: {needs: [a], if: always(), steps: []}\n  c: {needs: a, steps: []}\n"
    found = reached(parse(CI, text.encode()))
    assert [sorted(found[job]) for job in "bc"] == [["issues", "push"], ["push"]]


def test_members_are_asked_for_only_where_nobody_else_can_pass() -> None:
    member = "github.event.comment.author_association == 'MEMBER'"
    assert only_members(f"{member} && true")
    assert only_members(f"({member} || github.event.comment.author_association == 'OWNER')")
    assert not only_members(f"{member} || true")
    assert not only_members("github.event.comment.author_association != 'NONE'")
    assert not only_members("github.event.comment.author_association == 'CONTRIBUTOR'")
    assert not only_members("")
    listed = 'contains(fromJSON(\'["OWNER", "CONTRIBUTOR"]\'), github.event.comment.author_association)'
    assert not only_members(listed)
    assert not only_members(f"!{member}")


def test_never_is_never() -> None:
    for text in ("false", "${{ false }}", "(false)", "always() && false", "!true"):
        assert never(text)
    for text in ("", "true", "false || true", "inputs.never", "github.event_name == 'false'"):
        assert not never(text)


def test_every_finding_is_of_a_rule_that_explains_itself_and_has_a_place() -> None:
    known = {rule.id: rule for rule in RULES}
    assert len(known) == len(RULES)
    files = flow(
        f"      - {HEAD}\n      - run: npm ci\n      - {CLAUDE}", "on: pull_request_target", "permissions: write-all"
    )
    for finding in every(files):
        assert finding.rule in known
        assert finding.place is not None
        assert finding.place.line is not None
