"""What pins a build: a poisoned pin never passes, a movable one is told, and a firm one is no finding."""

import pytest

from support.lock_court import judge
from support.more_locks import CHART, COMMIT, DOCKERFILE, HEX, PRE_COMMIT, SHA, TERRAFORM, chart_lock
from tidegate.domain.locks.sources import Allowed
from tidegate.errors import FormatError
from tidegate.model.finding import Finding, Level

Files = dict[str, bytes | str]


def told(files: Files, allowed: Allowed | None = None) -> list[tuple[str, str]]:
    """(rule, level), `cannot-be-read` where a file is refused whole."""
    try:
        findings = judge(files, allowed) if allowed else judge(files)
    except FormatError:
        return [("cannot-be-read", "fail")]
    assert all(finding.place and finding.about and finding.message and finding.fix for finding in findings)
    return sorted({(finding.rule, finding.level.value) for finding in findings})


def docker(text: str) -> Files:
    return {"Dockerfile": text}


FAIL, WARN = Level.FAIL.value, Level.WARN.value
DOCKER: dict[str, tuple[str, str, str]] = {
    "a tag": ("FROM python:3.12\n", "pin-movable", WARN),
    "a tag of another registry": ("FROM ghcr.example/acme/x:1.2\n", "pin-movable", WARN),
    "a tag from an argument": ("ARG V=3.12\nFROM python:${V}-slim\n", "pin-movable", WARN),
    "a tag from a default": ("FROM python:${V:-3.12}\n", "pin-movable", WARN),
    "no tag": ("FROM python\n", "package-unpinned", FAIL),
    "latest": ("FROM python:latest\n", "package-unpinned", FAIL),
    "a kind of latest": ("FROM alpine:edge-20240101\n", "package-unpinned", FAIL),
    "an argument without default": ("ARG BASE\nFROM $BASE\n", "package-unpinned", FAIL),
    "an argument nobody declares": ("FROM ${BASE}\n", "package-unpinned", FAIL),
    "an empty argument": ("ARG BASE=\nFROM ${BASE}\n", "package-unpinned", FAIL),
    "an argument declared too late": (f"FROM a@{SHA}\nARG V=1\nFROM b:$V\n", "package-unpinned", FAIL),
    "an argument that names itself": ("ARG A=$A\nFROM $A\n", "package-unpinned", FAIL),
    "a digest of the wrong length": ("FROM python@sha256:abcd\n", "hash-malformed", FAIL),
    "a digest that is none": (f"FROM python:3@{HEX['a']}\n", "hash-malformed", FAIL),
    "a weak digest": (f"FROM python@sha1:{HEX['a'][:40]}\n", "hash-malformed", FAIL),
    "an address for a host": (f"FROM 10.0.0.1:5000/x@{SHA}\n", "source-not-allowed", FAIL),
    "copied from a tag": (f"FROM a@{SHA}\nCOPY --from=nginx:1.25 /a /b\n", "pin-movable", WARN),
    "copied from latest": (f"FROM a@{SHA}\nCOPY --link --from=nginx /a /b\n", "package-unpinned", FAIL),
    "mounted from latest": (f"FROM a@{SHA}\nRUN --mount=type=bind,from=nginx x\n", "package-unpinned", FAIL),
    "mounted in a later line": (
        f"FROM a@{SHA}\nRUN --mount=type=cache \\\n  # why\n\n  --mount=from=nginx x\n",
        "package-unpinned",
        FAIL,
    ),
    "copied by whoever builds on it": (f"FROM a@{SHA}\nONBUILD COPY --from=nginx /a /b\n", "package-unpinned", FAIL),
    "a frontend that moves": (f"# syntax=docker/dockerfile:master\nFROM a@{SHA}\n", "package-unpinned", FAIL),
    "a frontend by tag": (f"#syntax = docker/dockerfile:1\nFROM a@{SHA}\n", "pin-movable", WARN),
    "a frontend in another comment": (f"// syntax=evil/frontend\nFROM a@{SHA}\n", "package-unpinned", FAIL),
    "a frontend as JSON": ('{"syntax": "evil/frontend"}', "cannot-be-read", FAIL),
    "a stage that comes later": (f"FROM later\nFROM a@{SHA} AS later\n", "package-unpinned", FAIL),
    "a stage by a number that is none": (f"FROM a@{SHA}\nCOPY --from=7 /a /b\n", "package-unpinned", FAIL),
    "lower case": ("from python\n", "package-unpinned", FAIL),
    "a continued line": ("FROM \\\n  python\n", "package-unpinned", FAIL),
    "another escape": ("# escape=`\nFROM `\n  python\n", "package-unpinned", FAIL),
    "behind a here-document": (f"FROM a@{SHA}\nRUN <<A cat\nA\nFROM python\n", "package-unpinned", FAIL),
    "behind a text that looks like one": (f'FROM a@{SHA}\nRUN echo " <<A"\nFROM python\n', "package-unpinned", FAIL),
    "behind a shift": (f"FROM a@{SHA}\nRUN echo $((1<<2))\nFROM python\n", "package-unpinned", FAIL),
    "a here-document that does not end": (f"FROM a@{SHA}\nRUN <<A\nFROM python\n", "cannot-be-read", FAIL),
    "a here-document named FROM": (f"FROM a@{SHA}\nRUN <<FROM\nFROM\n", "cannot-be-read", FAIL),
    "a here-document named oddly": (f'FROM a@{SHA}\nRUN <<"RUN x"\nFROM python\nRUN x\n', "cannot-be-read", FAIL),
    "a quote that does not end": (f"FROM a@{SHA}\nRUN echo it's <<A\nA\n", "cannot-be-read", FAIL),
    "something behind the image": ("FROM python:3.12 # why\n", "lock-malformed", FAIL),
    "no name": ("FROM Pyth\u00f6n:3\n", "lock-malformed", FAIL),
    "a template": ("FROM {{ image }}\n", "lock-malformed", FAIL),
    "reordering characters": ("FROM python\u202e:3\n", "cannot-be-read", FAIL),
    "merge conflict markers": ("<<<<<<< a\nFROM python\n", "cannot-be-read", FAIL),
}


@pytest.mark.parametrize("name", DOCKER)
def test_a_dockerfile_says_how_firm_each_image_is(name: str) -> None:
    text, rule, level = DOCKER[name]
    assert (rule, level) in told(docker(text))


def test_images_by_digest_stages_and_scratch_are_no_finding() -> None:
    assert told(docker(DOCKERFILE)) == []
    assert told(docker("RUN nothing\n")) == []
    assert told(docker(f"FROM registry.example:5000/x@{SHA}\n")) == []


def test_a_file_full_of_tags_is_one_warning_that_names_the_file() -> None:
    text = "".join(f"FROM image{number}:1.{number}\n" for number in range(5))
    (finding,) = judge(docker(text))
    assert (finding.rule, finding.about, finding.level) == ("pin-movable", "Dockerfile", Level.WARN)


def test_a_policy_without_public_registries_names_the_hosts_of_images() -> None:
    closed = Allowed(frozenset({"registry.example"}), public=False)
    assert told(docker(f"FROM registry.example:5000/x@{SHA}\n"), closed) == []
    assert told(docker(f"FROM x@{SHA}\n"), closed) == [("source-not-allowed", FAIL)]
    assert told(docker(f"FROM other.example/x@{SHA}\n"), closed) == [("source-not-allowed", FAIL)]


def test_the_subject_is_the_file_and_the_package_url() -> None:
    (finding,) = judge(docker("FROM ghcr.example/Acme/x:1.2\n".lower()))
    assert finding.about == "Dockerfile#pkg:docker/acme/x@1.2?repository_url=ghcr.example"
    assert finding.place is not None
    assert finding.place.line == 1


HASH = f'    "zh:{HEX["c"]}",\n'
TERRAFORM_POISON: dict[str, tuple[str, str]] = {
    "no hashes": (TERRAFORM[: TERRAFORM.index("  hashes")] + "}\n", "package-unhashed"),
    "empty hashes": (TERRAFORM[: TERRAFORM.index("  hashes")] + "  hashes = []\n}\n", "package-unhashed"),
    "a hash of the wrong length": (TERRAFORM.replace(HEX["c"], "abcd"), "hash-malformed"),
    "a hash of an unknown kind": (TERRAFORM.replace("zh:", "h9:"), "hash-malformed"),
    "a range for a version": (TERRAFORM.replace('"5.1.0"', '"~> 5.1"'), "package-unpinned"),
    "no version": (TERRAFORM.replace('  version     = "5.1.0"\n', ""), "package-unpinned"),
    "a version outside of what was asked": (TERRAFORM.replace('"5.1.0"', '"6.0.0"'), "lock-stale"),
    "a version that was excluded": (TERRAFORM.replace('"5.1.0"', '"5.0.4"'), "lock-stale"),
    "an address for a host": (TERRAFORM.replace("registry.example", "10.0.0.1"), "source-not-allowed"),
    "a provider twice": (TERRAFORM * 2, "cannot-be-read"),
    "a key twice": (TERRAFORM.replace("  hashes", '  version = "5.0.0"\n  hashes'), "cannot-be-read"),
    "a key nobody knows": (TERRAFORM.replace("  hashes", '  mirror = "x"\n  hashes'), "lock-malformed"),
    "an expression": (TERRAFORM.replace('"5.1.0"', "var.version"), "cannot-be-read"),
    "letters of another alphabet": (TERRAFORM.replace("acme", "\u0430cme"), "cannot-be-read"),
    "no provider's address": (TERRAFORM.replace("/acme/", "/../"), "cannot-be-read"),
    "an unfinished file": (TERRAFORM[:-3], "cannot-be-read"),
    "merge conflict markers": ("<<<<<<< a\n" + TERRAFORM, "cannot-be-read"),
}


@pytest.mark.parametrize("name", TERRAFORM_POISON)
def test_a_poisoned_terraform_lock_is_found_out(name: str) -> None:
    text, rule = TERRAFORM_POISON[name]
    assert (rule, FAIL) in told({"infra/.terraform.lock.hcl": text})


def test_what_terraform_writes_is_no_finding() -> None:
    assert told({".terraform.lock.hcl": TERRAFORM}) == []
    only_contents = TERRAFORM.replace(HASH, "")
    assert told({".terraform.lock.hcl": only_contents}) == []


def test_two_platforms_have_two_hashes_and_no_conflict() -> None:
    one, two = TERRAFORM.replace(HASH, ""), TERRAFORM.replace(HASH, "").replace("AAAAA", "AAAAB", 1)
    assert told({"a/.terraform.lock.hcl": one, "b/.terraform.lock.hcl": two}) == []
    other = TERRAFORM.replace(HEX["c"], HEX["d"])
    assert ("hash-conflict", FAIL) in told({"a/.terraform.lock.hcl": TERRAFORM, "b/.terraform.lock.hcl": other})


def helm(lock: str | None = None, chart: str = CHART) -> Files:
    return {"chart/Chart.yaml": chart, "chart/Chart.lock": chart_lock() if lock is None else lock}


HELM_POISON: dict[str, tuple[Files, str]] = {
    "another version": (helm(chart_lock().replace("20.12.1", "20.12.2")), "lock-stale"),
    "another repository": (helm(chart_lock().replace("stable", "evil")), "lock-stale"),
    "a chart that asks differently": (helm(chart=CHART.replace(">=20.6.2", ">=20.7.0")), "lock-stale"),
    "a chart with one more": (
        helm(chart=CHART + "  - name: evil\n    version: 1.0.0\n    repository: https://charts.example/x\n"),
        "lock-stale",
    ),
    "a version outside of what was asked": (helm(chart_lock(redis="19.0.0")), "lock-stale"),
    "a digest that is none": (helm(chart_lock(digest="sha256:abcd")), "lock-stale"),
    "no digest": (helm("\n".join(x for x in chart_lock().split("\n") if "digest" not in x)), "lock-stale"),
    "a range for a version": (helm(chart_lock(redis="20.x.x")), "package-unpinned"),
    "http": (helm(chart_lock(repository="http://charts.example/stable")), "source-not-allowed"),
    "a password": (helm(chart_lock(repository="https://a:b@charts.example/stable")), "source-not-allowed"),
    "a name one machine knows": (helm(chart_lock(repository="'@stable'")), "source-not-allowed"),
    "a folder outside": (helm(chart_lock(repository="file://../../outside")), "source-not-allowed"),
    "nothing locked": (helm("dependencies: []\ndigest: x\n"), "lock-empty"),
    "no lock": ({"chart/Chart.yaml": CHART}, "lock-missing"),
    "a key twice": (helm(chart_lock() + "digest: x\n"), "cannot-be-read"),
    "a merge key": (helm("a: &a {}\n<<: *a\n"), "cannot-be-read"),
    "letters of another alphabet": (helm(chart_lock().replace("redis", "r\u0435dis")), "cannot-be-read"),
    "merge conflict markers": (helm("<<<<<<< a\n" + chart_lock()), "cannot-be-read"),
}


@pytest.mark.parametrize("name", HELM_POISON)
def test_a_poisoned_helm_lock_is_found_out(name: str) -> None:
    files, rule = HELM_POISON[name]
    assert (rule, FAIL) in told(files)


def test_what_helm_writes_says_only_that_charts_have_no_hash() -> None:
    assert told(helm()) == [("pin-unhashed", WARN)]
    older: Files = {
        "chart/Chart.yaml": "name: app\n",
        "chart/requirements.yaml": CHART,
        "chart/requirements.lock": chart_lock(),
    }
    assert told(older) == [("pin-unhashed", WARN)]
    local = "dependencies:\n- name: a\n  version: 0.1.0\n  repository: file://../a\n"
    assert told({"charts/app/Chart.yaml": local, "charts/a/Chart.yaml": "name: a\n"}) == []
    assert told({"chart/Chart.yaml": "name: app\nversion: 1.0.0\n"}) == []
    assert told({"ansible/requirements.yaml": "- src: https://x.example\n"}) == []


def hooks(text: str) -> Files:
    return {".pre-commit-config.yaml": text}


HOOKS: dict[str, tuple[str, str, str]] = {
    "a tag": (PRE_COMMIT.replace(COMMIT, "v1.0.0"), "pin-movable", WARN),
    "a short commit": (PRE_COMMIT.replace(COMMIT, COMMIT[:8]), "pin-movable", WARN),
    "a branch": (PRE_COMMIT.replace(COMMIT, "main"), "package-unpinned", FAIL),
    "no revision": (PRE_COMMIT.replace(f"    rev: {COMMIT}  # frozen: v1.0.0\n", ""), "package-unpinned", FAIL),
    "http": (PRE_COMMIT.replace("https:", "http:"), "source-not-allowed", FAIL),
    "a password": (PRE_COMMIT.replace("//github", "//a:b@github"), "source-not-allowed", FAIL),
    "a folder outside": (
        PRE_COMMIT.replace("https://github.com/acme/hooks", "../../hooks"),
        "source-not-allowed",
        FAIL,
    ),
    "a free dependency": (PRE_COMMIT.replace("extra==1.2", "extra"), "pin-movable", WARN),
    "a ranged dependency": (PRE_COMMIT.replace("extra==1.2", "'extra>=1.2'"), "pin-movable", WARN),
    "a wildcard dependency": (PRE_COMMIT.replace("extra==1.2", "extra==1.*"), "pin-movable", WARN),
    "a free dependency of npm": (PRE_COMMIT.replace("@1.2.3", "@^1.2.3"), "pin-movable", WARN),
    "a revision that is a number": (PRE_COMMIT.replace(COMMIT, "1.0"), "cannot-be-read", FAIL),
    "a key twice": (PRE_COMMIT + "repos: []\n", "cannot-be-read", FAIL),
    "merge conflict markers": ("<<<<<<< a\n" + PRE_COMMIT, "cannot-be-read", FAIL),
}


@pytest.mark.parametrize("name", HOOKS)
def test_a_configuration_of_hooks_says_how_firm_each_is(name: str) -> None:
    text, rule, level = HOOKS[name]
    assert (rule, level) in told(hooks(text))


def test_what_is_installed_beside_a_hook_is_told_at_its_own_line_with_what_to_write() -> None:
    (finding,) = judge(hooks(PRE_COMMIT.replace("@1.2.3", "@^1.2.3")))
    text = PRE_COMMIT.replace("@1.2.3", "@^1.2.3").splitlines()
    assert finding.place is not None
    assert "@^1.2.3" in text[(finding.place.line or 0) - 1]
    assert finding.fix == "write one version (`name==1.2.3`, `name@1.2.3`)"


def test_hooks_by_commit_and_own_hooks_are_no_finding() -> None:
    assert told(hooks(PRE_COMMIT)) == []
    assert told(hooks("[]\n")) == []
    assert told(hooks(PRE_COMMIT.removeprefix("repos:\n"))) == []


def test_a_password_in_an_address_is_not_shown() -> None:
    findings: list[Finding] = judge(hooks(PRE_COMMIT.replace("//github", "//user:hunter2@github")))
    assert findings
    assert "hunter2" not in repr(findings)
