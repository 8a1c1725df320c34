"""GitHub workflows and actions: who holds which permissions, where, and what is too odd to be read."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats.all_workflows import READERS, reader_for
from tidegate.formats.workflows import github
from tidegate.formats.workflows.github import dialect, matches, parse
from tidegate.formats.workflows.others import foreign_ci
from tidegate.model.workflow import Workflow

DATA = Path(__file__).parents[1] / "data" / "workflows"
PATH = ".github/workflows/ci.yml"


def workflow(text: str) -> Workflow:
    return parse(PATH, text.encode())


def refusal(text: str) -> FormatError:
    with pytest.raises(FormatError) as caught:
        workflow(text)
    return caught.value


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (".github/workflows/ci.yml", "github-workflow"),
        (".github/workflows/ci.yaml", "github-workflow"),
        (".github/workflows/ci.YML", "github-workflow"),
        ("action.yml", "github-action"),
        ("tools/setup/action.yaml", "github-action"),
        (".github/workflows/sub/ci.yml", ""),
        ("docs/.github/workflows/ci.yml", ""),
        (".github/workflows/README.md", ""),
        (".github/dependabot.yml", ""),
        ("reaction.yml", ""),
    ],
)
def test_only_files_github_reads_are_read(path: str, kind: str) -> None:
    assert dialect(path) == kind
    assert matches(path) == (kind != "")
    assert (reader_for(path) is not None) == (kind != "")


def test_every_reader_of_the_table_has_a_bound() -> None:
    assert [reader.name for reader in READERS] == ["github"]
    assert all(reader.limit > 0 for reader in READERS)


def test_job_permissions_and_lines() -> None:
    read = parse(PATH, (DATA / "harden-runner-publish.yml").read_bytes())
    (job,) = read.jobs
    assert read.triggers == ("release",)
    assert read.permissions == (("contents", "read"),)
    assert read.permissions_line == 7
    assert job.permissions == (("contents", "read"), ("id-token", "write"), ("packages", "write"))
    assert (job.id, job.line, job.permissions_line) == ("publish", 11, 13)
    assert [(step.uses.partition("@")[0], step.line) for step in job.steps] == [
        ("step-security/harden-runner", 19),
        ("actions/checkout", 24),
        ("actions/publish-immutable-action", 26),
    ]


def test_a_call_of_a_reusable_workflow_is_a_job_without_steps() -> None:
    read = parse(PATH, (DATA / "actions-attest-prober.yml").read_bytes())
    (job,) = read.jobs
    assert job.calls == "./.github/workflows/prober.yml"
    assert job.steps == ()
    assert read.triggers == ("schedule", "workflow_dispatch")


def test_an_empty_block_is_not_a_missing_block() -> None:
    read = parse(PATH, (DATA / "panva-jose-release.yml").read_bytes())
    assert read.permissions == ()
    assert workflow("on: push\njobs: {a: {steps: []}}").permissions is None


@pytest.mark.parametrize(("word", "level"), [("read-all", "read"), ("write-all", "write")])
def test_shorthands(word: str, level: str) -> None:
    read = workflow(f"on: push\npermissions: {word}\njobs:\n  a:\n    permissions: {word}\n    steps: []\n")
    assert read.permissions == read.jobs[0].permissions == (("*", level),)
    assert read.jobs[0].permissions_line == 5


def test_steps_in_parallel_groups_are_steps() -> None:
    steps = "      - parallel:\n          - run: x\n          - uses: a/b@c\n      - run: 7\n"
    read = workflow(f"on: push\njobs:\n  a:\n    steps:\n{steps}")
    assert [(step.run, step.uses) for step in read.jobs[0].steps] == [("x", ""), ("", "a/b@c"), ("7", "")]


@pytest.mark.parametrize("environment", ["release", "{name: release, url: x}"])
def test_environments(environment: str) -> None:
    read = workflow(f"on: push\njobs: {{a: {{environment: {environment}, steps: []}}}}")
    assert read.jobs[0].environment == "release"


def test_actions_have_one_pseudo_job() -> None:
    text = b"name: x\nruns:\n  using: composite\n  steps:\n    - run: x\n      shell: bash\n"
    read = parse("action.yml", text)
    assert read.dialect == "github-action"
    assert [(job.id, job.permissions, len(job.steps)) for job in read.jobs] == [("runs", None, 1)]
    assert parse("a/action.yml", b"runs: {using: node24, main: x.js}").jobs[0].steps == ()


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("duplicate_keys.yaml", 12),
        ("merge_key_unsupported.yaml", 8),
        ("permissions.yaml", 4),
        ("permissions-string-is-not-from-enum.yaml", 4),
    ],
)
def test_broken_workflows_of_checkers_are_refused_with_their_line(file: str, line: int) -> None:
    assert refusal((DATA / file).read_text()).line == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[]", 1),
        ("", 1),
        ("jobs: {a: {steps: []}}", 1),
        ("on: push", 1),
        ("on: push\njobs: {}", 2),
        ("on: push\njobs: []", 2),
        ("on: 3\njobs: {a: {steps: []}}", 1),
        ("on: []\njobs: {a: {steps: []}}", 1),
        ("on: push\njobs:\n  a: x", 3),
        ("on: push\njobs:\n  a: {}", 3),
        ("on: push\njobs:\n  a: {steps: [], uses: x}", 3),
        ("on: push\njobs:\n  a:\n    uses: [x]", 4),
        ("on: push\njobs:\n  a:\n    uses: ''", 4),
        ("on: push\njobs:\n  'a#b':\n    steps: []", 3),
        ("on: push\njobs:\n  a:\n    steps:\n      - x", 5),
        ("on: push\njobs:\n  a:\n    steps: {}", 4),
        ("on: push\njobs:\n  a:\n    steps:\n      - {run: x, uses: y}", 5),
        ("on: push\njobs:\n  a:\n    steps:\n      - {run: [x]}", 5),
        ("on: push\njobs:\n  a:\n    environment: [x]\n    steps: []", 4),
        ("on: push\npermissions:\njobs: {a: {steps: []}}", 2),
        ("on: push\npermissions: ${{ inputs.p }}\njobs: {a: {steps: []}}", 2),
        ("on: push\npermissions: [contents]\njobs: {a: {steps: []}}", 2),
        ("on: push\npermissions:\n  contents: Write\njobs: {a: {steps: []}}", 3),
        ("on: push\npermissions:\n  contents: true\njobs: {a: {steps: []}}", 3),
        ("on: push\npermissions:\n  '*': read\njobs: {a: {steps: []}}", 3),
    ],
)
def test_malformed_structure_is_refused_with_its_line(text: str, line: int) -> None:
    assert refusal(text).line == line


WHOLE = """\
on:
  push: {branches: [main, 'v*'], tags: x}
  workflow_call:
    inputs: {b: {type: string}, a: {type: string}}
    secrets: {KEY: {required: true}}
  schedule: [{cron: '0 0 * * *'}]
env: {Z: 1, A: true}
jobs:
  a:
    name: the job
    needs: [b, c]
    runs-on: {group: big, labels: [x, y]}
    container: {image: img@sha256:1}
    services: {db: {image: pg}, none: {}, plain: redis}
    env: ${{ fromJSON(vars.E) }}
    if: github.ref == 'x'
    continue-on-error: ${{ matrix.soft }}
    permissions:
      contents: write
      id-token: none
    steps:
      - id: s
        uses: x/y@z
        with: {B: 2, a: null, t: two}
        env: {K: v}
        if: false
        continue-on-error: true
      - {run: make, shell: bash, working-directory: sub}
  b:
    uses: ./.github/workflows/x.yml
    with: {k: v}
    secrets: inherit
  c:
    needs: b
    runs-on: linux
    uses: o/r/.github/workflows/x.yml@main
    secrets: {K: '${{ secrets.K }}'}
  d: {steps: []}
"""


def test_what_a_workflow_says_of_its_jobs_is_kept() -> None:
    read = workflow(WHOLE)
    assert [(event.event, event.filters) for event in read.events] == [
        ("push", (("branches", ("main", "v*")), ("tags", ("x",)))),
        ("schedule", ()),
        ("workflow_call", ()),
    ]
    assert read.events[0].only("branches") == ("main", "v*")
    assert (read.env, read.env_line, read.inputs, read.secrets) == (
        (("A", "true"), ("Z", "1")),
        7,
        ("a", "b"),
        ("KEY",),
    )
    a, b, c, d = read.jobs
    assert (a.name, a.needs, a.runs_on, a.images) == (
        "the job",
        ("b", "c"),
        ("big", "x", "y"),
        ("img@sha256:1", "pg", "redis"),
    )
    assert (a.env, a.if_, a.continue_on_error) == (
        (("*", "${{ fromJSON(vars.E) }}"),),
        "github.ref == 'x'",
        "${{ matrix.soft }}",
    )
    assert a.scope_lines == (("contents", 19), ("id-token", 20))
    first, second = a.steps
    assert (first.id, first.with_, first.env, first.if_) == (
        "s",
        (("B", "2"), ("a", ""), ("t", "two")),
        (("K", "v"),),
        "false",
    )
    assert (first.given("b"), first.given("none"), first.continue_on_error) == ("2", "", "true")
    assert (second.run, second.shell, second.folder) == ("make", "bash", "sub")
    assert (b.inherits, b.secrets, b.with_) == (True, (), (("k", "v"),))
    assert (c.inherits, c.secrets, c.needs, c.runs_on) == (False, (("K", "${{ secrets.K }}"),), ("b",), ("linux",))
    assert (d.env, d.needs, d.images, d.if_) == ((), (), (), "")


def test_an_action_says_how_it_runs_and_what_it_takes() -> None:
    read = parse("action.yml", b"inputs: {b: {}, a: {default: x}}\nruns: {using: node24, main: x.js}")
    assert (read.using, read.inputs, read.jobs[0].steps) == ("node24", ("a", "b"), ())
    with pytest.raises(FormatError):
        parse("action.yml", b"inputs: [a]\nruns: {using: node24}")


def test_too_many_steps_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github, "MAX_STEPS", 20)
    steps = "\n".join(["      - run: x"] * 21)
    assert "more than 20 steps" in refusal(f"on: push\njobs:\n  a:\n    steps:\n{steps}\n").message


@pytest.mark.parametrize("text", ["", "runs: x", "runs: {}", "runs: {using: 3}", "runs: {using: composite, steps: x}"])
def test_an_action_without_its_shape_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        parse("action.yml", text.encode())


_BITS = st.sampled_from(
    [
        "on: push",
        "jobs:",
        "  a:",
        "    steps:",
        "      - run: x",
        "    permissions: write-all",
        "permissions: {}",
        "    uses: y",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_BITS, max_size=10))
def test_any_shuffle_of_a_workflow_is_read_or_refused(lines: list[str]) -> None:
    try:
        read = workflow("\n".join(lines))
    except FormatError:
        return
    assert read.jobs
    assert read.triggers


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (".gitlab-ci.yml", None),
        ("azure-pipelines.yml", "Azure Pipelines"),
        ("ci/azure-pipelines.yaml", "Azure Pipelines"),
        (".circleci/config.yml", "CircleCI"),
        ("Jenkinsfile", "Jenkins"),
        ("build/Jenkinsfile", "Jenkins"),
        (".buildkite/pipeline.yml", "Buildkite"),
        (".travis.yml", "Travis CI"),
        ("bitbucket-pipelines.yml", "Bitbucket Pipelines"),
        (".drone.yml", "Drone"),
        (".woodpecker.yml", "Woodpecker"),
        (".gitea/workflows/x.yml", "Gitea Actions"),
        (".forgejo/workflows/x.yaml", "Forgejo Actions"),
        (".tekton/push.yaml", "Tekton"),
        ("AZURE-PIPELINES.YML", "Azure Pipelines"),
        ("azure-pipelines-release.yml", "Azure Pipelines"),
        (".azuredevops/build.yml", "Azure Pipelines"),
        ("jenkinsfile", "Jenkins"),
        ("ci/release.Jenkinsfile", "Jenkins"),
        ("Jenkinsfile-nightly", "Jenkins"),
        ("Jenkinsfile.md", None),
        ("buildkite.yml", "Buildkite"),
        (".circleci/continue.yml", "CircleCI"),
        (".Travis.yml", "Travis CI"),
        ("bitbucket-pipelines.yaml", "Bitbucket Pipelines"),
        (".drone.star", "Drone"),
        (".woodpecker/test.yaml", "Woodpecker"),
        ("cloudbuild.yaml", "Google Cloud Build"),
        ("buildspec.yml", "AWS CodeBuild"),
        ("src/Jenkinsfile.py.txt", None),
        ("docs/.gitlab-ci.yml", None),
        (PATH, None),
    ],
)
def test_other_ci_systems_are_recognised(path: str, name: str | None) -> None:
    assert foreign_ci(path) == name
