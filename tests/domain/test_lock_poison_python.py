"""A poisoned uv.lock or requirements file never passes."""

from collections.abc import Callable

import pytest

from support.lock_court import ids, txt, uv
from support.locks import FILES, INDEX, UV_PACKAGES, pinned, uv_lock, uv_package

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
    "an address with a variable": (
        f"x @ https://${{TOKEN}}@{FILES}/x-1.0.tar.gz --hash=sha256:{A}",
        "source-not-allowed",
    ),
    "a host from a variable": (f"x @ https://${{HOST}}/x-1.0.tar.gz --hash=sha256:{A}", "source-not-allowed"),
    "an editable address": ("-e git+https://git.example/x@main#egg=x", "package-unpinned"),
    "a folder outside": ("-e ../../x\n" + pinned("x", "1.0"), "source-not-allowed"),
    "an include from a variable": ("-r ${WHERE}/base.txt\n" + pinned("x", "1.0"), "source-not-allowed"),
    "an include from an address": ("-r https://evil.example/r.txt\n" + pinned("x", "1.0"), "source-not-allowed"),
    "constraints from outside": ("-c ../../limits.txt\n" + pinned("x", "1.0"), "source-not-allowed"),
    "a digest of another algorithm": (
        f"x @ https://{FILES}/x-1.0.tar.gz#md5={'a' * 32}",
        "hash-weak",
    ),
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
