"""Attacks on what is locked: files two readers understand differently, names that are told to strangers, settings that
hide how they weaken, and patterns made to take for ever.
"""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import replace

import pytest

from tidegate.domain.changes import configs, guards, hashes
from tidegate.domain.changes.subjects import Reach
from tidegate.domain.locks.check import check, scene
from tidegate.domain.locks.conflicts import check_conflicts
from tidegate.domain.locks.members import serves
from tidegate.domain.locks.sources import Allowed
from tidegate.domain.matching.gather import gather
from tidegate.domain.matching.names import package_key
from tidegate.errors import FormatError
from tidegate.formats import registries
from tidegate.formats.configs import table as config_table
from tidegate.formats.locks import included
from tidegate.formats.locks import table as lock_table
from tidegate.formats.manifests import table as manifest_table
from tidegate.formats.own_names import OwnNames
from tidegate.model.finding import Finding
from tidegate.model.inventory import Inventory, Source
from tidegate.model.package import Locked, LockFile, Problem
from tidegate.model.release import Release

HOST = min(registries.public_hosts("npm"))
GOOD = f"sha512-{base64.b64encode(b'a' * 64).decode()}"
EVIL = f"sha512-{base64.b64encode(b'b' * 64).decode()}"
HASH = f"--hash=sha256:{'a' * 64}"
WISH = {"lodash": "^4.0.0"}


def tarball(name: str, version: str) -> str:
    return f"https://{HOST}/{name}/-/{name}-{version}.tgz"


def entry(name: str, version: str, **more: object) -> dict[str, object]:
    return {"version": version, "resolved": tarball(name, version), "integrity": GOOD, **more}


def manifest(wishes: Mapping[str, str] | None = None, **more: object) -> str:
    return json.dumps({"name": "app", "version": "1.0.0", "dependencies": dict(wishes or WISH), **more})


def npm(version: int, packages: Mapping[str, object], wishes: Mapping[str, str] | None = None, **more: object) -> str:
    root = {"name": "app", "version": "1.0.0", "dependencies": dict(wishes or WISH)}
    whole = {"name": "app", "version": "1.0.0", "lockfileVersion": version, "packages": {"": root, **packages}, **more}
    return json.dumps(whole, indent=1)


def read(files: Mapping[str, str | bytes]) -> tuple[dict[str, LockFile], list[Problem]]:
    raw = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    locks: list[LockFile] = []
    problems: list[Problem] = []
    for path in sorted(raw):
        reader = lock_table.reader_for(path)
        if reader is None:
            continue
        try:
            locks.append(lock_table.read(reader, path, raw[path], raw.get))
        except FormatError as error:
            problems.append(Problem("lock-malformed", path, error.message, error.line))
    more, faults = included.further(locks, frozenset(raw), [one.about for one in problems], raw.get)
    return {lock.path: lock for lock in included.settled([*locks, *more])}, [*problems, *faults]


def findings(files: Mapping[str, str | bytes]) -> list[Finding]:
    locks, problems = read(files)
    assert not problems
    present = frozenset(files)
    manifests = [
        manifest_table.parse(path, text.encode() if isinstance(text, str) else text, present)
        for path, text in files.items()
        if manifest_table.is_manifest(path)
    ]
    return list(check(scene(manifests, locks, list(locks), manifests), locks, Allowed(), set()))


def rules(files: Mapping[str, str | bytes]) -> set[str]:
    return {finding.rule for finding in findings(files)}


CLEAN = {"package.json": manifest(), "package-lock.json": npm(3, {"node_modules/lodash": entry("lodash", "4.17.21")})}


def test_a_clean_lock_of_npm_has_no_finding() -> None:
    assert rules(CLEAN) == set()


def test_packages_are_read_wherever_a_newer_npm_reads_them() -> None:
    """Version 1 with `packages`: npm 7 and later install those, whatever stands under `dependencies`."""
    old = {"lodash": entry("lodash", "4.17.21")}
    lock = npm(1, {"node_modules/lodash": entry("lodash", "4.17.4")}, dependencies=old)
    locks, _ = read({"package.json": manifest(), "package-lock.json": lock})
    assert [one.version for one in locks["package-lock.json"].packages] == ["4.17.4"]
    assert "lock-malformed" in rules({"package.json": manifest(), "package-lock.json": lock})


@pytest.mark.parametrize(
    "old",
    [
        {"lodash": entry("lodash", "4.17.21"), "evil": {"version": "1.0.0", "resolved": "https://evil.example/e.tgz"}},
        {"lodash": {"version": "https://evil.example/e.tgz"}},
        {"lodash": {"version": "npm:evil@4.17.21"}},
        {"lodash": entry("lodash", "4.17.21", dependencies={"evil": entry("evil", "1.0.0")})},
    ],
)
def test_the_half_of_a_lock_only_an_old_npm_reads_holds_nothing_else(old: dict[str, object]) -> None:
    lock = npm(2, {"node_modules/lodash": entry("lodash", "4.17.21")}, dependencies=old)
    assert rules({"package.json": manifest(), "package-lock.json": lock}) == {"lock-malformed"}


def test_both_halves_of_an_honest_lock_agree_on_aliases_links_and_addresses() -> None:
    wishes = {"sw": "npm:string-width@^4", "member": "1.0.0", "pad": "https://pads.example/pad-1.0.0.tgz"}
    packages = {
        "node_modules/sw": {"name": "string-width", **entry("string-width", "4.2.3")},
        "node_modules/member": {"resolved": "packages/member", "link": True},
        "packages/member": {"version": "1.0.0", "dependencies": {"ms": "1.0.0"}},
        "packages/member/node_modules/ms": entry("ms", "1.0.0"),
        "node_modules/pad": {"version": "1.0.0", "resolved": "https://pads.example/pad-1.0.0.tgz", "integrity": GOOD},
    }
    old = {
        "sw": {**entry("string-width", "4.2.3"), "version": "npm:string-width@4.2.3"},
        "member": {"version": "file:packages/member", "dependencies": {"ms": entry("ms", "1.0.0")}},
        "pad": {"version": "https://pads.example/pad-1.0.0.tgz", "integrity": GOOD},
    }
    locks, problems = read({"package-lock.json": npm(2, packages, wishes, dependencies=old)})
    assert not problems
    assert not locks["package-lock.json"].problems


def test_a_third_partys_entry_cannot_ask_for_an_alias_in_the_projects_name() -> None:
    """The project asks for lodash; a forged wish of another entry for `npm:evil@^4` must not make evil its answer."""
    wishes = {**WISH, "foo": "1.0.0"}
    foo = entry("foo", "1.0.0", dependencies={"lodash": "npm:evil@^4"})
    evil = {"name": "evil", **entry("evil", "4.17.99")}
    lock = npm(3, {"node_modules/foo": foo, "node_modules/lodash": evil}, wishes)
    assert rules({"package.json": manifest(wishes), "package-lock.json": lock}) == {"url-mismatch"}
    bun = {
        "lockfileVersion": 1,
        "workspaces": {"": {"name": "app", "dependencies": wishes}},
        "packages": {
            "foo": ["foo@1.0.0", "", {"dependencies": {"lodash": "npm:evil@^4"}}, GOOD],
            "lodash": ["evil@4.17.99", "", {}, GOOD],
        },
    }
    assert rules({"package.json": manifest(wishes), "bun.lock": json.dumps(bun)}) == {"url-mismatch"}


def test_an_alias_the_project_asks_for_may_answer_others_too() -> None:
    wishes = {"react": "npm:preact@^10", "foo": "1.0.0"}
    foo = entry("foo", "1.0.0", peerDependencies={"react": "*"})
    preact = {"name": "preact", **entry("preact", "10.0.0")}
    lock = npm(3, {"node_modules/foo": foo, "node_modules/react": preact}, wishes)
    assert rules({"package.json": manifest(wishes), "package-lock.json": lock}) == set()


def locked(integrity: str, path: str = "package-lock.json") -> LockFile:
    text = npm(3, {"node_modules/lodash": {**entry("lodash", "4.17.21"), "integrity": integrity}})
    locks, _ = read({path: text})
    return locks[path]


@pytest.mark.parametrize("integrity", [f"{EVIL} {GOOD}", f"{GOOD} {EVIL}"])
def test_a_second_digest_beside_the_known_one_is_another_hash(integrity: str) -> None:
    """npm takes a file that matches any of them."""
    before, after = locked(GOOD), locked(integrity)
    assert hashes.judge(before.packages[0], after.packages[0]) is hashes.Bytes.CHANGED
    there = replace(after, path="other/package-lock.json")
    assert [finding.rule for finding in check_conflicts([before, there])] == ["hash-conflict"]


def test_a_requirements_file_pip_would_decode_otherwise_is_refused() -> None:
    hidden = f"# -*- coding: utf-7 -*-\nidna==3.7 {HASH}\n# note+AAo-evil+AD0APQ-1.0\n"
    assert "evil==1.0" in hidden.encode().decode("utf-7").splitlines()
    locks, problems = read({"requirements.txt": hidden})
    assert not locks
    assert [one.rule for one in problems] == ["lock-malformed"]
    plain = f"# -*- coding: utf-8 -*-\nidna==3.7 {HASH}\n"
    assert len(read({"requirements.txt": plain})[0]["requirements.txt"].packages) == 1


@pytest.mark.parametrize(
    "line", ["./vendor/evil.zip", "vendor/evil.tar.gz", "file:vendor/evil.tgz", "./evil.zip#egg=x"]
)
def test_an_archive_that_does_not_say_what_it_is_is_not_passed_over(line: str) -> None:
    assert rules({"requirements.txt": f"idna==3.7 {HASH}\n{line}\n"}) == {"package-unpinned"}


def test_a_folder_of_the_repository_stays_the_projects_own() -> None:
    assert rules({"requirements.txt": f"idna==3.7 {HASH}\n-e ./vendor/mine\n./vendor/yours\n"}) == set()


def test_requirements_do_not_hide_in_a_file_that_is_read_as_something_else() -> None:
    files = {"requirements.txt": f"idna==3.7 {HASH}\n-r Dockerfile.deps\n", "Dockerfile.deps": "evil==1.0\n"}
    _, problems = read(files)
    assert [(one.rule, one.about) for one in problems] == [("lock-malformed", "Dockerfile.deps")]


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [("a*a*a*a*a*a*a*a*b", "a" * 250), ("**/" * 30 + "b", "/".join("a" * 120)), ("{a,b}" * 40, "a" * 40)],
)
def test_no_workspace_pattern_takes_long(pattern: str, folder: str) -> None:
    files = {"package.json": manifest({}, workspaces=[pattern]), "yarn.lock": "# yarn lockfile v1\n\n\n"}
    lock = read(files)[0]["yarn.lock"]
    member = manifest_table.parse(f"{folder}/package.json", manifest().encode(), frozenset({"yarn.lock"}))
    start = time.monotonic()
    serves(member, lock)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("pattern", "folder", "held"),
    [
        ("packages/*", "packages/a", True),
        ("packages/*", "packages/a/b", False),
        ("packages/**", "packages/a/b", True),
        ("packages/**", "packages", False),
        ("**/lib", "lib", True),
        ("**/lib", "a/b/lib", True),
        ("{a,b}/*", "b/c", True),
        ("./a-?", "a-1", True),
        ("a*c", "abbc", True),
        ("a*c", "abbd", False),
    ],
)
def test_workspace_patterns_mean_what_they_meant(pattern: str, folder: str, held: bool) -> None:
    files = {"package.json": manifest({}, workspaces=[pattern]), "yarn.lock": "# yarn lockfile v1\n\n\n"}
    lock = read(files)[0]["yarn.lock"]
    member = manifest_table.parse(f"{folder}/package.json", manifest().encode(), frozenset({"yarn.lock"}))
    assert serves(member, lock) is held


PNPM = f"""lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      '@acme/secret':
        specifier: ^1.0.0
        version: 1.0.0
      lodash:
        specifier: ^4.0.0
        version: 4.17.21

packages:

  '@acme/secret@1.0.0':
    resolution: {{integrity: {GOOD}}}

  lodash@4.17.21:
    resolution: {{integrity: {GOOD}}}

snapshots:

  '@acme/secret@1.0.0': {{}}

  lodash@4.17.21: {{}}
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".npmrc", "@acme:registry=https://npm.acme.example/\n"),
        ("pnpm-workspace.yaml", "registries:\n  '@acme': https://npm.acme.example/\n"),
    ],
)
def test_a_lock_without_addresses_takes_them_from_the_configuration_beside_it(name: str, text: str) -> None:
    locks, _ = read({"pnpm-lock.yaml": PNPM, name: text})
    assert {one.name: (one.source.host, one.source.public) for one in locks["pnpm-lock.yaml"].packages} == {
        "@acme/secret": ("npm.acme.example", False),
        "lodash": ("", True),
    }


def test_a_registry_named_beside_a_lock_without_addresses_is_a_source_like_any_other() -> None:
    files = {
        "package.json": manifest({**WISH, "@acme/secret": "^1.0.0"}),
        "pnpm-lock.yaml": PNPM,
        ".npmrc": "registry=https://evil.example/\n",
    }
    assert rules(files) == {"source-not-allowed"}


def _inventory(lock: LockFile) -> Inventory:
    return Inventory(Source(), locks=(lock,))


def test_the_teams_own_names_are_told_to_nobody_whatever_the_lock_says() -> None:
    lock = read({"pnpm-lock.yaml": PNPM})[0]["pnpm-lock.yaml"]
    own = OwnNames.of(["@acme/*"])
    desk = gather([Release("app", ".")], _inventory(lock), own)
    assert {one.name: one.source.public for one in desk.packages.values()} == {"@acme/secret": False, "lodash": True}
    reach = Reach({}, own)
    told: dict[str, Locked] = {one.name: one for one in lock.packages}
    assert not reach.covers(told["@acme/secret"])
    assert reach.covers(told["lodash"])


def weaker(path: str, before: str, after: str) -> list[Finding]:
    kind = config_table.kind_of(path)
    assert kind is not None
    hosts = guards.Hosts(lambda _host: False, lambda host: host == HOST)
    old, new = (config_table.read(path, text.encode()) for text in (before, after))
    return list(configs.check(path, kind, old, new, hosts))


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (".npmrc", "", '"\\u0072egistry"=https://evil.example/\n'),
        (".npmrc", "", "registry;x=https://evil.example/\n"),
        (".npmrc", "", "registry#x=https://evil.example/\n"),
        (".npmrc", "", "'\"registry\"'=https://evil.example/\n"),
        (".yarnrc", "", '"\\u0072egistry" "https://evil.example/"\n'),
        (".yarnrc", "", 'registry: "https://evil.example/"\n'),
        ("pip.conf", "[global]\n", "[global]\n--index-url = https://evil.example/\n"),
        ("uv.toml", 'exclude-newer = "3 minutes"\n', 'exclude-newer = "4 ms"\n'),
        (".yarnrc.yml", "npmMinimalAgeGate: 1h\n", "npmMinimalAgeGate: 90ms\n"),
        ("pnpm-workspace.yaml", "", "allowBuilds:\n  evil-token: true\n"),
        ("package.json", "{}", '{"allowScripts": {"evil-token": true}}'),
        ("pnpm-workspace.yaml", "", "configDependencies:\n  evil: 1.0.0+sha512-x\n"),
        ("bunfig.toml", "", '[install.scopes]\nmytoken = "https://evil.example/"\n'),
        (".cargo/config.toml", "", '[source.crates-io]\nlocal-registry = "vendor"\n'),
        (".cargo/config.toml", "", '[registry]\ncredential-provider = ["evil"]\n'),
        (".cargo/config.toml", "", '[patch.crates-io]\nserde = { git = "https://evil.example/x" }\n'),
    ],
)
def test_a_weaker_setting_is_seen_however_its_key_is_written(path: str, before: str, after: str) -> None:
    assert [finding.rule for finding in weaker(path, before, after)] == ["config-weakened"]


@pytest.mark.parametrize(
    ("path", "text"),
    [(".npmrc", "${x?}registry=https://evil.example/\n"), (".yarnrc", 'x, registry "https://evil.example/"\n')],
)
def test_a_key_nobody_can_tell_makes_a_configuration_unreadable(path: str, text: str) -> None:
    with pytest.raises(FormatError):
        config_table.read(path, text.encode())


def test_the_place_of_a_token_may_hang_on_the_environment() -> None:
    assert config_table.read(".npmrc", b"//${HOST}/:_authToken=${TOKEN}\n//${HOST}/:always-auth=true\n")


def test_a_name_and_password_of_a_registry_are_not_kept() -> None:
    word = "hunter" + "2"
    text = f'npmRegistries:\n  "//npm.acme.example":\n    npmAuthIdent: "bob:{word}"\n    npmAlwaysAuth: true\n'
    assert word not in repr(config_table.read(".yarnrc.yml", text.encode()))
    assert all(word not in finding.message + finding.about for finding in weaker(".yarnrc.yml", "", text))


MANY = {f"d{number}": "1" for number in range(20_000)}
SAME = [f'[[package]]\nname = "a"\nversion = "1.0.{number}"\n' for number in range(4_000)]
CRATES = "".join(f'{one}dependencies = ["a"]\n' for one in SAME)
POETRY = "".join(f'{one}files = []\n[package.dependencies]\na = "*"\n' for one in SAME)
DEEP = {"/".join(["node_modules/a"] * 1000): {"version": "1.0.0", "dependencies": MANY}}
BUN = {"/".join(["a"] * 2000): ["a@1.0.0", "", {"dependencies": MANY}, GOOD]}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", f"x{' ' * 190_000}y\n"),
        ("package-lock.json", npm(3, DEEP)),
        ("bun.lock", json.dumps({"lockfileVersion": 1, "workspaces": {"": {"name": "app"}}, "packages": BUN})),
        ("Cargo.lock", f"version = 4\n{CRATES}"),
        ("poetry.lock", f'[metadata]\nlock-version = "2.0"\n{POETRY}'),
        (".pre-commit-config.yaml", f"repos:\n- repo: {'a@' * 150_000}\n"),
    ],
)
def test_no_lock_takes_long_to_read(path: str, text: str) -> None:
    start = time.process_time()
    read({path: text})
    assert time.process_time() - start < 6


@pytest.mark.parametrize("text", ["\n" * 150_000, "import sys  " * 100 + "x"])
def test_no_setup_script_takes_long_to_look_at(text: str) -> None:
    start = time.process_time()
    assert manifest_table.parse("setup.py", text.encode(), frozenset()).dynamic
    assert time.process_time() - start < 2


def test_a_module_is_the_same_however_its_code_host_spells_it() -> None:
    """A module without a go.mod can be required by any spelling its host answers to."""
    assert package_key("Go", "github.com/Dgrijalva/jwt-go") == package_key("Go", "github.com/dgrijalva/jwt-go")
