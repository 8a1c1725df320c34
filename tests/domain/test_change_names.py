"""Newly asked names: nearly somebody else's, known to nobody, or compared with nothing, and each is told."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.changes import name_rules
from tidegate.domain.changes.asked import Asked
from tidegate.domain.changes.change import Change, Kind
from tidegate.domain.changes.cooldown import Cooldown
from tidegate.domain.changes.names import Scene, check
from tidegate.domain.changes.well_known import WellKnown, named, shipped
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding, Level
from tidegate.model.package import File, Locked, LockFile, Manifest, Source, SourceKind

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OLD = "2020-01-01T00:00:00Z"
FRESH = "2026-02-20T00:00:00Z"
SQUATS = {
    "PyPI": """
        acqusition bzip crypt setup-tools urlib3 urllib python3-dateutil jeilyfish colourama reqeusts requestss
        beautifulsup4 diango djago dajngo djanga virtualnv mumpy nmap-python pythonkafka python-mysql matplotltib
        selemium pyyalm request urllib33 fabrice tensroflow pytorch-lightening python-requests requests-py pandsa
        scikit-leanr criptography flaskk pyjwtt dateutil
    """,
    "npm": """
        crossenv cross-env.js fabric-js gruntcli http-proxy.js jquery.js mongose mssql.js mssql-node mysqljs
        node-fabric node-sqlite nodefabric nodemailer-js nodemailer.js nodemssql noderequest nodesass nodesqlite
        proxy.js sqlite.js sqliter electorn loadash lodahs lodashs coffescript babelcli axois axi0s types-node
        puppeter typescriptjs raect expresss commqnder discord.jss chalk-js momnet
    """,
    "Go": "github.com/boltdb-go/bolt github.com/siruspen/logrus github.com/gorila/mux",
    "RubyGems": "rest_client nokogirl activesuport",
}
"""Names that were registered to be mistaken for others, or made like those that were."""
UNLIKE = {
    "PyPI": "apidev-coop internal-billing-client my-company-tools",
    "npm": "internal-billing-client @acme/billing my-company-tools",
    "Go": "git.example/platform/billing",
    "RubyGems": "internal-billing-client",
}


def locked(name: str, ecosystem: str = "PyPI", uploaded: str = OLD, kind: SourceKind = SourceKind.REGISTRY) -> Locked:
    files = (File(name=f"{name}-1.0-py3-none-any.whl", uploaded=uploaded),)
    return Locked(ecosystem, name, name, "1.0", Source(kind, public=True), files=files, direct=True, line=3)


def judge(
    *packages: Locked,
    cooldown: timedelta = timedelta(0),
    lists: Mapping[str, WellKnown] | None = None,
    uploaded: Mapping[str, str] | None = None,
) -> list[Finding]:
    scene = Scene(
        Cooldown(cooldown, NOW, uploaded or {}), lists or {}, own=lambda _, name: name.startswith(("acme-", "@acme/"))
    )
    return list(check((Change(Kind.ADDED, "uv.lock", None, one, new=True) for one in packages), scene))


def ids(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


@pytest.mark.parametrize("ecosystem", SQUATS)
def test_well_known_squats_are_seen(ecosystem: str) -> None:
    known = shipped(ecosystem)
    assert known is not None
    missed = [name for name in SQUATS[ecosystem].split() if known.looks_like(name) is None]
    assert missed == []


@pytest.mark.parametrize("ecosystem", UNLIKE)
def test_names_like_no_other_are_left_alone(ecosystem: str) -> None:
    known = shipped(ecosystem)
    assert known is not None
    assert [known.looks_like(name) for name in UNLIKE[ecosystem].split()] == [None] * len(UNLIKE[ecosystem].split())


@pytest.mark.parametrize("ecosystem", SQUATS)
def test_well_known_names_are_like_no_other(ecosystem: str) -> None:
    known = shipped(ecosystem)
    assert known is not None
    assert [name for name in list(known.rank)[:500] if known.looks_like(name)] == []


def test_what_only_the_owner_of_a_well_known_name_can_publish_is_no_squat() -> None:
    npm, go = shipped("npm"), shipped("Go")
    assert npm is not None
    assert go is not None
    assert npm.holds("@types/some-package-nobody-knows")
    assert not npm.holds("@typos/node")
    assert go.looks_like("github.com/stretchr/testfy") is None
    assert go.holds("github.com/stretchr/testify/v2")


def test_a_squat_is_a_warning_that_names_whom_it_looks_like() -> None:
    finding = judge(locked("reqeusts"))[0]
    assert (finding.rule, finding.level, finding.about) == ("name-squatted", Level.WARN, "pkg:pypi/reqeusts")
    assert "`requests`" in finding.message
    assert finding.place is not None
    assert (finding.place.path, finding.place.line) == ("uv.lock", 3)


@pytest.mark.parametrize(
    ("package", "why"),
    [
        (locked("reqeusts", uploaded=FRESH), "9 days old"),
        (replace(locked("crossenv", "npm"), install_script=True), "runs code"),
        (replace(locked("reqeusts"), files=(File(name="reqeusts-1.0.tar.gz", uploaded=OLD),)), "runs code"),
    ],
)
def test_a_squat_that_is_young_or_runs_code_shuts_the_gate(package: Locked, why: str) -> None:
    finding = judge(package)[0]
    assert (finding.rule, finding.level) == ("name-squatted", Level.FAIL)
    assert why in finding.message


def test_the_registrys_word_on_age_counts_where_the_lock_has_none() -> None:
    package = locked("reqeusts", uploaded="")
    assert judge(package)[0].level is Level.WARN
    assert judge(package, uploaded={package.purl: FRESH})[0].level is Level.FAIL


def test_a_name_nobody_knows_is_told_and_says_that_it_is_unknown() -> None:
    [finding] = judge(locked("internal-billing-client"))
    assert (finding.rule, finding.level) == ("dependency-unfamiliar", Level.WARN)
    assert "not among the 15000 well-known names" in finding.message


def test_a_well_known_name_is_unfamiliar_only_while_its_release_is_young() -> None:
    assert judge(locked("requests"), cooldown=timedelta(days=7)) == []
    [finding] = judge(locked("requests", uploaded=FRESH), cooldown=timedelta(days=14))
    assert finding.rule == "dependency-unfamiliar"
    assert "9 days old, younger than 14 days" in finding.message


def test_an_ecosystem_without_a_list_is_told_once_as_not_compared() -> None:
    findings = judge(locked("serde", "crates.io"), locked("serde-json", "crates.io"), locked("phoenix", "Hex"))
    assert [(one.rule, one.about) for one in findings] == [
        ("dependency-unfamiliar", "names:Hex"),
        ("dependency-unfamiliar", "names:crates.io"),
    ]
    assert "2 newly asked names are not compared" in findings[1].message


def test_a_list_of_the_policy_takes_the_place_of_the_shipped_one() -> None:
    lists = {"PyPI": named("PyPI", "# ours\nInternal_Billing.Client\n\nleft-pad # right\n")}
    assert judge(locked("internal-billing-client"), lists=lists) == []
    assert ids(judge(locked("requests"), lists=lists)) == ["dependency-unfamiliar"]
    assert ids(judge(locked("leftpad"), lists=lists)) == ["name-squatted", "dependency-unfamiliar"]


def test_an_empty_list_knows_nobody() -> None:
    assert ids(judge(locked("requests"), lists={"PyPI": named("PyPI", "")})) == ["dependency-unfamiliar"]


def test_own_names_folders_and_build_pins_are_not_judged() -> None:
    assert judge(locked("acme-reqeusts"), locked("reqeusts", kind=SourceKind.WORKSPACE)) == []
    assert judge(locked("library/pyhton", "Docker")) == []


def test_a_name_behind_an_address_is_no_stranger_but_may_be_a_squat() -> None:
    assert judge(locked("internal-billing-client", kind=SourceKind.GIT)) == []
    assert ids(judge(locked("reqeusts", kind=SourceKind.GIT))) == ["name-squatted"]


def test_only_what_a_project_asks_for_itself_is_newly_asked() -> None:
    marked = LockFile("uv.lock", "uv.lock", "PyPI", Digest.of(b""), (locked("requests"),))
    silent = replace(marked, path="poetry.lock", packages=(replace(locked("requests"), direct=False),))
    bare = replace(silent, path="requirements.txt")
    wish = Manifest("pyproject.toml", "pyproject.toml", "PyPI", requires=("Requests>=2",), locks=("poetry.lock",))
    asked = Asked.of((marked, silent, bare), (wish,))

    def newly(path: str, name: str, direct: bool = False, new: bool = False) -> bool:
        return asked.newly(Change(Kind.ADDED, path, None, replace(locked(name), direct=direct), new=new))

    assert newly("uv.lock", "x", direct=True)
    assert not newly("uv.lock", "x", new=True)
    assert newly("poetry.lock", "requests", new=True)
    assert not newly("poetry.lock", "urllib3", new=True)
    assert newly("requirements.txt", "urllib3", new=True)
    assert not newly("requirements.txt", "urllib3")


def test_a_scoped_wish_has_its_scope() -> None:
    silent = LockFile("yarn.lock", "yarn.lock", "npm", Digest.of(b""), (replace(locked("a", "npm"), direct=False),))
    wish = Manifest("package.json", "package.json", "npm", requires=("@a/b@^1.0.0", "c@npm:d@1"), locks=("yarn.lock",))
    assert Asked.of((silent,), (wish,)).names == {"yarn.lock": frozenset({"@a/b", "c"})}


def test_rules_explain_themselves() -> None:
    for rule in name_rules.RULES:
        assert rule.says
        assert rule.why
        assert rule.fix


def test_a_list_is_made_and_a_name_looked_up_in_no_time() -> None:
    names = tuple(shipped("npm").rank)  # type: ignore[union-attr]
    begun = time.process_time()
    known = WellKnown.of("npm", names)
    assert time.process_time() - begun < 0.5
    begun = time.process_time()
    for number in range(100):
        assert known.looks_like(f"some-name-that-nobody-uses-{number}-" + "x" * 150) is None
    assert time.process_time() - begun < 3


@settings(max_examples=60)
@given(st.text(alphabet="abl10o5s-_.@/rnvw", max_size=30), st.sampled_from(["PyPI", "npm", "Go", "RubyGems"]))
def test_no_name_is_like_itself_and_none_raises(name: str, ecosystem: str) -> None:
    known = named(ecosystem, f"{name}\nrequests\nlodash\n@types/node\n")
    assert known.looks_like(name) is None
    assert WellKnown.of(ecosystem, ()).looks_like(name) is None


@pytest.mark.parametrize("kind", ["pypi", "npm", "golang", "gem"])
def test_a_shipped_list_is_what_its_origin_says(kind: str) -> None:
    folder = files("tidegate.domain.changes") / "popular"
    lines = folder.joinpath(f"{kind}.txt").read_text("utf-8").split("\n")
    assert lines.pop() == ""
    assert len(set(lines)) == len(lines)
    assert all(line and line.isascii() and not set(line) & set(" \t\r#") for line in lines)
    assert f"| `{kind}.txt` | {len(lines):,} |" in folder.joinpath("ORIGIN.md").read_text("utf-8")
