"""What package.json and pnpm-workspace.yaml set for a whole workspace, beside what they ask for."""

import pytest

from support.manifests import package, parse
from tidegate.errors import FormatError
from tidegate.formats.locks import node


def test_overrides_of_every_manager_free_their_names() -> None:
    found = package(
        {
            "overrides": {"a": "1", "b@^2": {".": "2", "c": "3"}, "d": {"e": {"f": "1"}}},
            "resolutions": {"**/@s/g": "1", "h/i": "1", "j@npm:^7": "7"},
            "pnpm": {"overrides": {"k>l": "1", "m@1>@s/n@2": "2", "o@>1": "1"}},
        }
    )
    assert set(found.overrides) == {"a", "b", "c", "d", "e", "f", "@s/g", "i", "j", "l", "@s/n", "o"}
    assert "npm override a@1" in found.settings
    assert "yarn override **/@s/g@1" in found.settings
    assert "pnpm override k>l@1" in found.settings
    assert not any("override b" in one for one in found.settings)


def test_peers_and_the_manager_are_told() -> None:
    found = package({"peerDependencies": {"p": "1"}, "packageManager": "pnpm@9.15.0+sha512.abc"})
    assert (found.peers, found.optional, found.manager) == (("p",), ("p@1",), "pnpm")
    assert package({"packageManager": 1}).manager == ""


def test_catalogs_of_bun_stand_at_the_top_or_with_the_workspaces() -> None:
    for content in (
        {"catalog": {"a": "^1"}, "catalogs": {"x": {"b": "2"}}},
        {"workspaces": {"packages": ["p/*"], "catalog": {"a": "^1"}, "catalogs": {"x": {"b": "2"}}}},
    ):
        assert package(content).settings == ("catalog default: a@^1", "catalog x: b@2")


def test_pnpm_s_workspace_asks_for_nothing_itself() -> None:
    text = "packages: ['p/*']\ncatalog:\n  a: ^1\ncatalogs:\n  x:\n    b: '2'\noverrides:\n  c>d: '1'\n"
    found = parse("pnpm-workspace.yaml", text, "pnpm-lock.yaml")
    assert (found.requires, found.optional, found.locks) == ((), (), ())
    assert found.settings == ("pnpm override c>d@1", "catalog default: a@^1", "catalog x: b@2")
    assert found.overrides == ("d",)
    assert parse("pnpm-workspace.yaml", "").settings == ()


@pytest.mark.parametrize(
    "text", ["[]", "catalog: []", "catalog:\n  a: [1]", "overrides: x", "a: b\na: c", "\u202e", "a: *b"]
)
def test_a_broken_workspace_file_is_a_format_error(text: str) -> None:
    with pytest.raises(FormatError):
        parse("pnpm-workspace.yaml", text)


@pytest.mark.parametrize("content", [{"overrides": []}, {"resolutions": "x"}, {"pnpm": []}, {"catalog": {"a": 1}}])
def test_a_broken_setting_is_a_format_error(content: object) -> None:
    with pytest.raises(FormatError):
        package(content)


@pytest.mark.parametrize(
    ("spec", "real"),
    [
        ("npm:real@^1", "real"),
        ("npm:@s/real@1", "@s/real"),
        ("npm:real", "real"),
        ("npm:^1.0.0", ""),
        ("npm:1.2.3", ""),
        ("npm:*", ""),
        ("^1.0.0", ""),
        ("github:o/r", ""),
    ],
)
def test_an_alias_is_told_from_a_range(spec: str, real: str) -> None:
    assert node.alias(spec) == real
    assert node.asks_for(spec, "real") is (real == "real" or spec.startswith("github:"))


def test_platforms_have_one_spelling() -> None:
    assert node.conditions({"os": ["darwin", "linux"], "cpu": "x64", "libc": ["!musl"]}) == (
        "(os=darwin | os=linux) & cpu=x64 & libc!=musl"
    )
    assert node.conditions({"os": []}) == ""
