"""GitLab pipelines are joined as GitLab joins them, and no file makes the reader hang, raise or leave the tree."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.gitlab import ROOT, fetcher, job, merged, pipeline, pipelines
from tidegate.errors import FormatError
from tidegate.formats.gitlab import reader
from tidegate.formats.gitlab.including import Here, yaml_files
from tidegate.model.pipeline import Pipeline

DATA = Path(__file__).parents[1] / "data" / "gitlab" / "cases.jsonl"
CASES = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]


def faults(found: Pipeline) -> list[tuple[str, int | None]]:
    return [(problem.message, problem.line) for problem in found.problems]


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_jobs_are_what_the_reference_makes_of_them(case: dict[str, object]) -> None:
    files, path = case["files"], case["file"]
    assert isinstance(files, dict)
    assert isinstance(path, str)
    assert merged(files, path)[0] == case["expected"]


def test_there_are_cases_of_everything() -> None:
    text = DATA.read_text(encoding="utf-8")
    for word in ("extends", "!reference", "include", "$[[ inputs.", "inherit", "<<: *", "trigger", "default"):
        assert word in text, word


def test_a_job_is_read_with_its_lines() -> None:
    found = job(
        """\
.base:
  image: alpine
  id_tokens:
    SIGN: {aud: sigstore}
job:
  extends: .base
  script:
    - echo one
    - |
      echo two
  environment: {name: prod, action: start}
  rules:
    - if: $CI_COMMIT_TAG
      changes: [a]
"""
    )
    assert [(each.text, each.at.line) for each in found.commands] == [("echo one", 8), ("echo two\n", 9)]
    assert found.at.line == 5
    assert found.parents == (".base",)
    assert [(t.name, t.audiences, t.listed, t.at.line) for t in found.id_tokens] == [("SIGN", ("sigstore",), False, 4)]
    assert [(c.name, c.at.line) for c in found.containers] == [("alpine", 2)]
    assert found.environment == "prod"
    assert [(rule.if_, rule.narrowed, rule.at.line) for rule in found.rules or ()] == [("$CI_COMMIT_TAG", True, 13)]


def test_what_an_included_file_says_keeps_its_file_and_line() -> None:
    found = pipeline("include: ci__x_yml\n".replace("ci__x_yml", "ci/x.yml"), ci__x_yml="\njob:\n  script: [make]\n")
    assert found.files == (ROOT, "ci/x.yml")
    assert [(each.at.path, each.at.line) for each in found.jobs[0].commands] == [("ci/x.yml", 3)]


def test_children_are_read_as_pipelines_of_their_own() -> None:
    read = pipelines({ROOT: "a: {trigger: {include: [{local: /c.yml}]}}\n", "c.yml": "b: {script: [x]}\n"})
    assert [(each.path, each.child) for each in read] == [(ROOT, False), ("c.yml", True)]


@pytest.mark.parametrize(
    ("entry", "kind", "why"),
    [
        ("{project: g/p, file: x.yml}", "project", "a file of another project"),
        ("https://a.example/x.yml", "remote", "a file behind an address"),
        ("{template: Jobs/SAST.gitlab-ci.yml}", "template", "a template of the GitLab server"),
        ("{component: gitlab.example/g/p/c@1.0.0}", "component", "a component of another project"),
        ("missing.yml", "local", "there is no such file"),
        ("../x.yml", "local", "its path leads out of the repository"),
        ("a/../../x.yml", "local", "its path leads out of the repository"),
        ("$WHERE/x.yml", "local", "its path is known only when the pipeline starts"),
    ],
)
def test_what_cannot_be_included_from_here_is_told(entry: str, kind: str, why: str) -> None:
    found = pipeline(f"include: [{entry}]\njob: {{script: [x]}}\n" if "{" in entry else f"include: '{entry}'\n")
    assert [(each.kind, each.why) for each in found.includes] == [(kind, why)]


def test_jobs_that_take_from_such_an_include_are_lost_and_others_are_not() -> None:
    found = pipeline(
        """\
include: {project: g/p, file: x.yml}
a: {extends: .theirs, script: [x]}
b: {script: [!reference [.theirs, script]]}
c: {variables: {A: b}}
d: {script: [x]}
e: {extends: a}
f: {script: [!reference [a, script]]}
"""
    )
    assert [each.name for each in found.jobs if each.lost] == ["a", "b", "c", "e", "f"]
    assert found.problems == ()


def test_a_mapping_is_joined_with_what_a_reference_stands_for() -> None:
    found = job(
        ".a: {variables: {ONE: '1', TWO: '1'}}\n.b: {variables: !reference [.a, variables]}\n"
        "job: {extends: .b, script: [x], variables: {TWO: '2'}}\n"
    )
    assert {(each.name, each.value) for each in found.variables} == {("ONE", "1"), ("TWO", "2")}


def test_without_such_an_include_they_are_faults() -> None:
    found = pipeline(
        "a: {extends: .no, script: [x]}\nb: {script: [!reference [.no, script]]}\nc: {variables: {A: b}}\n"
    )
    assert [line for _, line in faults(found)] == [1, 2, 3]


def test_a_component_of_this_repository_is_read() -> None:
    address = "$CI_SERVER_FQDN/$CI_PROJECT_PATH/lint@$CI_COMMIT_SHA"
    found = pipelines(
        {ROOT: f"include: [{{component: {address}}}]\n", "templates/lint/template.yml": "lint: {script: [x]}\n"}
    )[0]
    assert [each.name for each in found.jobs] == ["lint"]
    assert [each.why for each in found.includes] == [""]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("ci/*.yml", ["ci/a.yml"]),
        ("/ci/**.yml", ["ci/a.yml", "ci/d/b.yml"]),
        ("ci/**/*.yml", ["ci/d/b.yml"]),
        ("**/b.yml", ["ci/d/b.yml"]),
        ("c*i/*", ["ci/a.yml"]),
        ("c*d/*", []),
        ("*", ["x.yaml"]),
    ],
)
def test_patterns_open_what_gitlab_says(pattern: str, found: list[str]) -> None:
    here = ["ci/a.yml", "ci/d/b.yml", "ci/d/b.txt", "x.yaml"]
    assert Here(yaml_files(here)).find(pattern)[0] == tuple(found)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: {script: [x]}\na: {script: [y]}\n", "the key `a` stands twice; GitLab takes the last", 2),
        (".x: &x {script: [a]}\na: {<<: *x, script: [b], script: [c]}\n", "the key `script` stands twice", 2),
        (
            "".join(f".a{n}: {{script: [!reference [.a{n - 1}, script]]}}\n" for n in range(1, 12))
            + ".a0: {script: [x]}\na: {script: [!reference [.a11, script]]}\n",
            "`!reference [.a10, script]` is nested deeper than 10 levels",
            11,
        ),
        ("a: {extends: b, script: [x]}\nb: {extends: a}\n", "extends itself", 2),
        ("a: {script: [!reference [a, script]]}\n", "refers to itself", 1),
        ("include: .gitlab-ci.yml\na: {script: [x]}\n", "includes itself", 1),
        (".x: &x {image: b}\na: {script: [c], image: c, <<: *x}\n", "GitLab takes the merged one", 2),
        ("a: {<<: 3, script: [x]}\n", "without a mapping", 1),
        ("a: !odd {script: [x]}\n", "the tag `!odd` is not known", 1),
        ("a: {script: [x]}\n---\nb: {script: [x]}\n", "a document that GitLab does not read", 2),
        ("a: *b\n", "uses the anchor", 1),
        ("hello", "a mapping of jobs", 1),
        ("- a\n", "a mapping of jobs", 1),
        ("", "the pipeline has no jobs", 1),
        ("a: 3\n", "neither a job nor a word", 1),
        ("stages: [a]\n", "the pipeline has no jobs", 1),
        ("a: {script: ['" + "x" * 1_000_001 + "']}", "larger than", 1),
        ("a: " + "[" * 5000, "nest", 1),
        ("? [a]\n: b\n", "a key that is not a string", 1),
        ('a: "\\0"\n', "a character no text may hold", 1),
    ],
)
def test_odd_files_are_faults_with_their_line(text: str, message: str, line: int) -> None:
    told = faults(pipeline(text))
    assert any(message in said and at in (line, line + 1) for said, at in told), told


def test_bytes_that_are_no_text_are_a_fault() -> None:
    found = pipeline(b"\xff\xfea: b")
    assert found.unread == (ROOT,)
    assert faults(found)[0][0] == "the file is not UTF-8"


def test_an_included_file_that_cannot_be_read_is_told_and_the_rest_is_examined() -> None:
    found = pipeline("include: x.yml\njob: {script: [x]}\n", x_yml="a: [\n")
    assert found.unread == ("x.yml",)
    assert "`x.yml` cannot be read" in faults(found)[0][0]
    assert [each.name for each in found.jobs] == ["job"]


def test_a_link_is_not_followed() -> None:
    def fetch(path: str, limit: int) -> bytes:
        if path == "x.yml":
            raise FormatError("`x.yml` is a link; links are not followed")
        return fetcher({ROOT: "include: x.yml\njob: {script: [x]}\n"})(path, limit)

    found = reader.read(ROOT, reader.Means.of(fetch, {ROOT, "x.yml"}))
    assert "links are not followed" in faults(found)[0][0]


NINE = "abcdefghij"
BOMBS = {
    "aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{NINE[n]}: &{NINE[n]} [{','.join(['*' + NINE[n - 1]] * 9)}]\n" for n in range(1, 9))
    + "job: {script: *i}\n",
    "references": ".a0: {script: [x]}\n"
    + "".join(f".a{n}: {{script: [{','.join([f'!reference [.a{n - 1}, script]'] * 20)}]}}\n" for n in range(1, 30))
    + "job: {script: [!reference [.a9, script]]}\n",
    "parents": ".j0: {script: [a]}\n"
    + "".join(f".j{n}: {{extends: [{','.join([f'.j{n - 1}'] * 10)}]}}\n" for n in range(1, 300))
    + "job: {extends: .j12}\n",
    "depth": "".join(f".a{n}: {{script: [!reference [.a{n + 1}, script]]}}\n" for n in range(3000))
    + ".a3000: {script: [x]}\njob: {script: [!reference [.a0, script]]}\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_soon_and_are_faults(name: str) -> None:
    began = time.process_time()
    assert faults(pipeline(BOMBS[name]))
    assert time.process_time() - began < 5


def test_includes_that_double_are_a_fault() -> None:
    files = {f"a{n}.yml": f"include: [a{n + 1}.yml, a{n + 1}.yml]\n" for n in range(30)}
    found = pipelines({ROOT: "include: a0.yml\n", **files, "a30.yml": "k: {script: [x]}\n"})[0]
    assert faults(found) == [("there are more than 150 includes", 1)]


def test_ten_thousand_jobs_are_read() -> None:
    began = time.process_time()
    text = ".b: {script: [make], variables: {A: 1}}\n" + "".join(f"j{n}: {{extends: .b}}\n" for n in range(10_000))
    assert len(pipeline(text).jobs) == 10_000
    assert time.process_time() - began < 6


def test_more_children_than_are_read_are_faults() -> None:
    files = {f"c{n}.yml": "x: {script: [y]}\n" for n in range(400)}
    read = pipelines({ROOT: "".join(f"j{n}: {{trigger: {{include: c{n}.yml}}}}\n" for n in range(400)), **files})
    assert {path for each in read for path in (*each.files, *each.unread)} == {ROOT, *files}
    assert any("more than 300 child pipelines" in said for said, _ in faults(read[-1]))


def test_a_pattern_of_stars_costs_no_time() -> None:
    began = time.process_time()
    here = Here(frozenset("a" * 3000 + f"{n}.yml" for n in range(50)))
    assert here.find("*a" * 200 + "b.yml")[0] == ()
    assert time.process_time() - began < 3


def test_patterns_without_number_are_a_fault() -> None:
    began = time.process_time()
    text = "".join(f"j{n}: {{trigger: {{include: [{{local: 'a*{n}.yml'}}]}}}}\n" for n in range(2000))
    found = pipelines({ROOT: text, **{f"b{n}.yml": "x" for n in range(2000)}})[0]
    assert faults(found) == [("there are too many patterns of files to include", 1)]
    assert time.process_time() - began < 8


@pytest.mark.parametrize(
    ("here", "found"),
    [
        ([ROOT, "ci/x.gitlab-ci.yml"], [ROOT]),
        (["ci/x.gitlab-ci.yml", "docs/.gitlab-ci.yml"], ["ci/x.gitlab-ci.yml"]),
        ([".gitlab-ci.yaml"], [".gitlab-ci.yaml"]),
        ([".GitLab-CI.yml"], [".GitLab-CI.yml"]),
        (["docs/.gitlab-ci.yml", "a.yml"], []),
    ],
)
def test_the_files_a_pipeline_starts_from(here: list[str], found: list[str]) -> None:
    assert reader.roots(here) == found


class TestInputs:
    HEADER = "spec:\n  inputs:\n    name: {}\n    count: {type: number, default: 2}\n---\n"

    def test_a_missing_input_is_a_fault(self) -> None:
        found = pipeline("include: [{local: x.yml}]\n", x_yml=self.HEADER + 'j: {script: ["$[[ inputs.name ]]"]}\n')
        assert faults(found)[0] == ("the input `name` has no default and is not given", 3)

    def test_an_unknown_input_is_a_fault(self) -> None:
        text = "include: [{local: x.yml, inputs: {name: a, more: b}}]\n"
        found = pipeline(text, x_yml=self.HEADER + 'j: {script: ["$[[ inputs.nome ]]"]}\n')
        assert [said for said, _ in faults(found)] == [
            "the input `more` is not declared by `x.yml`",
            "the input `nome` is not declared",
        ]

    def test_functions_are_followed(self) -> None:
        text = "include: [{local: x.yml, inputs: {name: abcdef}}]\n"
        found = pipeline(text, x_yml=self.HEADER + 'j: {script: ["$[[ inputs.name | truncate(1,3) ]]"]}\n')
        assert [each.text for each in found.jobs[0].commands] == ["bcd"]

    def test_a_text_that_grows_without_end_is_a_fault(self) -> None:
        files = {
            ROOT: f"include: [{{local: x.yml, inputs: {{name: {'x' * 9000}}}}}]\n",
            "x.yml": self.HEADER + "j: {script: ['" + "$[[ inputs.name ]]" * 100 + "']}\n",
        }
        assert faults(pipelines(files)[0]) == [("the inputs make a text that is too long", 6)]


_BITS = st.sampled_from(
    [
        *("a:", "  script: [x]", "  extends: [a, .b]", ".b: &b", "  image: *b", "  <<: *b", "include: x.yml"),
        *(
            "  rules: [{if: $A}]",
            "  id_tokens: {A: {aud: [x, 1]}}",
            "default: {image: x}",
            "  script: !reference [a, b]",
        ),
        *("---", "spec: {inputs: {x: }}", "  variables: {A: $[[ inputs.x ]], B: '$[[ inputs.x | y ]]'}", "\t", "- a"),
        *("  trigger: {include: x.yml}", "  services: {a: b}", "  only: {refs: 3}", "  secrets: [x]", "workflow: 3"),
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_BITS, max_size=12), st.lists(_BITS, max_size=8))
def test_any_shuffle_is_read_or_told(root: list[str], other: list[str]) -> None:
    for each in pipelines({ROOT: "\n".join(root), "x.yml": "\n".join(other)}):
        assert each.jobs or each.problems or each.includes or each.child
