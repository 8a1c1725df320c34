"""Every rule of lockfiles has an input that breaks it and one that keeps it; poisoned locks never pass."""

import copy
import json
from collections.abc import Callable, Iterable

import pytest

from support.locks import (
    FILES,
    INDEX,
    NPM,
    UV_MANIFEST,
    UV_PACKAGES,
    Entry,
    npm_entry,
    npm_lock,
    npm_manifest,
    npm_tree,
    pinned,
    sri,
    uv_lock,
    uv_package,
)
from tidegate.domain.locks import npm_ranges, rules
from tidegate.domain.locks.check import MAX_FINDINGS, bounded, check, check_unread, scene
from tidegate.domain.locks.sources import Allowed
from tidegate.formats.locks.table import reader_for
from tidegate.formats.manifests import table as manifests
from tidegate.model.finding import Finding, Level, Place, found
from tidegate.model.package import LockFile

OPEN = Allowed()
DEPENDS = '[project]\nname = "app"\ndependencies = [{}]\n'


def judge(files: dict[str, bytes | str], allowed: Allowed = OPEN) -> list[Finding]:
    """All findings about a tree given by path and content."""
    raw = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
    locks: dict[str, LockFile] = {}
    for path, content in raw.items():
        reader = reader_for(path)
        if reader is not None:
            locks[path] = reader.parse(path, content)
    asking = [manifests.parse(path, raw[path], frozenset(raw)) for path in raw if manifests.is_manifest(path)]
    return list(check(scene(asking, locks, locks), locks, allowed, ()))


def ids(findings: Iterable[Finding]) -> list[str]:
    return sorted({finding.rule for finding in findings})


def npm(tree: dict[str, Entry] | None = None, manifest: object = None, allowed: Allowed = OPEN) -> list[Finding]:
    member = {"name": "member", "version": "0.1.0", "dependencies": {"left": ">=1"}}
    files: dict[str, bytes | str] = {
        "package.json": json.dumps(npm_manifest() if manifest is None else manifest),
        "packages/member/package.json": json.dumps(member),
        "package-lock.json": npm_lock(tree),
    }
    return judge(files, allowed)


def uv(lock: bytes, manifest: bytes | str = UV_MANIFEST, allowed: Allowed = OPEN) -> list[Finding]:
    return judge({"pyproject.toml": manifest, "uv.lock": lock}, allowed)


def txt(lock: str, dependencies: str = '"x>=1"', allowed: Allowed = OPEN) -> list[Finding]:
    return judge({"pyproject.toml": DEPENDS.format(dependencies), "requirements.txt": lock}, allowed)


def test_clean_locks_of_three_formats_have_no_finding() -> None:
    assert npm() == []
    assert uv(uv_lock()) == []
    assert txt(pinned("x", "1.0") + pinned("y", "2.0")) == []


def test_rules_are_told_apart_and_explain_themselves() -> None:
    assert len(rules.BY_ID) == len(rules.RULES)
    for rule in rules.RULES:
        assert rule.says
        assert rule.why
        assert rule.fix
        assert not rule.says.endswith(".")


LEFT = "node_modules/left"
NPM_POISON: dict[str, tuple[Callable[[dict[str, Entry]], object], str]] = {
    "another package": (lambda t: t[LEFT].update(resolved=f"https://{NPM}/evil/-/evil-1.2.3.tgz"), "url-mismatch"),
    "another version": (lambda t: t[LEFT].update(resolved=f"https://{NPM}/left/-/left-1.2.2.tgz"), "url-mismatch"),
    "another file": (lambda t: t[LEFT].update(resolved=f"https://{NPM}/left/-/evil-1.2.3.tgz"), "url-mismatch"),
    "another scope": (lambda t: t[LEFT].update(resolved=f"https://{NPM}/@s/left/-/left-1.2.3.tgz"), "url-mismatch"),
    "another package's folder": (
        lambda t: t[LEFT].update(resolved=f"https://{NPM}/evil/left/-/left-1.2.3.tgz"),
        "url-mismatch",
    ),
    "no file in the address": (lambda t: t[LEFT].update(resolved=f"https://{NPM}/left"), "url-mismatch"),
    "another host": (
        lambda t: t[LEFT].update(resolved="https://evil.example/left/-/left-1.2.3.tgz"),
        "source-not-allowed",
    ),
    "a look-alike host": (
        lambda t: t[LEFT].update(resolved=f"https://{NPM}.evil.example/left/-/left-1.2.3.tgz"),
        "source-not-allowed",
    ),
    "http": (lambda t: t[LEFT].update(resolved=f"http://{NPM}/left/-/left-1.2.3.tgz"), "source-not-allowed"),
    "userinfo": (
        lambda t: t[LEFT].update(resolved=f"https://{NPM}@evil.example/left/-/left-1.2.3.tgz"),
        "source-not-allowed",
    ),
    "a port": (lambda t: t[LEFT].update(resolved=f"https://{NPM}:444/left/-/left-1.2.3.tgz"), "source-not-allowed"),
    "an address": (lambda t: t[LEFT].update(resolved="https://127.0.0.1/left/-/left-1.2.3.tgz"), "source-not-allowed"),
    "dot segments": (
        lambda t: t[LEFT].update(resolved=f"https://{NPM}/left/-/../../evil/-/left-1.2.3.tgz"),
        "source-not-allowed",
    ),
    "a backslash": (
        lambda t: t[LEFT].update(resolved=f"https://{NPM}\\@evil.example/left/-/left-1.2.3.tgz"),
        "source-not-allowed",
    ),
    "reordering characters": (
        lambda t: t[LEFT].update(resolved=f"https://{NPM}/left/-/\u202eleft-1.2.3.tgz"),
        "source-not-allowed",
    ),
    "git with a branch": (
        lambda t: t[LEFT].update(resolved="git+https://git.example/left.git#main"),
        "package-unpinned",
    ),
    "git with a short commit": (
        lambda t: t[LEFT].update(resolved="git+https://git.example/left.git#0123456"),
        "package-unpinned",
    ),
    "git with a commit": (
        lambda t: t[LEFT].update(resolved="git+https://git.example/left.git#" + "0" * 40),
        "source-not-allowed",
    ),
    "a file outside": (lambda t: t[LEFT].update(resolved="file:../../left.tgz"), "source-not-allowed"),
    "a link outside": (
        lambda t: t["node_modules/member"].update(resolved="../outside"),
        "source-not-allowed",
    ),
    "a link to another package": (
        lambda t: t.update({LEFT: {"resolved": "node_modules/right", "link": True}}),
        "url-mismatch",
    ),
    "no hash": (lambda t: t[LEFT].pop("integrity"), "package-unhashed"),
    "an empty hash": (lambda t: t[LEFT].update(integrity=""), "package-unhashed"),
    "a hash of the wrong length": (lambda t: t[LEFT].update(integrity="sha512-AAAA"), "hash-malformed"),
    "SHA-1 alone": (lambda t: t[LEFT].update(integrity=sri(1, "sha1")), "hash-weak"),
    "no address and no hash": (lambda t: (t[LEFT].pop("resolved"), t[LEFT].pop("integrity")), "package-unhashed"),
    "a tag for a version": (lambda t: t[LEFT].update(version="latest"), "package-unpinned"),
    "a range for a version": (lambda t: t[LEFT].update(version="^1.2.3"), "package-unpinned"),
    "no version": (lambda t: t[LEFT].pop("version"), "package-unpinned"),
    "a bundle nobody makes": (
        lambda t: t.update({LEFT: {"version": "1.2.3", "inBundle": True}}),
        "package-unhashed",
    ),
    "an alias nobody asked for": (
        lambda t: t.update({LEFT: {"name": "evil", **npm_entry("evil", "1.2.3")}}),
        "url-mismatch",
    ),
    "a version outside the range": (
        lambda t: t.update({LEFT: npm_entry("left", "0.9.0")}),
        "lock-stale",
    ),
    "a root that asks for more": (lambda t: t[""]["dependencies"].update(evil="*"), "lock-stale"),  # type: ignore[attr-defined]
    "a root that asks for less": (lambda t: t[""].pop("devDependencies"), "lock-stale"),
    "a root that asks differently": (
        lambda t: t[""].update(dependencies={**npm_manifest()["dependencies"], "left": ">=0"}),  # type: ignore[dict-item]
        "lock-stale",
    ),
    "a member that is not named": (
        lambda t: (t.pop("packages/member"), t.pop("node_modules/member")),
        "lock-missing",
    ),
    "a member that asks differently": (lambda t: t["packages/member"].pop("dependencies"), "lock-stale"),
    "no packages": (lambda t: [t.pop(key) for key in list(t) if key], "lock-empty"),
    "two registries for a name": (
        lambda t: t["node_modules/right"].update(resolved="https://other.example/right/-/right-3.0.0.tgz"),
        "index-mixed",
    ),
    "two hashes for a version": (
        lambda t: t.update({"node_modules/tool/node_modules/left": npm_entry("left", "1.2.3", 9)}),
        "hash-conflict",
    ),
}


@pytest.mark.parametrize("name", NPM_POISON)
def test_a_poisoned_npm_lock_is_found_out(name: str) -> None:
    poison, rule = NPM_POISON[name]
    tree = copy.deepcopy(npm_tree())
    poison(tree)
    findings = npm(tree)
    assert rule in ids(findings)
    assert all(finding.place for finding in findings)


@pytest.mark.parametrize("name", ["another host", "userinfo", "http", "a port", "dot segments"])
def test_naming_the_host_in_the_policy_mends_the_host_alone(name: str) -> None:
    tree = copy.deepcopy(npm_tree())
    NPM_POISON[name][0](tree)
    findings = npm(tree, allowed=Allowed(frozenset({"evil.example"})))
    assert ("source-not-allowed" in ids(findings)) is (name != "another host")


def test_what_npm_writes_itself_is_no_finding() -> None:
    tree = npm_tree()
    tree[LEFT].update(integrity=f"{sri(9, 'sha1')} {sri(1)}")
    tree["node_modules/right"].pop("resolved")
    tree["node_modules/@s/scoped"].update(resolved=f"https://{NPM}/@s%2fscoped/-/scoped-2.0.1.tgz")
    tree["node_modules/tool"].update(version="1.9.9", resolved=f"https://{NPM}/tool/-/tool-1.9.9.tgz?cache=1")
    assert npm(tree) == []


def test_private_registries_serve_under_their_own_paths() -> None:
    allowed = Allowed(frozenset({"art.example"}))
    for path in ("npm/repo/left/-/left-1.2.3.tgz", "download/left/1.2.3/0123abcd", "api/npm/left/-/left-1.2.3.tgz"):
        tree = npm_tree()
        tree[LEFT].update(resolved=f"https://art.example/{path}")
        assert npm(tree, allowed=allowed) == []
    tree[LEFT].update(resolved="https://art.example/download/evil/1.2.3/0123abcd")
    assert ids(npm(tree, allowed=allowed)) == ["url-mismatch"]


def test_without_public_registries_every_public_package_is_a_finding() -> None:
    findings = npm(allowed=Allowed(public=False))
    assert ids(findings) == ["source-not-allowed"]
    tree = npm_tree()
    for entry in tree.values():
        entry.pop("resolved", None) if "link" not in entry else None
    assert ids(npm(tree, allowed=Allowed(public=False))) == ["source-not-allowed"]


def test_one_fault_of_all_packages_is_one_finding() -> None:
    tree = npm_tree()
    for entry in tree.values():
        if "resolved" in entry and "link" not in entry:
            entry["resolved"] = str(entry["resolved"]).replace(NPM, "mirror.example")
    findings = npm(tree)
    assert [finding.about for finding in findings] == ["package-lock.json#https://mirror.example"]
    tree[LEFT]["resolved"] = f"https://{NPM}/left/-/left-1.2.3.tgz"
    assert len([one for one in npm(tree) if one.rule == "source-not-allowed"]) == 5


A = "a" * 64
UV_POISON: dict[str, tuple[Callable[[str], str], str]] = {
    "another package": (lambda t: t.replace("left_pad-1.3.0.tar", "evil-1.3.0.tar"), "url-mismatch"),
    "another version": (lambda t: t.replace("left_pad-1.3.0-py3", "left_pad-1.2.0-py3"), "url-mismatch"),
    "no file name": (lambda t: t.replace("left_pad-1.3.0.tar.gz", "download"), "url-mismatch"),
    "another file host": (lambda t: t.replace(FILES, "evil.example", 1), "source-not-allowed"),
    "another index": (
        lambda t: t.replace(f"https://{INDEX}/simple", "https://evil.example/simple", 1),
        "source-not-allowed",
    ),
    "a look-alike index": (
        lambda t: t.replace(f"https://{INDEX}/", f"https://{INDEX}.evil.example/", 1),
        "source-not-allowed",
    ),
    "http": (lambda t: t.replace(f"https://{FILES}", f"http://{FILES}", 1), "source-not-allowed"),
    "userinfo": (lambda t: t.replace(f"https://{FILES}", f"https://{FILES}@evil.example", 1), "source-not-allowed"),
    "a local index outside": (lambda t: t.replace(f"https://{INDEX}/simple", "../../simple", 1), "source-not-allowed"),
    "no hash at all": (
        lambda t: t.replace(f', hash = "sha256:{A}"', "").replace(f', hash = "sha256:{A[:-1]}0"', ""),
        "package-unhashed",
    ),
    "one file without hash": (lambda t: t.replace(f', hash = "sha256:{A}"', ""), "package-unhashed"),
    "a broken hash": (lambda t: t.replace(f"sha256:{A}", "sha256:abc"), "hash-malformed"),
    "a weak hash": (lambda t: t.replace(f"sha256:{A}", "md5:" + "a" * 32), "hash-weak"),
    "no files": (
        lambda t: t[: t.index("sdist =", t.index('right-pad"\nversion'))] + t[t.index('\n[[package]]\nname = "tool') :],
        "package-unhashed",
    ),
    "no version": (lambda t: t.replace('version = "1.3.0"\n', ""), "package-unpinned"),
    "a word for a version": (lambda t: t.replace('version = "1.3.0"', 'version = "latest"'), "package-unpinned"),
    "no source": (
        lambda t: t.replace(f'source = {{ registry = "https://{INDEX}/simple" }}\n', "", 1),
        "source-not-allowed",
    ),
    "a branch": (
        lambda t: t.replace(f'registry = "https://{INDEX}/simple"', 'git = "https://git.example/x?branch=main"', 1),
        "package-unpinned",
    ),
    "a commit of a host not named": (
        lambda t: t.replace(f'registry = "https://{INDEX}/simple"', f'git = "https://git.example/x#{"0" * 40}"', 1),
        "source-not-allowed",
    ),
    "a folder outside": (
        lambda t: t.replace(f'registry = "https://{INDEX}/simple"', 'directory = "../../x"', 1),
        "source-not-allowed",
    ),
    "another specifier": (lambda t: t.replace('">=1,<2"', '">=0"'), "lock-stale"),
    "another extra": (
        lambda t: t.replace("extra == 'more'", "extra == 'x' and python_version > '3'").replace(
            'name = "extra", m', 'name = "other", m'
        ),
        "lock-stale",
    ),
    "another group": (lambda t: t.replace('specifier = "==2.*"', 'specifier = "==3.*"'), "lock-stale"),
    "an address for a version": (
        lambda t: t.replace('specifier = ">=1,<2"', 'url = "https://evil.example/x.whl"'),
        "lock-stale",
    ),
    "a version outside the range": (
        lambda t: t.replace(UV_PACKAGES[1], UV_PACKAGES[1].replace("1.3.0", "2.0.0")),
        "lock-stale",
    ),
    "a dependency that is gone": (lambda t: t.replace(UV_PACKAGES[1], ""), "lock-stale"),
    "nothing": (lambda t: t.replace("".join(UV_PACKAGES), ""), "lock-empty"),
    "two hashes for a version": (lambda t: t + uv_package("tool", "2.1", "e"), "hash-conflict"),
    "two indexes for a name": (
        lambda t: t + uv_package("tool", "2.2").replace(INDEX, "other.example"),
        "index-mixed",
    ),
    "another format version": (lambda t: t.replace("version = 1\n", "version = 2\n", 1), "lock-unsupported"),
    "no format version": (lambda t: t.replace("version = 1\n", "", 1), "lock-malformed"),
}


@pytest.mark.parametrize("name", UV_POISON)
def test_a_poisoned_uv_lock_is_found_out(name: str) -> None:
    poison, rule = UV_POISON[name]
    before = uv_lock().decode()
    after = poison(before)
    assert after != before
    assert rule in ids(uv(after.encode()))


REQUIREMENTS_POISON = {
    "no hash": ("x==1.0\n" + pinned("y", "1"), "package-unhashed"),
    "a range": ("x>=1.0 --hash=sha256:" + A + "\n" + pinned("y", "1"), "package-unpinned"),
    "a broken hash": ("x==1.0 --hash=sha256:abc", "hash-malformed"),
    "a weak hash beside a strong one": (f"x==1.0 --hash=sha256:{A} --hash=md5:{'a' * 32}", "hash-weak"),
    "a second index": ("--extra-index-url https://other.example/simple\n" + pinned("x", "1.0"), "index-mixed"),
    "another index": ("-i https://other.example/simple\n" + pinned("x", "1.0"), "source-not-allowed"),
    "an index over http": (f"-i http://{INDEX}/simple\n" + pinned("x", "1.0"), "source-not-allowed"),
    "an index from a variable": ("-i ${INDEX}\n" + pinned("x", "1.0"), "source-not-allowed"),
    "a trusted host": ("--trusted-host other.example\n" + pinned("x", "1.0"), "source-not-allowed"),
    "links": ("--find-links https://other.example\n" + pinned("x", "1.0"), "index-mixed"),
    "an address": (f"x @ https://other.example/x-1.0.tar.gz --hash=sha256:{A}", "source-not-allowed"),
    "a wheel of another name": (f"x @ https://{FILES}/evil-1.0-py3-none-any.whl --hash=sha256:{A}", "url-mismatch"),
    "an sdist of another name": (f"x @ https://{FILES}/evil-1.0.tar.gz --hash=sha256:{A}", "url-mismatch"),
    "a branch": ("x @ git+https://git.example/x@main", "package-unpinned"),
    "another version control": ("x @ hg+https://hg.example/x@" + "0" * 40, "source-not-allowed"),
    "a path outside": ("x @ file:../../x", "source-not-allowed"),
    "an include nobody reads": ("-r other.txt\n" + pinned("x", "1.0"), "lock-unsupported"),
    "a missing dependency": (pinned("y", "1.0"), "lock-stale"),
    "a version outside the range": (pinned("x", "0.9"), "lock-stale"),
    "nothing": ("# empty\n", "lock-empty"),
    "a line that is none": ("x==1.0 y\n", "lock-malformed"),
}


@pytest.mark.parametrize("name", REQUIREMENTS_POISON)
def test_a_poisoned_requirements_file_is_found_out(name: str) -> None:
    lock, rule = REQUIREMENTS_POISON[name]
    assert rule in ids(txt(lock))


def test_several_requirements_files_serve_a_manifest_together() -> None:
    files: dict[str, bytes | str] = {
        "pyproject.toml": DEPENDS.format('"x>=1", "y"'),
        "requirements.txt": "-r requirements/y.txt\n" + pinned("x", "1.0"),
        "requirements/y.txt": pinned("y", "2.0"),
    }
    assert judge(files) == []
    files["requirements/y.txt"] = pinned("z", "2.0")
    assert [one.about for one in judge(files)] == ["pyproject.toml#y"]


def test_an_absent_dependency_of_another_platform_is_said_and_does_not_fail() -> None:
    findings = txt(pinned("x", "1.0"), '"x", "w; sys_platform == \'win32\'"')
    assert [(one.rule, one.level) for one in findings] == [("lock-uncompared", Level.WARN)]


def test_a_locked_dependency_of_a_platform_still_has_to_fit() -> None:
    findings = txt(pinned("x", "1.0") + pinned("w", "1.0"), '"x", "w>=2; sys_platform == \'win32\'"')
    assert ids(findings) == ["lock-stale"]


def test_extras_and_groups_need_not_stand_in_a_requirements_file() -> None:
    manifest = (
        DEPENDS.format('"x"') + '[project.optional-dependencies]\nt = ["pytest"]\n[dependency-groups]\nd = ["z"]\n'
    )
    assert judge({"pyproject.toml": manifest, "requirements.txt": pinned("x", "1.0")}) == []


def test_the_same_wish_in_another_spelling_is_in_step() -> None:
    spelled = UV_MANIFEST.replace(b"Left_Pad >=1.0, <2", b"left.pad<2.0.0,>=1")
    assert uv(uv_lock(), spelled) == []


def test_what_the_manifest_takes_from_an_address_is_not_taken_from_a_registry() -> None:
    manifest = UV_MANIFEST + b'[tool.uv.sources]\nleft-pad = { git = "https://git.example/left-pad" }\n'
    assert ids(uv(uv_lock(), manifest)) == ["lock-stale"]
    git = f'git = "https://git.example/left-pad#{"0" * 40}"'
    registry = f'registry = "https://{INDEX}/simple"'
    lock = uv_lock().decode().replace('specifier = ">=1,<2"', 'git = "https://git.example/left-pad"')
    poisoned = lock.encode()
    assert ids(uv(poisoned, manifest)) == ["lock-stale"]
    start = lock.index('name = "left-pad"\nversion')
    good = (lock[:start] + lock[start:].replace(registry, git, 1)).encode()
    assert uv(good, manifest, Allowed(frozenset({"git.example"}))) == []
    assert ids(txt(pinned("x", "1.0"), '"x @ git+https://git.example/x"')) == ["lock-stale"]


def test_many_unhashed_packages_are_one_finding_even_beside_hashed_ones() -> None:
    lock = "".join(f"p{number}==1\n" for number in range(30)) + pinned("x", "1.0")
    [finding] = judge({"requirements.txt": lock})
    assert (finding.rule, finding.about) == ("package-unhashed", "requirements.txt")
    assert "30 of its 31" in finding.message


def test_an_own_extra_is_no_package_to_lock() -> None:
    manifest = UV_MANIFEST.replace(b'more = ["extra"]', b'more = ["extra"]\nall = ["app[more]"]')
    assert uv(uv_lock(), manifest) == []


def test_overridden_versions_need_not_fit() -> None:
    lock = uv_lock().replace(b"1.3.0", b"2.0.0")
    assert ids(uv(lock)) == ["lock-stale"]
    overridden = lock.replace(b"\n[[package]]", b'\n[manifest]\noverrides = [{ name = "left-pad" }]\n\n[[package]]', 1)
    assert ids(uv(overridden)) == ["lock-stale"]
    manifest = UV_MANIFEST + b'[tool.uv]\noverride-dependencies = ["Left-Pad==2.0.0"]\n'
    assert uv(overridden, manifest) == []


def test_a_lock_that_does_not_record_its_manifest_is_said_and_compared_by_presence() -> None:
    lock = uv_lock().decode()
    cut = lock[: lock.index("\n[package.metadata]")] + lock[lock.index('\n[[package]]\nname = "extra"') :]
    assert [(one.rule, one.level) for one in uv(cut.encode())] == [("lock-uncompared", Level.WARN)]
    assert "lock-stale" in ids(uv(cut.replace("1.3.0", "2.0.0").encode()))


def test_a_computed_manifest_is_said() -> None:
    manifest = '[project]\nname = "app"\ndynamic = ["dependencies"]\n'
    assert ids(judge({"pyproject.toml": manifest})) == ["lock-missing"]
    assert ids(judge({"pyproject.toml": manifest, "requirements.txt": pinned("x", "1.0")})) == ["lock-uncompared"]


def test_poetry_is_compared_by_its_content_hash() -> None:
    manifest = '[tool.poetry]\nname = "a"\nversion = "1"\n[tool.poetry.dependencies]\nx = "^1.0"\n'
    digest = manifests.parse("pyproject.toml", manifest.encode(), frozenset()).content_hash
    lock = (
        '[[package]]\nname = "x"\nversion = "1.4"\ngroups = ["main"]\nfiles = [{file = "x-1.4.tar.gz", '
        f'hash = "sha256:{A}"}}]\n[metadata]\nlock-version = "2.1"\ncontent-hash = "{digest}"\n'
    )
    assert judge({"pyproject.toml": manifest, "poetry.lock": lock}) == []
    assert ids(judge({"pyproject.toml": manifest, "poetry.lock": lock.replace(digest, "0" * 64)})) == ["lock-stale"]
    assert ids(judge({"pyproject.toml": manifest, "poetry.lock": lock.replace("1.4", "2.0")})) == ["lock-stale"]
    gone = lock.replace(f'content-hash = "{digest}"', "")
    assert ids(judge({"pyproject.toml": manifest, "poetry.lock": gone})) == ["lock-stale"]


def test_a_manifest_without_lock_is_found_and_one_that_asks_for_nothing_is_not() -> None:
    assert ids(judge({"pyproject.toml": DEPENDS.format('"x"')})) == ["lock-missing"]
    assert ids(judge({"requirements.in": "x"})) == ["lock-missing"]
    assert ids(judge({"package.json": '{"devDependencies": {"x": "1"}}'})) == ["lock-missing"]
    assert ids(judge({"setup.py": "setup(install_requires=open('x').read())"})) == ["lock-missing"]
    assert judge({"pyproject.toml": DEPENDS.format("")}) == []
    assert judge({"package.json": '{"type": "module"}'}) == []


def test_an_unread_lock_is_named_instead_of_missing() -> None:
    findings = judge({"package.json": '{"dependencies": {"x": "1"}}', "yarn.lock": "x"})
    assert [(one.rule, one.about) for one in findings] == [("lock-unsupported", "package.json")]


def test_a_stray_lock_above_does_not_serve_a_project_it_does_not_name() -> None:
    files: dict[str, bytes | str] = {"uv.lock": uv_lock(), "other/pyproject.toml": DEPENDS.format('"x"')}
    assert ids(judge(files)) == ["lock-missing"]


def test_the_same_version_has_the_same_hashes_in_every_lock() -> None:
    one = pinned("x", "1.0", "a") + "# other\n"
    other = pinned("x", "1.0", "b")
    findings = judge({"requirements.txt": one, "requirements-dev.txt": other})
    assert [(finding.rule, finding.about) for finding in findings] == [("hash-conflict", "pkg:pypi/x@1.0")]
    assert judge({"requirements.txt": one, "requirements-dev.txt": one + f"y==1 --hash=sha256:{A}"}) == []


def test_a_lock_of_unhashed_packages_is_one_finding() -> None:
    findings = judge({"requirements.txt": "a==1\nb==1\nc==1\nd==1\n"})
    assert [(one.rule, one.about) for one in findings] == [("package-unhashed", "requirements.txt")]
    assert len(judge({"requirements.txt": "a==1\nb==1\nc==1\nd==1\n" + pinned("e", "1")})) == 4


def test_subjects_are_exact_and_carry_no_line() -> None:
    tree = npm_tree()
    tree[LEFT].update(resolved="https://evil.example/left/-/left-1.2.3.tgz")
    [finding] = npm(tree)
    assert finding.about == "package-lock.json#pkg:npm/left@1.2.3#https://evil.example"
    assert finding.place
    assert finding.place.line


def test_messages_show_foreign_text_escaped() -> None:
    tree = npm_tree()
    tree[LEFT].update(version="\u202e1\n\x1b[31m")
    for finding in npm(tree):
        assert finding.message.isascii()
        assert "\x1b" not in finding.message + finding.about
        assert "\n" not in finding.message


def test_unread_managers_are_named_once_where_their_lock_stands_above() -> None:
    files = ["Cargo.lock", "Cargo.toml", "crates/a/Cargo.toml", "go/go.mod", "sub/composer.json", "src/x.py", "uv.lock"]
    assert [finding.about for finding in check_unread(files)] == ["Cargo.lock", "go/go.mod", "sub/composer.json"]
    assert ids(check_unread(files)) == ["lock-unsupported"]


def test_a_flood_of_findings_is_counted_and_still_fails() -> None:
    flood = [found(rules.PACKAGE_UNHASHED, str(number), place=Place("a")) for number in range(MAX_FINDINGS + 7)]
    kept = list(bounded(flood))
    assert len(kept) == MAX_FINDINGS + 1
    assert kept[-1].about == "a#and-more"
    assert "7 more" in kept[-1].message
    assert kept[-1].level is Level.FAIL


@pytest.mark.parametrize(
    ("version", "wanted", "outside"),
    [
        ("1.2.3", "^1.2.0", False),
        ("2.0.0", "^1.2.0", True),
        ("1.1.9", "^1.2.0", True),
        ("0.2.9", "^0.2.3", False),
        ("0.3.0", "^0.2.3", True),
        ("0.0.4", "^0.0.3", True),
        ("1.2.9", "~1.2.3", False),
        ("1.3.0", "~1.2.3", True),
        ("1.9.0", "~1", False),
        ("5.1.0", "5.x", False),
        ("6.0.0", "5.x", True),
        ("5.1.0", "5", False),
        ("1.2.3", "1.2.3", False),
        ("1.2.4", "=1.2.3", True),
        ("1.5.0", ">=1.0.0 <2.0.0", False),
        ("2.0.0", ">=1.0.0 <2.0.0", True),
        ("2.0.0", ">= 1.0.0 < 2.0.0", True),
        ("2.0.0", "1.0.0 - 1.9.9", True),
        ("2.3.9", "1.2 - 2.3", False),
        ("2.4.0", "1.2 - 2.3", True),
        ("3.0.0", "^1 || ^3", False),
        ("2.0.0", "^1 || ^3", True),
        ("2.0.0", ">1", False),
        ("1.9.9", ">1", True),
        ("1.9.9", "<=1", False),
        ("2.0.0-rc.1", "^1.0.0", True),
        ("2.0.0-rc.2", "^2.0.0-rc.1", False),
        ("2.0.0-rc.1", "^2.0.0-rc.2", True),
        ("9.9.9", "*", False),
        ("9.9.9", "", False),
        ("9.9.9", "latest", False),
        ("9.9.9", "github:o/r", False),
        ("9.9.9", "https://x.example/y.tgz", False),
        ("9.9.9", "npm:real@^4.0.0", True),
        ("4.9.9", "npm:@s/real@^4.0.0", False),
        ("9.9.9", "npm:real", False),
        ("1.0.0", "^99999999999999999999", False),
        ("word", "^1.0.0", False),
    ],
)
def test_npm_ranges(version: str, wanted: str, outside: bool) -> None:
    assert npm_ranges.outside(version, wanted) is outside
