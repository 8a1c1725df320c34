"""What a rule is about, why it matters, how to mend it, and the exception to paste when it cannot be mended now."""

import textwrap
from collections.abc import Iterator

from tidegate.model.finding import Rule
from tidegate.reporters.escape import terminal, yaml_scalar


def render(rule: Rule, *, width: int) -> str:
    """The explanation of one rule, wrapped at `width` columns; the YAML parts are ready to paste."""
    return "\n".join(_lines(rule, max(width, 40))) + "\n"


def _lines(rule: Rule, width: int) -> Iterator[str]:
    yield f"{terminal(rule.id)}: {terminal(rule.says)}"
    yield ""
    yield f"row    {rule.control.label} ({rule.control})"
    yield f"level  {rule.level}"
    yield from _part("why it matters", rule.why, width)
    yield from _part("how to mend it", rule.fix, width)
    if rule.frameworks:
        yield from _part("serves", "; ".join(rule.frameworks), width)
    yield ""
    yield "to accept one finding of it, in the policy:"
    yield ""
    yield "  exceptions:"
    yield f"    - rule: {yaml_scalar(rule.id)}"
    yield '      about: "the `about:` of the finding"'
    yield '      reason: "why it is acceptable, in a sentence"'
    yield '      owner: "who answers for it"'
    yield "      expires: YYYY-MM-DD"
    yield ""
    yield "to change its level, in the policy:"
    yield ""
    yield "  controls:"
    yield f"    {rule.control}:"
    yield "      rules:"
    yield f"        {yaml_scalar(rule.id)}: {'warn' if rule.level == 'fail' else 'fail'}"


def _part(title: str, text: str, width: int) -> Iterator[str]:
    yield ""
    yield title
    wrapped = textwrap.wrap(terminal(text, 4000), width - 2, break_on_hyphens=False, break_long_words=False)
    yield from (f"  {line}" for line in wrapped)
