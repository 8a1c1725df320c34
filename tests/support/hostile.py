"""Text as an attacker would write it into names, messages and paths, and the readers it must not reach."""

import re
import unicodedata

from hypothesis import strategies as st

SPELLS = (
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "a\rb\nc\td",
    "\n::error file=x::injected",
    "  ::add-mask::x",
    "\u2028::set-output name=a::b",
    "\u00a0::stop-commands::x",
    "x ##[add-path]/tmp",
    "###[error]x",
    "##vso[task.setvariable]x",
    "\u202egnp.exe\u2066",
    "\u200b\ufeff\u2060\u180e",
    "\u3164\u115f\u2800\ufe0f\U000e0041",
    "a" + "\u0335" * 40,
    "\ud800 \udce9",
    "<script>alert(1)</script>",
    "</code></td><img src=x onerror=y>",
    "[x](javascript:y) ![x](//z)",
    "| a | b |\n| - | - |",
    "``` `code` ``",
    "@team #12 :tada: https://evil.example www.evil.example me@evil.example",
    "- item\n1. item\n# head\n> quote",
    "$x$ *a* _b_ ~~c~~ &lt; &#60;",
    "%0A%0D%25::error::x",
    "\\",
    "a\\",
    "../../etc/passwd",
    "C:\\x",
    "",
    "   ",
    "\0",
    "\U0010ffff",
    "x" * 5000,
    "{0} ${{ secrets.X }}",
)

texts = st.one_of(
    st.sampled_from(SPELLS),
    st.text(max_size=80),
    st.text(alphabet="\x1b[]:#`<>@|\\*_-= \n\r%,;(){}!&~$.w1\u202e\u200b", max_size=60),
    st.lists(st.sampled_from(SPELLS), min_size=1, max_size=4).map("".join),
)


def unseen(char: str) -> bool:
    """Does a character act on a terminal, hide, or hide others?"""
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def obeyed(line: str) -> bool:
    """Would the GitHub runner (its two parsers) or an Azure agent take the line for a command?"""
    return line.lstrip().startswith("::") or re.search(r"##\w*\[", line) is not None
