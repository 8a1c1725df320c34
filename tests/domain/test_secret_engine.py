"""The engine finds what it should in any bytes, in bounded time, and never carries a value."""

import base64
import json
import random
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.secrets import engine, placeholders, plugins, providers
from tidegate.domain.secrets.canary import Canary
from tidegate.domain.secrets.detector import Detector
from tidegate.domain.secrets.engine import Hit, Scanner, scan, scan_text
from tidegate.domain.secrets.fingerprint import Fingerprints
from tidegate.domain.secrets.windows import readable

KEYS = Fingerprints.derived()
ALNUM = string.ascii_letters + string.digits
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
HEX = string.digits + "abcdef"


def some(length: int, alphabet: str = ALNUM, seed: int = 7) -> str:
    """Made up anew at each run from a seed: varied, and never two of one character side by side."""
    rng = random.Random(f"{seed} {length} {alphabet}")
    text = ""
    while len(text) < length:
        char = rng.choice(alphabet)
        text += char if not text.endswith(char) else ""
    return text


def mixed(length: int) -> str:
    return "aB3" + some(length - 3)


def b64(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def signed(alg: str = "HS256", sub: str = "someone") -> str:
    return f"{b64({'alg': alg})}.{b64({'sub': sub, 'aud': 'x'})}.{some(43)}"


def pem(kind: str, seed: int = 7) -> str:
    body = "\n".join(some(64, ALNUM + "+/", seed + n) for n in range(8))
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n"


GITHUB = "gh" + "p_" + some(36)
AWS = "AK" + "IA" + some(16, BASE32)

SAMPLES = [
    GITHUB,
    "gh" + "s_" + "12345_" + signed(),
    "github" + "_pat_" + some(22) + "_" + some(59),
    "gl" + "pat-" + some(20),
    "gl" + "pat-" + some(60),
    "GR" + "1348941" + some(20),
    "np" + "m_" + some(36),
    "//registry.example/:_auth" + "Token=" + "np" + "m_" + some(36),
    "//registry.example/:_auth" + "Token=" + "-".join(some(n, HEX) for n in (8, 4, 4, 4, 12)),
    AWS,
    f'aws_secret_key = "{mixed(40)}"',
    f"AWS_SECRET_ACCESS_KEY={mixed(40)}",
    "Account" + "Key=" + some(86) + "==",
    "AI" + "za" + some(35),
    "GOC" + "SPX-" + some(28),
    "sk-" + "ant-api03-" + some(93) + "AA",
    "sk-" + some(20) + "T3Blbk" + "FJ" + some(20),
    "sk-" + "proj-" + some(74) + "T3Blbk" + "FJ" + some(74),
    "h" + "f_" + some(34, string.ascii_letters),
    "xa" + "pp-1-A123-456-" + some(64, HEX),
    "xo" + "xb-123456789012-123456789012-" + some(24),
    "https://hooks.slack" + f".com/services/T{some(8)}/B{some(8)}/{some(24)}",
    "sk" + "_live_" + some(24),
    "do" + "p_v1_" + some(64, HEX),
    "dckr" + "_pat_" + some(27),
    "da" + "pi" + some(32, HEX),
    "hv" + "s." + some(90),
    "AGE-SECRET" + "-KEY-1" + some(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    "shp" + "at_" + some(32, HEX),
    "ruby" + "gems_" + some(48, HEX),
    some(14) + ".atlas" + "v1." + some(67),
    "gl" + "sa_" + some(32) + "_" + some(8, HEX),
    "Zx_8" + "Q~" + some(34),
    "ts" + "key-auth-" + some(12) + "-" + some(32),
    "nt" + "n_" + some(11, string.digits) + some(35),
    "sg" + "p_" + some(40, HEX),
    "fo" + "1_" + some(43),
    "fig" + "d_" + some(40),
    "gs" + "k_" + some(52),
    "HRK" + "U-AA" + some(58),
    "sha" + "256~" + some(43),
    "lin" + "_api_" + some(40),
    "ops" + "_eyJ" + some(250),
    "PMA" + "K-" + some(24, HEX) + "-" + some(34, HEX),
    "NRA" + "K-" + some(27, string.digits + string.ascii_uppercase),
    "dp" + ".pt." + some(43),
    "pu" + "l-" + some(40, HEX),
    "pscale" + "_tkn_" + some(43),
    "r8" + "_" + some(37),
    "sb" + "p_" + some(40, HEX),
    "sntr" + "yu_" + some(64, HEX),
    pem("RSA PRIVATE KEY"),
    pem("ENCRYPTED PRIVATE KEY"),
    "https://deploy:" + mixed(12) + "@git.internal.org/x",
    "artifactory: " + "AK" + "Cp8" + some(40),
    "cloudant_" + f"password = '{some(64, HEX)}'",
    base64.b64encode(some(18, string.digits).encode()).decode() + "." + some(6) + "." + some(27),
    "ibm_cloud_" + f"api_key = '{mixed(44)}'",
    "cos_hmac_" + f"secret_access_key = {some(48, HEX)}",
    signed(),
    some(32, HEX) + "-us" + "12",
    "py" + "pi-AgEIcHlwaS5v" + "cmc" + some(80),
    "S" + "G." + some(22) + "." + some(43),
    "softlayer_" + f"api_key = '{some(64)}'",
    "sq0" + "csp-" + some(43),
    some(9, string.digits) + ":A" + "A" + some(33),
    "S" + "K" + some(32, HEX),
]
DETECTORS = (*providers.DETECTORS, *plugins.detectors())


def judged(detector: Detector, text: str) -> list[tuple[int, int]]:
    """What one detector finds in a piece of text."""
    matches = [match for pattern in detector.patterns() for match in pattern.finditer(text)]
    return [span for span in map(detector.value, matches) if span is not None]


def names(hits: list[Hit]) -> list[str]:
    return [hit.id for hit in hits]


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.id)
def test_each_detector_finds_a_sample_of_its_own_and_the_engine_does_too(detector: Detector) -> None:
    own = [text for text in SAMPLES if judged(detector, text)]
    assert own
    for text in own:
        assert names(scan(text.encode(), KEYS)), detector.id


@pytest.mark.parametrize("text", SAMPLES, ids=range(len(SAMPLES)))
def test_a_sample_is_one_finding_wherever_it_lies(text: str) -> None:
    alone = scan(text.encode(), KEYS)
    assert len(alone) == 1
    padding = "".join(f"word{n} " for n in range(700))
    for wrapped in (
        f"# first\n{text}\nlast".encode(),
        f"caf\u00e9 {text}\n".encode("latin-1"),
        f"\ufeff{text}\n".encode("utf-16-le"),
        f"{text}\n".encode("utf-16-be"),
        b"\0\1\2" + text.encode() + b"\0\xff",
        (padding + text + " " + padding).encode(),
    ):
        assert [hit.fingerprint for hit in scan(wrapped, KEYS)] == [alone[0].fingerprint], wrapped[:40]


def test_the_place_is_line_and_column_in_characters() -> None:
    hit = scan(f"one\ntwo\n\u00e9\u00e9 = {GITHUB}\n".encode(), KEYS)[0]
    assert (hit.line, hit.column, hit.width) == (3, 6, 40)
    assert scan(b"x" * 9000 + b" " + GITHUB.encode(), KEYS)[0].line == 1


def test_a_token_in_a_call_is_found() -> None:
    assert names(scan(f"boto3.client('s3', aws_access_key_id='{AWS}')".encode(), KEYS)) == ["aws-key-id"]


def test_tokens_side_by_side_are_found_apart() -> None:
    other = "gh" + "p_" + some(36, seed=8)
    hits = scan(f"{GITHUB} {other}\n{AWS};{AWS}".encode(), KEYS)
    assert names(hits) == ["github-token", "github-token", "aws-key-id", "aws-key-id"]
    assert len({hit.fingerprint for hit in hits}) == 3


def test_a_fingerprint_is_of_the_whole_token_and_not_of_its_prefix() -> None:
    for prefix, length in (("gh" + "p_", 36), ("gl" + "pat-", 20)):
        first, second = (scan(f"{prefix}{some(length, seed=n)}".encode(), KEYS)[0].fingerprint for n in (1, 2))
        assert first != second
    one, two = (scan(pem("RSA PRIVATE KEY", seed).encode(), KEYS)[0].fingerprint for seed in (1, 50))
    assert one != two


def test_a_key_has_one_fingerprint_however_its_lines_are_broken() -> None:
    text = pem("RSA PRIVATE KEY")
    escaped = json.dumps({"private_key": text})
    indented = "key: |\n" + "".join(f"    {line}\r\n" for line in text.splitlines())
    prints = {scan(form.encode(), KEYS)[0].fingerprint for form in (text, escaped, indented)}
    assert len(prints) == 1


def test_two_keys_in_one_file_are_two_findings() -> None:
    text = pem("RSA PRIVATE KEY") + pem("EC PRIVATE KEY", 90)
    assert names(scan(text.encode(), KEYS)) == ["private-key", "private-key"]


def test_the_key_of_a_fingerprint_decides_it() -> None:
    prints = {keys.of("x", "value") for keys in (KEYS, Fingerprints.derived("a"), Fingerprints(b"a"))}
    assert len(prints) == 3
    assert Fingerprints.derived().of("x", "value") == KEYS.of("x", "value") != KEYS.of("y", "value")


@pytest.mark.parametrize(
    "text",
    [
        "AK" + "IAIOSFODNN7EXAMPLE",
        "gh" + "p_" + "x" * 36,
        "gh" + "p_" + "0" * 36,
        "gh" + "p_" + "your_token_goes_here_" + some(15),
        "npm_config_registry_is_an_environment_variable_of_npm",
        "EUR" + "ASIAPACIFICREGIONNAMES",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\n" + "x" * 64 + "\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PUBLIC KEY-----\n" + some(64) + "\n-----END PUBLIC KEY-----",
        signed(alg="none"),
        signed(sub="1234567890"),
        f"{b64({'typ': 'JWT'})}.{b64({'a': 1})}.{some(43)}",
        "https://user:password@host.internal/x",
        "https://user:${PASSWORD}@host.internal/x",
        "https://user:$PASSWORD@host.internal/x",
        "https://user:{{ password }}@host.internal/x",
        "https://user:%s@host.internal/x",
        "https://user:<password>@host.internal/x",
        "https://üser:pässword@☃.net/",
        "https://%C3%BCser:p%C3%A4ssword@xn--n3h.net/",
        "https://jo%40email.com:a%20secret@müller.de:1234/",
        "https://user:foobar@food.internal/",
        "https://user:" + mixed(12) + "@foo.bar/",
        "https://me:" + mixed(12) + "@example.com/",
        "https://me:" + mixed(12) + "@localhost:8080/",
        "https://host.internal:8080/path@2x.png",
        "git@github.example:owner/name.git",
        "//registry.example/:_authToken=${NPM_TOKEN}",
        "aws_access_key_hash = '" + some(40, HEX) + "'",
        "AC" + some(32, HEX),
        "8.8.8.8",
        "",
    ],
)
def test_placeholders_and_documentation_are_no_findings(text: str) -> None:
    assert scan(text.encode(), KEYS) == []


@pytest.mark.parametrize(
    "password", ["P@ss".replace("@", "%40") + "w0rd9", "a$1bcdef", "hunter22", "密test", "%ffpassword"]
)
def test_a_real_password_in_an_address_is_found_whatever_it_holds(password: str) -> None:
    assert names(scan(f"postgres://app:{password}@db.internal/x".encode(), KEYS)) == ["credential-url"]
    assert names(scan(f"postgres://app:{password}@${{HOST}}/x".encode(), KEYS)) == ["credential-url"]


def test_a_comment_that_asks_to_allow_is_told_and_silences_nothing() -> None:
    for comment in ("pragma: allowlist secret", "tidegate:allow github-token reason=x until=2099-01-01"):
        hits = scan(f"{GITHUB}  # {comment}\n{AWS}\n".encode(), KEYS)
        assert [(hit.id, hit.allowed) for hit in hits] == [("github-token", True), ("aws-key-id", False)]


def test_the_value_is_in_nothing_the_engine_gives_back() -> None:
    scanner = Scanner(KEYS)
    for text in SAMPLES:
        shown = repr(scanner.scan(text.encode())) + repr(scanner) + repr(KEYS)
        pieces = [text[at : at + 12] for at in range(0, max(1, len(text) - 12), 6)]
        random_parts = [
            piece for piece in pieces if any(c.isdigit() for c in piece) and any(c.islower() for c in piece)
        ]
        assert not [piece for piece in random_parts if piece in shown]


def test_what_is_about_to_be_signed_can_be_scanned() -> None:
    assert names(scan_text(json.dumps({"note": GITHUB}).encode())) == ["github-token"]
    assert scan_text(b'{"subject": []}') == []


def test_the_canary_of_every_commit_is_found_and_a_blind_scanner_is_noticed() -> None:
    scanner = Scanner(KEYS)
    for number in range(300):
        canary = Canary.of(f"{number:040x}", KEYS)
        assert canary.is_in(scanner.scan(canary.data))
        assert not canary.is_in([])
    assert not placeholders.is_placeholder(Canary.of("", KEYS).data.decode())


HOSTILE = [
    b"a", b" ", b"A", b"eyJ", b"eyJ.", b"://a:b", b"://a:", b"aws key", b"awskey='", b"secret_key", b"cloudant_key ",
    b"glagent-", b"glpat-", b"xoxb-1-", b"//a/:_authToken=", b"-----BEGIN RSA PRIVATE KEY-----", b"SG.", b"1:A", b"M.",
    b"sk-T3BlbkFJ", b"SK0", b"-us1", b"T3BlbkFJ", b"AKIA", b"ibm_cloud_key=", b"softlayer_key ", b"\0", b"\n", b"\xff",
    b"ghs_eyJ", b"pypi-AgEIcHlwaS5vcmc", b"https://hooks.slack.com/services/T", b"Q~", b"fm2_", b"hvs.", b"a@",
    b"=", b'"',
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_repetition_does_not_slow_a_detector_down(unit: bytes) -> None:
    line = (unit * 4096)[:4096]
    for detector in DETECTORS:
        began = time.perf_counter()
        judged(detector, line[:2048].decode("latin-1"))
        assert time.perf_counter() - began < 0.2, detector.id
    many = b"\n".join(line[n:] + b"%d" % n for n in range(25))
    began = time.perf_counter()
    scan(many, KEYS)
    assert time.perf_counter() - began < 3


def test_more_hits_than_can_be_listed_stop_at_the_bound() -> None:
    tokens = "\n".join("gh" + "p_" + some(36, seed=n) for n in range(engine.MAX_HITS + 50))
    assert len(scan(tokens.encode(), KEYS)) == engine.MAX_HITS


@given(st.binary(max_size=3000), st.integers(0, 3000))
@settings(max_examples=60, deadline=None)
def test_no_bytes_around_a_token_hide_it(noise: bytes, at: int) -> None:
    cut = at % (len(noise) + 1)
    data = b"# " + noise[:cut] + b"\n" + GITHUB.encode() + b"\n" + noise[cut:]
    if readable(data) == data:
        assert "github-token" in names(scan(data, KEYS))


@given(st.binary(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_scanned_without_an_error_and_the_same_twice(data: bytes) -> None:
    assert scan(data, KEYS) == scan(data, KEYS)


def test_a_stretch_of_a_digest_is_no_token_and_a_token_beside_one_is() -> None:
    made = "r8" + "_" + "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0cD3fG6h"
    digest = ("x-" + made + "9" * 43)[:43]
    assert made in digest
    assert not scan_text(f"pkg/mod.py,sha256={digest},12".encode())
    for text in (
        f"sha256={made}",
        f"sha256={made}.",
        f"sha512={made}",
        f"token={made}",
        f"sha256={'x' * 43} {made}",
    ):
        assert scan_text(text.encode()), text
