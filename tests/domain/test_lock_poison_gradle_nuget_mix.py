"""Poisoned locks of Gradle, NuGet and Mix never pass, and what their tools write is no finding."""

from collections.abc import Callable

import pytest

from support.lock_court import ids, judge
from support.more_locks import (
    BUILD_GRADLE,
    COMMIT,
    CSPROJ,
    GRADLE,
    HEX,
    MIX,
    MIX_EXS,
    MODULES,
    Entries,
    component,
    gradle,
    hex_entry,
    mix,
    mix_lock,
    nuget,
    nuget_entries,
    nuget_lock,
    sha512,
    verification,
)
from tidegate.domain.locks.sources import Allowed
from tidegate.errors import FormatError


def rules_of(files: dict[str, bytes | str], allowed: Allowed | None = None) -> list[str]:
    """The rules broken, `cannot-be-read` where a file is refused whole; every finding has its place and subject."""
    try:
        findings = judge(files, allowed) if allowed else judge(files)
    except FormatError:
        return ["cannot-be-read"]
    assert all(finding.place and finding.about and finding.message and finding.fix for finding in findings)
    return [rule for rule in ids(findings) if rule != "lock-uncompared"]


def gradle_line(line: str) -> dict[str, bytes | str]:
    return gradle(GRADLE + line + "\n")


def described(hashes: str) -> dict[str, bytes | str]:
    rest = [component(*module) for module in MODULES[1:]]
    return gradle(metadata=verification(component(*MODULES[0], hashes), *rest))


def configured(words: str) -> dict[str, bytes | str]:
    return gradle(metadata=verification(configuration=f"<trusted-artifacts>{words}</trusted-artifacts>"))


GRADLE_POISON: dict[str, tuple[dict[str, bytes | str], str]] = {
    "no verification metadata": ({"build.gradle": BUILD_GRADLE, "gradle.lockfile": GRADLE}, "package-unhashed"),
    "a module nobody describes": (gradle_line("com.example:new:1.0=runtimeClasspath"), "package-unhashed"),
    "another version described": (gradle(GRADLE.replace("core:1.2.0", "core:1.2.1")), "package-unhashed"),
    "a range": (gradle_line("com.example:new:[1.0,2.0)=runtimeClasspath"), "package-unpinned"),
    "newest": (gradle_line("com.example:new:latest.release=runtimeClasspath"), "package-unpinned"),
    "a prefix": (gradle_line("com.example:new:1.+=runtimeClasspath"), "package-unpinned"),
    "a snapshot": (gradle_line("com.example:new:1.0-SNAPSHOT=runtimeClasspath"), "package-unpinned"),
    "no version": (gradle_line("com.example:new=runtimeClasspath"), "lock-malformed"),
    "no configuration": (gradle_line("com.example:new:1.0="), "lock-malformed"),
    "a module twice": (gradle_line("com.example.base:core:1.2.0=runtimeClasspath"), "lock-malformed"),
    "letters of another alphabet": (gradle_line("com.ex\u0430mple:new:1.0=runtimeClasspath"), "lock-malformed"),
    "reordering characters": (gradle_line("com.example:\u202enew:1.0=runtimeClasspath"), "cannot-be-read"),
    "merge conflict markers": (gradle("<<<<<<< HEAD\n" + GRADLE), "cannot-be-read"),
    "nothing locked": (gradle("empty=runtimeClasspath\n"), ""),
    "no lock": ({"build.gradle": BUILD_GRADLE}, "lock-missing"),
    "no lock of a Kotlin script": ({"build.gradle.kts": BUILD_GRADLE}, "lock-missing"),
    "MD5 alone": (described(f'<md5 value="{HEX["a"][:32]}"/>'), "hash-weak"),
    "SHA-1 alone": (described(f'<sha1 value="{HEX["a"][:40]}"/>'), "hash-weak"),
    "a hash of the wrong length": (described('<sha256 value="AAAA"/>'), "hash-malformed"),
    "a signature alone": (described('<pgp value="0123456789ABCDEF"/>'), "package-unhashed"),
    "a file without hash": (
        described(f'<sha256 value="{HEX["a"]}"/></artifact><artifact name="core-1.2.0.pom">'),
        "package-unhashed",
    ),
    "a group that is trusted": (configured('<trust group="org.example"/>'), "package-unhashed"),
    "a file that is trusted": (
        configured('<trust file="core-1.2.0.jar"/>'),
        "package-unhashed",
    ),
    "everything trusted": (configured("<trust/>"), "package-unhashed"),
    "a pattern that is trusted": (configured('<trust group=".*" regex="true"/>'), "package-unhashed"),
    "verification that is turned off": (
        gradle(**{"gradle.properties": "# why\norg.gradle.dependency.verification = off\n"}),
        "package-unhashed",
    ),
    "metadata with a document type": (
        gradle(metadata='<!DOCTYPE x [<!ENTITY a "b">]>' + verification()),
        "cannot-be-read",
    ),
    "metadata that is something else": (gradle(metadata="<project/>"), "lock-malformed"),
    "two locks with two hashes": (
        {
            **gradle(),
            "other/gradle.lockfile": GRADLE,
            "other/gradle/verification-metadata.xml": verification().replace(HEX["a"], HEX["b"]),
        },
        "hash-conflict",
    ),
}


@pytest.mark.parametrize("name", GRADLE_POISON)
def test_a_poisoned_gradle_lock_is_found_out(name: str) -> None:
    files, rule = GRADLE_POISON[name]
    assert (rule in rules_of(files)) if rule else rules_of(files) == []


def test_what_gradle_writes_is_no_finding() -> None:
    assert rules_of(gradle()) == []
    assert rules_of(gradle(GRADLE.replace("\n", "\r\n"))) == []
    assert rules_of(configured('<trust file=".*-(javadoc|sources)[.]jar" regex="true"/>')) == []
    assert rules_of(gradle(**{"gradle.properties": "org.gradle.dependency.verification=strict\nx=off\n"})) == []
    members = {f"app/{name}": text for name, text in gradle().items() if not name.startswith("gradle/")}
    assert rules_of({**gradle(), **members}) == []
    assert rules_of({"build.gradle": "// dependencies are elsewhere\nprintln 'dependencies'\n"}) == []


def test_an_unhashed_gradle_lock_is_one_finding_with_the_command() -> None:
    findings = [f for f in judge({"gradle.lockfile": GRADLE}) if f.rule == "package-unhashed"]
    assert [finding.about for finding in findings] == ["gradle.lockfile"]
    assert "--write-verification-metadata sha256" in findings[0].fix


def altered(change: Callable[[Entries], object], version: object = 1) -> dict[str, bytes | str]:
    entries = nuget_entries()
    change(entries)
    return nuget(nuget_lock(entries, version))


NUGET_POISON: dict[str, tuple[dict[str, bytes | str], str]] = {
    "no hash": (altered(lambda e: e["Beta.Core"].pop("contentHash")), "package-unhashed"),
    "a hash of the wrong length": (altered(lambda e: e["Beta.Core"].update(contentHash="AAAA")), "hash-malformed"),
    "a hash that is none": (altered(lambda e: e["Beta.Core"].update(contentHash="?" * 88)), "hash-malformed"),
    "no version": (altered(lambda e: e["Beta.Core"].pop("resolved")), "package-unpinned"),
    "a range for a version": (altered(lambda e: e["Beta.Core"].update(resolved="[4.3.0, )")), "package-unpinned"),
    "a floating version": (altered(lambda e: e["Beta.Core"].update(resolved="4.*")), "package-unpinned"),
    "another kind": (altered(lambda e: e["Beta.Core"].update(type="Trusted")), "lock-malformed"),
    "a version below what was asked": (altered(lambda e: e["Alpha.Core"].update(resolved="12.0.0")), "lock-stale"),
    "a reference that is not locked": (altered(lambda e: e.pop("Gamma")), "lock-stale"),
    "a reference locked for another range": (
        altered(lambda e: e["Alpha.Core"].update(requested="[1.0.0, )")),
        "lock-stale",
    ),
    "a reference locked beside": (altered(lambda e: e["Gamma"].update(type="Transitive")), "lock-stale"),
    "nothing locked": (nuget(nuget_lock({})), "lock-empty"),
    "no lock": ({"src/app.csproj": CSPROJ}, "lock-missing"),
    "another format version": (altered(lambda e: None, 3), "lock-unsupported"),
    "a format version of another type": (altered(lambda e: None, True), "lock-unsupported"),
    "two hashes in two frameworks": (
        nuget(
            nuget_lock(
                None,
                **{"net9.0": {**nuget_entries(), "Gamma": {**nuget_entries()["Gamma"], "contentHash": sha512(9)}}},
            )
        ),
        "hash-conflict",
    ),
    "a framework without hash": (
        nuget(
            nuget_lock(None, **{"net9.0": {"Gamma": {"type": "Direct", "requested": "[2.*, )", "resolved": "2.1.1"}}})
        ),
        "package-unhashed",
    ),
    "two hashes in two locks": (
        {**nuget(), "b/packages.lock.json": nuget_lock().replace(sha512(3).encode(), sha512(9).encode())},
        "hash-conflict",
    ),
    "a package twice": (
        nuget(nuget_lock().replace(b'"Gamma"', b'"Beta.Core"', 1)),
        "cannot-be-read",
    ),
    "letters of another alphabet": (
        nuget(nuget_lock({**nuget_entries(), "\u0410lpha": nuget_entries()["Gamma"]})),
        "cannot-be-read",
    ),
    "reordering characters": (nuget(nuget_lock() + "\u202e".encode()), "cannot-be-read"),
    "merge conflict markers": (nuget(b"<<<<<<< a\n" + nuget_lock()), "cannot-be-read"),
    "packages.config": (
        {"packages.config": '<packages><package id="A" version="1.0.0" /></packages>'},
        "package-unhashed",
    ),
    "packages.config with a range": (
        {"packages.config": '<packages><package id="A" version="[1.0,2.0)" /></packages>'},
        "package-unpinned",
    ),
    "packages.config with a package twice": (
        {"packages.config": '<packages><package id="A" version="1.0"/><package id="a" version="2.0"/></packages>'},
        "lock-malformed",
    ),
    "packages.config with an entity": (
        {"packages.config": '<!DOCTYPE p [<!ENTITY v "1">]><packages><package id="A" version="&v;"/></packages>'},
        "cannot-be-read",
    ),
}


@pytest.mark.parametrize("name", NUGET_POISON)
def test_a_poisoned_nuget_lock_is_found_out(name: str) -> None:
    files, rule = NUGET_POISON[name]
    assert rule in rules_of(files)


CENTRAL = '<Project><ItemGroup><PackageVersion Include="Alpha.Core" Version="{}" /></ItemGroup></Project>'


def test_what_dotnet_writes_is_no_finding() -> None:
    assert rules_of(nuget()) == []
    assert rules_of(nuget(b"\xef\xbb\xbf" + nuget_lock(version=2))) == []
    assert rules_of(nuget(project=CSPROJ.replace("13.0.3", "[13.0.3, )"))) == []
    conditional = CSPROJ.replace("<ItemGroup>", "<ItemGroup Condition=\"'$(X)' == '1'\">").replace("Gamma", "Other")
    assert rules_of(nuget(project=conditional)) == []
    own: dict[str, bytes | str] = {"src/app.csproj": CSPROJ, "src/packages.app.lock.json": nuget_lock()}
    assert rules_of(own) == []


def test_versions_a_folder_above_keeps_are_compared_too() -> None:
    project = CSPROJ.replace(' Version="13.0.3"', "")
    assert rules_of({**nuget(project=project), "Directory.Packages.props": CENTRAL.format("13.0.3")}) == []
    assert rules_of({**nuget(project=project), "Directory.Packages.props": CENTRAL.format("13.0.4")}) == ["lock-stale"]
    computed = CENTRAL.format("$(AlphaVersion)")
    assert rules_of({**nuget(project=project), "Directory.Packages.props": computed}) == []


def entries(**changed: str) -> dict[str, bytes | str]:
    return mix(mix_lock({**MIX, **changed}))


MIX_POISON: dict[str, tuple[dict[str, bytes | str], str]] = {
    "another package": (entries(jason=hex_entry("evil", "1.4.1", app="jason")), "url-mismatch"),
    "another repository": (entries(jason=hex_entry("jason", "1.4.1", repo="evil")), "source-not-allowed"),
    "an organisation": (entries(jason=hex_entry("jason", "1.4.1", repo="hexpm:acme")), "source-not-allowed"),
    "no hash": (entries(jason='  "jason": {:hex, :jason, "1.4.1"},\n'), "package-unhashed"),
    "a hash of the wrong length": (entries(jason=MIX["jason"].replace(HEX["b"], "AAAA")), "hash-malformed"),
    "git with a branch": (entries(left=MIX["left"].replace(COMMIT, "main")), "package-unpinned"),
    "git with a short commit": (entries(left=MIX["left"].replace(COMMIT, "0123456")), "package-unpinned"),
    "git over http": (entries(left=MIX["left"].replace("https:", "http:")), "source-not-allowed"),
    "git with a password": (entries(left=MIX["left"].replace("//git", "//a:b@git")), "source-not-allowed"),
    "git from another host": (mix(), "source-not-allowed"),
    "a range for a version": (entries(jason=hex_entry("jason", "~> 1.4")), "package-unpinned"),
    "no version": (entries(jason=hex_entry("jason", "")), "package-unpinned"),
    "a version outside of what was asked": (entries(jason=hex_entry("jason", "2.0.0")), "lock-stale"),
    "a package that is not locked": (mix(mix_lock({"jason": MIX["jason"], "left": MIX["left"]})), "lock-stale"),
    "nothing locked": (mix("%{\n}\n"), "lock-empty"),
    "an empty file": (mix(""), "lock-empty"),
    "no lock": ({"mix.exs": MIX_EXS}, "lock-missing"),
    "a source nobody knows": (entries(left='  "left": {:svn, "https://x.example", "1", []},\n'), "lock-malformed"),
    "a package twice": (mix("%{\n" + MIX["jason"] + MIX["jason"] + "}\n"), "cannot-be-read"),
    "a program": (mix('%{"x": System.cmd("id", [])}'), "cannot-be-read"),
    "an interpolation": (mix('%{"x": "#{1}"}'), "cannot-be-read"),
    "more behind the end": (mix(mix_lock() + "%{}"), "cannot-be-read"),
    "a name with upper case": (entries(jason=hex_entry("jason", "1.4.1", app="Jason")), "cannot-be-read"),
    "letters of another alphabet": (entries(jason=MIX["jason"].replace("jason", "j\u0430son")), "cannot-be-read"),
    "reordering characters": (mix(mix_lock() + "# \u202e"), "cannot-be-read"),
    "merge conflict markers": (mix("<<<<<<< a\n" + mix_lock()), "cannot-be-read"),
    "two hashes in two locks": (
        {
            **mix(),
            "b/mix.lock": mix_lock({"jason": MIX["jason"].replace(HEX["b"], HEX["d"]).replace(HEX["a"], HEX["c"])}),
        },
        "hash-conflict",
    ),
}


@pytest.mark.parametrize("name", MIX_POISON)
def test_a_poisoned_mix_lock_is_found_out(name: str) -> None:
    files, rule = MIX_POISON[name]
    assert rule in rules_of(files)


GIT = Allowed(frozenset({"git.example", "hexpm.acme"}))


def test_what_mix_writes_is_no_finding() -> None:
    assert rules_of(mix(), GIT) == []
    assert rules_of(entries(jason=MIX["jason"].replace(f', "hexpm", "{HEX["b"]}"', "")), GIT) == []
    assert rules_of(entries(jason=hex_entry("jason", "1.4.1", repo="hexpm:acme")), GIT) == []


def test_a_package_under_another_name_is_fine_where_it_is_asked_for() -> None:
    lock = mix_lock({**MIX, "jason": hex_entry("jason_fork", "1.4.1", app="jason")})
    manifest = MIX_EXS.replace('{:jason, "~> 1.2"', '{:jason, "~> 1.2", hex: :jason_fork')
    assert rules_of(mix(lock, manifest), GIT) == []
    dependency = hex_entry("plug", "1.0.0", deps='{:jason, "~> 1.0", [hex: :jason_fork, repo: "hexpm"]}')
    asked = mix_lock({**MIX, "jason": hex_entry("jason_fork", "1.4.1", app="jason"), "plug": dependency})
    assert rules_of(mix(asked), GIT) == []


def test_an_application_of_an_umbrella_is_served_by_the_lock_it_names() -> None:
    inner = MIX_EXS.replace("deps: deps()", 'lockfile: "../../mix.lock", deps: deps()')
    files = {**mix(), "apps/inner/mix.exs": inner}
    assert rules_of(files, GIT) == []
    assert "lock-missing" in rules_of({**mix(), "apps/inner/mix.exs": MIX_EXS}, GIT)
    files["apps/inner/mix.exs"] = inner.replace(":jason,", ":other,")
    assert rules_of(files, GIT) == ["lock-stale"]
