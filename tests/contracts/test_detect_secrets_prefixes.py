"""What detect-secrets hashes in the place of a value is known: whoever takes over its baseline must not take that."""

import hashlib
import itertools
import json
import random
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import RegexBasedDetector

from support.repositories import Repository
from tidegate.formats import detect_secrets_baseline as baseline

LETTERS = string.ascii_letters + string.digits
MANY = 1000
"""A part of a pattern with more texts than this counts as one that tells values apart."""
_PARSER = re._parser  # type: ignore[attr-defined]
Texts = set[str] | None


def of(length: int, seed: str) -> str:
    rng = random.Random(seed)
    return "".join(rng.choice(LETTERS) for _ in range(length))


def texts(parsed: object) -> Texts:
    """Every text a parsed pattern can match, None when there are many."""
    found: set[str] = {""}
    for kind, said in parsed:  # type: ignore[attr-defined]
        part = _part(str(kind), said)
        if part is None or len(part) * len(found) > MANY:
            return None
        found = {before + behind for before in found for behind in part}
    return found


def _part(kind: str, said: object) -> Texts:
    match kind, said:
        case "LITERAL", int():
            return {chr(said)}
        case "IN", list():
            return _class(said)
        case "BRANCH", (_, list() as branches):
            each = [texts(branch) for branch in branches]
            return None if None in each else set().union(*(some for some in each if some))
        case "SUBPATTERN", (*_, inner):
            return texts(inner)
        case "MAX_REPEAT", (int() as least, int() as most, inner):
            some = texts(inner) if most < 4 else None
            if some is None:
                return None
            counts = range(least, most + 1)
            return {"".join(each) for count in counts for each in itertools.product(some, repeat=count)}
        case (("AT" | "ASSERT" | "ASSERT_NOT"), _):
            return {""}
    return None


def _class(parts: list[tuple[object, object]]) -> Texts:
    found: set[str] = set()
    for kind, said in parts:
        match str(kind), said:
            case "LITERAL", int():
                found.add(chr(said))
            case "RANGE", (int() as first, int() as last):
                found |= {chr(number) for number in range(first, last + 1)}
            case _:
                return None
    return found


def groups(parsed: object) -> Iterator[object]:
    """The parts of a pattern whose text is what a plugin hashes: its groups, or all of it."""
    inner = [each for each in _walk(parsed) if each[0] is not None]
    yield from (each for _, each in inner) if inner else [parsed]


def _walk(parsed: object) -> Iterator[tuple[int | None, object]]:
    for kind, said in parsed:  # type: ignore[attr-defined]
        if str(kind) == "SUBPATTERN":
            yield said[0], said[-1]
            yield from _walk(said[-1])
        elif str(kind) in {"MAX_REPEAT", "MIN_REPEAT"}:
            yield from _walk(said[2])
        elif str(kind) == "BRANCH":
            for branch in said[1]:
                yield from _walk(branch)


def hollow() -> dict[str, set[str]]:
    """What each plugin may hash that is the same for many tokens, by its kind of secret."""
    found: dict[str, set[str]] = {}
    plugins: dict[str, type] = get_mapping_from_secret_type_to_class()
    for kind, plugin in plugins.items():
        if issubclass(plugin, RegexBasedDetector):
            for pattern in getattr(plugin, "denylist"):  # noqa: B009 - the library's types do not know it
                for group in groups(_PARSER.parse(pattern.pattern, pattern.flags)):
                    found.setdefault(kind, set()).update(texts(group) or ())
    return {kind: some for kind, some in found.items() if some}


def is_bare(text: str) -> str:
    return baseline.Hashed("x", "y", hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()).bare


def test_the_plugins_that_hash_no_value_are_those_we_know() -> None:
    found = hollow()
    assert set(found) == {"GitHub Token", "GitLab Token", "Private Key"}
    assert found["GitHub Token"] == {"ghp", "gho", "ghu", "ghs", "ghr"}
    assert {"glpat", "gldt", "glft", "glsoat", "glrt", "1f_", "AB_"} < found["GitLab Token"]
    assert "BEGIN RSA PRIVATE KEY" in found["Private Key"]


def test_every_text_a_plugin_hashes_for_many_tokens_is_known_by_its_hash() -> None:
    every = set().union(*hollow().values()) | {""}
    assert len(every) > 490
    assert [text for text in sorted(every) if is_bare(text) != (text or "nothing")] == []
    assert is_bare("gh" + "p_" + of(36, "a")) == ""


def lines(seed: str) -> str:
    key = "\n".join(of(64, f"{seed}{number}") for number in range(4))
    return (
        "gh" + "p_" + of(36, seed) + "\n" + "gl" + "pat-" + of(20, seed) + "\n-----BEGIN RSA PRIVATE KEY-----\n"
        f"{key}\n-----END RSA PRIVATE KEY-----\n"
    )


def command(root: Path, module: str, *words: str) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-m", module, *words]
    return subprocess.run(run, cwd=root, capture_output=True, text=True, check=False, timeout=120)


def test_its_baseline_of_one_token_accepts_every_other_and_ours_says_so(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.write("notes.txt", lines("first").encode())
    repo.commit()
    raw = command(tmp_path, "detect_secrets", "scan", "-n").stdout
    repo.write(".secrets.baseline", raw.encode())
    repo.write("notes.txt", lines("second").encode())
    repo.commit()
    hook = "detect_secrets.pre_commit_hook"
    assert command(tmp_path, hook, "--baseline", ".secrets.baseline", "-n", "notes.txt").returncode == 0
    assert command(tmp_path, hook, "-n", "notes.txt").returncode == 1
    entries = baseline.parse(raw.encode())
    assert len(json.loads(raw)["results"]["notes.txt"]) == len(entries) == 3
    assert {entry.bare for entry in entries} == {"ghp", "glpat", "BEGIN RSA PRIVATE KEY"}
