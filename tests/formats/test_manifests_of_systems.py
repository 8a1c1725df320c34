"""Cargo.toml, Gemfile, gemspec and composer.json give what they ask for, or are refused."""

import contextlib
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.manifests import parse
from support.system_locks import CARGO_MEMBER, CARGO_ROOT, COMPOSER_MANIFEST, GEMFILE, GEMS, GEMSPEC
from tidegate.errors import FormatError
from tidegate.formats import php_json, strict_json
from tidegate.formats.manifests.composer_json import content_hash
from tidegate.model.package import Manifest


def test_a_crate_asks_in_every_table() -> None:
    root = parse("Cargo.toml", CARGO_ROOT, "Cargo.lock")
    assert root.requires == ("left@workspace:left", "inner@workspace:inner", "right@>=2, <3", "win@0.5")
    assert root.optional == ("tool@~0.3.2",)
    assert root.settings == ("=0.7.0", "left=left@1.2", "rr=right@3", "inner=inner@path:crates/inner")
    assert (root.name, root.version, root.locks) == ("app", "0.1.0", ("Cargo.lock",))
    member = parse("crates/inner/Cargo.toml", CARGO_MEMBER, "Cargo.lock", "other/Cargo.lock")
    assert (member.name, member.version, member.locks) == ("inner", "", ("Cargo.lock",))


def test_addresses_features_and_patches_are_told_apart() -> None:
    text = """
[dependencies]
a = { git = "https://git.example/a", version = "1" }
b = { path = "../b" }
c = { version = "1", optional = true }
d = {}
[build_dependencies]
e = "1"
[patch.crates-io]
f = { path = "f" }
g2 = { package = "g", git = "https://git.example/g" }
[replace]
"h:1.0.0" = { path = "h" }
"""
    crate = parse("Cargo.toml", text)
    assert crate.requires == ("a@git:https://git.example/a", "b@path:../b", "d@*", "e@1")
    assert crate.optional == ("c@1",)
    assert crate.settings == ("patch f", "patch g", "patch h")


@pytest.mark.parametrize(
    "text",
    ["{", "dependencies = 1", "[dependencies]\nx = 1\n", '[dependencies]\n"../x" = "1"\n', "[package]\nname = 1\n"],
)
def test_what_is_no_cargo_toml_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        parse("Cargo.toml", text)


def test_a_gemfile_is_read_where_it_is_plain() -> None:
    manifest = parse("Gemfile", GEMFILE, "Gemfile.lock")
    assert manifest.requires == ("rack@~> 3.0, >= 3.0.1", "local@!", "rake@")
    assert manifest.optional == ("tzinfo-data@",)
    assert (manifest.dynamic, manifest.locks, manifest.problems) == (False, ("Gemfile.lock",), ())
    assert parse("a/gems.rb", GEMFILE, "a/gems.locked", "gems.locked").locks == ("a/gems.locked",)


@pytest.mark.parametrize(
    ("line", "wish"),
    [
        ('gem "x"', "x@"),
        ("gem 'x', '1.0'", "x@1.0"),
        ('gem("x", "~> 1.0")', "x@~> 1.0"),
        ("gem 'x' , '~>1.0.8' # why", "x@~>1.0.8"),
        ('gem "x", git: "https://git.example/x", branch: "main"', "x@!"),
        ('gem "x", :github => "a/x"', "x@!"),
        ('gem "x", require: ["a", "b"], group: %i[test]', "x@"),
        ('gem "x",\n    "1.0",\n    require: false', "x@1.0"),
        ('path "vendor" do\n  gem "x"\nend', "x@!"),
        ('source "https://gems.example" do\n  gem "x"\nend', "x@!"),
        ('group :a, optional: true do\n  gem "x"\nend', "x@"),
    ],
)
def test_a_plain_line_is_a_wish(line: str, wish: str) -> None:
    manifest = parse("Gemfile", f'source "https://{GEMS}"\n{line}\n')
    assert (manifest.requires, manifest.dynamic) == ((wish,), False)


@pytest.mark.parametrize(
    "line",
    [
        'gem "x" if RUBY_VERSION > "3"',
        'gem "x", ENV["V"]',
        'gem "#{name}"',
        "gem name",
        "gemspec",
        'eval_gemfile "other"',
        'plugin "x"',
        'if ENV["X"]\n  gem "x"\nend',
        "%w[a b].each do |name|\n  gem name\nend",
        'gem "x", "1.0"; gem "y"',
        'puts "hello"',
        'group :a do\n  gem "y"',
        "end",
        "source ENV['S']",
        'install_if -> { true } do\n  gem "x"\nend',
    ],
)
def test_a_line_that_is_computed_is_not_read_and_is_said(line: str) -> None:
    manifest = parse("Gemfile", f"{line}\n")
    assert manifest.dynamic
    assert not any(one.startswith("x@") for one in manifest.requires)


def test_lines_after_the_end_and_in_comments_are_no_wishes() -> None:
    manifest = parse("Gemfile", '=begin\ngem "x"\n=end\n# gem "y"\n__END__\ngem "z"\n')
    assert (manifest.requires, manifest.dynamic) == ((), False)


def test_two_sources_for_every_gem_are_a_problem() -> None:
    two = parse("Gemfile", f'source "https://{GEMS}"\nsource "https://gems.example"\n')
    assert [one.rule for one in two.problems] == ["index-mixed"]


def test_a_gemspec_is_read_where_it_is_plain() -> None:
    plain = parse("a/x.gemspec", GEMSPEC, "a/Gemfile.lock", "Gemfile.lock")
    assert (plain.name, plain.requires, plain.dynamic) == ("local", ("rack@>= 3",), False)
    assert plain.locks == ("a/Gemfile.lock", "Gemfile.lock")
    more = GEMSPEC.replace("end\n", 'spec.add_development_dependency("rake", "~> 13")\nend\n')
    assert parse("x.gemspec", more).optional == ("rake@~> 13",)


@pytest.mark.parametrize(
    "line",
    [
        "spec.add_dependency name",
        'spec.add_dependency "x" if RUBY_VERSION',
        'if RUBY_VERSION > "3"\n  spec.add_dependency "x"\nend',
        "add_dependencies(spec)",
        'eval File.read("deps")',
    ],
)
def test_a_computed_gemspec_is_said(line: str) -> None:
    assert parse("x.gemspec", GEMSPEC.replace("end\n", f"{line}\nend\n")).dynamic


# Digests made by PHP 8 with the code of Composer 2.
@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (
            '{"name":"a/b","require":{"php":">=8","vendor/x":"^1.0 || ~2"},"require-dev":{},"extra":{}}',
            "55408055c059f55a7f61f24dc0daabed",
        ),
        ('{"extra":{"0":"a","1":"b"},"repositories":{"0":{"type":"vcs"},"x":1}}', "2566a16ae2a2a4b5bb8e583eea018d56"),
        ('{"extra":{"1":"a","0":"b"},"replace":{"":"x"}}', "a4fa47c0e3017e2e85a3e52c273bd4a6"),
        ('{"extra":{"00":"a"},"provide":{"-1":"x","5":"y"}}', "50d924674bdce7b38a7fbb5b63b14e32"),
        (
            '{"extra":[[],{},[{}],null,true,false],"config":{"platform":{"php":"8.1"},"x":1},"prefer-stable":true}',
            "840a7e8f3ebf172a8da89caa6ebc2452",
        ),
        (
            '{"config":{"platform":{}},"require":{"b/b":"1","a/a":"2"}}',
            "f579a8b27f088bc4afc707643472afc6",
        ),
        ('{"config":{"platform":null},"version":"1.0"}', "64e23f615fb5b944932a9f0685859268"),
        ('{"name":null,"require":null}', "f0df0b3e1d0de153b42a9daf4e8b0560"),
        (
            '{"extra":{"u":"\\u00e9\\ud83d\\ude00/\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u007f\\u2028<>&\'"},"name":"\u00e9/\u00fc"}',
            "f4ddc8dc17c442526870afbc7733d7d9",
        ),
        (
            '{"extra":{"a":1.5,"b":1.0,"c":-0.0,"d":0.1,"e":100000.25,"f":1e3,"g":0.0001,"h":123456789012,"i":-5,'
            '"j":9223372036854775807,"k":12345.678e-2,"l":0.0005, "m":0, "n":-0}}',
            "241ca90afacfca6c6ba376cc74bfee0e",
        ),
    ],
)
def test_the_digest_of_a_composer_json_is_composer_s(text: str, digest: str) -> None:
    document = strict_json.loads(text.encode(), limit=10_000, what="the manifest")
    assert isinstance(document, dict)
    assert content_hash(document) == digest


def test_a_number_php_writes_in_a_way_of_its_own_has_no_digest() -> None:
    assert content_hash({"extra": 1e300}) == ""
    assert content_hash({"extra": 2**70}) == ""
    with pytest.raises(FormatError):
        php_json.encode(2**70)


def test_what_the_platform_gives_is_no_package() -> None:
    manifest = parse("composer.json", json.dumps(COMPOSER_MANIFEST), "composer.lock")
    assert manifest.requires == ("vendor/left@^1.2", "psr/log@^3.0")
    assert manifest.optional == ("vendor/tool@~2.1",)
    assert manifest.locks == ("composer.lock",)


@pytest.mark.parametrize(
    "text", ["[]", '{"require": []}', '{"require": {"../x/y": "1"}}', '{"name": 1}', '{"a": 1, "a": 2}']
)
def test_what_is_no_composer_json_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        parse("composer.json", text)


@pytest.mark.parametrize("path", ["Cargo.toml", "Gemfile", "x.gemspec", "composer.json"])
@settings(max_examples=40, deadline=None)
@given(
    raw=st.one_of(
        st.binary(max_size=300), st.text(alphabet="gem 'x',do\nend#\"[]|:%{}=>if\\", max_size=200).map(str.encode)
    )
)
def test_arbitrary_bytes_are_read_or_refused(path: str, raw: bytes) -> None:
    with contextlib.suppress(FormatError):
        assert isinstance(parse(path, raw), Manifest)


@pytest.mark.parametrize("path", ["Gemfile", "x.gemspec"])
@pytest.mark.parametrize(
    "bomb", [" " * 9_000 + "x", 'gem "x", ' * 900, "do " * 3_000, "gem(" * 2_000, '"' * 9_000, "a\\\n" * 9_000]
)
def test_long_lines_take_no_time(path: str, bomb: str) -> None:
    start = time.process_time()
    with contextlib.suppress(FormatError):
        parse(path, f"{bomb}\n" * 20)
    assert time.process_time() - start < 2


def test_what_is_vendored_below_a_lock_asks_for_nothing_itself() -> None:
    vendored = parse("vendor/left/Cargo.toml", CARGO_ROOT, "vendor/left/.cargo-checksum.json", "Cargo.lock")
    assert (vendored.requires, vendored.optional, vendored.name) == ((), (), "")
    assert parse("vendor/left/Cargo.toml", CARGO_ROOT, "vendor/left/.cargo-checksum.json").requires
    text = json.dumps(COMPOSER_MANIFEST)
    lock, installed = "web/composer.lock", "web/vendor/composer/installed.json"
    assert parse("web/vendor/a/b/composer.json", text, lock, installed).requires == ()
    for path, present in (
        ("web/vendor/a/b/composer.json", (lock,)),
        ("web/vendor/a/b/composer.json", (installed,)),
        ("web/vendor/b/composer.json", (lock, installed)),
        ("vendor/a/b/composer.json", (lock, installed)),
        ("web/composer.json", (lock, installed)),
    ):
        assert parse(path, text, *present).requires
