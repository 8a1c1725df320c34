"""Manifests say what they ask for, and which lockfiles beside them may answer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from support.locks import UV_MANIFEST
from support.manifests import package, parse, project
from tidegate.errors import FormatError
from tidegate.formats.locks import table as locks
from tidegate.formats.manifests import package_json, poetry_table, pyproject, table


@pytest.mark.parametrize(
    "path",
    [
        "pyproject.toml",
        "a/package.json",
        "requirements.in",
        "requirements/dev.in",
        "setup.py",
        "a/setup.cfg",
        "Pipfile",
    ],
)
def test_these_are_manifests(path: str) -> None:
    assert table.is_manifest(path)
    assert locks.reader_for(path) is None


@pytest.mark.parametrize(
    "path", ["package-lock.json", "a/requirements.txt", "pyproject.toml.bak", "x.in", "pubspec.yaml"]
)
def test_these_are_none(path: str) -> None:
    assert not table.is_manifest(path)
    with pytest.raises(FormatError):
        parse(path, b"")


def test_a_project_asks_with_extras_and_groups() -> None:
    manifest = parse("pyproject.toml", UV_MANIFEST)
    assert manifest.requires == ("Left_Pad<2,>=1.0",)
    assert manifest.optional == ('extra ; extra == "more"', "tool==2.*")
    assert (manifest.name, manifest.version, manifest.dynamic) == ("app", "0.1.0", False)


def test_everything_asked_for_is_a_requirement_others_can_read() -> None:
    text = (
        '[project]\nname = "a"\ndependencies = ["g", "w", "u>=1; os_name == \'nt\'", "both", "i"]\n'
        "[tool.uv.sources]\ng = { git = 'https://git.example/g' }\nw = { workspace = true }\nu = { path = '../u' }\n"
        "both = [{ index = 'x', marker = 'a' }, { url = 'https://f.example/b.whl' }]\ni = { index = 'x' }\n"
    )
    requires = project(text).requires
    assert [Requirement(one).url for one in requires] == [
        "git:https://git.example/g",
        "workspace:true",
        "path:../u",
        None,
        "url:https://f.example/b.whl",
        None,
    ]
    assert str(Requirement(requires[2]).marker) == 'os_name == "nt"'


def test_a_tool_configuration_asks_for_nothing() -> None:
    manifest = project("[tool.black]\nline-length = 100\n[build-system]\nrequires = ['x']\n", "pdm.lock")
    assert (manifest.requires, manifest.optional, manifest.dynamic, manifest.problems) == ((), (), False, ())


def test_computed_dependencies_are_said_to_be() -> None:
    assert project('[project]\nname = "a"\ndynamic = ["dependencies"]\n').dynamic
    assert not project('[project]\nname = "a"\ndynamic = ["version"]\n').dynamic
    assert not project('[project]\ndynamic = ["dependencies"]\n[tool.poetry.dependencies]\nx = "1"\n').dynamic


def test_overridden_names_are_told() -> None:
    text = '[tool.uv]\noverride-dependencies = ["Left_Pad==2", { name = "x" }]\n'
    assert project(text).overrides == ("left-pad", "x")
    with pytest.raises(FormatError):
        project("[tool.uv]\noverride-dependencies = ['!']\n")


def test_poetry_asks_in_its_own_table() -> None:
    manifest = project(
        '[tool.poetry]\nname = "a"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.9"\nx = "^1.2"\n'
        'y = { version = "~2.0", extras = ["z"], optional = true }\ng = { git = "https://git.example/g" }\n'
        '[tool.poetry.group.dev.dependencies]\nt = "*"\n[tool.poetry.dev-dependencies]\no = "1.0"\n'
    )
    assert manifest.requires == ("x>=1.2,<2", "g @ git:https://git.example/g")
    assert manifest.optional == ("y[z]>=2.0,<2.1", "t", "o==1.0")
    assert (manifest.name, manifest.version) == ("a", "1")


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("*", ""),
        ("", ""),
        ("1.2.3", "==1.2.3"),
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        (">=1.0, <2", ">=1.0,<2"),
        ("~=1.4", "~=1.4"),
        ("=1.0", "==1.0"),
        ("1.*", "==1.*"),
        ("^1 || ^2", ""),
        ("nonsense", ""),
    ],
)
def test_poetry_constraints_are_translated_or_left_open(constraint: str, expected: str) -> None:
    assert poetry_table.specifier(constraint) == expected


POETRY = (
    '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.9"\n'
    'x = { version = "^1", extras = ["y"] }\n[tool.poetry.group.dev.dependencies]\nt = "*"\n'
)


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (POETRY, "6e233b01586591deaff95cef5844cc0d3335fce889d9c40ed1a7e1cf8798bd11"),
        (
            '[project]\nrequires-python = ">=3.9"\ndependencies = ["x>=1"]\n[tool.poetry]\npackage-mode = false\n',
            "475d28424d0599fffaf1fd215ef5229afb1c838c99fc62458e9572f30e046bd7",
        ),
        (
            '[project]\ndependencies = ["x"]\n[dependency-groups]\ndev = ["t", { include-group = "o" }]\n',
            "5240d4f9548a729d9810b9fd3f70ea5c4dbb5a29b48e3a76f21e1049ae4adc77",
        ),
        ("[tool.x]\n", "115cf985d932e9bf5f540555bbdd75decbb62cac81e399375fc19f6277f8c1d8"),
    ],
)
def test_the_content_hash_is_what_poetry_computes(text: str, digest: str) -> None:
    assert project(text).content_hash == digest


def test_a_package_asks_with_four_tables() -> None:
    manifest = package(
        {
            "name": "a",
            "version": "1.0.0",
            "dependencies": {"x": "^1", "@s/y": "*", "o": "2"},
            "optionalDependencies": {"o": "3"},
            "devDependencies": {"d": "npm:real@1"},
            "peerDependencies": {"p": ">=1"},
        }
    )
    assert manifest.requires == ("@s/y@*", "o@3", "x@^1")
    assert manifest.optional == ("d@npm:real@1", "p@>=1")


def test_a_compiled_requirements_file_is_served_by_its_namesake() -> None:
    text = "# c\n-r base.in\n-c c.txt\nx>=1 # why\ny ; os_name == 'nt'\n-e .\n./sub\nz==1 --hash=sha256:aa\n"
    manifest = parse("requirements/dev.in", text, "requirements/dev.txt", "requirements/base.txt", "requirements.txt")
    assert manifest.requires == ("x>=1", "y ; os_name == 'nt'", "z==1")
    assert manifest.locks == ("requirements/dev.txt",)
    assert parse("requirements.in", "x", "pylock.toml").locks == ("pylock.toml",)


def test_setup_cfg_is_read() -> None:
    text = (
        "[metadata]\nname = a\n[options]\ninstall_requires =\n  x>=1\n  # no\n  y; os_name == 'nt'\n"
        "[options.extras_require]\nt = pytest\n"
    )
    manifest = parse("setup.cfg", text, "requirements.txt")
    assert manifest.requires == ("x>=1", "y; os_name == 'nt'")
    assert manifest.optional == ("pytest",)
    assert manifest.locks == ("requirements.txt",)
    assert parse("setup.cfg", "[flake8]\nmax-line-length = 100\n").requires == ()


def test_setup_py_is_never_run_and_counts_as_asking_unless_it_is_a_stub() -> None:
    bomb = "import os\nos.abort()\n"
    assert parse("setup.py", bomb).dynamic
    assert not parse("setup.py", "#!/usr/bin/env python\nfrom setuptools import setup\n\nsetup()\n").dynamic
    assert not parse(
        "setup.py", '"""Doc."""\nimport setuptools\nif __name__ == "__main__":\n    setuptools.setup()\n'
    ).dynamic
    assert not parse("setup.py", "ext_modules = []\nsetup(ext_modules=ext_modules)\n", "pyproject.toml").dynamic
    assert parse("setup.py", "setup(install_requires=['x'])\n", "pyproject.toml").dynamic


def test_a_pipfile_says_what_each_category_asks_for() -> None:
    written = (
        '[packages]\nx = "*"\nY = {version = "1.2", extras = ["e"], markers = "os_name == \'nt\'"}\n'
        'z = {git = "https://git.example/z", ref = "main"}\nw = {version = "~=2.0", sys_platform = "== \'win32\'"}\n'
        'v = {version = "*", markers = "no marker"}\n[dev-packages]\nd = "<3"\n[docs]\ns = {path = "./s"}\n'
    )
    manifest = parse("a/Pipfile", written, "a/Pipfile.lock", "Pipfile.lock")
    assert manifest.requires == (
        "x",
        "Y[e]==1.2 ; (os_name == 'nt')",
        "z @ git:https://git.example/z",
        "w~=2.0 ; (sys_platform == 'win32')",
        "v ; python_version > '0'",
    )
    assert manifest.optional == ("d<3", "s @ path:./s")
    assert manifest.locks == ("a/Pipfile.lock",)


def test_a_pipfile_with_what_json_cannot_say_has_no_digest() -> None:
    assert parse("Pipfile", "[docs]\nx = {version = '*'}\n").hashes_for("Pipfile.lock")
    assert parse("Pipfile", "[requires]\nx = 2020-01-01\n").hashes_for("Pipfile.lock") == ()


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("pyproject.toml", b"[project]\ndependencies = 'x'\n"),
        ("pyproject.toml", b"[project]\ndependencies = ['x y']\n"),
        ("pyproject.toml", b"[project]\ndependencies = [1]\n"),
        ("pyproject.toml", b"[project.optional-dependencies]\na = ['!']\n"),
        ("pyproject.toml", b"[dependency-groups]\na = [{ x = 1 }]\n"),
        ("pyproject.toml", b"[dependency-groups]\na = 'x'\n"),
        ("pyproject.toml", b"project = 1\n"),
        ("pyproject.toml", b"[tool]\nuv = 1\n"),
        ("pyproject.toml", b"[tool.poetry.dependencies]\nx = 1\n"),
        ("pyproject.toml", b"[tool.poetry.dependencies]\n'x y' = '1'\n"),
        ("pyproject.toml", b"a = 1\na = 2\n"),
        ("pyproject.toml", b"\xff"),
        ("package.json", b"[]"),
        ("package.json", b'{"dependencies": [], "dependencies": {}}'),
        ("package.json", b'{"dependencies": {"x": 1}}'),
        ("package.json", b'{"name": 1}'),
        ("package.json", b"<<<<<<< ours\n{}"),
        ("requirements.in", b"x y z"),
        ("requirements.in", b"\0"),
        ("setup.cfg", b"no section"),
        ("setup.cfg", b"[options]\ninstall_requires =\n  x y\n"),
        ("setup.py", b"\xff"),
        ("Pipfile", b"packages = 1"),
    ],
)
def test_what_cannot_be_read_is_a_format_error(path: str, raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse(path, raw)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["pyproject.toml", "package.json", "requirements.in", "setup.cfg", "setup.py", "Pipfile"]),
    st.binary(max_size=60) | st.text("[project]\ndepnci=\"'x{},:;@#-", max_size=60).map(str.encode),
)
def test_any_bytes_are_read_or_refused_never_a_traceback(path: str, raw: bytes) -> None:
    try:
        manifest = parse(path, raw)
    except FormatError:
        return
    assert manifest.path == path


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ('[project]\nname = "a"\nlicense = "MIT"\n', "MIT"),
        ('[project]\nname = "a"\nlicense = {text = "BSD"}\n', "BSD"),
        ('[project]\nname = "a"\nlicense = {file = "LICENSE"}\n', ""),
        ('[tool.poetry]\nname = "a"\nlicense = "Apache-2.0"\n', "Apache-2.0"),
        ('[project]\nname = "a"\n', ""),
    ],
)
def test_a_pyproject_tells_its_licence(text: str, licence: str) -> None:
    assert pyproject.parse("pyproject.toml", text.encode(), frozenset()).licence == licence


@pytest.mark.parametrize(
    ("written", "licence"), [('"MIT"', "MIT"), ('{"type": "ISC"}', "ISC"), ("7", ""), ("[]", ""), ("null", "")]
)
def test_a_package_json_tells_its_licence(written: str, licence: str) -> None:
    raw = f'{{"name": "a", "license": {written}}}'.encode()
    assert package_json.parse("package.json", raw, frozenset()).licence == licence
