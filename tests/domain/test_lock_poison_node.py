"""No poisoned lock of npm 6, Yarn, pnpm or Bun passes, and what these tools write themselves is no finding."""

import json

import pytest

from support.lock_court import ids, judge
from support.locks import NPM, YARN, uv_lock
from support.node_projects import FILES, MS, WRAPPY, found, lock, manifests, swap, with_root, written
from tidegate.domain.locks.sources import Allowed
from tidegate.errors import FormatError
from tidegate.model.finding import Level

PNPM = ("pnpm7", "pnpm8", "pnpm9")
ADDRESSED = ("npm1", "yarn1", "pnpm7", "pnpm8", "pnpm9", "bun", "yarn4")
OTHERS = ("npm1", "yarn1", "yarn4", *PNPM, "bun")
MS_YARN = f"https://{YARN}/ms/-/ms-2.1.3.tgz#574c8138ce1d2b5861f0b44579dbadd60c6615b2"
MS_BERRY = (
    "10c0/d924b57e7312b3b63ad21fc5b3dc0af5e78d61a1fc7cfb5457edaf26326bf62be5307cc87ffb6862ef1c2b33b0233cdb5d4f01c4c958cc0d"
    "660948b65a287a48"
)
ENTRY = {"pnpm7": "/ms/2.1.3", "pnpm8": "/ms@2.1.3", "pnpm9": "ms@2.1.3"}


def addressed(tool: str, address: str) -> str:
    """The lock with `ms` taken from an address."""
    text = written(tool)
    match tool:
        case "npm1":
            return swap(text, (f'"integrity": "{MS}"', f'"resolved": "{address}", "integrity": "{MS}"'))
        case "yarn1":
            return swap(text, (MS_YARN, address))
        case "yarn4":
            bound = address.replace(":", "%3A").replace("/", "%2F").replace("@", "%40")
            return swap(text, ('resolution: "ms@npm:2.1.3"', f'resolution: "ms@npm:2.1.3::__archiveUrl={bound}"'))
        case "bun":
            return swap(text, ('["ms@2.1.3", "", {}', f'["ms@2.1.3", "{address}", {{}}'))
    return swap(text, (f"{{integrity: {MS}}}", f"{{integrity: {MS}, tarball: {address}}}"))


def hashed(tool: str, new: str) -> str:
    """The lock with another word for the hash of `ms`; "" leaves it out."""
    text = written(tool)
    match tool:
        case "npm1":
            return swap(text, (f'"integrity": "{MS}"', f'"integrity": "{new}"'))
        case "yarn1":
            kept = swap(text, (f"  integrity {MS}\n", f"  integrity {new}\n" if new else ""))
            return kept if new.startswith("sha512") else swap(kept, (MS_YARN, MS_YARN.partition("#")[0]))
        case "yarn4":
            return swap(text, (f"  checksum: {MS_BERRY}\n", f"  checksum: {new}\n" if new else ""))
        case "bun":
            return swap(text, (f'"ms@2.1.3", "", {{}}, "{MS}"', f'"ms@2.1.3", "", {{}}, "{new}"'))
    return swap(text, (f"{{integrity: {MS}}}", f"{{integrity: {new}}}" if new else "{}"))


@pytest.mark.parametrize("tool", FILES)
def test_what_the_tool_writes_itself_is_no_finding(tool: str) -> None:
    assert found(tool) == []


@pytest.mark.parametrize("tool", ADDRESSED)
@pytest.mark.parametrize(
    ("address", "rule"),
    [
        (f"https://{NPM}/evil/-/evil-2.1.3.tgz", "url-mismatch"),
        (f"https://{NPM}/ms/-/ms-2.1.2.tgz", "url-mismatch"),
        (f"https://{NPM}/ms/-/other-2.1.3.tgz", "url-mismatch"),
        (f"https://{NPM}/@s/ms/-/ms-2.1.3.tgz", "url-mismatch"),
        ("https://evil.example/ms/-/ms-2.1.3.tgz", "source-not-allowed"),
        (f"https://{NPM}.evil.example/ms/-/ms-2.1.3.tgz", "source-not-allowed"),
        (f"http://{NPM}/ms/-/ms-2.1.3.tgz", "source-not-allowed"),
        (f"https://{NPM}@evil.example/ms/-/ms-2.1.3.tgz", "source-not-allowed"),
        (f"https://{NPM}:444/ms/-/ms-2.1.3.tgz", "source-not-allowed"),
        ("https://127.0.0.1/ms/-/ms-2.1.3.tgz", "source-not-allowed"),
        ("git+https://git.example/ms.git#main", "source-not-allowed"),
        ("file:../../ms.tgz", "source-not-allowed"),
        ("ftp://evil.example/ms-2.1.3.tgz", "source-not-allowed"),
    ],
)
def test_another_address_is_found_out(tool: str, address: str, rule: str) -> None:
    assert rule in ids(found(tool, addressed(tool, address)))


@pytest.mark.parametrize("tool", ADDRESSED)
def test_the_registry_s_own_address_is_no_finding(tool: str) -> None:
    assert found(tool, addressed(tool, f"https://{NPM}/ms/-/ms-2.1.3.tgz")) == []
    mirror = addressed(tool, "https://mirror.example/npm/ms/-/ms-2.1.3.tgz")
    assert ids(found(tool, mirror, allowed=Allowed(frozenset({"mirror.example"})))) in ([], ["index-mixed"])


@pytest.mark.parametrize("tool", OTHERS)
@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("", "package-unhashed"),
        ("sha512-AAAA", "hash-malformed"),
        ("sha1-V0yBOM4dK1hh8LRFedut1gxmFbI=", "hash-weak"),
    ],
)
def test_a_missing_weak_or_broken_hash_is_found_out(tool: str, word: str, rule: str) -> None:
    wanted = "hash-malformed" if word and tool == "yarn4" else rule
    assert wanted in ids(found(tool, hashed(tool, word)))


@pytest.mark.parametrize("tool", ["npm1", *PNPM, "bun"])
def test_the_same_version_has_one_hash(tool: str) -> None:
    first, other = written(tool), hashed(tool, WRAPPY)
    below = {f"sub/{path}": content for path, content in manifests(tool).items()}
    below[f"sub/{FILES[tool]}"] = other
    assert "hash-conflict" in ids(found(tool, first, below))


def test_an_archive_of_yarn_is_not_held_against_a_tarball_but_against_another_archive() -> None:
    npm = {f"sub/{path}": content for path, content in manifests("npm3").items()}
    assert found("yarn4", None, {**npm, "sub/package-lock.json": written("npm3")}) == []
    other = {f"sub/{path}": content for path, content in manifests("yarn4").items()}
    other["sub/yarn.lock"] = hashed("yarn4", "10c0/" + "ab" * 64)
    assert "hash-conflict" in ids(found("yarn4", None, other))


POISON = {
    "npm1": {
        "a tag for a version": (('"version": "2.1.3"', '"version": "latest"'), "package-unpinned"),
        "a range for a version": (('"version": "2.1.3"', '"version": "^2.1.3"'), "package-unpinned"),
        "a version outside the range": (('"version": "2.1.3"', '"version": "3.0.0"'), "lock-stale"),
        "a git branch": (('"version": "2.1.3"', '"version": "github:o/ms#main"'), "package-unpinned"),
        "an alias nobody asked for": (('"version": "2.1.3"', '"version": "npm:evil@2.1.3"'), "url-mismatch"),
        "a folder outside": (('"version": "2.1.3"', '"version": "file:../../ms"'), "source-not-allowed"),
        "a package that is gone": (('    "once": {', '    "twice": {'), "lock-stale"),
        "an unknown version of the format": (('"lockfileVersion": 1', '"lockfileVersion": 9'), "lock-unsupported"),
    },
    "yarn1": {
        "another package under the name": (
            (f"https://{YARN}/ms/-/ms-2.1.3.tgz", f"https://{YARN}/evil/-/evil-2.1.3.tgz"),
            "url-mismatch",
        ),
        "a tag for a version": (('version "2.1.3"', 'version "latest"'), "package-unpinned"),
        "no version": (('  version "2.1.3"\n', ""), "package-unpinned"),
        "a version outside the range": (('version "2.1.3"', 'version "3.0.0"'), "lock-stale"),
        "another range": (("ms@^2.1.0:", "ms@^2.2.0:"), "lock-stale"),
        "an alias of another package": (("bundler@npm:wrappy@", "bundler@npm:evil@"), "url-mismatch"),
        "a file of the repository nobody asked for": ((MS_YARN, "file:./ms.tgz"), "url-mismatch"),
        "a git branch": ((MS_YARN, "git+https://git.example/ms.git#main"), "package-unpinned"),
        "a need without an answer": (("wrappy@1:", "wrapped@1:"), "lock-stale"),
        "an unknown version of the format": (("lockfile v1", "lockfile v3"), "lock-unsupported"),
    },
    "yarn4": {
        "another package under the name": (
            ('"ms@npm:2.1.3"\n  checksum', '"evil@npm:2.1.3"\n  checksum'),
            "url-mismatch",
        ),
        "another version under the name": (
            ('resolution: "ms@npm:2.1.3"', 'resolution: "ms@npm:2.1.2"'),
            "url-mismatch",
        ),
        "a tag for a version": (
            ('version: 2.1.3\n  resolution: "ms@npm:2.1.3"', 'version: latest\n  resolution: "ms@npm:latest"'),
            "package-unpinned",
        ),
        "a version outside the range": (
            ('version: 2.1.3\n  resolution: "ms@npm:2.1.3"', 'version: 3.0.0\n  resolution: "ms@npm:3.0.0"'),
            "lock-stale",
        ),
        "a git branch": (
            ('resolution: "ms@npm:2.1.3"', 'resolution: "ms@https://git.example/ms.git#main"'),
            "package-unpinned",
        ),
        "a git commit": (
            ('resolution: "ms@npm:2.1.3"', f'resolution: "ms@https://git.example/ms.git#commit={"a" * 40}"'),
            "source-not-allowed",
        ),
        "a folder of the repository nobody asked for": (
            ('resolution: "ms@npm:2.1.3"', 'resolution: "ms@portal:./ms"'),
            "url-mismatch",
        ),
        "a link outside": (('resolution: "ms@npm:2.1.3"', 'resolution: "ms@portal:../../ms"'), "source-not-allowed"),
        "a patch from outside": (
            ('resolution: "ms@npm:2.1.3"', 'resolution: "ms@patch:ms@npm%3A2.1.3#../../x.patch::version=2.1.3"'),
            "source-not-allowed",
        ),
        "something that runs": (
            ('resolution: "ms@npm:2.1.3"', 'resolution: "ms@exec:./make.js"'),
            "source-not-allowed",
        ),
        "a project that asks differently": (('    ms: "npm:2.0.0"\n', '    ms: "npm:^2.0.0"\n'), "lock-stale"),
        "a wish that is gone": (('    once: "npm:^1.4.0"\n', ""), "lock-stale"),
        "a wish too many": (
            ('    once: "npm:^1.4.0"\n', '    once: "npm:^1.4.0"\n    wrappy: "npm:1"\n'),
            "lock-stale",
        ),
        "a checksum of no archive": ((MS_BERRY, MS_BERRY[:-2]), "hash-malformed"),
        "an unknown version of the format": (("version: 10", "version: 99"), "lock-unsupported"),
    },
    "pnpm7": {
        "another package under the name": (("ms: 2.1.3", "ms: /debug/2.6.9"), "url-mismatch"),
        "a version outside the range": (("ms: 2.1.3", "ms: 2.0.0"), "lock-stale"),
        "another wish": (("ms: ^2.1.0", "ms: ^2.0.0"), "lock-stale"),
        "a package that is gone": (("  /once/1.4.0:", "  /twice/1.4.0:"), "lock-stale"),
        "a link outside": (("link:../b", "link:../../../b"), "source-not-allowed"),
        "an unknown version of the format": (("lockfileVersion: 5.4", "lockfileVersion: 4.0"), "lock-unsupported"),
    },
    "pnpm8": {
        "another package under the name": (("version: 2.1.3", "version: /debug@2.6.9"), "url-mismatch"),
        "a version outside the range": (("version: 2.1.3", "version: 2.0.0"), "lock-stale"),
        "another wish": (("specifier: ^2.1.0", "specifier: ^2.0.0"), "lock-stale"),
        "a package that is gone": (("  /once@1.4.0:", "  /twice@1.4.0:"), "lock-stale"),
        "an unknown version of the format": (("lockfileVersion: '6.0'", "lockfileVersion: '7.0'"), "lock-unsupported"),
    },
    "pnpm9": {
        "another package under the name": (("version: 2.1.3", "version: debug@2.6.9"), "url-mismatch"),
        "an alias of another package": (("version: wrappy@1.0.2", "version: once@1.4.0"), "url-mismatch"),
        "a version outside the range": (("version: 2.1.3", "version: 2.0.0"), "lock-stale"),
        "another wish": (("specifier: ^2.1.0", "specifier: ^2.0.0"), "lock-stale"),
        "a wish that is gone": (
            ("    devDependencies:\n      once:\n        specifier: ^1.4.0\n        version: 1.4.0\n", ""),
            "lock-stale",
        ),
        "a wish that moved": (("    devDependencies:\n      once:", "    dependencies_:\n      once:"), "lock-stale"),
        "a package that is gone": (
            ("\n  once@1.4.0:\n    resolution", "\n  twice@1.4.0:\n    resolution"),
            "lock-stale",
        ),
        "a need that is gone": (("      wrappy: 1.0.2\n", "      wrappy: 1.0.3\n"), "lock-malformed"),
        "a git branch": (
            (f"{{integrity: {MS}}}", "{repo: https://git.example/ms.git, commit: main, type: git}"),
            "package-unpinned",
        ),
        "a git commit": (
            (f"{{integrity: {MS}}}", f"{{repo: https://git.example/ms.git, commit: {'a' * 40}, type: git}}"),
            "source-not-allowed",
        ),
        "a folder outside": ((f"{{integrity: {MS}}}", "{directory: ../../ms, type: directory}"), "source-not-allowed"),
        "a folder of the repository nobody asked for": (
            (f"{{integrity: {MS}}}", "{directory: ms, type: directory}"),
            "url-mismatch",
        ),
        "two sources at once": (
            (f"{{integrity: {MS}}}", f"{{integrity: {MS}, directory: ms}}"),
            "source-not-allowed",
        ),
        "a runtime": ((f"{{integrity: {MS}}}", f"{{integrity: {MS}, type: binary}}"), "source-not-allowed"),
        "a kind nobody knows": (("ms@2.1.3:\n    resolution", "ms@runtime:2.1.3:\n    resolution"), "lock-stale"),
        "a link outside": (("link:../b", "link:../../../b"), "source-not-allowed"),
        "an override nobody sets": (("importers:\n", "overrides:\n  ms: npm:evil@1\n\nimporters:\n"), "lock-stale"),
        "a catalog nobody keeps": (
            (
                "importers:\n",
                "catalogs:\n  default:\n    ms:\n      specifier: ^1\n      version: 1.0.0\n\nimporters:\n",
            ),
            "lock-stale",
        ),
        "a patch from outside": (
            ("importers:\n", "patchedDependencies:\n  ms@2.1.3:\n    hash: x\n    path: ../../x.patch\n\nimporters:\n"),
            "source-not-allowed",
        ),
        "an unknown version of the format": (("lockfileVersion: '9.0'", "lockfileVersion: '10.0'"), "lock-unsupported"),
    },
    "bun": {
        "another package under the name": (('["ms@2.1.3"', '["evil@2.1.3"'), "url-mismatch"),
        "an alias of another package": (('"bundler": ["wrappy@', '"bundler": ["once@'), "url-mismatch"),
        "a tag for a version": (('["ms@2.1.3"', '["ms@latest"'), "package-unpinned"),
        "a version outside the range": (('["ms@2.1.3"', '["ms@3.0.0"'), "lock-stale"),
        "another wish": (('"ms": "^2.1.0"', '"ms": "^2.0.0"'), "lock-stale"),
        "a wish that is gone": (('        "once": "^1.4.0",\n', ""), "lock-stale"),
        "a package that is gone": (('    "once": [', '    "twice": ['), "lock-stale"),
        "a short commit": (('["ms@2.1.3", "", {}', '["ms@github:o/ms#0123456", {}'), "package-unpinned"),
        "a git commit": (
            ('["ms@2.1.3", "", {}', f'["ms@git+https://git.example/ms.git#{"a" * 40}", {{}}'),
            "source-not-allowed",
        ),
        "a folder of the repository nobody asked for": (('["ms@2.1.3", "", {}', '["ms@file:ms", {}'), "url-mismatch"),
        "a folder outside": (('["ms@2.1.3", "", {}', '["ms@file:../../ms", {}'), "source-not-allowed"),
        "a project outside": (("@ws/b@workspace:packages/b", "@ws/b@workspace:../b"), "source-not-allowed"),
        "an override nobody sets": (
            ('  "packages": {\n', '  "overrides": {\n    "ms": "1"\n  },\n  "packages": {\n'),
            "lock-stale",
        ),
        "an unknown version of the format": (('"lockfileVersion": 2', '"lockfileVersion": 7'), "lock-unsupported"),
    },
}


@pytest.mark.parametrize(("tool", "name"), [(tool, name) for tool, cases in POISON.items() for name in cases])
def test_a_poisoned_lock_is_found_out(tool: str, name: str) -> None:
    change, rule = POISON[tool][name]
    findings = found(tool, swap(written(tool), change))
    assert rule in ids(findings)
    assert all(finding.place for finding in findings)


REFUSED = {
    "npm1": ('"once": {', '"ms": {'),
    "yarn1": ("once@^1.4.0:", "ms@^2.1.0:"),
    "yarn4": ('"once@npm:^1.4.0":', '"ms@npm:^2.1.0":'),
    "pnpm7": ("  /once/1.4.0:", "  /ms/2.1.3:"),
    "pnpm8": ("  /once@1.4.0:", "  /ms@2.1.3:"),
    "pnpm9": ("\n  once@1.4.0:\n    resolution", "\n  ms@2.1.3:\n    resolution"),
    "bun": ('    "once": [', '    "ms": ['),
}


@pytest.mark.parametrize("tool", REFUSED)
def test_a_key_twice_is_refused(tool: str) -> None:
    with pytest.raises(FormatError):
        lock(tool, swap(written(tool), REFUSED[tool]))


@pytest.mark.parametrize("tool", FILES)
def test_conflict_markers_and_reordering_characters_are_refused(tool: str) -> None:
    text = written(tool)
    for bad in (f"<<<<<<< ours\n{text}", text.replace("once", "on\u202ece"), text + "\0"):
        with pytest.raises(FormatError):
            lock(tool, bad)


@pytest.mark.parametrize("tool", ["npm1", "yarn1", "yarn4", "pnpm9", "bun"])
def test_a_name_in_other_letters_is_refused(tool: str) -> None:
    with pytest.raises(FormatError):
        lock(tool, written(tool).replace("once", "\u043ence"))


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        ("npm1", '{"lockfileVersion": 1}'),
        ("yarn1", "# yarn lockfile v1\n"),
        ("yarn4", "__metadata:\n  version: 8\n  cacheKey: 10c0\n"),
        ("pnpm9", "lockfileVersion: '9.0'\n"),
        ("bun", '{"lockfileVersion": 1, "workspaces": {}, "packages": {}}'),
    ],
)
def test_an_empty_lock_is_found_out(tool: str, text: str) -> None:
    assert "lock-empty" in ids(found(tool, text))


@pytest.mark.parametrize("tool", FILES)
def test_a_manifest_that_changed_is_out_of_step(tool: str) -> None:
    asked = {"ms": "^2.1.0", "bundler": "npm:wrappy@^1.0.0"}
    for tables in (
        {"dependencies": {**asked, "evil": "^1.0.0"}},
        {"dependencies": {**asked, "ms": "^2.2.0"}},
        {"devDependencies": {"once": "^1.4.0", "evil": "*"}},
        {"optionalDependencies": {"fsevents": "^2.3.0", "evil": "1"}},
    ):
        assert "lock-stale" in ids(found(tool, None, with_root(tool, **tables))), tables


@pytest.mark.parametrize("tool", ["yarn4", *PNPM, "bun"])
def test_a_manifest_that_asks_for_less_is_out_of_step(tool: str) -> None:
    assert "lock-stale" in ids(found(tool, None, with_root(tool, devDependencies=None)))


@pytest.mark.parametrize("tool", [*PNPM, "bun"])
def test_a_wish_that_moved_between_tables_is_out_of_step(tool: str) -> None:
    asked = {"ms": "^2.1.0", "bundler": "npm:wrappy@^1.0.0", "once": "^1.4.0"}
    moved = with_root(tool, dependencies=asked, devDependencies=None)
    assert "lock-stale" in ids(found(tool, None, moved))
    moved = with_root(
        tool, dependencies={"ms": "^2.1.0"}, devDependencies={"once": "^1.4.0", "bundler": asked["bundler"]}
    )
    assert "lock-stale" in ids(found(tool, None, moved))


@pytest.mark.parametrize("tool", FILES)
def test_a_member_that_changed_is_out_of_step(tool: str) -> None:
    member = {"name": "@ws/b", "version": "0.1.0", "dependencies": {"debug": "2.6.9", "evil": "1"}}
    findings = found(tool, None, {"packages/b/package.json": json.dumps(member)})
    assert "lock-stale" in ids(findings)


@pytest.mark.parametrize("tool", FILES)
def test_a_folder_the_workspace_does_not_have_needs_a_lock_of_its_own(tool: str) -> None:
    stray = json.dumps({"name": "stray", "dependencies": {"ms": "1"}})
    findings = found(tool, None, {"tools/stray/package.json": stray})
    assert [(one.rule, one.about) for one in findings] == [("lock-missing", "tools/stray/package.json")]


def test_both_of_two_locks_beside_a_manifest_are_checked() -> None:
    files = {**manifests("npm3"), "package-lock.json": written("npm3"), "yarn.lock": written("yarn1")}
    assert judge(files) == []
    files["yarn.lock"] = swap(written("yarn1"), ("ms@^2.1.0:", "ms@^2.2.0:"))
    assert ids(judge(files)) == ["lock-stale"]
    files["yarn.lock"] = swap(written("yarn1"), ('ms "2.0.0"', 'ms "1.9.9"'))
    assert ids(judge(files)) == ["lock-stale"]
    member = {"name": "@ws/a", "version": "0.1.0", "dependencies": {"ms": "2.0.1", "@ws/b": "0.1.0"}}
    stale = [
        one for one in judge({**files, "packages/a/package.json": json.dumps(member)}) if "packages/a" in one.about
    ]
    assert {one.message.split(":")[0] for one in stale} == {"`package-lock.json`", "`yarn.lock`"}


def test_a_lock_of_another_manager_than_the_manifest_names_is_none() -> None:
    (finding,) = found("npm3", None, with_root("npm3", packageManager="pnpm@9.15.0"))
    assert (finding.rule, finding.about) == ("lock-missing", "package.json")
    assert finding.fix == "`pnpm install --lockfile-only`, then commit the result"
    assert found("npm3", None, with_root("npm3", packageManager="npm@11.0.0")) == []
    assert found("npm3", None, with_root("npm3", packageManager="ours@1")) == []


def test_overrides_are_the_workspace_s_own_word() -> None:
    recorded = swap(written("pnpm9"), ("importers:\n", "overrides:\n  ms: 2.0.0\n\nimporters:\n"))
    recorded = recorded.replace("specifier: ^2.1.0\n        version: 2.1.3", "specifier: 2.0.0\n        version: 2.0.0")
    assert ids(found("pnpm9", recorded)) == ["lock-stale"]
    spaces = "packages: ['packages/*']\noverrides:\n  ms: 2.0.0\n"
    assert found("pnpm9", recorded, {"pnpm-workspace.yaml": spaces}) == []
    assert found("pnpm9", recorded, with_root("pnpm9", pnpm={"overrides": {"ms": "2.0.0"}})) == []
    assert ids(found("pnpm9", recorded, with_root("pnpm9", overrides={"ms": "2.0.0"}))) == ["lock-stale"]
    assert ids(found("pnpm9", None, {"pnpm-workspace.yaml": spaces})) == ["lock-stale"]


def test_a_catalog_is_looked_up() -> None:
    recorded = swap(
        written("pnpm9"),
        (
            "importers:\n",
            "catalogs:\n  default:\n    ms:\n      specifier: ^2.1.0\n      version: 2.1.3\n\nimporters:\n",
        ),
        ("specifier: ^2.1.0\n        version", "specifier: 'catalog:'\n        version"),
    )
    root = with_root("pnpm9", dependencies={"ms": "catalog:", "bundler": "npm:wrappy@^1.0.0"})
    spaces = "packages: ['packages/*']\ncatalog:\n  ms: {}\n"
    for spec, wanted in (("^2.1.0", []), ("^2.1.1", ["lock-stale"])):
        assert ids(found("pnpm9", recorded, {**root, "pnpm-workspace.yaml": spaces.format(spec)})) == wanted
    poisoned = swap(recorded, ("version: 2.1.3\n\nimporters", "version: 2.0.0\n\nimporters"))
    poisoned = poisoned.replace("'catalog:'\n        version: 2.1.3", "'catalog:'\n        version: 2.0.0")
    assert "lock-stale" in ids(found("pnpm9", poisoned, {**root, "pnpm-workspace.yaml": spaces.format("^2.1.0")}))


def test_yarn_s_resolutions_free_a_version() -> None:
    other = swap(written("yarn1"), ("ms@2.0.0:\n", "ms@2.0.0, ms@^2.1.0:\n"))
    start = other.index("ms@^2.1.0:\n  version", other.index("ms@2.0.0, ms@^2.1.0:") + 30)
    other = other[:start] + other[other.index("once@^1.4.0:") :]
    assert ids(found("yarn1", other)) == ["lock-stale"]
    assert found("yarn1", other, with_root("yarn1", resolutions={"**/ms": "2.0.0"})) == []


def test_what_yarn_cannot_hash_is_told_once() -> None:
    (finding,) = judge({**manifests("yarn4"), "yarn.lock": written("yarn4")})
    assert (finding.rule, finding.about, finding.level) == ("package-unhashed", "yarn.lock#conditions", Level.FAIL)
    bare = swap(written("yarn4"), (f"  checksum: {MS_BERRY}\n", ""))
    assert ids(found("yarn4", bare)) == ["package-unhashed"]


@pytest.mark.parametrize("tool", ["yarn1", "yarn4", *PNPM, "bun"])
def test_the_fix_is_what_one_types_for_that_manager(tool: str) -> None:
    stale = [
        one for one in found(tool, None, with_root(tool, devDependencies={"evil": "1"})) if one.rule == "lock-stale"
    ]
    name = tool.rstrip("0123456789")
    assert stale
    assert all(one.fix.startswith(f"`{name} install") for one in stale)


def test_the_binary_lock_of_bun_says_how_to_get_the_other() -> None:
    from tidegate.domain.locks.check import check_unread

    (finding,) = check_unread(["bun.lockb"])
    assert finding.rule == "lock-unsupported"
    assert "--save-text-lockfile" in finding.fix


def test_an_override_of_another_ecosystem_frees_nothing() -> None:
    manifest = '[project]\nname = "app"\ndependencies = ["left-pad>=2"]\n'
    overridden = b'\n[manifest]\noverrides = [{ name = "left-pad" }]\n\n[[package]]'
    files: dict[str, bytes | str] = {
        "pyproject.toml": manifest,
        "uv.lock": uv_lock().replace(b"\n[[package]]", overridden, 1),
        "package.json": json.dumps({"name": "x", "overrides": {"left-pad": "1"}}),
    }
    assert any("is locked at 1.3.0" in one.message for one in judge(files))
