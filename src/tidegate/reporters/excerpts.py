"""A source line is shown beside a finding only where it cannot show a secret."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from tidegate.model.control import Control
from tidegate.model.finding import Place
from tidegate.model.verdict import Run
from tidegate.reporters.shown import Shown

Excerpt = Callable[[str, int], str | None]
"""A line of a file of the working tree: path and 1-based line; None when there is none."""

LINE = 1000

# A table's heading in a TOML file says nothing about what is below it.
_HEADING = re.compile(r"\s*\[\[?[\w.-]{1,80}\]\]?\s*")
_TELLING = re.compile(r"credential|secret|password|private-key")
_USER = re.compile(r"(?<=://)[^/\s@]+(?=@)")
# A pin such as `typing-extensions==4.15.0` looks opaque up to its first dot, and is shown.
_OPAQUE = re.compile(
    r"(?![a-z_-]+==[0-9]{1,4}(?![\w+/=-]))(?<![@\w+/=-])(?<!sha256:)(?<!sha384:)(?<!sha512:)(?=[\w+/=-]*[0-9])(?=[\w+/=-]*[A-Za-z])[\w+/=-]{20,}"
)
_NAMED = re.compile(
    r"(?i)(?:passw(?:or)?d|secret|token|api[_-]?key|credential|private[_-]?key)[\w-]*[\"']?\s*[:=]\s*[\"']?"
    r"(?!\$|inherit\b|read\b|write\b|none\b|true\b|false\b)([^\s\"']+)"
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the source lines of one run come from, and which lines the secret scanner pointed at."""

    excerpt: Excerpt | None
    secret: frozenset[tuple[str, int | None]]

    @classmethod
    def of(cls, run: Run, excerpt: Excerpt | None) -> Self:
        places = (j.finding.place for v in run.verdicts if v.control is Control.SECRETS for j in v.findings)
        return cls(excerpt, frozenset((place.path, place.line) for place in places if place is not None))

    def place(self, item: Shown) -> Place | None:
        """The finding's place, its excerpt filled in where the stage gave none and nothing forbids it.

        Never for the secret scanner's findings, for lines it pointed at, for rules about credentials, or for members
        of artifacts. What looks like a credential is starred out, whatever the rule.
        """
        place = item.finding.place
        if place is None or place.excerpt or place.line is None or self.excerpt is None:
            return place
        if item.control is Control.SECRETS or _TELLING.search(item.finding.rule) or "!/" in place.path:
            return place
        if (place.path, place.line) in self.secret:
            return place
        line = self.excerpt(place.path, place.line)
        return place if line is None or _HEADING.fullmatch(line) else replace(place, excerpt=starred(line[:LINE]))


def starred(line: str) -> str:
    """The line with what may be a credential replaced by as many stars, so that columns stay where they are."""
    line = _USER.sub(lambda found: "*" * len(found[0]), line)
    line = _NAMED.sub(lambda found: found[0][: -len(found[1])] + "*" * len(found[1]), line)
    return _OPAQUE.sub(lambda found: "*" * len(found[0]), line)
