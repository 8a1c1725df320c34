"""Names of the team's own never come from a public registry; one version has one set of files everywhere."""

from dataclasses import replace

import pytest

from support.lock_court import DEPENDS, ids, judge, npm, uv
from support.locks import FILES, INDEX, npm_entry, npm_tree, pinned, uv_lock, uv_package
from tidegate.domain.locks.conflicts import check_conflicts
from tidegate.domain.locks.sources import Allowed
from tidegate.formats.own_names import OwnNames
from tidegate.model.digest import Digest
from tidegate.model.package import File, Locked, LockFile, Source, SourceKind

PRIVATE = frozenset({"index.example", "files.example"})


def own(*patterns: str, hosts: frozenset[str] = PRIVATE) -> Allowed:
    return Allowed(hosts, own=OwnNames.of(patterns))


@pytest.mark.parametrize(
    ("pattern", "ecosystem", "name", "held"),
    [
        ("acme-*", "PyPI", "acme-core", True),
        ("Acme_*", "PyPI", "acme-core", True),
        ("acme.*", "PyPI", "acme-core", True),
        ("acme-*", "PyPI", "acme", False),
        ("acme-*", "PyPI", "acmeother", False),
        ("acme*", "PyPI", "acmeother", True),
        ("Acme_Core", "PyPI", "acme-core", True),
        ("acme-core", "PyPI", "acme-core-x", False),
        ("@acme/*", "npm", "@acme/x", True),
        ("@Acme/*", "npm", "@acme/x", True),
        ("@acme/*", "npm", "@acme-evil/x", False),
        ("acme_x", "npm", "acme-x", False),
        ("com.acme:*", "Maven", "com.acme:core", True),
        ("github.com/acme/*", "Go", "github.com/acme/x", True),
    ],
)
def test_names_are_compared_as_their_registry_compares_them(
    pattern: str, ecosystem: str, name: str, held: bool
) -> None:
    assert OwnNames.of((pattern,)).holds(ecosystem, name) is held


def test_an_own_name_from_the_public_index_is_found_out() -> None:
    (finding,) = uv(uv_lock(), allowed=own("left_*"))
    assert (finding.rule, finding.about) == ("name-internal", "uv.lock#pkg:pypi/left-pad@1.3.0")
    assert finding.place is not None
    assert finding.place.line


def test_an_own_name_from_the_own_index_is_fine() -> None:
    lock = uv_lock().decode().replace(f"https://{INDEX}/", "https://index.example/").replace(FILES, "files.example")
    assert uv(lock.encode(), allowed=own("left-*")) == []


def test_a_public_file_of_an_own_index_is_found_out() -> None:
    lock = uv_lock().decode().replace(f"https://{INDEX}/", "https://index.example/")
    assert ids(uv(lock.encode(), allowed=own("left-*"))) == ["name-internal"]


def test_an_own_name_from_nowhere_said_is_public() -> None:
    files: dict[str, bytes | str] = {
        "pyproject.toml": DEPENDS.format('"acme-x"'),
        "requirements.txt": pinned("acme.X", "1"),
    }
    assert ids(judge(files, own("acme-*"))) == ["name-internal"]
    files["requirements.txt"] = "-i https://index.example/simple\n" + pinned("acme.X", "1")
    assert judge(files, own("acme-*")) == []


def test_an_address_of_the_public_index_is_public() -> None:
    line = f"acme-x @ https://{FILES}/packages/acme_x-1.0.tar.gz --hash=sha256:{'a' * 64}\n"
    files: dict[str, bytes | str] = {"pyproject.toml": DEPENDS.format('"acme-x"'), "requirements.txt": line}
    assert ids(judge(files, own("acme-*"))) == ["name-internal"]


def test_both_names_of_an_alias_count() -> None:
    tree = npm_tree()
    assert ids(npm(tree, allowed=own("alias"))) == ["name-internal"]
    assert ids(npm(tree, allowed=own("real"))) == ["name-internal"]
    assert npm(tree, allowed=own("@t/*")) == []
    tree["node_modules/@s/scoped"] = npm_entry("@s/scoped", "2.0.1", 5)
    assert "name-internal" in ids(npm(tree, allowed=own("@s/*")))


def test_own_folders_are_nobody_elses() -> None:
    assert uv(uv_lock(), allowed=own("app")) == []
    assert npm(allowed=own("member")) == []


ONE, OTHER = (Digest("sha256", letter * 64) for letter in "ab")


def lock(path: str, *files: File, host: str = "", version: str = "1.0") -> LockFile:
    source = Source(SourceKind.REGISTRY, host=host, public=not host)
    hashes = tuple(digest for file in files for digest in file.hashes)
    package = Locked("PyPI", "x", "x", version, source, hashes, files=files, line=len(path))
    return LockFile(path, "uv.lock", "PyPI", Digest.of(b""), packages=(package,))


def told(*locks: LockFile, everywhere: tuple[LockFile, ...] = ()) -> list[tuple[str, str]]:
    return [(one.about, one.place.path if one.place else "") for one in check_conflicts(locks, everywhere)]


def test_a_version_with_other_hashes_in_another_release_is_found_out_once_for_each() -> None:
    a, b = lock("a.lock", File("x.whl", hashes=(ONE,))), lock("b.lock", File("x.whl", hashes=(OTHER,)))
    assert told(a, everywhere=(a, b)) == [("pkg:pypi/x@1.0", "a.lock")]
    assert told(b, everywhere=(a, b)) == [("pkg:pypi/x@1.0", "b.lock")]
    assert told(a, b) == [("pkg:pypi/x@1.0", "b.lock")]
    other = lock("c.lock", File("y.whl", hashes=(ONE,)))
    assert told(other, everywhere=(a, b, replace(other, packages=()))) == []


def test_one_file_of_many_with_another_hash_is_found_out() -> None:
    whole = (File("x.whl", hashes=(ONE,)), File("x.zip", hashes=(ONE,)))
    spoilt = (File("x.whl", hashes=(ONE,)), File(url="https://f.example/x.zip?a#b", hashes=(OTHER,)))
    assert told(lock("a.lock", *whole), lock("b.lock", *spoilt))
    assert not told(lock("a.lock", *whole), lock("b.lock", *whole[:1]))


def test_two_registries_may_have_built_a_file_each() -> None:
    both = (File("x.whl", hashes=(ONE,)), File("x.zip", hashes=(ONE,)))
    rebuilt = (File("x.whl", hashes=(ONE,)), File("x.zip", hashes=(OTHER,)))
    assert not told(lock("a.lock", *both), lock("b.lock", *rebuilt, host="index.example"))


def test_the_same_version_in_locks_of_two_tools_is_compared() -> None:
    files: dict[str, bytes | str] = {
        "a/pyproject.toml": DEPENDS.format('"tool"'),
        "a/requirements.txt": pinned("tool", "2.1", "9"),
        "uv.lock": uv_lock(uv_package("tool", "2.1")),
    }
    assert "hash-conflict" in ids(judge(files))


SOURCE = '[[tool.poetry.source]]\nname = "{}"\nurl = "https://index.example/simple"\npriority = "{}"\n'


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ('[tool.uv]\nindex-strategy = "unsafe-best-match"\n', "index-mixed"),
        ('[tool.uv.pip]\nindex-strategy = "unsafe-first-match"\n', "index-mixed"),
        ('[tool.uv]\nindex-strategy = "first-index"\n', ""),
        ('[tool.uv]\nallow-insecure-host = ["index.example"]\n', "source-not-allowed"),
        (SOURCE.format("a", "primary"), ""),
        (SOURCE.format("a", "explicit"), ""),
        (SOURCE.format("a", "supplemental"), "index-mixed"),
        (SOURCE.format("a", "primary") + SOURCE.format("b", "primary"), "index-mixed"),
        (SOURCE.format("a", "primary") + SOURCE.format("b", "explicit"), ""),
    ],
)
def test_settings_that_let_two_indexes_serve_a_name_are_found_out(settings: str, rule: str) -> None:
    found = judge({"pyproject.toml": '[project]\nname = "a"\n' + settings})
    assert ids(found) == ([rule] if rule else [])


def test_pipenv_may_be_told_to_search_every_index() -> None:
    source = '[[source]]\nname = "{}"\nurl = "https://index.example/simple"\n'
    text = source.format("a") + source.format("b") + "[pipenv]\ninstall_search_all_sources = true\n"
    assert ids(judge({"Pipfile": text})) == ["index-mixed"]
    assert judge({"Pipfile": text.replace("true", "false")}) == []
