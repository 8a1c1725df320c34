"""A package manager's configuration: each way of turning a safeguard off is told, and ordinary changes are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import INDEX, NPM
from tidegate.domain.changes import configs
from tidegate.domain.changes.guards import Hosts
from tidegate.errors import FormatError
from tidegate.formats import all_configs
from tidegate.formats.configs import table
from tidegate.model.finding import Level

HOSTS = Hosts(frozenset({"own.example"}).__contains__, frozenset({INDEX, NPM}).__contains__)


def told(path: str, before: str, after: str) -> list[str]:
    kind = table.kind_of(path)
    assert kind is not None
    old, new = (table.read(path, text.encode()) for text in (before, after))
    found = list(configs.check(path, kind, old, new, HOSTS))
    assert all(f.rule == "config-weakened" and f.level is Level.FAIL and f.place for f in found)
    return [finding.about.removeprefix(f"{path}#") for finding in found]


WEAKER = [
    (".npmrc", "", "strict-ssl=false", "strict-ssl=false"),
    (".npmrc", "", "strict-ssl = no", "strict-ssl=no"),
    (".npmrc", "", "strict-ssl=true\nstrict-ssl=false", "strict-ssl=true,false"),
    (".npmrc", "ignore-scripts=true", "", "ignore-scripts="),
    (".npmrc", "ignore-scripts=true", "ignore-scripts=false", "ignore-scripts=false"),
    (".npmrc", "", "ignore-scripts=false", "ignore-scripts=false"),
    (".npmrc", "registry=https://own.example/", "registry=https://evil.example/", "registry=https://evil.example/"),
    (".npmrc", "registry=https://own.example/", "", "registry="),
    (".npmrc", "@acme:registry=https://own.example/", "", "@acme:registry="),
    (".npmrc", "", '"registry" = "http://own.example/"', "registry=http://own.example/"),
    (".npmrc", "", "registry=https://own.example@evil.example/", "registry=https://***@evil.example/"),
    (".npmrc", "", "registry=${REGISTRY}", "registry=${REGISTRY}"),
    (".npmrc", "min-release-age=7", "", "min-release-age="),
    (".npmrc", "min-release-age=7", "min-release-age=1", "min-release-age=1"),
    (".npmrc", "", "min-release-age-exclude[]=evil", "min-release-age-exclude=evil"),
    (".yarnrc", 'registry "https://own.example"', 'registry "https://evil.example"', "registry=https://evil.example"),
    (".yarnrc", "", "strict-ssl false", "strict-ssl=false"),
    (".yarnrc.yml", "", "enableStrictSsl: false", "enableStrictSsl=false"),
    (".yarnrc.yml", "enableScripts: false", "enableScripts: true", "enableScripts=true"),
    (".yarnrc.yml", "", "checksumBehavior: update", "checksumBehavior=update"),
    (".yarnrc.yml", "npmMinimalAgeGate: 7d", "npmMinimalAgeGate: 1d", "npmMinimalAgeGate=1d"),
    (".yarnrc.yml", "npmMinimalAgeGate: 7d", "npmMinimalAgeGate: 1440", "npmMinimalAgeGate=1440"),
    (".yarnrc.yml", "", "unsafeHttpWhitelist: [evil.example]", "unsafeHttpWhitelist=evil.example"),
    (
        ".yarnrc.yml",
        "npmScopes: {acme: {npmRegistryServer: 'https://own.example'}}",
        "npmScopes: {acme: {npmRegistryServer: 'https://evil.example'}}",
        "npmScopes.acme.npmRegistryServer=https://evil.example",
    ),
    ("pnpm-workspace.yaml", "minimumReleaseAge: 1440", "minimumReleaseAge: 0", "minimumReleaseAge=0"),
    ("pnpm-workspace.yaml", "minimumReleaseAge: 1440", "", "minimumReleaseAge="),
    ("pnpm-workspace.yaml", "trustPolicy: no-downgrade", "trustPolicy: off", "trustPolicy=off"),
    ("pnpm-workspace.yaml", "trustPolicy: no-downgrade", "", "trustPolicy="),
    (
        "pnpm-workspace.yaml",
        "onlyBuiltDependencies: [a]",
        "onlyBuiltDependencies: [a, evil]",
        "onlyBuiltDependencies=a,evil",
    ),
    ("pnpm-workspace.yaml", "", "allowBuilds: {evil: true}", "allowBuilds.evil=true"),
    ("pnpm-workspace.yaml", "", "dangerouslyAllowAllBuilds: true", "dangerouslyAllowAllBuilds=true"),
    ("pnpm-workspace.yaml", "neverBuiltDependencies: [evil]", "", "neverBuiltDependencies="),
    (
        "package.json",
        '{"pnpm": {}}',
        '{"pnpm": {"onlyBuiltDependencies": ["evil"]}}',
        "pnpm.onlyBuiltDependencies=evil",
    ),
    ("package.json", "{}", '{"trustedDependencies": ["evil"]}', "trustedDependencies=evil"),
    ("bunfig.toml", "", '[install]\nregistry = "https://evil.example"', "install.registry=https://evil.example"),
    ("bunfig.toml", "[install]\nminimumReleaseAge = 259200", "[install]", "install.minimumReleaseAge="),
    ("pip.conf", "", "[global]\nextra-index-url = https://evil.example/", "extra-index-url=https://evil.example/"),
    (
        "pip.conf",
        "",
        "[install]\ntrusted_host =\n  own.example\n  evil.example",
        "trusted-host=own.example,evil.example",
    ),
    ("pip.conf", "[global]\nindex-url: https://own.example/", "[global]", "index-url="),
    ("pip.conf", "[global]\nrequire-hashes = true", "", "require-hashes="),
    ("pip.conf", "[global]\nno-index = yes", "", "no-index="),
    ("pip.ini", "", "[global]\nfind-links = https://evil.example/", "find-links=https://evil.example/"),
    ("uv.toml", "", 'allow-insecure-host = ["evil.example"]', "allow-insecure-host=evil.example"),
    ("uv.toml", "", 'index-strategy = "unsafe-best-match"', "index-strategy=unsafe-best-match"),
    ("uv.toml", 'exclude-newer = "7 days"', 'exclude-newer = "1 day"', "exclude-newer=1 day"),
    ("uv.toml", 'exclude-newer = "2026-01-01T00:00:00Z"', "", "exclude-newer="),
    ("uv.toml", "", '[[index]]\nurl = "https://evil.example/simple"', "index.url=https://evil.example/simple"),
    ("uv.toml", "", "[pip]\nno-verify-hashes = true", "pip.no-verify-hashes=true"),
    (
        "pyproject.toml",
        "",
        '[tool.uv]\nextra-index-url = ["https://evil.example/"]',
        "extra-index-url=https://evil.example/",
    ),
    (
        "pyproject.toml",
        "",
        '[[tool.poetry.source]]\nname = "x"\nurl = "https://evil.example/"',
        "poetry.source.url=https://evil.example/",
    ),
    ("poetry.toml", "", "[certificates.own]\ncert = false", "certificates.own.cert=false"),
    ("Pipfile", "", '[[source]]\nurl = "https://x.example"\nverify_ssl = false', None),
    (
        ".cargo/config.toml",
        "",
        '[source.crates-io]\nreplace-with = "evil"',
        "source.crates-io.replace-with=evil",
    ),
    ("deep/.cargo/config", "", '[registries.x]\nindex = "sparse+https://evil.example"', None),
]


@pytest.mark.parametrize(("path", "before", "after", "about"), WEAKER)
def test_a_weaker_safeguard_is_told(path: str, before: str, after: str, about: str | None) -> None:
    found = told(path, before, after)
    if about is None:
        assert found
    else:
        assert found == [about]
    assert told(path, after, after) == []


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (".npmrc", "", "save-exact=true\n; a comment\nfund=false"),
        (".npmrc", "strict-ssl=false", ""),
        (".npmrc", "ignore-scripts=false", "ignore-scripts=true"),
        (".npmrc", "registry=https://evil.example/", "registry=https://own.example/"),
        (".npmrc", "", f"registry=https://{NPM}/"),
        (".npmrc", "min-release-age=7", "min-release-age=14"),
        (".npmrc", "", "//own.example/:_authToken=${TOKEN}"),
        ("pip.conf", "", f"[global]\nindex-url = https://{INDEX}/simple"),
        ("pip.conf", "[global]\ntrusted-host = a.example b.example", "[global]\ntrusted-host = a.example"),
        ("uv.toml", 'exclude-newer = "2026-01-01"', 'exclude-newer = "2026-02-01"'),
        ("uv.toml", 'exclude-newer = "1 day"', 'exclude-newer = "7 days"'),
        ("pyproject.toml", '[project]\nname="a"', '[project]\nname="a"\ndependencies=["b"]'),
        ("package.json", '{"dependencies": {}}', '{"dependencies": {"a": "1"}}'),
        ("pnpm-workspace.yaml", "packages: [a]", "packages: [a, b]"),
        ("pnpm-workspace.yaml", "trustPolicy: off", "trustPolicy: no-downgrade"),
        ("pnpm-workspace.yaml", "", "allowBuilds: {a: false}"),
        (".yarnrc.yml", "yarnPath: .yarn/releases/yarn-4.0.0.cjs", "yarnPath: .yarn/releases/yarn-4.1.0.cjs"),
        (".cargo/config.toml", "", "[build]\njobs = 2"),
    ],
)
def test_an_ordinary_or_stricter_setting_is_no_finding(path: str, before: str, after: str) -> None:
    assert told(path, before, after) == []


def test_a_token_is_never_kept() -> None:
    token = "npm_" + "x" * 36
    for line in (f"//own.example/:_authToken={token}", f"_auth={token}", f"//own.example/:_password={token}"):
        assert table.read(".npmrc", f"{line}\n".encode()) == ()


def test_two_weakenings_of_one_setting_have_two_subjects() -> None:
    first, second = (told(".npmrc", "", f"registry=https://{name}.example/") for name in ("a", "b"))
    assert first != second


@pytest.mark.parametrize(("name", "kind", "reader"), all_configs.READERS)
def test_every_configuration_is_found_by_its_name_only(name: str, kind: str, reader: object) -> None:
    assert callable(reader)
    assert table.kind_of(name) == kind == table.kind_of(f"deep/er/{name}")
    assert table.kind_of(f"not{name}") is None
    assert table.kind_of(f"{name}.bak") is None


HOSTILE = [b"\xff", b"a\0b", b"<<<<<<< HEAD\n", b"[" * 5000, b'{"a":' * 5000, "a=\u202e".encode()]


@pytest.mark.parametrize(("name", "_kind", "_reader"), all_configs.READERS)
@pytest.mark.parametrize("raw", HOSTILE)
def test_hostile_bytes_are_a_format_error_or_settings(name: str, _kind: str, _reader: object, raw: bytes) -> None:
    try:
        read = table.read(name, raw)
    except FormatError:
        return
    assert all(len(setting.value) <= len(raw) for setting in read)


def test_what_is_too_large_or_too_deep_is_refused() -> None:
    for name, raw in (
        (".npmrc", b"a=b\n" * 2_000_000),
        (".npmrc", b"a=b\n" * 30_000),
        ("uv.toml", b"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o = 1"),
        (".yarnrc.yml", b"- a"),
        ("package.json", b"[]"),
        (".yarnrc", b"lonely"),
        ("pip.conf", b"[global]\nlonely"),
    ):
        with pytest.raises(FormatError):
            table.read(name, raw)


def test_a_path_that_is_no_configuration_is_refused() -> None:
    with pytest.raises(FormatError):
        table.read("README.md", b"")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([name for name, _, _ in all_configs.READERS]), st.binary(max_size=200))
def test_arbitrary_bytes_are_settings_or_a_format_error(name: str, raw: bytes) -> None:
    kind = table.kind_of(name)
    assert kind is not None
    try:
        read = table.read(name, raw)
    except FormatError:
        return
    assert all(setting.key is not None and isinstance(setting.value, str) for setting in read)
    assert list(configs.check(name, kind, read, read, HOSTS)) == []
    list(configs.check(name, kind, (), read, HOSTS))
    list(configs.check(name, kind, read, (), HOSTS))
