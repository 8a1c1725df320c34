"""What is left out before a rule is asked could not have matched, and who looks for it makes no difference."""

import importlib.util
import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.secrets import engine, plugins
from tidegate.domain.secrets.catalog import RULES
from tidegate.domain.secrets.detector import Detector, Patterns
from tidegate.domain.secrets.engine import Hit, Scanner
from tidegate.domain.secrets.fingerprint import Fingerprints
from tidegate.domain.secrets.needles import CODES, IDS, WHOLE, Needles
from tidegate.domain.secrets.plain import MAX_KNOWN, Plain
from tidegate.domain.secrets.rule import sample
from tidegate.domain.secrets.vector import Vector

KEYS = Fingerprints.derived()
TIERS = frozenset({"block", "warn", "audit"})
DETECTORS = engine.detectors()
needs_hyperscan = pytest.mark.skipif(importlib.util.find_spec("hyperscan") is None, reason="hyperscan is not here")


@cache
def scanner(plain: bool) -> Scanner:
    return Scanner(KEYS, plain=plain, tiers=TIERS)


def both(data: bytes) -> list[Hit]:
    fast = scanner(plain=False).scan(data, "a/file")
    assert fast == scanner(plain=True).scan(data, "a/file")
    return fast


SAMPLES = [sample(shape, seed).encode() for rule in RULES for shape in rule.positives[:2] for seed in (1, 2)]
LITERALS = sorted({literal for detector in DETECTORS for literal in detector.literals})
GLUE = [
    b"\n", b"\r\n", b" ", b"=", b": ", b"'", b'"', b"\0", b"\xff", "\u00e9\u017f\u212a".encode(), b"x" * 1500,
    b" " * 3000, b"://a:", b"@b", b"%41", b"\n\n\n", b"aB3/" * 300, b"41" * 60, b"password = ", b"-----",
]  # fmt: skip
PARTS = st.one_of(
    st.sampled_from(SAMPLES),
    st.sampled_from(LITERALS),
    st.sampled_from(GLUE),
    st.binary(max_size=30),
    st.sampled_from(SAMPLES).map(bytes.upper),
    st.sampled_from(SAMPLES).map(lambda text: text.hex().encode()),
)


@needs_hyperscan
@given(st.lists(PARTS, max_size=16))
@settings(max_examples=60, deadline=None)
def test_both_finders_lead_to_the_same_in_hostile_bytes(parts: list[bytes]) -> None:
    both(b"".join(parts))


@needs_hyperscan
@given(st.lists(PARTS, min_size=1, max_size=5), st.sampled_from(["utf-16", "utf-16-le", "utf-16-be", "utf-32"]))
@settings(max_examples=30, deadline=None)
def test_both_finders_lead_to_the_same_in_wide_text(parts: list[bytes], encoding: str) -> None:
    wide = b"".join(parts).decode("latin-1").encode(encoding)
    both(wide)
    both(b"\x80\x81\x82" * 30 + wide)


@needs_hyperscan
@pytest.mark.parametrize("seed", range(6))
def test_both_finders_lead_to_the_same_in_lines_of_many_windows(seed: int) -> None:
    rng = random.Random(seed)
    parts = [rng.choice([*SAMPLES, *LITERALS, *GLUE[2:9]]) + bytes(rng.choices(b"ab =\"';", k=40)) for _ in range(700)]
    assert both(b" ".join(part.replace(b"\n", b" ") for part in parts))


@needs_hyperscan
def test_the_vector_names_every_place_the_plain_one_names_and_no_code_the_plain_one_does_not() -> None:
    needles = Needles.of(DETECTORS)
    data = b"\n".join(SAMPLES + LITERALS)
    vector, plain = set(Vector(needles).places(data)), set(Plain(needles).places(data))
    tailed = {number for number, needle in enumerate(needles.every) if needle.tail}
    assert {place for place in vector ^ plain if place % IDS not in tailed} == set()
    # Behind a tail the one names its end, the other where it begins.
    assert {place % IDS for place in vector ^ plain} <= tailed


def test_what_the_plain_finder_remembers_of_words_changes_nothing() -> None:
    finder = Plain(Needles.of(DETECTORS))
    data = [b" ".join(SAMPLES[n::40]) for n in range(40)]
    first = [finder.places(each) for each in data]
    finder.places(b" ".join(b"w%d" % n for n in range(MAX_KNOWN + 10)))
    assert [finder.places(each) for each in reversed(data)] == first[::-1]
    assert [Plain(Needles.of(DETECTORS)).places(each) for each in data] == first


def test_a_detector_of_the_users_is_found_by_both_and_ours_has_precedence() -> None:
    own = Detector("own", "an own token", Patterns.of(r"own-[0-9]{8}"), lambda match: match.span(), (b"own-",))
    shadow = Detector("shadow", "?", Patterns.of(r"gh[p]_\w+"), lambda match: match.span(), (b"ghp" + b"_",))
    text = b"own-19283746 gh" + b"p_" + sample("<36:alnum>", 3).encode()
    for plain in (False, True):
        hits = Scanner(KEYS, plain=plain, extra=(own, shadow)).scan(text)
        assert [hit.id for hit in hits] == ["own", "github-token"]
        assert not Scanner(KEYS, plain=plain).scan(b"own-19283746")


@pytest.mark.parametrize("detector", [each for each in DETECTORS if each.tail], ids=lambda each: each.id)
def test_behind_a_literal_with_a_tail_the_tail_is_in_every_match(detector: Detector) -> None:
    needles = Needles.of([detector])
    texts = [text for text in SAMPLES if any(spans(detector, text))]
    for text in texts:
        assert [place for place in Plain(needles).places(text) if place % IDS < needles.first], text


def spans(detector: Detector, text: bytes) -> list[tuple[int, int]]:
    matches = [match for pattern in detector.patterns() for match in pattern.finditer(text.decode("latin-1"))]
    return [span for span in map(detector.value, matches) if span is not None]


@given(st.lists(st.one_of(PARTS, st.sampled_from([b"_key", b"Pass", b"db", b"api", b"my", b" : "])), max_size=12))
@settings(max_examples=60, deadline=None)
def test_what_is_looked_for_only_near_literals_is_nowhere_else(parts: list[bytes]) -> None:
    data = b"".join(parts)[:2000]
    text = data.decode("latin-1")
    for detector in DETECTORS:
        if not detector.near:
            continue
        low = data.lower() if detector.fold else data
        spots = sorted({at + len(literal) for literal in detector.literals for at in found(low, literal)})
        near = [match.span() for match in engine._near(detector, text, 0, spots)]
        assert near == [match.span() for match in engine._anywhere(detector, text)]


def found(data: bytes, literal: bytes) -> list[int]:
    return [at for at in range(len(data)) if data.startswith(literal, at)]


@given(st.lists(PARTS, max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_plugin_of_the_library_is_loaded_wherever_it_finds_a_value(parts: list[bytes]) -> None:
    data = b"".join(parts)[:2000]
    for detector in plugins.detectors():
        if spans(detector, data):
            assert detector.needs is None or detector.needs.search(data), detector.id


@given(st.lists(PARTS, max_size=8))
@settings(max_examples=60, deadline=None)
def test_what_an_exact_detector_needs_is_inside_each_of_its_values(parts: list[bytes]) -> None:
    data = b"".join(parts)[:2000]
    for detector in DETECTORS:
        if detector.exact and detector.needs is not None:
            needed = detector.needs.spans(data)
            for start, end in spans(detector, data):
                assert any(start <= a and b <= end for a, b in needed), detector.id


def test_the_library_is_not_loaded_for_text_that_only_speaks_of_tokens() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from tidegate.domain.secrets.engine import Scanner, facts;"
        "from tidegate.domain.secrets.fingerprint import Fingerprints;"
        "from tidegate.domain.secrets.canary import Canary;"
        "s = Scanner(Fingerprints.derived());"
        "s.scan(Canary.of('', Fingerprints.derived()).data);"
        "s.scan(b'the aws key, AKIA, eyJ, xoxb-, SG., softlayer, BEGIN PRIVATE KEY');"
        "facts(s); print('detect_secrets' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"


def test_a_code_is_looked_for_whole() -> None:
    for pattern, code in zip(WHOLE, CODES, strict=True):
        assert pattern.pattern == code
