"""Which events can start a job, once its conditions and those of the jobs it waits for are read.

Only conditions that certainly keep an event out take it away; everything else is read as if it were true.
"""

import re
from collections.abc import Iterable

from tidegate.model.workflow import Job, Workflow

OUTSIDE = frozenset(
    {
        "check_run",
        "check_suite",
        "discussion",
        "discussion_comment",
        "fork",
        "gollum",
        "issue_comment",
        "issues",
        "pull_request_target",
        "status",
        "watch",
        "workflow_run",
    }
)
"""Events that anybody can cause and that run with the repository's own token and secrets."""
OWN_BRANCHES = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment", "workflow_dispatch"})
"""Events that whoever can push a branch can cause, with code nobody has reviewed; forks get no token and no secret."""

MAX_CONDITION = 4_000
MAX_DEPTH = 20
_EVENT = re.compile(r"github\.event_name *(==|!=) *'([a-z_]{1,60})'|'([a-z_]{1,60})' *(==|!=) *github\.event_name")
_TAG = re.compile(
    r"(?:startswith|contains)\( *github\.ref *, *'refs/tags/[^']*' *\)|github\.ref_type *== *'tag'"
    r"|'tag' *== *github\.ref_type"
)
_BRANCH = re.compile(r"github\.ref(?:_name)? *== *'[^']*'|startswith\( *github\.ref *, *'refs/heads/[^']*' *\)")
# Not `head_branch`: a fork's branch can have any name.
_OWN_RUN = re.compile(
    r"github\.event\.workflow_run\.(?:event *(?:== *'(?!pull_request)[a-z_]*'|!= *'pull_request')"
    r"|head_repository\.(?:full_name *== *github\.repository|fork *== *false))"
    r"|github\.repository *== *github\.event\.workflow_run\.head_repository\.full_name"
)
_HEAD_NAME, _BASE_NAME = (rf"github\.event\.pull_request\.{side}\.repo\.full_name" for side in ("head", "base"))
_OWN_HEAD = re.compile(
    rf"{_HEAD_NAME} *== *(?:github\.repository|{_BASE_NAME})|(?:github\.repository|{_BASE_NAME}) *== *{_HEAD_NAME}"
    r"|github\.event\.pull_request\.head\.repo\.fork *== *false|! *github\.event\.pull_request\.head\.repo\.fork"
)
_AUTHOR = r"github\.event\.([a-z_]{1,30})\.author_association"
_RANK = r"(?:owner|member|collaborator)"
_MEMBER = re.compile(
    rf"contains\( *fromjson\( *'\[ *(?:\"{_RANK}\" *,? *){{1,9}}\]' *\) *, *{_AUTHOR} *\)"
    rf"|{_AUTHOR} *== *'{_RANK}'|'{_RANK}' *== *{_AUTHOR}"
)
_COMMENTED = frozenset({"issue_comment", "discussion_comment", "pull_request_review", "pull_request_review_comment"})
_SPEAKERS = frozenset({"comment", "review"})
_NEVER = frozenset({"false", "!true", "! true", "0", "''", '""', "null", "!always()"})
_ALWAYS = re.compile(r"\b(?:always|cancelled|failure)\(\)")
_CONSTANTS = re.compile(r"('[^']*'|[0-9]{1,9}|true|false) *(==|!=) *('[^']*'|[0-9]{1,9}|true|false)")
_INDEX = re.compile(r"\s{0,9}\[\s{0,9}'([\w-]{1,80})'\s{0,9}\]")
_DOT = re.compile(r"\s{0,9}\.\s{0,9}(?=[a-z_*])")
# A tag is never the ref of these.
_UNTAGGED = OUTSIDE | OWN_BRANCHES - {"workflow_dispatch"} | {"merge_group", "schedule"}


def reached(flow: Workflow) -> dict[str, frozenset[str]]:
    """For each job the events that can start it; a job that waits for others is started by what starts them all."""
    events = {job.id: _own(flow, job) for job in flow.jobs}
    waiting = [job for job in flow.jobs if job.needs and not goes_on(condition(job.if_))]
    for _ in range(MAX_DEPTH):
        before = dict(events)
        for job in waiting:
            for need in job.needs:
                events[job.id] &= events.get(need, events[job.id])
        if events == before:
            break
    return events


def condition(text: str) -> str:
    """A condition in one line and lower case, without its own brackets; one that is too long says nothing."""
    text = " ".join(text.split()).lower() if len(text) <= MAX_CONDITION else ""
    if text.startswith("${{") and text.endswith("}}") and text.count("${{") == 1:
        text = text[3:-2].strip()
    return text


def plain(text: str) -> str:
    """An expression in lower case with every property behind a dot: `github['event']` is `github.event`."""
    return _DOT.sub(".", _INDEX.sub(r".\1", text.lower()))


def never(text: str) -> bool:
    """Is this condition false whatever happens?"""
    return _value(condition(text), 0) is False


def goes_on(text: str) -> bool:
    """Can this condition, as `condition` gives it, be true when a job before has failed?"""
    return _ALWAYS.search(text) is not None


def only_after_failure(text: str) -> bool:
    """Does a condition ask that something has failed or was cancelled?"""
    return any(_bare(part) in ("failure()", "cancelled()") for part in _parts(_bare(condition(text)), "&&"))


def _value(text: str, depth: int) -> bool | None:
    """What an expression of constants says, None when it depends."""
    text = _bare(text)
    if depth > MAX_DEPTH:
        return None
    either, every = _parts(text, "||"), _parts(text, "&&")
    if len(either) > 1:
        values = {_value(part, depth + 1) for part in either}
        return True if True in values else False if values == {False} else None
    if len(every) > 1:
        values = {_value(part, depth + 1) for part in every}
        return False if False in values else True if values == {True} else None
    if text in _NEVER:
        return False
    if text in ("true", "always()"):
        return True
    if text.startswith("!") and not text.startswith("!="):
        inner = _value(text[1:], depth + 1)
        return None if inner is None else not inner
    match = _CONSTANTS.fullmatch(text)
    if match and (match[1][0] == "'") == (match[3][0] == "'"):
        return (match[1] == match[3]) == (match[2] == "==")
    return None


def only_members(text: str, events: Iterable[str] = ()) -> bool:
    """Does a condition ask that the author of the issue or comment belongs to the repository?

    Where a comment starts the job, its author must be asked, not the author of what is commented on.
    """
    said = bool(_COMMENTED & frozenset(events))
    return any(
        all(_asks_member(each, said) for each in _parts(_bare(part), "||"))
        for part in _parts(_bare(plain(condition(text))), "&&")
    )


def _asks_member(text: str, said: bool) -> bool:
    match = _MEMBER.fullmatch(_bare(text))
    return match is not None and (not said or (match[1] or match[2] or match[3]) in _SPEAKERS)


def _own(flow: Workflow, job: Job) -> frozenset[str]:
    return frozenset(flow.triggers) & _allowed(condition(job.if_), frozenset(flow.triggers), 0)


def _allowed(text: str, events: frozenset[str], depth: int) -> frozenset[str]:
    """The events under which a condition may be true."""
    text = _bare(text)
    if depth > MAX_DEPTH or not text:
        return events
    either = _parts(text, "||")
    if len(either) > 1:
        return frozenset().union(*(_allowed(part, events, depth + 1) for part in either))
    every = _parts(text, "&&")
    if len(every) > 1:
        for part in every:
            events &= _allowed(part, events, depth + 1)
        return events
    return _single(text, events)


def _single(text: str, events: frozenset[str]) -> frozenset[str]:
    if _value(text, 0) is False:
        return frozenset()
    match = _EVENT.fullmatch(text)
    if match:
        name, sign = match[2] or match[3], match[1] or match[4]
        return events & {name} if sign == "==" else events - {name}
    if _OWN_RUN.fullmatch(text):
        return events - {"workflow_run"}
    if _OWN_HEAD.fullmatch(text):
        return events - {"pull_request_target"}
    if _TAG.fullmatch(text):
        return events - _UNTAGGED
    if _BRANCH.fullmatch(text):
        return events - {"pull_request", "pull_request_review", "pull_request_review_comment", "merge_group"}
    return events


def _bare(text: str) -> str:
    """Without brackets round the whole."""
    text = text.strip()
    for _ in range(MAX_DEPTH):
        if not (text.startswith("(") and text.endswith(")")) or len(list(_split(text[1:-1], ("\0",)))) != 1:
            return text
        text = text[1:-1].strip()
    return text


def _parts(text: str, sign: str) -> list[str]:
    return [part.strip() for part in _split(text, (sign,))] or [text]


def _split(text: str, signs: Iterable[str]) -> list[str]:
    """Parts between signs outside of brackets and quotes; [] when a bracket closes what was not opened."""
    parts, start, depth, quoted = [], 0, 0, False
    for index, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth < 0:
                return []
        elif depth == 0 and text.startswith(tuple(signs), index):
            parts.append(text[start:index])
            start = index + 2
    return [*parts, text[start:]]
