"""Pages of 30, 300 and 3,000 components and one by an enemy, opened in a headless Chromium and looked over.

    PYTHONPATH=tests python -m ui.look_at_pictures FOLDER

leaves the pages, screenshots (light, dark, narrow, without script, as printed) and PDFs in FOLDER and ends with 1 when
a page says something is wrong with it, asks for anything, or lets text overlap or run out of its box.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from support import pictures
from support.hostile import SPELLS
from tidegate.reporters.picture import page
from ui.browser import Browser

SIZES = (30, 300, 3000)

# Boxes of the tree that touch each other, and text wider than the box it stands in.
OVERLAPS = """(() => {
  const boxes = [...document.querySelectorAll('.item, .head')].map((each) => each.getBoundingClientRect());
  let count = 0;
  boxes.forEach((a, place) => boxes.slice(place + 1).forEach((b) => {
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) count += 1;
  }));
  return count;
})()"""
SPILLS = """(() => {
  const wide = [...document.querySelectorAll('body *')].filter((each) => each.clientWidth && !each.closest('svg')
    && each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX === 'visible');
  const labels = [...document.querySelectorAll('.figure svg svg')].filter((each) => (
    each.firstChild.getBBox().x + each.firstChild.getBBox().width > Number(each.getAttribute('width')) + 4));
  const cut = document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['the page'] : [];
  const names = wide.map((each) => `${each.tagName}.${each.className}`);
  return [...names, ...labels.map((each) => each.textContent), ...cut];
})()"""
SHOWN = "[...document.querySelectorAll('.item')].map((each) => each.getAttribute('aria-label') || each.textContent)"
FOCUS = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"

# The name of the deepest component.
DEEPEST = """(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const depth = data.fields.indexOf('depth');
  return data.nodes.reduce((a, b) => (b[depth] > a[depth] ? b : a))[0];
})()"""


def main(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    pages = {f"{count}": page.render(pictures.given(count, marks=max(3, count // 50))) for count in SIZES}
    pages["hostile"] = page.render(pictures.hostile("".join(SPELLS[:24])))
    wrong: list[str] = []
    for name, text in pages.items():
        path = folder / f"{name}.html"
        path.write_text(text, encoding="utf-8")
        wrong += [f"{name}: {each}" for each in _look(path)]
    sys.stdout.write("".join(f"{each}\n" for each in wrong) or "nothing is wrong with the pages\n")
    return 1 if wrong else 0


def _look(path: Path) -> Iterator[str]:
    stem = path.with_suffix("")
    for dark in (False, True):
        with Browser(dark=dark) as browser:
            seconds = browser.open(path)
            browser.shoot(Path(f"{stem}-{'dark' if dark else 'light'}.png"))
            browser.shoot(Path(f"{stem}-{'dark' if dark else 'light'}-whole.png"), whole=True)
            yield from _faults(browser, path)
            if seconds > 3:
                yield f"took {seconds:.1f} s to open"
            if not dark:
                yield from _used(browser, stem)
                browser.pdf(Path(f"{stem}.pdf"))
                browser.media("print")
                browser.shoot(Path(f"{stem}-print.png"))
    with Browser(390, 844) as browser:
        browser.open(path)
        browser.shoot(Path(f"{stem}-narrow.png"), whole=True)
        yield from _faults(browser, path)
    with Browser(script=False) as browser:
        browser.open(path)
        browser.shoot(Path(f"{stem}-plain.png"), whole=True)
        if browser.told or len(browser.asked) != 1:
            yield f"without script: {browser.told} {browser.asked}"


def _faults(browser: Browser, path: Path) -> Iterator[str]:
    if browser.told:
        yield f"the browser says {browser.told}"
    if browser.asked != [path.absolute().as_uri()]:
        yield f"it asked for {browser.asked}"
    if overlaps := browser.run(OVERLAPS):
        yield f"{overlaps} boxes overlap"
    if spills := browser.run(SPILLS):
        yield f"text runs out of {spills}"


def _used(browser: Browser, stem: Path) -> Iterator[str]:
    """By keyboard alone: through the tree, then to one package by name."""
    browser.run("document.getElementById('graph').scrollIntoView()")
    browser.run("document.querySelector('[role=treeitem][tabindex=\"0\"]').focus()")
    first = browser.run(FOCUS)
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        browser.key(key)
    if browser.run(FOCUS) == first:
        yield "the keyboard does not move through the tree"
    browser.run("document.getElementById('find').focus()")
    browser.write(browser.run(DEEPEST))
    browser.key("Enter")
    wanted = browser.run("document.querySelector('#panel h3 bdi').textContent")
    if not any(each.startswith(wanted) for each in browser.run(SHOWN)):
        yield f"the way to {wanted!r} is not shown"
    browser.shoot(Path(f"{stem}-found.png"))
    buttons = browser.run("document.querySelectorAll('#filters button').length")
    for number in range(buttons):
        browser.run(f"document.querySelectorAll('#filters button')[{number}].click()")
        if overlaps := browser.run(OVERLAPS):
            yield f"{overlaps} boxes overlap behind button {number}"
        if spills := browser.run(SPILLS):
            yield f"behind button {number} text runs out of {spills}"
    browser.shoot(Path(f"{stem}-filtered.png"))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
