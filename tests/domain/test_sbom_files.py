"""Every file a lock records keeps its own digests, and nothing is claimed of files whose names nobody recorded."""

from support.stock import digest, locked
from tidegate.domain.sbom import files as module
from tidegate.domain.sbom.files import NAMELESS, files
from tidegate.formats.sbom_model import Download
from tidegate.model.digest import Digest
from tidegate.model.package import File, Locked

REF = "pkg:pypi/a@1"
WHEEL = "https://packages.example/a-1-py3-none-any.whl"
SDIST = "https://packages.example/a-1.tar.gz"


def package(*recorded: File, hashes: tuple[Digest, ...] = (), **more: object) -> Locked:
    return locked("a", "1", files=recorded, hashes=hashes, **more)


def test_each_file_has_its_own_digests() -> None:
    found = files(REF, [package(File(url=WHEEL, hashes=(digest("w"),)), File(url=SDIST, hashes=(digest("s"),)))])
    assert found.downloads == (
        Download(WHEEL, (digest("w"),), "a-1-py3-none-any.whl"),
        Download(SDIST, (digest("s"),), "a-1.tar.gz", "source-distribution"),
    )
    assert found.hashes == ()
    assert ("bsi:component:archive", "archive") in found.properties
    assert not any(name == "bsi:component:filename" for name, _ in found.properties)


def test_a_single_file_is_the_component_s_own() -> None:
    found = files(REF, [package(File(url=WHEEL), hashes=(digest("w"), Digest("sha512", "0" * 128)))])
    assert found.downloads == (Download(WHEEL, found.hashes, "a-1-py3-none-any.whl"),)
    assert set(found.hashes) == {digest("w"), Digest("sha512", "0" * 128)}
    assert dict(found.properties) == {
        "bsi:component:filename": "a-1-py3-none-any.whl",
        "bsi:component:archive": "archive",
        "bsi:component:structured": "structured",
        "bsi:component:executable": "non-executable",
    }


def test_files_known_by_name_alone_are_addressed_by_purl() -> None:
    found = files(
        REF, [package(File(name="a 1.whl", hashes=(digest("w"),)), File(name="a-1.zip", hashes=(digest("s"),)))]
    )
    assert [(each.url, each.comment) for each in found.downloads] == [
        ("pkg:pypi/a@1?file_name=a%201.whl", "a 1.whl"),
        ("pkg:pypi/a@1?file_name=a-1.zip", "a-1.zip"),
    ]


def test_two_locks_of_one_version_speak_of_the_same_files() -> None:
    named = package(
        File(name="a-1.tar.gz", hashes=(digest("s"),)), File(name="a-1-py3-none-any.whl", hashes=(digest("w"),))
    )
    placed = package(File(url=WHEEL, hashes=(digest("w"), Digest("md5", "0" * 32))))
    found = files(REF, [named, placed])
    assert [(each.url, len(each.hashes)) for each in found.downloads] == [
        (WHEEL, 2),
        ("pkg:pypi/a@1?file_name=a-1.tar.gz", 1),
    ]


def test_one_digest_an_algorithm_is_one_file_s() -> None:
    found = files(REF, [package(hashes=(digest("w"),))])
    assert (found.hashes, found.downloads) == ((digest("w"),), (Download(REF, (digest("w"),)),))


def test_several_digests_of_one_algorithm_are_of_nameless_files() -> None:
    found = files(REF, [package(hashes=(digest("w"), digest("s")))])
    assert found.hashes == ()
    assert found.downloads == (Download(REF, tuple(sorted((digest("w"), digest("s")))), NAMELESS),)
    assert found.properties == ()


def test_digests_of_something_else_than_the_served_file_are_left_out() -> None:
    found = files(REF, [package(File(url=WHEEL, hashes=(digest("zip"),)), hashes=(digest("zip"),), hashes_of="cache")])
    assert (found.hashes, found.downloads[0].hashes) == ((), ())


def test_nothing_recorded_is_nothing_claimed() -> None:
    assert files(REF, [package(hashes=(Digest("h1", "0" * 64),))]) == module.Files((), (), ())


def test_very_many_files_are_bounded_and_counted() -> None:
    many = [File(name=f"a-{i}.whl", hashes=(digest(str(i)),)) for i in range(module.MAX_FILES + 3)]
    found = files(REF, [package(*many)])
    assert (len(found.downloads), found.omitted) == (module.MAX_FILES, (0, 3))


def test_an_executable_is_not_called_harmless() -> None:
    found = files(REF, [package(File(name="a.jar", hashes=(digest("j"),)))])
    assert not any(name == "bsi:component:executable" for name, _ in found.properties)
    assert ("bsi:component:archive", "archive") in found.properties
