"""What a value looks like: a word, an identifier, code, a hash, a password in use, a generated key."""

import random
import string

import pytest

from tidegate.domain.secrets.codeshapes import is_code, is_hash, is_identifier
from tidegate.domain.secrets.guesses import is_key, is_password, is_sequence, is_strong
from tidegate.domain.secrets.wordiness import odds, pieces, wordiness


def letters(rng: random.Random, alphabet: str, count: int) -> str:
    return "".join(rng.choice(alphabet) for _ in range(count))


def test_words_are_likelier_words_than_random_letters_are() -> None:
    rng = random.Random(7)
    words = [
        "password",
        "database",
        "function",
        "continue",
        "example",
        "security",
        "container",
        "monitor",
        "address",
        "handler",
    ]
    random_words = ["".join(rng.choice(string.ascii_lowercase) for _ in range(8)) for _ in range(300)]
    assert min(map(odds, words)) > 0
    assert sum(odds(word) < 0 for word in random_words) > 270


def test_the_pieces_of_an_identifier_are_its_words() -> None:
    assert pieces("my_dbName2HTTPServer") == ["my", "db", "Name", "HTTP", "Server"]
    assert wordiness("databasePassword") == 1
    assert wordiness("0123") == 0


@pytest.mark.parametrize("value", ["ghdkqx", "Summer2019!", "monkey77", "admin", "738291", "xK3kd9", "rkzh-ttzi-tkso"])
def test_a_password_in_use(value: str) -> None:
    assert is_password(value, True)


@pytest.mark.parametrize(
    "value",
    [
        "database",
        "userName",
        "abc",
        "Password123!",
        "s3cr3t",
        "1234",
        "0000",
        "contraseña",
        "two words",
        "user-name-2",
        "aaaaaaaa",
        "validation_error",
        "enter password",
        "xyxyxyxyxy",
    ],
)
def test_a_word_or_what_everybody_types_in_examples_is_no_password(value: str) -> None:
    assert not is_password(value, True)


def test_in_settings_even_a_weak_one_is_a_password() -> None:
    for value in ("Password123!", "secret99", "123456"):
        assert is_password(value, False)


@pytest.mark.parametrize(
    "value",
    [
        "bert-base-uncased-v2",
        "abcdefghij1234567890",
        "00112233445566778899aabbccddeeff",
        "deadbeef" * 4,
        "sandbox_Xk3jd9Qm2",
        "userAuthToken2",
        "short1",
        "my_token_value",
        "us-east-1-prod",
    ],
)
def test_an_identifier_or_a_made_up_value_is_no_key(value: str) -> None:
    assert not is_key(value, True)


def test_a_generated_key_is_strong_and_a_short_or_plain_one_is_not() -> None:
    rng = random.Random(9)
    assert is_strong(letters(rng, "0123456789abcdef", 32))
    assert is_strong(letters(rng, "aB3" + string.ascii_letters + string.digits, 28) + "aB3")
    assert not is_strong(letters(rng, "0123456789abcdef", 16))
    assert not is_strong(letters(rng, string.ascii_lowercase, 40))


def test_typed_sequences_are_known() -> None:
    assert all(map(is_sequence, ("abcdef", "x123456y", "ABC123", "0011223344556677")))
    assert not any(map(is_sequence, ("a", "", "acegik", "135790", "fedcba")))


@pytest.mark.parametrize(
    "value",
    [
        "$DB_PASSWORD",
        "${VALUE}",
        "{{ value }}",
        "#{value}",
        "<value>",
        "%s:%s",
        "config.db.password",
        "get(1)",
        "a::b",
        "/etc/ssl/key.pem",
        "https://x.y",
        "sha256:abcd",
        "1.2.3",
        "aes-256-gcm",
        "2026-01-02",
        "name@mail.org",
        "id_rsa.pub",
    ],
)
def test_code_and_references_are_known(value: str) -> None:
    assert is_code(value)


def test_a_value_with_marks_is_no_code_for_that() -> None:
    for value in ("Ab$12kd#9", "x7/Kq+Lm2Zr9/wPqT8s", "k!jd93%9", "s3.Xk9-q2"):
        assert not is_code(value)
    assert is_identifier("db_password_2")
    assert not is_identifier("xk3jd9")
    assert is_hash("$2y$10$" + "a" * 53)
    assert not is_hash("$money7")
