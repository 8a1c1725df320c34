"""Every rule of the catalog finds its made-up samples through the engine, and nothing in what only looks like one."""

import base64
import hashlib
import random
import re
import time
import uuid

import pytest

from tidegate.domain.secrets import checks, compiled, engine, plugins, structures
from tidegate.domain.secrets.catalog import RULES
from tidegate.domain.secrets.detector import Detector
from tidegate.domain.secrets.engine import Scanner
from tidegate.domain.secrets.fingerprint import Fingerprints
from tidegate.domain.secrets.rule import SecretRule, Tier, sample

KEYS = Fingerprints.derived()
EVERY = Scanner(KEYS, tiers=frozenset({"block", "warn"}))
BLOCK = Scanner(KEYS)
THEIRS = {detector.id for detector in plugins.detectors()}
"""Kinds detect-secrets has a pattern for, too, which may be looser."""


def found(text: str, scanner: Scanner = EVERY) -> set[str]:
    return {hit.id for hit in scanner.scan(text.encode())}


def own(rule: SecretRule, text: str) -> list[str]:
    """What this rule alone finds."""
    detector = compiled.detector(rule)
    spans = [detector.value(match) for pattern in detector.patterns() for match in pattern.finditer(text)]
    return [text[span[0] : span[1]] for span in spans if span is not None]


def lines(rule: SecretRule) -> tuple[str, ...]:
    return ("{}", "# first\n{}\nlast", "export X\n  {}\n")


def test_there_are_rules_for_more_than_a_hundred_and_twenty_kinds_and_no_two_share_a_name() -> None:
    names = [rule.id for rule in RULES]
    assert len(names) == len(set(names)) > 120
    assert all(re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name) for name in names)


def test_what_people_type_and_what_may_be_made_up_warns_and_every_vendors_token_blocks() -> None:
    warning = {rule.id for rule in RULES if rule.tier is not Tier.BLOCK}
    assert all(rule.tier in {Tier.BLOCK, Tier.WARN} for rule in RULES)
    assert warning >= {"password-or-key", "curl-password", "sql-password", "dumped-hash", "nats-seed-doubtful"}
    assert len(warning) < 20
    nobodys = [rule for rule in RULES if rule.source.startswith("no vendor")]
    assert [rule.id for rule in nobodys] == ["password-or-key", "password-below-its-name"]
    assert all(rule.tier is Tier.WARN for rule in nobodys)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_it_finds_where_that_is_written_and_how_to_mend_it(rule: SecretRule) -> None:
    assert rule.title.split()[0] in {"a", "an", "the"}
    assert rule.source
    assert 20 < len(rule.mend) < 250
    assert "\n" not in rule.mend
    assert not rule.mend.endswith(".")
    assert rule.positives
    assert len(rule.negatives) >= 2


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_looked_for_by_literals_of_three_bytes_or_more(rule: SecretRule) -> None:
    assert rule.literals
    for literal in rule.literals:
        assert len(literal) >= 3
        assert literal.isascii()
        assert not rule.fold or literal == literal.lower()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@pytest.mark.parametrize("seed", range(3))
def test_a_rule_finds_its_positives_and_the_engine_does_too(rule: SecretRule, seed: int) -> None:
    for shape in rule.positives:
        text = sample(shape, seed)
        assert own(rule, text), text
        for around in lines(rule):
            assert found(around.format(text) if "{" not in text else text), text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@pytest.mark.parametrize("seed", range(3))
def test_a_rule_finds_nothing_in_its_negatives(rule: SecretRule, seed: int) -> None:
    for shape in rule.negatives:
        text = sample(shape, seed)
        assert not own(rule, text), text
        assert rule.id in THEIRS or rule.id not in found(text)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_hostile_repetition_takes_no_time(rule: SecretRule) -> None:
    detector = compiled.detector(rule)
    one = sample(rule.positives[0], 1)
    pieces = [*"a0 -./\"'=:", "A1", "a.", "aB3", "\\n", one, one[:-1], one[1:]]
    pieces += [literal.decode() for literal in rule.literals] + [literal.decode() + "=" for literal in rule.literals]
    for piece in pieces:
        text = (piece * (2048 // len(piece) + 1))[:2048]
        taken = min(_taken(detector.patterns()[0], detector.value, text) for _ in range(3))
        assert taken < 0.02, piece


def _taken(pattern: re.Pattern[str], value: object, text: str) -> float:
    began = time.perf_counter()
    for match in pattern.finditer(text):
        assert callable(value)
        value(match)
    return time.perf_counter() - began


def _digests(rng: random.Random) -> str:
    rows = []
    for n in range(400):
        raw = rng.randbytes(64)
        sri = base64.b64encode(hashlib.sha512(raw).digest()).decode()
        record = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode()
        rows += [
            f'      "integrity": "sha512-{sri}",',
            f"package/module_{n}.py,sha256={record},{n}",
            f"    --hash=sha256:{hashlib.sha256(raw).hexdigest()} \\",
            f"commit {hashlib.sha1(raw).hexdigest()}",
            f"id: {uuid.UUID(bytes=raw[:16])}",
            f"h1:{base64.b64encode(raw[:32]).decode()}",
            f"api-{uuid.UUID(bytes=raw[:16])}-v2 mask_{raw[:24].hex()}x task-{raw[:16].hex()}0",
        ]
    return "\n".join(rows)


def test_digests_ids_and_hashes_of_locks_records_and_logs_are_no_credentials() -> None:
    assert found(_digests(random.Random(1)), BLOCK) == set()


def test_encoded_data_and_minified_code_are_no_credentials() -> None:
    rng = random.Random(2)
    images = "\n".join(
        "url(data:image/png;base64," + base64.b64encode(rng.randbytes(3000)).decode() + ")" for _ in range(60)
    )
    safe = "\n".join(base64.urlsafe_b64encode(rng.randbytes(900)).decode().rstrip("=") for _ in range(60))
    names = [
        "tokens",
        "passwordField",
        "secretKey",
        "apiKey",
        "hf_model",
        "sk_learn",
        "fw_version",
        "re_compile",
        "npm_config",
    ]
    code = ";".join(
        f"var {rng.choice(names)}={rng.choice(names)}.{rng.choice(names)}({n}),r8_{n}=!0" for n in range(2000)
    )
    assert found(images, BLOCK) == set()
    assert found(safe, BLOCK) == set()
    assert found(code) == set()


def test_a_token_after_an_escape_or_in_an_address_is_still_found() -> None:
    token = sample(structures.crc_token("gh" + "p_"), 4)
    for text in (f"a\\n{token}", f"token%3D{token}", f"\\u0022{token}\\u0022", f"https://h/{token}/x", f"MY_{token}"):
        assert found(text, BLOCK) == {"github-token"}
    groq = sample("gs" + "k_<52:alnum>", 4)
    assert found(f"MY_{groq}", BLOCK) == {"groq-key"}
    assert found(f"word{groq}", BLOCK) == set()


def test_strings_packed_without_a_gap_hide_no_token_that_is_telling() -> None:
    token = sample(structures.crc_token("gh" + "p_"), 4)
    assert found("ELF" + "runtime.main" + token, BLOCK) == {"github-token"}


def test_a_checksum_that_fits_outweighs_a_look_of_being_made_up() -> None:
    body = "xxxx" + sample("<26:alnum>", 3)
    issued = "gh" + "p_" + body + structures.base62_crc(body)
    assert found(issued, BLOCK) == {"github-token"}
    assert found(issued[:-1] + ("a" if issued[-1] != "a" else "b"), BLOCK) == set()


def test_the_checksum_is_a_crc_in_base62_padded_to_six() -> None:
    assert structures.base62_crc("") == "000000"
    assert structures.base62_crc("a" * 30) != structures.base62_crc("b" * 30)
    assert all(len(structures.base62_crc(sample("<30:alnum>", n))) == 6 for n in range(200))


def test_a_seed_with_a_wrong_checksum_is_none() -> None:
    seed = sample(structures.nats_seed, 1)
    assert structures.nats_crc(seed, (0, len(seed)))
    assert not structures.nats_crc("SUA" + seed[3:-1] + ("B" if seed[-1] != "B" else "C"), (0, len(seed)))


@pytest.mark.parametrize(
    "halves",
    [
        ("password = ", '"hunter2!"'),
        ("DB_PASSWORD", "=s3cr3tPw"),
        ("PGPASSWORD", "=Qw3rty77 psql -h db"),
        ("Server=db;User Id=sa;Password", "=P4ss0nly;"),
        ("docker run -e MYSQL_ROOT_PASSWORD", "=t0psecr3t mysql"),
        ("jwt_secret", ": 9f8a7b6c5d4e3f2a1b0c9d8e"),
        ('{"api_key"', ': "zq81kd02mx83hf74js65pw"}'),
        ("<adminPassword>", "Zt7$kk2</adminPassword>"),
        ("user.setPassword", '("Gr33nTea!")'),
        ("  - POSTGRES_PASSWORD", "=kd83hf7s"),
        ("password", ': "admin"'),
        ("dbpass", "=u7Tr9qLm2"),
        ("mysqldump --password", " Hx82!kqa --all"),
        ("ENV API_TOKEN", " zq81kd02mx83hf74js65pw"),
    ],
)
def test_a_password_or_key_in_use_is_told(halves: tuple[str, str]) -> None:
    assert found("".join(halves)) == {"password-or-key"}


@pytest.mark.parametrize(
    "text",
    [
        'password = "password"',
        'password = ""',
        "password = None",
        "password=$DB_PASSWORD",
        "password: ${{ secrets.DB_PASSWORD }}",
        "password: <your-password>",
        'password = getpass.getpass("Password: ")',
        'token = os.environ.get("TOKEN")',
        'tokens = "one two three"',
        "token: string;",
        "secret: kv/data/team/app",
        'secretName: "my-app-tls-secret"',
        'label: "Forgot your password?"',
        'password_hint: "first pet"',
        "secret_key = settings.SECRET_KEY2",
        "token = token_v2",
        'api_key="YOUR-API-KEY-HERE"',
        'password: "{0}:{1}"',
        "pass: 12",
        'password="%s"',
        'access_token_url = "https://auth.internal.org/token2"',
        'const TOKEN_TYPE = "urn:ietf:params:oauth:token-type:jwt2"',
        "if password == other.password1:",
        'secret: "sha256:abcdef"',
        'passwordField = "input-password-2"',
        "the password is2short for us",
        'minipass: "npm:^7.0.4"',
        'bypass: "x86_64-linux-7"',
        'api_key="[A-Z0-9]{36}"',
    ],
)
def test_placeholders_code_and_words_are_told_nothing_about(text: str) -> None:
    assert found(text) == set()


@pytest.mark.parametrize("detector", engine.detectors(), ids=lambda detector: f"{detector.id}-{detector.says}")
def test_every_detector_says_where_its_credential_is_revoked_and_how_it_is_replaced(detector: Detector) -> None:
    assert re.match(r"(?:revoke|change|take|roll|end) ", detector.mend), detector.mend
    assert re.search(r"\b(?:new|change|second|hand it over|hand the address)\b", detector.mend), detector.mend


def test_no_sample_lies_whole_in_the_catalog() -> None:
    for rule in RULES:
        for shape in rule.positives:
            assert callable(shape) or "<" in shape


def test_a_check_of_the_sample_classes_is_the_same_for_the_same_seed() -> None:
    for rule in RULES[:40]:
        assert sample(rule.positives[0], 9) == sample(rule.positives[0], 9)
    assert checks.shannon("abcd") == 2.0
