"""A fleet for a terminal: a line a repository, the worst first."""

from collections.abc import Sequence

from tidegate.model.fleet import Examined, Fleet, Weight, weight
from tidegate.reporters.escape import terminal
from tidegate.reporters.fleet import words

WIDE = 40


def render(fleet: Fleet, results: Sequence[Examined]) -> str:
    head = ["", "repository", "commit", *fleet.rows]
    lines = [[weight(r), terminal(r.name, WIDE), r.commit[:12] or "-", *(words.row(r, c) for c in fleet.rows)]
             for r in results]  # fmt: skip
    widths = [max(len(line[at]) for line in (head, *lines)) for at in range(len(head))]
    shown = []
    for line, result in zip((head, *lines), (None, *results), strict=True):
        shown.append("  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip())
        if result is not None and weight(result) is not Weight.OPEN and words.why(result):
            shown.append(f"    {terminal(words.why(result), 160)}")
    return "\n".join((*shown, "", f"{words.total(results)}; policy {terminal(fleet.policy_path)} {fleet.policy}", ""))
