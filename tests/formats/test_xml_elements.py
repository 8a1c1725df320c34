"""XML is read without a document type, bounded, and refused with its line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats.xml_elements import MAX_DEPTH, Element, loads

LIMIT = 1 << 20


def read(text: str | bytes) -> Element:
    return loads(text.encode() if isinstance(text, str) else text, limit=LIMIT, what="the file")


def test_elements_keep_their_line_attributes_and_text() -> None:
    root = read('<?xml version="1.0"?>\n<a xmlns="urn:x" b="1">\n  <c d=\'2\'>te<!-- -->xt</c><c/></a>')
    assert (root.name, root.attributes, root.line) == ("a", {"b": "1"}, 2)
    assert [(child.name, child.attributes, child.text, child.line) for child in root.children] == [
        ("c", {"d": "2"}, "text", 3),
        ("c", {}, "", 3),
    ]
    assert root.first("c") is root.all("c")[0]
    assert root.first("z") is None


def test_the_five_entities_of_the_language_are_read() -> None:
    assert read("<a b='&lt;&amp;'>&#65;</a>").attributes == {"b": "<&"}


BOMB = '<!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;&x;&x;">]><a>&y;</a>'


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (BOMB, "document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        ("<a>&unknown;</a>", "not XML"),
        ("<a><b></a>", "not XML"),
        ("<a/><b/>", "not XML"),
        ("<a b='1' b='2'/>", "not XML"),
        ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "not XML"),
        ("<a xmlns:p='u' b='1' p:b='2'/>", "twice"),
        ("<a>" * (MAX_DEPTH + 1), "levels"),
        ("", "not XML"),
        ("<a>\0</a>", "NUL"),
        ("<a>\u202e</a>", "reorders"),
        ("<<<<<<< a\n<a/>", "conflict"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(text: str, word: str) -> None:
    with pytest.raises(FormatError, match=word):
        read(text)


def test_bytes_that_are_no_utf8_are_refused_whatever_they_declare() -> None:
    with pytest.raises(FormatError, match="UTF-8"):
        read('<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"))
    with pytest.raises(FormatError, match="larger"):
        loads(b"<a/>" + b" " * LIMIT, limit=LIMIT, what="the file")
    declared = read('<?xml version="1.0" encoding="latin-1"?><a b="\u00e9"/>')
    assert declared.attributes == {"b": "\u00e9"}


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/ab=\"'&;![]- \n", max_size=80) | st.binary(max_size=80))
def test_nothing_but_a_format_error_is_raised(text: str | bytes) -> None:
    try:
        assert isinstance(read(text), Element)
    except FormatError:
        return
