"""A poisoned go.mod or go.sum never passes, and what Go itself writes is no finding."""

import pytest

from support.lock_court import ids
from support.system_locks import GO_MOD, GO_SUM, go, h1, tree
from tidegate.errors import FormatError

LEFT = f"example.com/left v1.2.3 {h1(0)}\n"
LEFT_MOD = f"example.com/left v1.2.3/go.mod {h1(100)}\n"
assert LEFT in GO_SUM
assert LEFT_MOD in GO_SUM


def mod(old: str, new: str) -> tuple[str, str]:
    assert old in GO_MOD
    return GO_MOD.replace(old, new), GO_SUM


def sums(old: str, new: str) -> tuple[str, str]:
    assert old in GO_SUM
    return GO_MOD, GO_SUM.replace(old, new)


POISON: dict[str, tuple[tuple[str, str], str]] = {
    "no hash": (sums(LEFT, ""), "package-unhashed"),
    "no hash of its go.mod": (sums(LEFT_MOD, ""), "lock-stale"),
    "another version in go.sum": (sums("left v1.2.3", "left v1.2.4"), "package-unhashed"),
    "another package in go.sum": (sums("com/left v1.2.3 ", "com/evil v1.2.3 "), "package-unhashed"),
    "a hash of the wrong length": (sums(h1(0), "h1:AAAA"), "hash-malformed"),
    "a hash of no kind Go knows": (sums(h1(0), h1(0).replace("h1:", "h0:")), "hash-malformed"),
    "a hash that is no base64": (sums(h1(0), "h1:" + "!" * 43 + "="), "hash-malformed"),
    "two hashes for a version": ((GO_MOD, GO_SUM + LEFT.replace(h1(0), h1(9))), "hash-conflict"),
    "two hashes for a go.mod": ((GO_MOD, GO_SUM + LEFT_MOD.replace(h1(100), h1(9))), "hash-conflict"),
    "an empty go.sum": ((GO_MOD, ""), "package-unhashed"),
    "a branch for a version": (mod("left v1.2.3\n", "left main\n"), "package-unpinned"),
    "a tag for a version": (mod("left v1.2.3\n", "left latest\n"), "package-unpinned"),
    "a range for a version": (mod("left v1.2.3\n", "left >=v1.2.3\n"), "package-unpinned"),
    "half a version": (mod("left v1.2.3\n", "left v1\n"), "package-unpinned"),
    "another version": (mod("left v1.2.3\n", "left v1.2.0\n"), "package-unhashed"),
    "a module more": (mod("\nretract", "\nrequire example.com/evil v1.0.0\nretract"), "package-unhashed"),
    "a module twice": (mod("\nretract", "\nrequire example.com/left v1.2.2\nretract"), "lock-malformed"),
    "a fork without hash": (
        mod("\nretract", "\nreplace example.com/left => evil.example/left v1.2.3\nretract"),
        "package-unhashed",
    ),
    "a folder outside": (mod("\nretract", "\nreplace example.com/left => ../../left\nretract"), "source-not-allowed"),
    "an absolute folder": (mod("\nretract", "\nreplace example.com/left => /srv/left\nretract"), "source-not-allowed"),
    "a directive nobody knows": (
        mod("\nretract", "\nredirect example.com/left => x v1.0.0\nretract"),
        "lock-malformed",
    ),
    "an old graph": (mod("go 1.22\n", "go 1.16\n"), "lock-uncompared"),
    "no Go version": (mod("go 1.22\n", ""), "lock-uncompared"),
}


@pytest.mark.parametrize("name", POISON)
def test_a_poisoned_go_mod_is_found_out(name: str) -> None:
    (lock, sum_), rule = POISON[name]
    findings = tree({"go.mod": lock, "go.sum": sum_})
    assert rule in ids(findings)
    assert all(finding.place for finding in findings)


def test_a_malformed_line_of_go_sum_refuses_both() -> None:
    for bad in ("example.com/left v1.2.3\n", "<<<<<<< ours\n", "a b c d\n", "a b\u202e h1:x\n"):
        with pytest.raises(FormatError, match=r"go\.sum"):
            tree({"go.mod": GO_MOD, "go.sum": GO_SUM + bad})


def test_what_go_writes_is_no_finding() -> None:
    assert tree(go()) == []
    assert tree({"go.mod": "module example.com/app\n\ngo 1.22\n"}) == []


def test_without_go_sum_nothing_is_locked() -> None:
    findings = tree({"go.mod": GO_MOD})
    missing = [one for one in findings if one.rule == "lock-missing"]
    assert [(one.about, one.fix) for one in missing] == [("go.mod", "`go mod tidy`, then commit the result")]


def test_a_replaced_module_is_looked_at_as_what_it_is_replaced_by() -> None:
    lock = GO_MOD + "\nreplace example.com/left => fork.example/left v1.2.4\n"
    sum_ = GO_SUM + f"fork.example/left v1.2.4 {h1(7)}\nfork.example/left v1.2.4/go.mod {h1(8)}\n"
    assert tree({"go.mod": lock, "go.sum": sum_}) == []
    inside = GO_MOD + "\nreplace example.com/left => ./third_party/left\n"
    assert tree({"go.mod": inside, "go.sum": GO_SUM.replace(LEFT, "")}) == []


def test_a_workspace_stands_for_the_modules_it_uses() -> None:
    files = {f"a/{path}": content for path, content in go().items()}
    assert tree({**files, "go.work": "go 1.22\n\nuse ./a\n"}) == []
    assert ids(tree({**files, "go.work": "go 1.22\nuse (\n\t./a\n\t./b\n)\n"})) == ["lock-unsupported"]
    assert ids(tree({**files, "go.work": "go 1.22\nuse ../a\n"})) == ["source-not-allowed"]
    replaced = "go 1.22\nuse ./a\nreplace example.com/left => evil.example/left v1.0.0\n"
    assert ids(tree({**files, "go.work": replaced})) == ["package-unhashed"]
    sums_ = f"evil.example/left v1.0.0 {h1(3)}\n"
    assert tree({**files, "go.work": replaced, "go.work.sum": sums_}) == []
    assert ids(tree({**files, "go.work": replaced.replace("evil.example/left v1.0.0", "../x")})) == [
        "source-not-allowed"
    ]


def test_a_workspace_sum_completes_the_modules_below_it_and_may_not_contradict_them() -> None:
    files = {"a/go.mod": GO_MOD, "a/go.sum": GO_SUM.replace(LEFT, "")}
    assert ids(tree(files)) == ["package-unhashed"]
    assert tree({**files, "go.work.sum": LEFT}) == []
    whole = {"a/go.mod": GO_MOD, "a/go.sum": GO_SUM}
    assert ids(tree({**whole, "go.work.sum": LEFT.replace(h1(0), h1(9))})) == ["hash-conflict"]


def test_two_modules_of_a_repository_have_one_hash_for_a_version() -> None:
    other = {f"b/{path}": content for path, content in go().items()}
    assert tree({**go(), **other}) == []
    other["b/go.sum"] = GO_SUM.replace(h1(0), h1(9))
    assert ids(tree({**go(), **other})) == ["hash-conflict"]


def test_what_is_vendored_is_what_is_required() -> None:
    listed = (
        "# example.com/left v1.2.3\n## explicit\nexample.com/left\n"
        "# example.com/Right/v2 v2.0.0-20240101000000-0123456789ab\n## explicit\n"
        "# example.com/old v3.0.0+incompatible\n"
    )
    assert tree({**go(), "vendor/modules.txt": listed}) == []
    assert ids(tree({**go(), "vendor/modules.txt": listed.replace("v1.2.3", "v1.2.2")})) == ["lock-stale"]
    assert ids(tree({**go(), "vendor/modules.txt": listed + "# evil.example/x v1.0.0\n"})) == ["lock-stale"]
