"""Manifests of Gradle, .NET, Mix and Helm: what is written out is read, what is a program is never run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.manifests import parse
from support.more_locks import BUILD_GRADLE, CHART, CSPROJ, MIX_EXS
from tidegate.errors import FormatError
from tidegate.formats.manifests.table import is_manifest


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        (BUILD_GRADLE, True),
        ("plugins { id 'x' }", True),
        ("apply from: 'more.gradle'", True),
        ('apply(from = "more.gradle.kts")', True),
        ("// dependencies\n/* plugins */ task('dependencies') {}", False),
        ('println "http://x" ; dependencies {}', True),
        ("", False),
    ],
)
def test_a_gradle_script_is_only_asked_whether_it_speaks_of_dependencies(text: str, asks: bool) -> None:
    manifest = parse("app/build.gradle", text, "app/gradle.lockfile", "gradle.lockfile")
    assert manifest.dynamic is asks
    assert manifest.requires == ()
    assert manifest.locks == ("app/gradle.lockfile",)


def test_a_gradle_script_has_older_locks_too() -> None:
    older = "gradle/dependency-locks/compileClasspath.lockfile"
    assert parse("build.gradle.kts", "", older).locks == (older,)


def test_a_project_gives_its_references() -> None:
    manifest = parse("src/app.csproj", CSPROJ, "src/packages.lock.json", "src/packages.app.lock.json")
    assert manifest.requires == ("Alpha.Core@13.0.3", "Gamma@2.*")
    assert manifest.optional == ()
    assert manifest.locks == ("src/packages.app.lock.json",)
    assert not manifest.dynamic


def test_conditions_make_a_reference_optional_and_properties_a_version_unknown() -> None:
    text = (
        "<Project><Choose><When Condition='x'><ItemGroup>"
        "<PackageReference Include='A;B' Version='$(V)' /></ItemGroup></When></Choose>"
        "<ItemGroup><PackageReference Include='C' Condition='y' VersionOverride='1.0' />"
        "<PackageReference Update='D' Version='1.0' /><PackageReference Include='@(All)' /></ItemGroup></Project>"
    )
    manifest = parse("a.fsproj", text)
    assert manifest.requires == ()
    assert sorted(manifest.optional) == ["A@", "B@", "C@1.0"]
    assert manifest.dynamic


def test_central_versions_ask_for_nothing_themselves() -> None:
    text = "<Project><ItemGroup><PackageVersion Include='A.B' Version='1.0' /></ItemGroup></Project>"
    manifest = parse("Directory.Packages.props", text)
    assert (manifest.requires, manifest.optional, manifest.overrides) == ((), (), ("a.b@1.0",))


def test_a_mix_project_gives_the_list_it_writes_out() -> None:
    manifest = parse("mix.exs", MIX_EXS, "mix.lock")
    assert manifest.requires == ("phoenix@~> 1.7.0-rc.0", "jason@~> 1.2")
    assert manifest.optional == ("left@",)
    assert manifest.locks == ("mix.lock",)
    assert not manifest.dynamic


@pytest.mark.parametrize(
    ("text", "requires", "dynamic"),
    [
        ('defp deps, do: [{:a, "1.0"}]', ("a@1.0",), False),
        ('def project, do: [deps: [{:a, "1.0"}], app: :x]', ("a@1.0",), False),
        ('defp deps do\n  [a: "~> 1.0"]\nend', ("a@~> 1.0",), False),
        ("defp deps do\n  []\nend", (), False),
        ("defp deps(_), do: more()", (), True),
        ('defp deps do\n  [{:a, "1.0"}] ++ more()\nend', (), True),
        ('defp deps do\n  [{:a, System.get_env("V")}]\nend', (), True),
        ('defp deps do\n  if x, do: [{:a, "1.0"}]\nend', (), True),
        ("defp deps do\n  [more()]\nend", (), True),
        ('# defp deps do\nx = "defp deps"', (), False),
    ],
)
def test_a_computed_list_of_dependencies_is_said_to_be_one(text: str, requires: tuple[str, ...], dynamic: bool) -> None:
    manifest = parse("mix.exs", text)
    assert manifest.requires == requires
    assert manifest.dynamic is dynamic


def test_an_umbrella_names_the_lock_of_its_applications() -> None:
    text = '[lockfile: "../../mix.lock"]'
    assert parse("apps/a/mix.exs", text, "mix.lock", "apps/a/mix.lock").locks == ("mix.lock",)
    assert parse("apps/a/mix.exs", '[lockfile: "../../../mix.lock"]', "mix.lock").locks == ()


def test_a_chart_gives_what_it_takes_from_elsewhere() -> None:
    more = "  - name: own\n    version: 0.1.0\n    repository: file://../own\n  - name: vendored\n    version: 1.0.0\n"
    manifest = parse("c/Chart.yaml", CHART + more, "c/Chart.lock")
    assert manifest.requires == ("redis@>=20.6.2", "common@1.x.x")
    assert manifest.locks == ("c/Chart.lock",)
    ranged = CHART.replace("'>=20.6.2'", "'>= 20.6.2, < 21'").replace("1.x.x", "1")
    assert parse("c/Chart.yaml", ranged).requires == ("redis@>= 20.6.2 < 21", "common@1")


@pytest.mark.parametrize("path", ["build.gradle", "x.csproj", "mix.exs", "Chart.yaml", "Directory.Packages.props"])
@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=120) | st.text(alphabet="<>/a=\"'{}[]:,\n#-%", max_size=100))
def test_any_content_is_read_or_refused(path: str, raw: bytes | str) -> None:
    assert is_manifest(path)
    try:
        parse(path, raw)
    except FormatError:
        return


def test_no_manifest_is_just_an_ending() -> None:
    assert not any(map(is_manifest, (".csproj", "x/.fsproj", "build.gradle.bak", "chart.yml")))
