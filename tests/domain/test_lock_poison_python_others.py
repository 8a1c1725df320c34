"""A poisoned poetry.lock, pdm.lock, pylock.toml or Pipfile.lock never passes, and a clean one always does."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from support.lock_court import ids, judge
from support.locks import DATA, FILES, INDEX
from tidegate.domain.locks.sources import Allowed
from tidegate.errors import FormatError
from tidegate.formats.manifests import table as manifests

A, B = "a" * 64, "b" * 64
Poison = tuple[Callable[[str], str], str]


@dataclass(frozen=True)
class Court:
    """A clean lock of some format with its manifest."""

    lock: str
    text: str
    manifest: str
    asks: str

    def rules(self, text: str, allowed: Allowed | None = None) -> list[str]:
        files: dict[str, bytes | str] = {self.manifest: self.asks, self.lock: text}
        return ids(judge(files, allowed or Allowed()))


PROJECT = (
    '[project]\nname = "app"\nversion = "1"\ndependencies = ["left-pad>=1,<2"]\n'
    '[dependency-groups]\ndev = ["tool==2.*"]\n'
)
PIPFILE = (
    f'[[source]]\nname = "pypi"\nurl = "https://{INDEX}/simple"\nverify_ssl = true\n\n'
    '[packages]\nleft-pad = ">=1,<2"\n\n[dev-packages]\ntool = "==2.*"\n'
)


def _digest(path: str, text: str, lock: str) -> str:
    return manifests.parse(path, text.encode(), frozenset({path})).hashes_for(lock)[0]


def _file(name: str, digest: str) -> str:
    return f'    {{file = "{name}", hash = "sha256:{digest}"}},\n'


def _poetry() -> str:
    def package(name: str, version: str, group: str, digest: str) -> str:
        file = name.replace("-", "_")
        return (
            f'[[package]]\nname = "{name}"\nversion = "{version}"\noptional = false\ngroups = ["{group}"]\nfiles = [\n'
            f"{_file(f'{file}-{version}-py3-none-any.whl', digest)}{_file(f'{file}-{version}.tar.gz', digest)}]\n\n"
        )

    return (
        package("left-pad", "1.3.0", "main", A)
        + package("tool", "2.1", "dev", B)
        + '[metadata]\nlock-version = "2.1"\npython-versions = "*"\n'
        f'content-hash = "{_digest("pyproject.toml", PROJECT, "poetry.lock")}"\n'
    )


def _pdm() -> str:
    def package(name: str, version: str, group: str, digest: str) -> str:
        file = name.replace("-", "_")
        return (
            f'[[package]]\nname = "{name}"\nversion = "{version}"\ngroups = ["{group}"]\nfiles = [\n'
            f"{_file(f'{file}-{version}-py3-none-any.whl', digest)}{_file(f'{file}-{version}.tar.gz', digest)}]\n\n"
        )

    return (
        '[metadata]\ngroups = ["default", "dev"]\nstrategy = ["inherit_metadata"]\nlock_version = "4.5.1"\n'
        f'content_hash = "{_digest("pyproject.toml", PROJECT, "pdm.lock")}"\n\n'
        + package("left-pad", "1.3.0", "default", A)
        + package("tool", "2.1", "dev", B)
    )


def _pylock() -> str:
    def package(name: str, version: str, digest: str) -> str:
        base = f"https://{FILES}/packages/{name.replace('-', '_')}-{version}"
        return (
            f'[[packages]]\nname = "{name}"\nversion = "{version}"\nindex = "https://{INDEX}/simple"\n'
            f'sdist = {{ url = "{base}.tar.gz", upload-time = 2024-05-01T10:00:00Z, size = 9, '
            f'hashes = {{ sha256 = "{digest}" }} }}\n'
            f'wheels = [{{ url = "{base}-py3-none-any.whl", hashes = {{ sha256 = "{digest}" }} }}]\n\n'
        )

    return 'lock-version = "1.0"\ncreated-by = "tool"\n\n' + package("left-pad", "1.3.0", A) + package("tool", "2.1", B)


def _pipfile() -> str:
    state = _digest("Pipfile", PIPFILE, "Pipfile.lock")
    return (
        f'{{\n    "_meta": {{\n        "hash": {{\n            "sha256": "{state}"\n'
        '        },\n        "pipfile-spec": 6,\n        "requires": {},\n        "sources": [\n            {\n'
        f'                "name": "pypi",\n                "url": "https://{INDEX}/simple",\n'
        '                "verify_ssl": true\n            }\n        ]\n    },\n    "default": {\n'
        f'        "left-pad": {{\n            "hashes": [\n                "sha256:{A}"\n            ],\n'
        '            "index": "pypi",\n            "version": "==1.3.0"\n        }\n    },\n    "develop": {\n'
        f'        "tool": {{\n            "hashes": [\n                "sha256:{B}"\n            ],\n'
        '            "index": "pypi",\n            "version": "==2.1"\n        }\n    }\n}\n'
    )


COURTS = {
    "poetry": Court("poetry.lock", _poetry(), "pyproject.toml", PROJECT),
    "pdm": Court("pdm.lock", _pdm(), "pyproject.toml", PROJECT),
    "pylock": Court("pylock.toml", _pylock(), "pyproject.toml", PROJECT),
    "pipfile": Court("Pipfile.lock", _pipfile(), "Pipfile", PIPFILE),
}


def swap(before: str, after: str) -> Callable[[str], str]:
    return lambda text: text.replace(before, after, 1)


def source(line: str) -> Callable[[str], str]:
    """The first package comes from elsewhere."""
    return lambda text: text.replace("files = [", f"{line}\nfiles = [", 1)


def legacy(kind: str, url: str, ref: str = "") -> Callable[[str], str]:
    more = f'resolved_reference = "{ref}"\n' if ref else ""
    return swap(
        '[[package]]\nname = "tool"',
        f'[package.source]\ntype = "{kind}"\nurl = "{url}"\n{more}\n[[package]]\nname = "tool"',
    )


def drop(start: str, end: str) -> Callable[[str], str]:
    return lambda text: text[: text.index(start)] + text[text.index(end, text.index(start)) :]


EVERY: dict[str, Poison] = {
    "no version": (swap('version = "1.3.0"\n', ""), "package-unpinned"),
    "a word for a version": (swap('version = "1.3.0"', 'version = "latest"'), "package-unpinned"),
    "a range for a version": (swap('version = "1.3.0"', 'version = ">=1"'), "package-unpinned"),
    "a name in another script": (swap('name = "left-pad"', 'name = "l\u0435ft-pad"'), "malformed"),
    "a name that reorders": (swap('name = "left-pad"', 'name = "left\u202epad"'), "malformed"),
    "a key twice": (swap('name = "left-pad"', 'name = "left-pad"\nname = "evil"'), "malformed"),
    "conflict markers": (lambda text: f"<<<<<<< ours\n{text}", "malformed"),
    "two hashes for a version": (lambda text: text + _second(text), "hash-conflict"),
}
POETRY: dict[str, Poison] = {
    **EVERY,
    "another package": (swap("left_pad-1.3.0.tar", "evil-1.3.0.tar"), "url-mismatch"),
    "another version": (swap("left_pad-1.3.0-py3", "left_pad-1.2.0-py3"), "url-mismatch"),
    "no file name of a package": (swap("left_pad-1.3.0.tar.gz", "download"), "url-mismatch"),
    "another index": (legacy("legacy", "https://evil.example/simple"), "source-not-allowed"),
    "an index over http": (legacy("legacy", f"http://{INDEX}/simple"), "source-not-allowed"),
    "an index with a user": (legacy("legacy", f"https://{INDEX}@evil.example/simple"), "source-not-allowed"),
    "an index by number": (legacy("legacy", "https://203.0.113.9/simple"), "source-not-allowed"),
    "a branch": (legacy("git", "https://git.example/x", "main"), "package-unpinned"),
    "a commit of a host not named": (legacy("git", "https://git.example/x", "0" * 40), "source-not-allowed"),
    "a folder outside": (legacy("directory", "../../x"), "source-not-allowed"),
    "no files": (drop("files = [", "[[package]]"), "package-unhashed"),
    "one file without hash": (swap(f'", hash = "sha256:{A}"', '"'), "package-unhashed"),
    "a broken hash": (swap(f"sha256:{A}", "sha256:abc"), "hash-malformed"),
    "a weak hash": (swap(f"sha256:{A}", "md5:" + "a" * 32), "hash-weak"),
    "another state of the manifest": (swap('content-hash = "', 'content-hash = "0'), "lock-stale"),
    "a version outside the range": (lambda text: text.replace("1.3.0", "2.3.0"), "lock-stale"),
    "a dependency that is gone": (drop('[[package]]\nname = "left-pad"', '[[package]]\nname = "tool"'), "lock-stale"),
    "nothing": (drop("[[package]]", "[metadata]"), "lock-empty"),
    "another format version": (swap('lock-version = "2.1"', 'lock-version = "9.0"'), "lock-unsupported"),
    "no format version": (swap('lock-version = "2.1"\n', ""), "lock-malformed"),
}
PDM: dict[str, Poison] = {
    **EVERY,
    "another package": (swap("left_pad-1.3.0.tar", "evil-1.3.0.tar"), "url-mismatch"),
    "another version": (swap("left_pad-1.3.0-py3", "left_pad-1.2.0-py3"), "url-mismatch"),
    "an address of another package": (
        swap('file = "left_pad-1.3.0.tar.gz"', f'url = "https://{FILES}/evil-1.3.0.tar.gz"'),
        "url-mismatch",
    ),
    "another host": (
        swap('file = "left_pad-1.3.0.tar.gz"', 'url = "https://evil.example/left_pad-1.3.0.tar.gz"'),
        "source-not-allowed",
    ),
    "http": (
        swap('file = "left_pad-1.3.0.tar.gz"', f'url = "http://{FILES}/left_pad-1.3.0.tar.gz"'),
        "source-not-allowed",
    ),
    "userinfo": (
        swap('file = "left_pad-1.3.0.tar.gz"', f'url = "https://{FILES}@evil.example/left_pad-1.3.0.tar.gz"'),
        "source-not-allowed",
    ),
    "a branch": (source('git = "https://git.example/x"\nrevision = "main"'), "package-unpinned"),
    "a commit of a host not named": (
        source(f'git = "https://git.example/x"\nrevision = "{"0" * 40}"'),
        "source-not-allowed",
    ),
    "an address": (source('url = "https://evil.example/left_pad-1.3.0.tar.gz"'), "source-not-allowed"),
    "a folder outside": (source('path = "../../x"'), "source-not-allowed"),
    "no files": (drop("files = [", "[[package]]"), "package-unhashed"),
    "one file without hash": (swap(f'", hash = "sha256:{A}"', '"'), "package-unhashed"),
    "a broken hash": (swap(f"sha256:{A}", "sha256:abc"), "hash-malformed"),
    "a weak hash": (swap(f"sha256:{A}", "md5:" + "a" * 32), "hash-weak"),
    "another state of the manifest": (swap('content_hash = "sha256:', 'content_hash = "sha256:0'), "lock-stale"),
    "no state of the manifest": (drop("content_hash", "\n[[package]]"), "lock-stale"),
    "a version outside the range": (lambda text: text.replace("1.3.0", "2.3.0"), "lock-stale"),
    "a dependency that is gone": (drop('[[package]]\nname = "left-pad"', '[[package]]\nname = "tool"'), "lock-stale"),
    "nothing": (lambda text: text[: text.index("[[package]]")], "lock-empty"),
    "another format version": (swap('"4.5.1"', '"5.0"'), "lock-unsupported"),
    "no format version": (swap('lock_version = "4.5.1"\n', ""), "lock-malformed"),
}
PYLOCK: dict[str, Poison] = {
    **EVERY,
    "no version": (swap('version = "1.3.0"\n', ""), "package-unpinned"),
    "a word for a version": (swap('version = "1.3.0"', 'version = "latest"'), "malformed"),
    "a range for a version": (swap('version = "1.3.0"', 'version = ">=1"'), "malformed"),
    "another package": (swap("left_pad-1.3.0.tar", "evil-1.3.0.tar"), "malformed"),
    "another package under a name": (
        lambda text: text.replace('left_pad-1.3.0.tar.gz"', 'evil-1.3.0.zip", name = "left_pad-1.3.0.tar.gz"', 1),
        "url-mismatch",
    ),
    "another version": (swap("left_pad-1.3.0-py3", "left_pad-1.2.0-py3"), "malformed"),
    "another file host": (swap(FILES, "evil.example"), "source-not-allowed"),
    "another index": (swap(f"https://{INDEX}/simple", "https://evil.example/simple"), "source-not-allowed"),
    "http": (swap(f"https://{FILES}", f"http://{FILES}"), "source-not-allowed"),
    "userinfo": (swap(f"https://{FILES}", f"https://{FILES}@evil.example"), "source-not-allowed"),
    "a path outside": (swap(f'url = "https://{FILES}', 'path = "../..'), "source-not-allowed"),
    "a branch": (lambda text: text + _vcs("https://git.example/x", "main"), "package-unpinned"),
    "a commit of a host not named": (lambda text: text + _vcs("https://git.example/x", "0" * 40), "source-not-allowed"),
    "a broken hash": (swap(f'sha256 = "{A}"', 'sha256 = "abc"'), "hash-malformed"),
    "a weak hash": (lambda text: text.replace(f'sha256 = "{A}"', f'md5 = "{"a" * 32}"'), "hash-weak"),
    "no hash": (swap(f'hashes = {{ sha256 = "{A}" }}', "hashes = {}"), "malformed"),
    "a version outside the range": (lambda text: text.replace("1.3.0", "2.3.0"), "lock-stale"),
    "a dependency that is gone": (drop('[[packages]]\nname = "left-pad"', '[[packages]]\nname = "tool"'), "lock-stale"),
    "nothing": (lambda text: text[: text.index("[[packages]]")] + "packages = []\n", "lock-empty"),
    "another format version": (swap('lock-version = "1.0"', 'lock-version = "2.0"'), "lock-unsupported"),
    "no format version": (swap('lock-version = "1.0"\n', ""), "malformed"),
    "a file of nonsense time": (swap("2024-05-01T10:00:00Z", '"soon"'), "malformed"),
    "two hashes for a version": (
        lambda text: text + text[text.index("[[packages]]") : text.index('[[packages]]\nname = "tool"')].replace(A, B),
        "hash-conflict",
    ),
}
PIPENV: dict[str, Poison] = {
    "a range": (swap('"==1.3.0"', '">=1"'), "package-unpinned"),
    "any version": (swap('"==1.3.0"', '"*"'), "package-unpinned"),
    "no version": (swap(',\n            "version": "==1.3.0"', ""), "package-unpinned"),
    "another index": (swap(f"https://{INDEX}/simple", "https://evil.example/simple"), "source-not-allowed"),
    "an index over http": (swap(f"https://{INDEX}", f"http://{INDEX}"), "source-not-allowed"),
    "an index with a user": (swap(f"https://{INDEX}", f"https://{INDEX}@evil.example"), "source-not-allowed"),
    "an index from a variable": (swap(f"https://{INDEX}", "https://${HOST}"), "source-not-allowed"),
    "an index of any certificate": (swap('"verify_ssl": true', '"verify_ssl": false'), "source-not-allowed"),
    "an index nobody names": (swap('"index": "pypi"', '"index": "evil"'), "source-not-allowed"),
    "a branch": (swap('"index": "pypi"', '"git": "https://git.example/x", "ref": "main"'), "package-unpinned"),
    "a commit of a host not named": (
        swap('"index": "pypi"', f'"git": "https://git.example/x", "ref": "{"0" * 40}"'),
        "source-not-allowed",
    ),
    "an address": (swap('"index": "pypi"', '"file": "https://evil.example/left-pad-1.3.0.zip"'), "source-not-allowed"),
    "an address of another package": (
        swap('"index": "pypi"', f'"file": "https://{FILES}/evil-1.3.0.tar.gz"'),
        "url-mismatch",
    ),
    "a folder outside": (swap('"index": "pypi"', '"path": "../../x"'), "source-not-allowed"),
    "no hash": (swap(f'\n                "sha256:{A}"\n            ', ""), "package-unhashed"),
    "a broken hash": (swap(f"sha256:{A}", "sha256:AAAA"), "hash-malformed"),
    "a weak hash": (swap(f"sha256:{A}", "md5:" + "a" * 32), "hash-weak"),
    "another state of the manifest": (swap('"sha256": "', '"sha256": "0'), "lock-stale"),
    "a version outside the range": (swap("==1.3.0", "==2.3.0"), "lock-stale"),
    "a dependency that is gone": (drop('        "left-pad"', '    },\n    "develop"'), "lock-stale"),
    "another format version": (swap('"pipfile-spec": 6', '"pipfile-spec": 7'), "lock-unsupported"),
    "no format version": (swap('        "pipfile-spec": 6,\n', ""), "lock-malformed"),
    "nothing": (lambda text: text[: text.index('    "default"')] + '    "default": {}, "develop": {}\n}', "lock-empty"),
    "a name in another script": (swap('"left-pad"', '"l\u0435ft-pad"'), "malformed"),
    "a key twice": (swap('"left-pad": {', '"left-pad": {}, "left-pad": {'), "malformed"),
    "conflict markers": (lambda text: f"<<<<<<< ours\n{text}", "malformed"),
    "two hashes for a version": (
        lambda text: text.replace(
            '"tool": {', f'"left-pad": {{"hashes": ["sha256:{B}"], "version": "==1.3.0"}}, "tool": {{'
        ),
        "hash-conflict",
    ),
}
MATRIX = {"poetry": POETRY, "pdm": PDM, "pylock": PYLOCK, "pipfile": PIPENV}


def _second(text: str) -> str:
    """The first package once more, with other hashes."""
    first = text[text.index("[[package]]") : text.index('[[package]]\nname = "tool"')]
    return first.replace(A, B)


def _vcs(url: str, commit: str) -> str:
    return f'[[packages]]\nname = "x"\nvcs = {{ type = "git", url = "{url}", commit-id = "{commit}" }}\n'


@pytest.mark.parametrize("name", COURTS)
def test_a_clean_lock_gives_no_finding(name: str) -> None:
    assert COURTS[name].rules(COURTS[name].text) == []


@pytest.mark.parametrize(("court", "poison"), [(name, poison) for name, cells in MATRIX.items() for poison in cells])
def test_a_poisoned_lock_is_found_out(court: str, poison: str) -> None:
    spoil, rule = MATRIX[court][poison]
    bench = COURTS[court]
    after = spoil(bench.text)
    assert after != bench.text
    if rule == "malformed":
        with pytest.raises(FormatError):
            bench.rules(after)
    else:
        assert rule in bench.rules(after)


def test_the_locks_of_the_real_tools_are_clean() -> None:
    data = {path: (DATA / path).read_text() for path in ("pipenv/Pipfile.toml", "pipenv/categories.json")}
    files: dict[str, bytes | str] = {
        "Pipfile": data["pipenv/Pipfile.toml"],
        "Pipfile.lock": data["pipenv/categories.json"],
    }
    assert judge(files, Allowed(frozenset({"index.example"}))) == []
    files = {
        "pyproject.toml": (DATA / "pdm/manifest.toml").read_text(),
        "pdm.lock": (DATA / "pdm/extras.lock").read_text(),
    }
    assert judge(files) == []


def test_a_digest_that_hangs_on_more_than_the_manifest_is_said_not_to_be_compared() -> None:
    asks = PROJECT + '[tool.pdm.workspace]\nmembers = ["a"]\n'
    assert ids(judge({"pyproject.toml": asks, "pdm.lock": COURTS["pdm"].text})) == ["lock-uncompared"]


def test_inputs_in_the_place_of_a_digest_are_said_not_to_be_compared_and_versions_are() -> None:
    bench = COURTS["pdm"]
    start = bench.text.index("content_hash")
    text = bench.text[:start] + "lock_inputs = {}\n" + bench.text[bench.text.index("\n", start) + 1 :]
    assert bench.rules(text) == ["lock-uncompared"]
    assert bench.rules(text.replace("1.3.0", "2.3.0")) == ["lock-stale", "lock-uncompared"]


def test_pipenvs_lock_serves_another_manifest_where_there_is_nothing_else() -> None:
    files: dict[str, bytes | str] = {
        "pyproject.toml": PROJECT,
        "Pipfile": PIPFILE,
        "Pipfile.lock": COURTS["pipfile"].text,
    }
    assert judge(files) == []
    files["pyproject.toml"] = PROJECT.replace(">=1,<2", ">=2")
    assert [(one.rule, one.about) for one in judge(files)] == [("lock-stale", "pyproject.toml#left-pad")]


@pytest.mark.parametrize(
    ("setting", "gone"), [('overrides = {left-pad = "9"}', False), ('excludes = ["left-pad"]', True)]
)
def test_what_the_project_overrides_need_not_be_what_it_asks_for(setting: str, gone: bool) -> None:
    asks = PROJECT + f"[tool.pdm.resolution]\n{setting}\n"
    text = COURTS["pdm"].text.replace("1.3.0", "9.0.0")
    if gone:
        text = drop('[[package]]\nname = "left-pad"', '[[package]]\nname = "tool"')(text)
    before, after = (_digest("pyproject.toml", one, "pdm.lock") for one in (PROJECT, asks))
    assert judge({"pyproject.toml": asks, "pdm.lock": text.replace(before, after)}) == []
    assert "lock-stale" in ids(judge({"pyproject.toml": PROJECT, "pdm.lock": text}))
