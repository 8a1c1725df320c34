"""The vector engine and the plain one find the same, in bounded time, however the text is encoded."""

import base64
import gzip
import importlib.util
import random
import string
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.secrets import engine
from tidegate.domain.secrets.catalog import RULES
from tidegate.domain.secrets.detector import Detector
from tidegate.domain.secrets.engine import Hit, Scanner
from tidegate.domain.secrets.fingerprint import Fingerprints
from tidegate.domain.secrets.rule import sample

KEYS = Fingerprints.derived()
DETECTORS = engine.detectors()
TIERS = frozenset({"block", "warn", "audit"})
TREE = Path(__file__).parents[2]
needs_hyperscan = pytest.mark.skipif(importlib.util.find_spec("hyperscan") is None, reason="hyperscan is not here")


def token(seed: int = 3) -> str:
    rng = random.Random(seed)
    return "gh" + "p_" + "".join(rng.sample(string.ascii_letters + string.digits, 36))


def both(data: bytes) -> list[Hit]:
    fast = Scanner(KEYS, tiers=TIERS).scan(data)
    assert fast == Scanner(KEYS, plain=True, tiers=TIERS).scan(data)
    return fast


def judged(detector: Detector, text: str) -> list[tuple[int, int]]:
    """What one detector finds in a piece of text."""
    matches = [match for pattern in detector.patterns() for match in pattern.finditer(text)]
    return [span for span in map(detector.value, matches) if span is not None]


def names(hits: list[Hit]) -> list[str]:
    return [hit.id for hit in hits]


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.id)
def test_each_detector_looks_for_at_least_three_bytes(detector: Detector) -> None:
    assert detector.literals
    for literal in detector.literals:
        assert len(literal) >= 3
        assert literal.isascii()
        assert not detector.fold or literal == literal.lower()


@needs_hyperscan
def test_both_engines_find_the_same_in_samples_of_every_rule() -> None:
    for rule in RULES:
        text = "\n".join(sample(shape, seed) for shape in (*rule.positives, *rule.negatives) for seed in (1, 2))
        assert both(text.encode("utf-8")) is not None


@needs_hyperscan
def test_both_engines_find_the_same_in_our_own_files() -> None:
    for path in sorted((TREE / "src").rglob("*.py"))[::6]:
        both(path.read_bytes())


PARTS = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([literal for detector in DETECTORS for literal in detector.literals]),
    st.sampled_from([sample(rule.positives[0], 5).encode() for rule in RULES]),
    st.sampled_from(
        [b"\n", b" " * 900, b"x" * 1500, b"=", b"://a:", b"\0", base64.b64encode(b"key = " + token().encode())]
    ),
)


@needs_hyperscan
@given(st.lists(PARTS, max_size=12))
@settings(max_examples=60, deadline=None)
def test_both_engines_find_the_same_in_any_bytes(parts: list[bytes]) -> None:
    both(b"".join(parts))


def test_a_token_at_any_place_of_a_long_line_is_found_whole() -> None:
    alone = engine.scan(token().encode(), KEYS)[0].fingerprint
    for at in range(900, 3200, 7):
        hits = engine.scan(b"y" * (at - 1) + b" " + token().encode() + b" " + b"z" * 3000, KEYS)
        assert [hit.fingerprint for hit in hits] == [alone], at


def coded(text: bytes) -> dict[str, bytes]:
    lines = base64.encodebytes(b"user = someone\n" + text + b"\nand more text behind it, long enough\n")
    return {
        "base64": base64.b64encode(text),
        "base64 of more": base64.b64encode(b"xyz = '" + text + b"'  # and so on"),
        "base64 in lines": lines,
        "base64 for addresses": base64.urlsafe_b64encode(b"xy = '" + text + b"'?>"),
        "base64 twice": base64.b64encode(base64.b64encode(b"token: " + text)),
        "hexadecimal": text.hex().encode(),
        "hexadecimal in capitals": text.hex().upper().encode(),
        "percent": "".join(f"%{byte:02X}" for byte in text).encode(),
        "percent, where it must": text.replace(b"_", b"%5F"),
        "percent of base64": base64.b64encode(b"ab" + text).replace(b"=", b"%3D"),
        "base64 of hexadecimal": base64.b64encode(text.hex().encode()),
        "UTF-16 among binary": bytes(range(200, 256)) * 3 + text.decode().encode("utf-16-le") + b"\xff\xfe\xfd" * 9,
        "UTF-16 of the other order": b"\x80\x81" * 50 + text.decode().encode("utf-16-be") + b"\xff" * 9,
        "UTF-16 with a mark": (text.decode() + "\n").encode("utf-16"),
        "binary": b"\0\1\2\xff" * 9 + text + b"\0\0\xff",
    }


@pytest.mark.parametrize("how", coded(b""))
def test_encoded_text_is_looked_into(how: str) -> None:
    alone = engine.scan(token().encode(), KEYS)[0]
    data = (
        b"first\nsecond: " + coded(token().encode())[how] + b"\n"
        if "UTF-16" not in how
        else coded(token().encode())[how]
    )
    hits = both(data) if importlib.util.find_spec("hyperscan") else engine.scan(data, KEYS)
    assert alone.fingerprint in [hit.fingerprint for hit in hits]
    if "UTF-16" not in how and "lines" not in how:
        assert {hit.line for hit in hits} == {2}


def test_an_encoded_and_an_open_token_are_both_named() -> None:
    hits = engine.scan(f"{token(1)}\n{base64.b64encode(token(2).encode()).decode()}\n".encode(), KEYS)
    assert [(hit.id, hit.line) for hit in hits] == [("github-token", 1), ("github-token", 2)]


def test_a_third_encoding_is_not_opened() -> None:
    data = token().encode()
    for _ in range(3):
        data = base64.b64encode(data)
    assert engine.scan(data, KEYS) == []


UNITS = sorted(
    {
        *(literal for detector in DETECTORS for literal in detector.literals[:2]),
        *(sample(rule.positives[0], 4).encode()[:60] for rule in RULES),
        b"a", b" ", b"'", b'"', b"=", b"%41", b"41", b"A\0", b"eyJ.", b"http://a:b@", b"://", b"\0", b"YWFh",
        b"0", b"-", b"a-",
    }
)  # fmt: skip


def test_repetition_does_not_slow_any_rule_down() -> None:
    """2 kB of anything is judged by every rule in a short time; what its literals and `needs` keep out is not."""
    slow = []
    for unit in UNITS:
        piece = (unit * 2048)[:2048]
        for detector in DETECTORS:
            folded = piece.lower() if detector.fold else piece
            if not any(literal in folded for literal in detector.literals):
                continue
            if detector.needs is not None and detector.needs.search(piece) is None:
                continue
            began = time.process_time()
            judged(detector, piece.decode("latin-1"))
            took = time.process_time() - began
            if took > 0.02:
                slow.append((detector.id, unit, round(took, 3)))
    assert not slow


def megabytes() -> dict[str, bytes]:
    size = 1 << 20
    rng = random.Random(5)
    noise = rng.randbytes(size)
    units = (
        b"glpat-",
        b"xoxb-",
        b"SG.",
        b"-----BEGIN RSA PRIVATE KEY-----",
        b"AKIA",
        b"eyJ.",
        b"://a:b@",
        b"YWFh",
        b"41",
    )
    lines = {
        f"{unit!r} in lines": b"\n".join((unit * 90)[: 100 + n % 60] + b"%d" % n for n in range(8000)) for unit in units
    }
    return {
        **{f"{unit!r} in a line": (unit * (size // len(unit) + 1))[:size] for unit in units},
        **lines,
        "noise": noise,
        "noise in base64": base64.b64encode(noise)[:size],
        "text in base64, twice": base64.b64encode(base64.b64encode(b"so much text " * (size // 24)))[:size],
        "compressed": gzip.compress(noise)[:size],
        "tokens": b"\n".join(token(n).encode() for n in range(size // 41)),
    }


def test_no_megabyte_takes_more_than_a_second() -> None:
    for detector in DETECTORS:
        detector.patterns()
    Scanner(KEYS)
    slow = []
    for name, data in megabytes().items():
        began = time.process_time()
        engine.scan(data, KEYS)
        took = time.process_time() - began
        if took > 1:
            slow.append((name, round(took, 2)))
    assert not slow
