"""Requirement files that include each other are read whole, and as one run of pip reads them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats.locks import included, requirements
from tidegate.model.package import LockFile

OURS = "https://index.example/simple"


def read(files: dict[str, str]) -> dict[str, LockFile]:
    """As the inventory reads a tree: by name, then what is included, then settled."""
    named = [requirements.parse(path, text.encode()) for path, text in files.items() if requirements.matches(path)]
    more, problems = included.further(named, files, (), lambda path: files[path].encode())
    assert not problems
    return {lock.path: lock for lock in included.settled([*named, *more])}


def hosts(lock: LockFile) -> set[str]:
    return {package.source.host for package in lock.packages}


def test_a_file_is_read_because_it_is_included_whatever_its_name() -> None:
    locks = read(
        {"requirements.txt": "-r deps/base.list\n", "deps/base.list": "-r more\nx==1\n", "deps/more": "y==2\n"}
    )
    assert [one.name for one in locks["deps/more"].packages] == ["y"]
    assert set(locks) == {"requirements.txt", "deps/base.list", "deps/more"}


def test_files_that_are_not_there_are_not_read_and_circles_end() -> None:
    locks = read({"requirements.txt": "-r gone.list\n-r a.list\n", "a.list": "-r requirements.txt\n-r a.list\nx==1\n"})
    assert set(locks) == {"requirements.txt", "a.list"}


def test_an_included_file_that_cannot_be_read_is_a_problem() -> None:
    top = requirements.parse("requirements.txt", b"-r a.list\n-r b.list\n")
    more, problems = included.further([top], ("a.list", "b.list"), ("b.list",), lambda _: b"x==\xff\n")
    assert more == []
    assert [(one.rule, one.about) for one in problems] == [("lock-malformed", "a.list")]


def test_the_number_of_included_files_is_bounded() -> None:
    def fetch(path: str) -> bytes:
        return f"-r {int(path) + 1}\n".encode()

    top = requirements.parse("requirements.txt", b"-r 0\n")
    more, problems = included.further([top], frozenset(map(str, range(5000))), (), fetch)
    assert len(more) == included.MAX_INCLUDED
    assert [one.rule for one in problems] == ["lock-malformed"]


def test_the_index_of_a_file_is_that_of_the_files_it_includes() -> None:
    locks = read({"requirements.txt": f"-i {OURS}\n-r base.list\nx==1\n", "base.list": "y==1\n"})
    assert hosts(locks["base.list"]) == {"index.example"}
    assert not any(package.source.public for lock in locks.values() for package in lock.packages)


def test_and_that_of_the_file_which_includes_it() -> None:
    locks = read({"requirements.txt": "-r base.list\nx==1\n", "base.list": f"-i {OURS}\n"})
    assert hosts(locks["requirements.txt"]) == {"index.example"}


def test_a_file_of_several_runs_with_several_indexes_is_mixed() -> None:
    files = {
        "requirements.txt": f"-i {OURS}\n-r base.list\n",
        "requirements-dev.txt": "-r base.list\n",
        "base.list": "x==1\n",
    }
    locks = read(files)
    assert [one.rule for one in locks["base.list"].problems] == ["index-mixed"]
    assert locks["requirements-dev.txt"].problems == ()


def test_files_that_name_two_indexes_are_mixed() -> None:
    locks = read({"requirements.txt": f"-i {OURS}\n-r base.list\nx==1\n", "base.list": "-i https://b.example\ny==1\n"})
    assert {one.rule for lock in locks.values() for one in lock.problems} == {"index-mixed"}


def test_files_that_stand_alone_stay_as_they_are() -> None:
    locks = read(
        {"requirements.txt": "-r base.list\nx==1\n", "base.list": "y==1\n", "a/requirements.txt": f"-i {OURS}\n"}
    )
    assert all(package.source.public for lock in locks.values() for package in lock.packages)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=12))
@settings(max_examples=60, deadline=None)
def test_any_web_of_files_is_settled(web: list[tuple[int, int, bool]]) -> None:
    files = {f"requirements-{number}.txt": f"p{number}==1\n" for number in range(6)}
    for one, other, index in web:
        files[f"requirements-{one}.txt"] += f"-r requirements-{other}.txt\n" + (f"-i {OURS}\n" if index else "")
    locks = read(files)
    assert set(locks) == set(files)
    for lock in locks.values():
        if lock.indexes:
            assert hosts(lock) == {"index.example"}


def test_a_constraining_file_is_read_for_its_options_and_addresses() -> None:
    files = {
        "requirements.txt": "-c limits\nx==1\n",
        "limits": "-r more\ny==1\nz @ https://evil.example/z-1.0.tar.gz\n--extra-index-url https://evil.example\n",
        "more": "v>1\n",
    }
    locks = read(files)
    assert [one.name for one in locks["limits"].packages] == ["z"]
    assert [one.rule for one in locks["limits"].problems] == ["index-mixed"]
    assert (locks["more"].packages, locks["more"].format) == ((), "constraints.txt")


def test_an_index_of_a_constraining_file_counts_for_all() -> None:
    locks = read({"requirements.txt": "-c limits\nx==1\n", "limits": f"-i {OURS}\n"})
    assert hosts(locks["requirements.txt"]) == {"index.example"}


def test_a_file_that_installs_and_constrains_is_read_for_what_it_installs() -> None:
    locks = read({"requirements.txt": "-c both\n-r both\n", "both": "x==1\n"})
    assert [one.name for one in locks["both"].packages] == ["x"]


def test_a_constraining_file_outside_is_a_problem() -> None:
    lock = requirements.parse("requirements.txt", b"-c ../../limits\n-c https://evil.example/limits\nx==1\n")
    assert [one.rule for one in lock.problems] == ["source-not-allowed"] * 2
    assert lock.constraints == ()


def test_a_digest_in_an_address_counts_as_a_hash() -> None:
    digest = "a" * 64
    raw = f"x @ https://files.example/x-1.0.tar.gz#sha256={digest}\nhttps://files.example/y-1.0.zip#sha256={digest}\n"
    lock = requirements.parse("requirements.txt", raw.encode())
    assert [str(package.hashes[0]) for package in lock.packages] == [f"sha256:{digest}"] * 2
    weak = requirements.parse("requirements.txt", b"x @ https://files.example/x-1.0.tar.gz#egg=x\n")
    assert weak.packages[0].hashes == ()


def test_only_format_errors_are_folded() -> None:
    top = requirements.parse("requirements.txt", b"-r a.list\n")

    def refuse(path: str) -> bytes:
        raise FormatError(f"{path} is a link")

    _, problems = included.further([top], ("a.list",), (), refuse)
    assert [one.message for one in problems] == ["a.list is a link"]
