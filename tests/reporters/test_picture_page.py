"""The page is one file that loads nothing, runs only its own script, and shows foreign text as text."""

import base64
import hashlib
import itertools
import json
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings

from support import pictures, runs, sboms
from support.hostile import SPELLS, texts, unseen
from tidegate.model.control import Control
from tidegate.model.verdict import Outcome
from tidegate.reporters.picture import page
from tidegate.reporters.picture.picture import Given

VOID = {"meta", "input"}
OPTIONAL = {"li", "td", "th", "tr", "thead", "tbody", "caption", "dt", "dd"}
TAGS = {
    *("html", "head", "meta", "title", "style", "script", "body", "header", "main", "footer", "section", "article"),
    *("aside", "div", "h1", "h2", "h3", "p", "a", "b", "i", "bdi", "small", "code", "span", "ul", "li", "table"),
    *("caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "label", "input"),
    *("svg", "defs", "pattern", "rect", "path", "text"),
}


class Seen(HTMLParser):
    """Every element with its attributes, the text of scripts, and what stands between the tags."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": [], "title": []}
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        self.elements.append((tag, dict(attrs)))
        if tag in self.inside:
            self.inside[tag].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self.open[-1] != tag:
            assert self.open[-1] in OPTIONAL, f"`{tag}` ends inside `{self.open[-1]}`"
            self.open.pop()
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.inside:
            self.inside[self.open[-1]][-1] += data
        else:
            self.words.append(data)

    def data(self) -> dict[str, Any]:
        plain: dict[str, Any] = json.loads(self.inside["script"][0])
        return plain


@pytest.fixture(scope="module")
def drawn() -> str:
    return page.render(pictures.given(300))


def policy(seen: Seen) -> str:
    (content,) = (each["content"] for tag, each in seen.elements if each.get("http-equiv") == "Content-Security-Policy")
    return content or ""


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def harmless(seen: Seen) -> None:
    """Nothing but the elements of a page of ours, none that loads, links out or runs."""
    assert {tag for tag, _ in seen.elements} <= TAGS
    for tag, attributes in seen.elements:
        names = set(attributes)
        assert not names & {"src", "style", "srcset", "action", "xlink:href", "data", "srcdoc"}, (tag, attributes)
        assert not any(name.startswith("on") for name in names), (tag, attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert [each.get("type") for tag, each in seen.elements if tag == "script"] == ["application/json", None]
    assert [tag for tag, _ in seen.elements].count("style") == 1


def test_the_policy_of_the_page_allows_its_own_style_and_script_by_digest_and_nothing_else(drawn: str) -> None:
    seen = Seen(drawn)
    style, script = seen.inside["style"][0], seen.inside["script"][1]
    assert policy(seen) == (
        f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    # The policy stands before anything it must govern.
    assert drawn.index("Content-Security-Policy") < drawn.index("<style>")


def test_nothing_is_loaded_from_anywhere(drawn: str) -> None:
    harmless(Seen(drawn))
    style = page.style()
    assert "@import" not in style
    assert "@font-face" not in style
    assert set(re.findall(r"url\(([^)]*)\)", style)) == {"#p0", "#p1", "#p2", "#p3", "#p4"}
    addresses = set(re.findall(r"https?://[^\s\"'<]+", page.script() + style))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the name of a vocabulary, which is never asked for


def test_the_script_has_no_means_to_make_markup_of_text_or_to_reach_out() -> None:
    forbidden = (
        *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "createContextualFragment"),
        *("eval(", "Function(", "fetch(", "XMLHttpRequest", "WebSocket", "EventSource", "sendBeacon", "import("),
        *("localStorage", "sessionStorage", "document.cookie", "window.open", "location", "postMessage", "Worker("),
    )
    assert [word for word in forbidden if word in page.script()] == []
    assert "</script" not in page.script()
    assert "<!--" not in page.script()
    assert "</style" not in page.style()


def test_every_component_is_in_the_data_and_in_a_table(drawn: str) -> None:
    seen = Seen(drawn)
    data = seen.data()
    assert len(data["nodes"]) == 301
    listed = {int(each["data-n"] or 0) for tag, each in seen.elements if tag == "tr" and "data-n" in each}
    assert listed == set(range(1, 301))
    words = "".join(seen.words)
    assert all(row[0] in words for row in data["nodes"])
    assert all(len(row) == len(data["fields"]) for row in data["nodes"])


def test_the_first_screen_says_what_it_is_and_what_is_wrong_before_the_graph(drawn: str) -> None:
    before = drawn[: drawn.index('id="graph"')]
    for told in ("acme-platform", "gate shut", "1 of 8 rows failed", "sha256:", "6</b> vulnerable", "3</b> unlocked"):
        assert told in before
    assert "<b>3</b> of " in before
    assert " files not explained" in before
    assert "12 direct" in before


def test_a_picture_without_a_run_says_that_nobody_looked() -> None:
    alone = page.render(Given("sbom.cdx.json", pictures.bom(30)))
    assert "No run was given: the picture says nothing about vulnerable or unlocked components." in alone
    assert "No reconciliation was given" in alone
    assert "the document names no artifact by its digest" in alone
    assert "gate open" not in alone


def test_none_is_never_said_of_what_nobody_looked_for() -> None:
    drawn = pictures.bom(30)
    decided = page.render(Given("a", drawn, runs.passing(), "demo"))
    assert "<b>0</b> vulnerable" in decided
    assert "<b>0</b> unlocked" in decided
    row = Control.DEPENDENCIES
    for outcome in (Outcome.UNDECIDED, Outcome.NOT_REQUIRED, Outcome.LATER):
        told = page.render(Given("a", drawn, runs.run(runs.verdict(row, outcome)), "demo"))
        assert "not known which are vulnerable" in told
        assert "<b>0</b> vulnerable" not in told
    owed = replace(runs.passing(), verdicts=())
    assert "<b>0</b> vulnerable" not in page.render(Given("a", drawn, owed, "demo"))
    assert "<b>0</b> vulnerable" not in page.render(Given("a", drawn, runs.passing(), "another"))
    files = page.render(Given("a", drawn, None, "", pictures.reconciled(pictures.traced("a.whl", odd=2))))
    assert "<b>2</b> files unexplained" in files
    assert "<b>0</b> vulnerable" not in files


def test_the_same_input_gives_the_same_bytes_and_so_does_another_order() -> None:
    first = page.render(pictures.given(120))
    assert first == page.render(pictures.given(120))
    plain = page.render(Given("a", sboms.rich()))
    assert {page.render(Given("a", sboms.shuffled(sboms.rich(), seed))) for seed in range(4)} == {plain}


def test_three_thousand_components_are_two_megabytes_at_most_and_drawn_in_half_a_second() -> None:
    large = pictures.given(3000, marks=60, artifacts=12)
    page.render(pictures.given(30))
    times = []
    for _ in range(3):
        begun = time.process_time()
        text = page.render(large)
        times.append(time.process_time() - begun)
    assert len(text.encode()) < 2_000_000
    assert min(times) <= 0.5
    assert len(Seen(text).data()["nodes"]) == 3001


def test_a_chain_of_three_thousand_is_no_slower_and_no_larger() -> None:
    chain = [pictures.component(f"link-{number}") for number in range(3000)]
    edges = [(before.ref, (after.ref,)) for before, after in itertools.pairwise(chain)]
    root = replace(pictures.bom(1).root)
    long = replace(
        pictures.bom(1), components=tuple(chain), edges=((root.ref, (chain[0].ref,)), *edges), compositions=()
    )
    begun = time.process_time()
    text = page.render(Given("a", long))
    assert time.process_time() - begun <= 1
    assert len(text) < 2_000_000


@pytest.mark.parametrize("spell", SPELLS)
def test_foreign_text_is_shown_and_never_obeyed(spell: str) -> None:
    text = page.render(pictures.hostile(spell))
    text.encode("utf-8")
    seen = Seen(text)
    harmless(seen)
    assert policy(seen) == policy(Seen(page.render(pictures.given(20))))
    assert not any(unseen(char) for char in text if char != "\n")
    assert not any(unseen(char) for row in seen.data()["nodes"] for cell in row[:2] for char in cell)


@given(texts)
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_out_of_the_page(text: str) -> None:
    seen = Seen(page.render(pictures.hostile(text)))
    harmless(seen)
    assert len(seen.inside["script"]) == 2
    assert seen.inside["script"][1] == page.script()


@pytest.mark.parametrize("spell", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028", "&lt;"])
def test_the_data_holds_no_character_html_could_take_for_markup(spell: str) -> None:
    text = page.render(pictures.hostile(spell))
    held = text[text.index('id="data">') + 10 :]
    held = held[: held.index("</script>")]
    assert not set(held) & set("<>&\u2028\u2029")
    assert held.isascii()
    name = json.loads(held)["nodes"][2][0] + json.loads(held)["nodes"][1][0]
    assert spell in name or r"\u2028" in name


def test_a_release_too_large_to_draw_says_so() -> None:
    huge = [pictures.component(f"p{number}") for number in range(10_500)]
    text = page.render(Given("a", replace(pictures.bom(1), components=tuple(huge), edges=(), compositions=())))
    assert "<b>10,500</b> components" in text
    assert "? 501 components are too many to draw" in text
    assert len(text) < 7_000_000
