"""Every rule about GitLab pipelines has a bad example it finds, with its line, and a good one it leaves alone."""

import time

import pytest

from support.gitlab import brief, judged, pipeline, rules
from tidegate.domain.grants.gitlab import starting
from tidegate.domain.grants.gitlab.expressions import CHOSEN, DEFAULT, Value, decide
from tidegate.domain.grants.gitlab.rules import RULES

PIN = "@sha256:" + "a" * 64
SHA = "b" * 40
PROTECTED = "rules: [{if: '$CI_COMMIT_REF_PROTECTED == \"true\"'}]"
CLEAN = f"""\
default:
  image: alpine:3.20{PIN}
test:
  script: [make test]
sign:
  script: [cosign sign-blob out.bin]
  id_tokens: {{SIGSTORE_ID_TOKEN: {{aud: sigstore}}}}
  {PROTECTED}
deploy:
  script: [kubectl apply -f x.yml]
  environment: {{name: production}}
  resource_group: production
  {PROTECTED}
"""


def signing(more: str = "", aud: str = "sigstore") -> str:
    return f"job:\n  script: [cosign sign-blob x]\n  id_tokens: {{T: {{aud: {aud}}}}}\n  {more or PROTECTED}\n"


def scripted(line: str, more: str = "") -> str:
    return f"{more}job:\n  script:\n    - |\n" + "".join(f"      {each}\n" for each in line.splitlines())


BAD = {
    "include-unresolved": ("include: {project: g/p, file: x.yml, ref: main}\njob: {script: [x]}\n", 1),
    "job-unresolved": (f"include: {{project: g/p, file: x.yml, ref: {SHA}}}\njob: {{extends: .x}}\n", 2),
    "include-unpinned": ("include:\n  - {project: g/p, file: x.yml, ref: main}\njob: {script: [x]}\n", 2),
    "include-remote-unverified": ("include: https://a.example/x.yml\njob: {script: [x]}\n", 1),
    "id-token-audience-broad": (signing(aud="'*'"), 3),
    "id-token-audience-shared": (signing() + signing().replace("job:", "other:"), 7),
    "id-token-inherited": (f"default:\n  id_tokens: {{T: {{aud: a}}}}\njob: {{script: [x], {PROTECTED}}}\n", 2),
    "secret-in-variables": ("variables:\n  DEPLOY_TOKEN: " + "x7Kq9" + "Lm2Tz\njob: {script: [x]}\n", 2),
    "image-unpinned": ("job:\n  image: alpine\n  script: [x]\n", 2),
    "script-injection": (scripted('eval "echo $CI_COMMIT_TITLE"'), 3),
    "field-untrusted": ("job:\n  image: r.example/$CI_COMMIT_REF_NAME\n  script: [x]\n", 2),
    "runner-privileged": (f"job:\n  script: [docker build .]\n  services:\n    - docker:27-dind{PIN}\n", 4),
    "security-job-toothless": ("scan:\n  script: [trivy fs .]\n  allow_failure: true\n", 1),
    "deploy-overlapping": (f"job:\n  script: [helm upgrade x]\n  environment: prod\n  {PROTECTED}\n", 1),
    "job-token-misused": (scripted("git push https://gitlab-ci-token:$CI_JOB_TOKEN@g.example/a"), 3),
    "debug-trace-on": ("variables:\n  CI_DEBUG_TRACE: 'true'\njob: {script: [x]}\n", 2),
    "artifacts-untracked": ("job:\n  script: [x]\n  artifacts: {untracked: true}\n", 3),
    "dotenv-untrusted": (
        "a:\n  script: [x]\n  rules: [{if: $CI_MERGE_REQUEST_IID}]\n  artifacts: {reports: {dotenv: a.env}}\n"
        "b:\n  script: [kubectl apply]\n  environment: {name: prod}\n  rules: [{if: $CI_MERGE_REQUEST_IID}]\n",
        4,
    ),
    "variables-forwarded": (
        "job:\n  trigger: {project: g/p, strategy: depend, forward: {pipeline_variables: yes}}\n",
        2,
    ),
    "trigger-unawaited": ("job:\n  trigger: {project: g/p}\n", 2),
    # Shared with other systems.
    "signing-token-shared": (signing().replace("cosign sign-blob x", "npm ci, cosign sign-blob x"), 3),
    "signing-token-exposed": (signing("rules: [{if: $CI_MERGE_REQUEST_IID}]"), 3),
    "publish-unguarded": ("job:\n  script:\n    - twine upload dist/*\n", 3),
    "credential-long-lived": (scripted('curl -H "PRIVATE-TOKEN: $BOT" "$CI_API_V4_URL/x"'), 3),
    "gate-toothless": ("job:\n  script: [tidegate check]\n  allow_failure: true\n", 1),
    "ci-config-malformed": ("job: {script: [x]}\njob: {script: [y]}\n", 2),
}


def test_every_rule_has_a_bad_example() -> None:
    assert {rule.id for rule in RULES} <= BAD.keys()


@pytest.mark.parametrize("rule", BAD)
def test_the_bad_example_is_found_at_its_line(rule: str) -> None:
    text, line = BAD[rule]
    assert (rule, line) in {(found, at) for found, _, at in brief(text)}


def test_a_clean_pipeline_is_quiet() -> None:
    assert brief(CLEAN) == []


GOOD = {
    "include-unresolved": ("include: x.yml\njob: {script: [x]}\n", {"x.yml": "other: {script: [x]}\n"}),
    "job-unresolved": ("include: x.yml\njob: {extends: .x}\n", {"x.yml": ".x: {script: [x]}\n"}),
    "include-unpinned": (f"include: [{{component: g.example/a/b@{SHA}}}]\njob: {{script: [x]}}\n", {}),
    "include-remote-unverified": (
        "include: [{remote: 'https://a.example/x.yml', integrity: 'sha256-" + "A" * 43 + "='}]\njob: {script: [x]}\n",
        {},
    ),
    "id-token-audience-broad": (signing(), {}),
    "id-token-audience-shared": (signing() + signing(aud="vault").replace("job:", "other:"), {}),
    "id-token-inherited": (signing() + "other: {script: [x]}\n", {}),
    "secret-in-variables": (
        "variables: {A_TOKEN: $GIVEN, B_PASSWORD: postgres, API_KEY: ./a1.pem, TOKEN_URL: x7Kq9Lm2Tz}\n"
        "job: {script: [x]}\n",
        {},
    ),
    "image-unpinned": (f"job:\n  image: alpine:3.20{PIN}\n  script: [x]\n", {}),
    "field-untrusted": (f"job:\n  image: r.example/$CI_COMMIT_REF_SLUG{PIN}\n  script: [x]\n", {}),
    "runner-privileged": (scripted("buildah bud ."), {}),
    "security-job-toothless": ("scan:\n  script: [trivy fs .]\n", {}),
    "deploy-overlapping": (
        f"job:\n  script: [helm upgrade x]\n  environment: prod\n  resource_group: a\n  {PROTECTED}\n",
        {},
    ),
    "job-token-misused": (scripted('curl -H "JOB-TOKEN: $CI_JOB_TOKEN" "$CI_API_V4_URL/x"'), {}),
    "debug-trace-on": ("variables: {CI_DEBUG_TRACE: 'false'}\njob: {script: [x]}\n", {}),
    "artifacts-untracked": ("job:\n  script: [x]\n  artifacts: {paths: [out]}\n", {}),
    "dotenv-untrusted": (
        "a:\n  script: [x]\n  artifacts: {reports: {dotenv: a.env}}\n"
        "b:\n  script: [kubectl apply]\n  environment: {name: prod}\n",
        {},
    ),
    "variables-forwarded": ("job:\n  trigger: {project: g/p, strategy: depend, forward: {yaml_variables: true}}\n", {}),
    "trigger-unawaited": ("job:\n  trigger: {project: g/p, strategy: mirror}\n", {}),
    "signing-token-shared": (signing(), {}),
    "signing-token-exposed": (signing(), {}),
    "publish-unguarded": ("job:\n  script: [twine upload dist/*]\n  environment: registry\n", {}),
    "credential-long-lived": (scripted('curl -H "JOB-TOKEN: $CI_JOB_TOKEN" "$CI_API_V4_URL/x"'), {}),
    "gate-toothless": ("job:\n  script: [tidegate check]\n", {}),
    "script-injection": (scripted('echo "$CI_COMMIT_TITLE"'), {}),
}


@pytest.mark.parametrize("rule", GOOD)
def test_the_good_example_is_left_alone(rule: str) -> None:
    text, files = GOOD[rule]
    assert rule not in rules(text, files)


@pytest.mark.parametrize(
    "line",
    [
        'eval "echo $CI_COMMIT_TITLE"',
        "eval echo $CI_COMMIT_MESSAGE",
        'sh -c "echo ${CI_MERGE_REQUEST_TITLE}"',
        'bash -ec "git checkout $CI_COMMIT_REF_NAME"',
        "python3 -c \"print('$CI_COMMIT_DESCRIPTION')\"",
        'ssh host "deploy $CI_COMMIT_BRANCH"',
        'echo "deploy $CI_COMMIT_TAG_MESSAGE" | sh',
        "bash <<EOF\ngit tag $CI_MERGE_REQUEST_SOURCE_BRANCH_NAME\nEOF",
        "$CI_COMMIT_TITLE",
        "sh -c 'a\\' \"$CI_COMMIT_TITLE\"",
        'eval "make $TITLE"',
        'node -e "x(\\"${CI_COMMIT_AUTHOR}\\")"',
    ],
)
def test_text_that_is_parsed_again_is_injection(line: str) -> None:
    assert "script-injection" in rules(scripted(line, "variables: {TITLE: $CI_COMMIT_TITLE}\n"))


@pytest.mark.parametrize(
    "line",
    [
        'echo "$CI_COMMIT_TITLE"',
        "sh -c 'echo \"$CI_COMMIT_TITLE\"'",
        'eval "echo \\$CI_COMMIT_TITLE"',
        'eval "$(ssh-agent -s)"\necho "$CI_COMMIT_TITLE"',
        'sh -c "make"; echo $CI_COMMIT_BRANCH',
        'curl --data "$CI_COMMIT_MESSAGE" https://a.example',
        'eval "echo $CI_COMMIT_REF_SLUG $CI_COMMIT_SHA"',
        "git checkout $CI_COMMIT_REF_NAME",
        "bash <<'EOF'\necho $CI_COMMIT_TITLE\nEOF",
        'if [ "$CI_COMMIT_BRANCH" = main ]; then make; fi',
    ],
)
def test_text_that_is_only_expanded_is_none(line: str) -> None:
    assert "script-injection" not in rules(scripted(line))


@pytest.mark.parametrize(
    ("more", "level"),
    [
        ("rules: [{if: $CI_MERGE_REQUEST_IID}]", "fail"),
        ("rules: [{if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"'}]", "fail"),
        ("only: [merge_requests]", "fail"),
        ("rules: [{when: manual}]", "fail"),
        ("rules: [{when: always}]\n  environment: prod", "warn"),
        ("rules: [{if: $CUSTOM}]", "warn"),
        ("rules: [{if: $CI_COMMIT_BRANCH}]", "warn"),
        ("rules: [{if: $CI_COMMIT_BRANCH =~ /^release/}]", "warn"),
        ("rules: [{if: $CI_MERGE_REQUEST_IID, changes: [a]}]", "warn"),
        ("rules: [{if: $CUSTOM, when: never}, {if: $CI_MERGE_REQUEST_IID}]", "warn"),
        ("rules: [{if: $CUSTOM, when: never}, {when: never}]", ""),
        ("tags: [x]", "warn"),
        ("only: [branches]", "warn"),
        ("except: [tags]", "warn"),
        ("rules: [{if: $CI_COMMIT_TAG}]", ""),
        ("rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]", ""),
        ("rules: [{if: '$CI_COMMIT_BRANCH == \"main\"', when: manual}]", ""),
        ("rules: [{if: $CI_COMMIT_REF_PROTECTED == 'true'}]", ""),
        ("rules: [{if: $CI_MERGE_REQUEST_IID, when: never}, {if: $CI_COMMIT_TAG}]", ""),
        ("only: [main]", ""),
        ("only: [tags]", ""),
        ("rules: [{if: $CI_COMMIT_BRANCH}]\n  environment: prod", ""),
    ],
)
def test_who_can_start_a_signing_job(more: str, level: str) -> None:
    found = [each for rule, each, _ in brief(signing(more)) if rule == "signing-token-exposed"]
    assert found == ([level] if level else [])


def test_the_rules_of_the_workflow_count_as_well() -> None:
    workflow = "workflow: {rules: [{if: $CI_COMMIT_TAG}]}\n"
    assert "signing-token-exposed" not in rules(workflow + signing("rules: [{when: always}]"))


@pytest.mark.parametrize("more", ["tags: [x]", "rules: [{if: $CI_PIPELINE_SOURCE == 'parent_pipeline'}]"])
def test_a_child_pipeline_may_be_started_by_whatever_starts_its_parent(more: str) -> None:
    root = "job: {trigger: {include: [{local: c.yml}], strategy: depend}}\n"
    found = judged(root, {"c.yml": signing(more)})
    assert [str(each.level) for each in found if each.rule == "signing-token-exposed"] == ["warn"]


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ('$A == "x"', True),
        ("$A == 'y'", False),
        ("$A != 'y' && ($NULL == null)", True),
        ("$A =~ /^(x|y)$/", True),
        ("$A !~ /y/", True),
        ("$A =~ /x.*/", None),
        ("$MISSING", None),
        ("$MISSING || $A", True),
        ("$MISSING && $NULL", False),
        ("$NULL", False),
        ("$BRANCH == $BRANCH", True),
        ("$BRANCH == 'main'", False),
        ("$BRANCH == $DEFAULT", False),
        ("$BRANCH =~ /main/", None),
        ("${A} == $A", True),
        ("$A ==", None),
        ("($A", None),
        ("$A == 'x' 'y'", None),
        ("rm -rf", None),
        ("", None),
        ("(" * 100 + "$A" + ")" * 100, None),
        ("$A && " * 1000 + "$A", None),
    ],
)
def test_conditions_are_decided_or_left_open(text: str, truth: bool | None) -> None:
    known: dict[str, Value] = {"A": "x", "NULL": None, "BRANCH": CHOSEN, "DEFAULT": DEFAULT}
    assert decide(text, known) is truth


@pytest.mark.parametrize(
    ("aud", "level"),
    [("[a, b]", "fail"), ("[a]", "warn"), ("''", "fail"), ("$CI_COMMIT_REF_NAME", "fail"), ("$CI_SERVER_URL", "")],
)
def test_an_audience_is_one_text(aud: str, level: str) -> None:
    found = [each for rule, each, _ in brief(signing(aud=aud)) if rule == "id-token-audience-broad"]
    assert found == ([level] if level else [])


def test_one_token_for_many_jobs_is_told_once() -> None:
    text = f".s: {{id_tokens: {{T: {{aud: a}}}}, {PROTECTED}, script: [x]}}\n"
    found = [
        each for each in judged(text + "a: {extends: .s}\nb: {extends: .s}\n") if each.rule == "id-token-inherited"
    ]
    assert [each.message for each in found] == ["the id token `T` is handed from one place to `a`, `b`"]


@pytest.mark.parametrize(
    ("image", "more", "level"),
    [
        ("alpine", "", "fail"),
        ("alpine:latest", "", "fail"),
        ("alpine:3.20", "", "warn"),
        ("$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA", "", "warn"),
        ("r.example:5000/a", "", "fail"),
        ("alpine:3.20", "id_tokens: {T: {aud: a}}", "fail"),
        ("alpine:3.20", "secrets: {A: {vault: a}}", "fail"),
        ("alpine:3.20", "environment: prod", "fail"),
        ("alpine@sha256:abc", "", "fail"),
        ("alpine:3.20" + PIN, "", ""),
    ],
)
def test_an_image_weighs_what_its_job_holds(image: str, more: str, level: str) -> None:
    text = f"job:\n  image: {image}\n  script: [x]\n  {more}\n"
    assert [each for rule, each, _ in brief(text) if rule == "image-unpinned"] == ([level] if level else [])


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        (f"{{project: g/p, file: x, ref: {SHA}}}", {("include-unresolved", "warn")}),
        ("{project: g/p, file: x}", {("include-unresolved", "fail"), ("include-unpinned", "fail")}),
        (f"{{project: g/p, file: x, ref: {SHA}-x}}", {("include-unresolved", "fail"), ("include-unpinned", "fail")}),
        ("{component: a.example/b/c@1.2.3}", {("include-unresolved", "warn")}),
        ("{component: a.example/b/c@1.2}", {("include-unresolved", "fail"), ("include-unpinned", "fail")}),
        ("{component: a.example/b/c@~latest}", {("include-unresolved", "fail"), ("include-unpinned", "fail")}),
        ("{component: $CI_SERVER_FQDN/$CI_PROJECT_PATH/no@$CI_COMMIT_SHA}", {("include-unresolved", "fail")}),
        ("{template: a.yml}", {("include-unresolved", "warn")}),
        ("{local: no.yml}", {("include-unresolved", "fail")}),
        ("{remote: 'http://a.example/x'}", {("include-unresolved", "fail"), ("include-remote-unverified", "fail")}),
    ],
)
def test_an_include_weighs_what_can_change_it(include: str, expected: set[tuple[str, str]]) -> None:
    assert {(rule, level) for rule, level, _ in brief(f"include: [{include}]\njob: {{script: [x]}}\n")} == expected


def test_a_pipeline_that_is_nothing_but_a_pinned_include_is_no_pass() -> None:
    found = brief(f"include: {{project: g/p, file: x, ref: {SHA}}}\n")
    assert [(rule, level) for rule, level, _ in found] == [("include-unresolved", "fail")]


@pytest.mark.parametrize(
    "more",
    [
        *("allow_failure: true", "allow_failure: yes", "allow_failure: {exit_codes: 1}", "when: manual"),
        *("rules: [{when: never}]", "rules: [{if: $A, allow_failure: true}]", "rules: [{if: $A, when: manual}]"),
    ],
)
def test_what_lets_a_pipeline_go_on_without_the_gate(more: str) -> None:
    assert "gate-toothless" in rules(f"job:\n  script: [tidegate check]\n  {more}\n")


@pytest.mark.parametrize(
    "script",
    [
        *("[tidegate check || true]", "[tidegate check; echo done]", "[set +e, tidegate check, echo]"),
        "[x]\n  after_script: [tidegate check]",
    ],
)
def test_scripts_that_lose_the_gates_exit_code(script: str) -> None:
    assert "gate-toothless" in rules(f"job:\n  script: {script}\n")


def test_an_sbom_that_cannot_be_written_leaves_the_gate_as_it_is() -> None:
    text = "job:\n  stage: deploy\n  script:\n    - tidegate sbom --write x || echo none\n    - tidegate check\n"
    assert rules(text) == set()
    assert "gate-toothless" in rules(text.replace("    - tidegate check\n", ""))
    assert "gate-toothless" in rules(text.replace("check", "check || true"))
    assert "gate-toothless" in rules(text.replace("tidegate sbom --write x", "bash -c 'tidegate deps'"))


@pytest.mark.parametrize("name", ["sast", "semgrep-sast", "secret_detection", "my-container_scanning"])
def test_an_overridden_job_of_a_template_that_stops_nothing(name: str) -> None:
    text = f"include: {{template: Jobs/X.gitlab-ci.yml}}\nother: {{script: [x]}}\n{name}: {{allow_failure: true}}\n"
    assert {"security-job-toothless", "job-unresolved"} <= rules(text)


def test_a_child_pipeline_that_a_job_makes_is_told() -> None:
    text = "a: {script: [x]}\nb: {trigger: {include: [{artifact: c.yml, job: a}], strategy: depend}}\n"
    assert brief(text) == [("include-unresolved", "fail", 2)]


@pytest.mark.parametrize(("name", "told"), [("$CI_COMMIT_REF_NAME", True), ("review/$CI_COMMIT_REF_NAME", False)])
def test_a_branch_may_choose_among_environments_of_one_kind_only(name: str, told: bool) -> None:
    text = f"job:\n  script: [kubectl apply]\n  environment: {{name: {name}}}\n"
    assert ("field-untrusted" in rules(text)) is told


def test_files_that_two_pipelines_include_are_told_of_once() -> None:
    files = {
        "c.yml": "include: x.yml\nb: {script: [x]}\n",
        "x.yml": ".y: {image: alpine}\nz: {image: a, script: [x]}\n",
    }
    text = "include: x.yml\njob: {trigger: {include: [{local: c.yml}], strategy: depend}}\n"
    found = [each for each in judged(text, files) if each.rule == "image-unpinned"]
    assert len(found) == 1


def test_a_pipeline_input_in_a_script_is_shown_where_anything_can_be_given() -> None:
    header = "spec:\n  inputs:\n    free: {default: a}\n    bound: {default: a, options: [a, b]}\n---\n"
    text = (
        header + 'job: {script: ["$[[ inputs.free ]]", "$[[ inputs.bound ]]", "$[[ inputs.bound | expand_vars ]]"]}\n'
    )
    found = [(str(each.level), each.about) for each in judged(text) if each.rule == "script-injection"]
    assert found == [
        ("warn", ".gitlab-ci.yml##$[[ inputs.free ]]"),
        ("fail", ".gitlab-ci.yml##$[[ inputs.bound | expand_vars ]]"),
    ]


def test_a_secret_in_a_variable_is_never_shown() -> None:
    value = "x7Kq9" + "Lm2TzQ"
    assert value not in repr(judged(f"job:\n  script: [x]\n  variables: {{API_KEY: {value}}}\n"))


def test_many_jobs_with_one_long_script_are_judged_soon() -> None:
    began = time.process_time()
    script = "".join(f"    - 'echo {n} {'eval a; ' * 500} {n}'\n" for n in range(20))
    text = ".x:\n  id_tokens: {A: {aud: x}}\n  script:\n" + script
    text += "".join(f"j{n}: {{extends: .x}}\n" for n in range(2000))
    assert len(judged(text)) >= 2000
    assert time.process_time() - began < 8


def test_a_job_without_conditions_runs_for_branches_and_not_for_merge_requests() -> None:
    found = pipeline("job: {script: [x]}\n")
    assert starting.by_merge_requests(found.jobs[0], found) is False
    assert starting.by_any_branch(found.jobs[0], found) is True
