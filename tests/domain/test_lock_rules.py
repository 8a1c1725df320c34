"""The rules of lockfiles between manifest and lock, over several locks, and in what they say."""

from support.lock_court import DEPENDS, ids, judge, npm, txt, uv
from support.locks import INDEX, UV_MANIFEST, npm_tree, pinned, uv_lock
from tidegate.domain.locks import rules
from tidegate.domain.locks.check import MAX_FINDINGS, bounded, check_unread
from tidegate.domain.locks.sources import Allowed
from tidegate.formats.manifests import table as manifests
from tidegate.model.finding import Level, Place, found

A = "a" * 64
LEFT = "node_modules/left"


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


def test_the_advice_is_for_the_tool_at_hand() -> None:
    (missing,) = judge({"package.json": '{"dependencies": {"x": "1"}}'})
    assert "`npm install --package-lock-only`" in missing.fix
    assert "`pnpm install --lockfile-only`" in missing.fix
    (missing,) = judge({"pyproject.toml": DEPENDS.format('"x"')})
    assert "npm" not in missing.fix
    stale = uv(uv_lock().decode().replace("1.3.0", "0.1.0").encode())
    assert {one.fix for one in stale if one.rule == "lock-stale"} == {"`uv lock`, then commit the result"}
    (bare,) = judge({"requirements.txt": "x==1.0"})
    assert "pip-compile --generate-hashes" in bare.fix
    assert "npm" not in bare.fix


def test_a_program_is_not_said_to_ask_for_packages() -> None:
    (finding,) = judge({"setup.py": "setup(**read())"})
    assert finding.message == "`setup.py` computes what it asks for, which may be packages, and has no lockfile"


def test_an_unread_lock_is_named_instead_of_missing() -> None:
    findings = judge({"package.json": '{"dependencies": {"x": "1"}}', "bun.lockb": "x"})
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
    files = [
        "pubspec.lock",
        "pubspec.yaml",
        "a/pubspec.yaml",
        "ios/Podfile",
        "sub/Package.swift",
        "src/x.py",
        "uv.lock",
    ]
    assert [finding.about for finding in check_unread(files)] == ["pubspec.lock", "ios/Podfile", "sub/Package.swift"]
    assert ids(check_unread(files)) == ["lock-unsupported"]


def test_a_flood_of_findings_is_counted_and_still_fails() -> None:
    flood = [found(rules.PACKAGE_UNHASHED, str(number), place=Place("a")) for number in range(MAX_FINDINGS + 7)]
    kept = list(bounded(flood))
    assert len(kept) == MAX_FINDINGS + 1
    assert kept[-1].about == "a#and-more"
    assert "7 more" in kept[-1].message
    assert kept[-1].level is Level.FAIL
