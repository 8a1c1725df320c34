"""The grant ledger: every write scope has a reason that can be looked up, or is told with the block to write."""

import json

import pytest

from tidegate.domain.grants import known_actions, known_commands, ledger_document, scopes
from tidegate.domain.grants.following import Repository, named_by
from tidegate.domain.grants.ledger import Ledger, keep, lost, unexplained
from tidegate.domain.grants.permissions import check
from tidegate.domain.grants.wholly import findings
from tidegate.formats.workflows.github import parse
from tidegate.model.finding import Finding, Level

CI = ".github/workflows/ci.yml"
Files = dict[str, str]


def repository(files: Files, name: str = "") -> Repository:
    return Repository([parse(path, text.encode()) for path, text in files.items()], name)


def kept(files: Files, name: str = "") -> Ledger:
    return keep(repository(files, name))


def job(steps: str, permissions: str = "{contents: write}") -> Files:
    return {CI: f"on: push\npermissions: {{}}\njobs:\n  a:\n    permissions: {permissions}\n    steps:\n{steps}\n"}


def reason(files: Files, scope: str = "contents", name: str = "") -> str | None:
    (found,) = [grant for grant in kept(files, name).grants if grant.scope == scope and grant.job == "a"]
    return f"{found.reason.kind} {found.reason.what}" if found.reason else None


@pytest.mark.parametrize(
    ("step", "scope", "expected"),
    [
        ("uses: softprops/action-gh-release@v2", "contents", "action softprops/action-gh-release"),
        ("uses: SoftProps/Action-GH-Release@v2", "contents", "action softprops/action-gh-release"),
        ("uses: softprops/action-gh-release@v2", "packages", None),
        ("uses: softprops/action-gh-release-x@v2", "contents", None),
        ("uses: pypa/gh-action-pypi-publish@release/v1", "id-token", "action pypa/gh-action-pypi-publish"),
        ("{uses: docker/build-push-action@v6, with: {push: true}}", "packages", "action docker/build-push-action"),
        (
            "{uses: docker/build-push-action@v6, with: {push: '${{ a }}'}}",
            "packages",
            "action docker/build-push-action",
        ),
        ("{uses: docker/build-push-action@v6, with: {push: false}}", "packages", None),
        ("uses: docker/build-push-action@v6", "packages", None),
        ("uses: reviewdog/action-eslint@v1", "checks", "action reviewdog/action-*"),
        ("run: git push origin HEAD", "contents", "command git push"),
        ("run: git -C x push --tags", "contents", "command git push"),
        ("run: sudo git push", "contents", "command git push"),
        ("run: echo git push", "contents", None),
        ("run: 'git commit -m push'", "contents", None),
        ("run: '# git push'", "contents", None),
        ("run: gh release view v1", "contents", None),
        ("run: gh release -R a/b create v1", "contents", "command gh release create/upload/edit/delete/delete-asset"),
        (
            "run: 'x=\"$(gh release create v1)\"'",
            "contents",
            "command gh release create/upload/edit/delete/delete-asset",
        ),
        ("run: ./env/bin/python -m sigstore sign x", "id-token", "command sigstore sign/attest"),
        ("run: docker buildx build --push .", "packages", "command docker buildx build --push"),
        ("run: docker buildx build .", "packages", None),
        ("run: ./gradlew :a:publishAll", "packages", "command gradlew publish*"),
        ("run: gh api -X POST repos/a/b/issues -f title=x", "issues", "call gh api"),
        ("run: gh api repos/a/b/issues", "issues", None),
        ("run: gh api repos/a/b/statuses/x -f state=ok", "statuses", "call gh api"),
        ("run: gh api graphql -f query='mutation { createCommitOnBranch }'", "contents", "call gh api"),
        ("run: gh api graphql -f query='{ viewer }'", "contents", None),
        ("run: curl -XPOST https://api.github.com/repos/a/b/dispatches", "contents", "call curl"),
        ("run: curl https://api.github.com/repos/a/b/dispatches", "contents", None),
        ("run: 'curl \"$ACTIONS_ID_TOKEN_REQUEST_URL\"'", "id-token", "call ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
        ("{uses: a/retry@v1, with: {command: git push}}", "contents", "command git push"),
        (
            "{uses: actions/github-script@v7, with: {script: github.rest.issues.createComment()}}",
            "issues",
            "call actions/github-script",
        ),
        ("{uses: actions/github-script@v7, with: {script: github.rest.issues.listComments()}}", "issues", None),
        ("{uses: actions/github-script@v7, with: {script: core.getIDToken()}}", "id-token", "call getIDToken"),
    ],
)
def test_a_reason_is_what_a_step_is_known_to_do(step: str, scope: str, expected: str | None) -> None:
    assert reason(job(f"      - {step}", f"{{{scope}: write}}"), scope) == expected


def test_a_reason_says_where_it_was_found_and_who_says_so() -> None:
    (grant,) = kept(job("      - run: x\n      - uses: actions/stale@v9", "{issues: write}")).grants
    assert grant.reason is not None
    assert (grant.reason.path, grant.reason.line) == (CI, 8)
    assert grant.reason.source == "https://github.com/actions/stale/blob/HEAD/README.md"


def test_an_unexplained_grant_is_told_at_its_line_with_the_block_to_write() -> None:
    block = "\n      contents: write\n      id-token: write\n      packages: read\n      pages: none"
    (finding,) = unexplained(kept(job("      - uses: rubygems/configure-rubygems-credentials@v1", block)))
    assert (finding.rule, finding.level, finding.about) == ("grant-unexplained", Level.WARN, f"{CI}#a#contents")
    assert finding.place is not None
    assert finding.place.line == 6
    assert "`permissions: {contents: read, id-token: write, packages: read}`" in finding.fix


def test_a_grant_of_the_whole_workflow_is_judged_job_by_job() -> None:
    text = "on: push\npermissions:\n  contents: write\njobs:\n  a:\n    steps: [{run: git push}]\n  b:\n    steps: []\n"
    (finding,) = unexplained(kept({CI: text}))
    assert finding.about == f"{CI}#b#contents"
    assert "whole workflow" in finding.message
    assert finding.place is not None
    assert finding.place.line == 3


def test_a_shorthand_is_never_explained_and_told_by_its_own_rule() -> None:
    ledger = kept(job("      - run: git push", "write-all"))
    assert [(grant.scope, grant.reason) for grant in ledger.grants] == [("*", None)]
    assert list(unexplained(ledger)) == []
    (broad,) = findings(repository(job("      - run: git push", "write-all")), ledger)
    assert "`permissions: {contents: write}`" in broad.fix
    document = json.loads(ledger_document.render(ledger, {}))
    assert document["everything"] == sorted(scopes.WRITABLE)
    assert document["jobs"][0]["narrower"] == "permissions: {contents: write}"


def test_a_job_without_any_block_grants_nothing_that_can_be_counted() -> None:
    ledger = kept({CI: "on: push\njobs: {a: {steps: [{run: git push}]}}"})
    assert ledger.grants == ()
    assert ledger.entries[0].from_ == "default"


LIB = ".github/workflows/lib.yml"
CALLS = "on: push\npermissions: {}\njobs:\n  a:\n    permissions: {contents: write, issues: write}\n    uses: CALLED\n"


def call(reference: str, callee: str) -> Files:
    return {CI: CALLS.replace("CALLED", reference), LIB: callee}


@pytest.mark.parametrize("reference", [f"./{LIB}", f"$/{LIB}", f"me/it/{LIB}@main"])
def test_a_called_workflow_explains_what_it_asks_for(reference: str) -> None:
    callee = "on: workflow_call\npermissions: {}\njobs: {x: {permissions: {contents: write}, steps: [{run: git push}]}}"
    files = call(reference, callee)
    assert reason(files, "contents", "me/it") == f"workflow {LIB}#x"
    assert reason(files, "issues", "me/it") is None
    assert kept(files, "me/it").called_by == {LIB: (f"{CI}#a",)}


def test_a_called_workflow_without_a_block_is_judged_by_its_steps() -> None:
    callee = "on: workflow_call\njobs: {x: {steps: [{run: gh issue create}]}}"
    files = call(f"./{LIB}", callee)
    assert reason(files, "issues") == "command gh issue create/edit/close/reopen/comment/delete/lock/pin"
    assert reason(files, "contents") is None


def test_a_call_is_followed_through_calls() -> None:
    deep = ".github/workflows/deep.yml"
    files = call(f"./{LIB}", f"on: workflow_call\njobs: {{x: {{uses: ./{deep}}}}}")
    files[deep] = "on: workflow_call\njobs: {y: {steps: [{run: git push}]}}"
    assert reason(files, "contents") == "command git push"


def test_a_workflow_of_another_repository_explains_only_what_is_known_of_it() -> None:
    known = "theupdateframework/specification/.github/workflows/check-latest-spec-version.yml"
    assert reason(call(f"{known}@v1", "on: push\njobs: {a: {steps: []}}") | {}, "issues") == f"workflow {known}"
    files = call("x/y/.github/workflows/z.yml@v1", "on: push\njobs: {b: {steps: []}}")
    assert reason(files, "contents") is None
    messages = [finding.message for finding in unexplained(kept(files))]
    assert all("not in this repository" in message for message in messages)


@pytest.mark.parametrize("reference", ["./tools/x", "$/tools/x", "./tools/x/", "me/it/tools/x@v1"])
def test_a_composite_action_of_the_repository_is_opened(reference: str) -> None:
    files = job(f"      - uses: {reference}")
    files["tools/x/action.yml"] = "runs: {using: composite, steps: [{uses: ./tools/y}]}"
    files["tools/y/action.yaml"] = "runs: {using: composite, steps: [{run: git push, shell: bash}]}"
    assert reason(files, name="me/it") == "command git push"


def test_an_action_that_uses_itself_from_its_own_repository_counts_as_what_it_is_published_as() -> None:
    assert reason(job("      - uses: ./"), name="softprops/action-gh-release") == "action softprops/action-gh-release"
    assert reason(job("      - uses: ./"), name="somebody/else") is None


@pytest.mark.parametrize(
    ("remote", "name"),
    [
        ("https://github.com/a/b.git", "a/b"),
        ("https://github.com/a/b", "a/b"),
        ("git@github.com:a/b.git", "a/b"),
        ("https://token@github.com/a/b.c/", "a/b.c"),
        ("https://github.com.evil.example/a/b", ""),
        ("https://gitlab.example/a/b", ""),
        ("https://evil.example/github.com/a/b", ""),
        ("", ""),
    ],
)
def test_a_repository_is_named_by_its_github_remote(remote: str, name: str) -> None:
    assert named_by(remote) == name


def told(files: Files) -> list[tuple[str, str]]:
    return sorted((f.about, f.level.value) for f in lost(repository(files)))


def test_a_workflow_that_calls_itself_is_told() -> None:
    text = f"on: workflow_call\npermissions: {{}}\njobs: {{a: {{uses: ./{LIB}}}}}"
    assert told({LIB: text}) == [(f"{LIB}#a#./{LIB}", "fail")]
    assert kept({LIB: text}).grants == ()


def test_workflows_that_call_each_other_in_a_circle_are_told_and_those_that_lead_there_are_not() -> None:
    one, two = ".github/workflows/1.yml", ".github/workflows/2.yml"
    text = "on: workflow_call\njobs: {{a: {{uses: ./{}}}}}"
    files = {one: text.format(two), two: text.format(one), CI: text.format(one)}
    assert told(files) == [(f"{one}#a#./{two}", "fail"), (f"{two}#a#./{one}", "fail")]


def test_actions_that_use_each_other_in_a_circle_are_told() -> None:
    text = "runs: {{using: composite, steps: [{{uses: ./{}}}, {{run: git push}}]}}"
    files = {"x/action.yml": text.format("y"), "y/action.yml": text.format("x"), **job("      - uses: ./x")}
    assert told(files) == [("x/action.yml##./y", "fail"), ("y/action.yml##./x", "fail")]
    assert reason(files) == "command git push"


def test_a_reference_that_leads_nowhere_is_told() -> None:
    assert told(job("      - uses: ./made/by/an/earlier/step")) == [(f"{CI}#a#./made/by/an/earlier/step", "warn")]
    assert told(job("      - uses: ./../outside")) == [(f"{CI}#a#./../outside", "warn")]
    assert told({CI: CALLS.replace("CALLED", f"./{LIB}")}) == [(f"{CI}#a#./{LIB}", "fail")]


def test_a_tower_of_actions_that_doubles_on_every_floor_takes_no_time() -> None:
    floors = {
        f"f{n}/action.yml": f"runs: {{using: composite, steps: [{{uses: ./f{n + 1}}}, {{uses: ./f{n + 1}}}]}}"
        for n in range(300)
    }
    floors["f300/action.yml"] = "runs: {using: composite, steps: [{run: git push}]}"
    assert reason(floors | job("      - uses: ./f0")) == "command git push"


def test_more_steps_than_are_followed_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.domain.grants.following.MAX_OPENED", 3)
    files = job("      - uses: ./x")
    files["x/action.yml"] = "runs: {using: composite, steps: [{run: a}, {run: b}, {run: c}, {run: d}]}"
    own = repository(files)
    keep(own)
    assert [finding.about for finding in lost(own)] == [f"{CI}#a#./x"]


def test_the_document_is_the_same_for_the_same_files_in_any_order() -> None:
    files = call(f"./{LIB}", "on: workflow_call\njobs: {x: {steps: [{run: git push}]}}")
    declared = {f"{CI}#a#issues": "the script of the release opens one"}
    text = ledger_document.render(kept(files), declared)
    assert text == ledger_document.render(kept(dict(reversed(files.items()))), declared)
    document = json.loads(text)
    assert (document["grants"], document["explained"], document["declared"]) == (2, 1, 1)
    kinds = {write["scope"]: write["reason"]["kind"] for write in document["jobs"][0]["writes"]}
    assert kinds == {"contents": "command", "issues": "policy"}
    assert "narrower" not in document["jobs"][0]


def test_every_row_of_the_tables_grants_a_scope_that_can_be_written_and_has_a_source() -> None:
    actions = [row for rows in known_actions._table().values() for row in rows]
    commands = [row for rows in known_commands._table().values() for row in rows]
    assert len(actions) > 100
    assert len(commands) > 40
    for action in actions:
        assert action.scopes <= scopes.WRITABLE
        assert action.source.startswith("https://github.com/" + action.action.partition("/")[0])
    for command in commands:
        assert command.scopes <= scopes.WRITABLE
        assert command.source.startswith("https://")
    names = [line.partition(" | ")[0].lower() for line in known_actions._ROWS.strip().splitlines()]
    assert names == sorted(names)


def test_a_scope_github_does_not_list_is_told() -> None:
    flow = parse(CI, job("      - run: x", "{conents: write}")[CI].encode())
    findings: list[Finding] = list(check(flow))
    assert [(f.rule, f.about) for f in findings] == [("permission-unknown", f"{CI}#a#conents")]
