"""Predefined variables whose text somebody outside the project's maintainers writes.

Source: GitLab's "Predefined CI/CD variables reference". `…_SLUG` and numbers are left out, their text is made safe.
"""

import re
from collections.abc import Iterable, Mapping

from tidegate.model.pipeline import Variable

_PATTERN = (
    r"CI_COMMIT_(?:MESSAGE|TITLE|DESCRIPTION|REF_NAME|BRANCH|TAG_MESSAGE|AUTHOR|TAG)"
    r"|CI_MERGE_REQUEST_(?:TITLE|DESCRIPTION|SOURCE_BRANCH_NAME|LABELS|MILESTONE|ASSIGNEES)"
    r"|CI_EXTERNAL_PULL_REQUEST_(?:SOURCE_BRANCH_NAME|SOURCE_REPOSITORY|TARGET_BRANCH_NAME)"
    r"|CI_OPEN_MERGE_REQUESTS|GITLAB_USER_NAME|CI_BUILD_REF_NAME|TRIGGER_PAYLOAD"
)
UNTRUSTED = re.compile(rf"\$(?:\{{(?:{_PATTERN})(?=[}}:#%/^,@])|(?:{_PATTERN})(?![A-Za-z0-9_]))")
NAMED = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]{0,200})")
ROUNDS = 5


def named_untrusted(text: str) -> str:
    """The first such variable in a text, without its braces; "" when there is none."""
    match = UNTRUSTED.search(text)
    return match[0].replace("{", "") if match else ""


def carriers(variables: Iterable[Variable], known: Mapping[str, str]) -> Mapping[str, str]:
    """Variables whose value is made of untrusted ones, each with the one it is made of; `known` are such already."""
    pairs = [(each.name, each.value) for each in variables if "$" in each.value]
    if not pairs:
        return known
    found = dict(known)
    for _ in range(ROUNDS):
        before = len(found)
        for name, value in pairs:
            inner = next((found[each] for each in NAMED.findall(value) if each in found), "")
            source = named_untrusted(value) or inner
            if source and name not in found:
                found[name] = source
        if len(found) == before:
            break
    return found
