"""What Python locks say of each file is kept: its name, address, digest, size and when it was uploaded."""

import pytest

from support.locks import DATA
from tidegate.formats.locks import pdm, poetry, pylock, python_files, requirements, uv
from tidegate.model.package import File, Locked, file_name

HASH = "a" * 64
UV = (
    'version = 1\nrevision = 5\n[[package]]\nname = "x"\nversion = "1.0"\nsource = { registry = "https://i.example" }\n'
    f'sdist = {{ url = "https://f.example/a/x-1.0%2Bl.tar.gz", hash = "sha256:{HASH}", size = 7, '
    'upload-time = "2024-05-01T10:00:00.123Z" }\nwheels = [\n'
    f'    {{ url = "https://f.example/b/x-1.0-py3-none-any.whl", hash = "sha256:{HASH}", '
    'upload-time = "2024-06-01T10:00:00Z" },\n]\n'
)
PYLOCK = (
    'lock-version = "1.0"\ncreated-by = "hand"\n[[packages]]\nname = "x"\nversion = "1.0"\n'
    '[[packages.attestation-identities]]\nkind = "GitHub"\nrepository = "a/b"\n'
    f'[packages.sdist]\nurl = "https://f.example/x-1.0.tar.gz"\nupload-time = 2024-05-01T12:00:00+02:00\nsize = 7\n'
    f'hashes = {{ sha256 = "{HASH}" }}\n[[packages.wheels]]\nname = "x-1.0-py3-none-any.whl"\n'
    f'url = "https://f.example/download"\nhashes = {{ sha256 = "{HASH}" }}\n'
)


def only(packages: tuple[Locked, ...]) -> Locked:
    (package,) = packages
    return package


def test_uv_gives_every_field() -> None:
    package = only(uv.parse("uv.lock", UV.encode()).packages)
    sdist, wheel = package.files
    assert (sdist.name, sdist.size, sdist.uploaded) == ("x-1.0+l.tar.gz", 7, "2024-05-01T10:00:00.123Z")
    assert (wheel.name, wheel.size) == ("x-1.0-py3-none-any.whl", None)
    assert [str(file.hashes[0]) for file in package.files] == [f"sha256:{HASH}"] * 2
    assert package.uploaded == "2024-06-01T10:00:00Z"
    assert uv.parse("uv.lock", UV.encode()).version == "1"


def test_a_package_with_a_file_of_unknown_age_has_none() -> None:
    raw = UV.replace(', upload-time = "2024-06-01T10:00:00Z"', "")
    assert only(uv.parse("uv.lock", raw.encode()).packages).uploaded == ""


def test_pylock_gives_every_field_and_tolerates_attestations() -> None:
    lock = pylock.parse("pylock.toml", PYLOCK.encode())
    sdist, wheel = only(lock.packages).files
    assert (sdist.name, sdist.size, sdist.uploaded) == ("x-1.0.tar.gz", 7, "2024-05-01T10:00:00Z")
    assert (wheel.name, wheel.url, wheel.uploaded) == ("x-1.0-py3-none-any.whl", "https://f.example/download", "")
    assert (lock.problems, lock.version) == ((), "1.0")


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_time_at_the_ends_of_time_is_not_said(time: str) -> None:
    lock = pylock.parse("pylock.toml", PYLOCK.replace("2024-05-01T12:00:00+02:00", time).encode())
    assert only(lock.packages).files[0].uploaded == ""


def test_poetry_gives_file_names_and_what_the_project_asks_for() -> None:
    raw = (DATA / "poetry/multiple-packages.v2.lock").read_bytes()
    asks = b"[tool.poetry.dependencies]\nFaker = '*'\n[tool.poetry.group.d.dependencies]\nfactory_boy = '*'\n"
    lock = poetry.parse_with("a/poetry.lock", raw, {"a/pyproject.toml": asks})
    assert {one.name for one in lock.packages if one.direct} == {"faker", "factory-boy"}
    assert all(file.name and file.hashes for one in lock.packages for file in one.files)
    assert not any(one.direct for one in poetry.parse_with("poetry.lock", raw, {"pyproject.toml": b"\xff"}).packages)
    assert lock.version.startswith("2.")


def test_files_of_all_versions_go_without_their_names() -> None:
    lock = poetry.parse("poetry.lock", (DATA / "poetry/multi-constraint.v1.lock").read_bytes())
    assert not any(file.name for one in lock.packages for file in one.files)


@pytest.mark.parametrize(
    ("asks", "names"),
    [
        (b"[project]\ndependencies = ['A_b>1', 'c[x]']\n[project.optional-dependencies]\ne = ['d']\n", "a-b c d"),
        (b"[dependency-groups]\ne = ['a', {include-group = 'f'}]\nf = []\n", "a"),
        (b"[tool.pdm.dev-dependencies]\ne = ['a', '-e file:///x#egg=b']\n", "a"),
        (b"[tool.poetry.dependencies]\npython = '*'\na = [{version = '1'}, {version = '2'}]\n", "a python"),
        (b"[project]\ndependencies = 1\n", ""),
        (b"[project]\ndependencies = [1, ' ']\n", ""),
        (b"project = 1\ntool = []\n", ""),
    ],
)
def test_names_asked_for_are_found_wherever_they_stand(asks: bytes, names: str) -> None:
    assert sorted(python_files.direct_names(asks)) == names.split()


def test_a_size_that_is_none_is_left_out() -> None:
    assert [python_files.size(value) for value in (3, 0, -1, True, "3", None, 1.5)] == [
        3,
        0,
        None,
        None,
        None,
        None,
        None,
    ]


def test_file_names_end_addresses() -> None:
    assert file_name("https://f.example/a/x.whl?y=/z#sha256=1/2") == "x.whl"
    assert file_name("x.whl") == "x.whl"


def test_an_address_in_a_requirements_file_has_its_digest() -> None:
    raw = f"x @ https://f.example/x-1.0.tar.gz --hash=sha256:{HASH}\n"
    package = only(requirements.parse("requirements.txt", raw.encode()).packages)
    assert package.files == (File(url="https://f.example/x-1.0.tar.gz", hashes=package.hashes),)


def test_pdm_gives_a_name_for_an_address() -> None:
    raw = (
        '[metadata]\nlock_version = "4.5.1"\ncontent_hash = "x"\n[[package]]\nname = "x"\nversion = "1.0"\n'
        f'files = [{{url = "https://f.example/x-1.0.tar.gz#frag", hash = "sha256:{HASH}"}}]\n'
    )
    assert only(pdm.parse("pdm.lock", raw.encode()).packages).files[0].name == "x-1.0.tar.gz"
