"""Id tokens and secrets that serve more than one service, reach more than one job, or can be had by outsiders."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tidegate.domain.grants.gitlab.look import Look, place
from tidegate.domain.grants.gitlab.reading import read
from tidegate.domain.grants.gitlab.rules import AUDIENCE_BROAD, AUDIENCE_SHARED, SECRET_IN_VARIABLES, TOKEN_INHERITED
from tidegate.domain.grants.gitlab.secretlike import is_literal_secret
from tidegate.domain.grants.gitlab.variables import named_untrusted
from tidegate.domain.grants.rules import SIGNING_EXPOSED, SIGNING_SHARED
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Level, found
from tidegate.model.pipeline import At, IdToken, Pipeline

MOST_NAMED = 4


def check(look: Look) -> Iterator[Finding]:
    """Findings about one job."""
    yield from _shared_with_foreign_code(look)
    yield from _exposed(look)


def check_pipeline(pipeline: Pipeline, looks: Sequence[Look]) -> Iterator[Finding]:
    """Findings about tokens and variables wherever they are written, each place once."""
    written: dict[tuple[At, str], tuple[IdToken, list[Look]]] = {}
    for look in looks:
        for token in look.job.id_tokens:
            written.setdefault((token.at, token.name), (token, []))[1].append(look)
    for token in pipeline.default_tokens:
        written.setdefault((token.at, token.name), (token, []))
    for token, holders in written.values():
        yield from _audience(token, holders)
        yield from _inherited(token, holders, token in pipeline.default_tokens)
    yield from _same_audience(written)
    yield from _literals(pipeline, looks)


def _audience(token: IdToken, holders: Sequence[Look]) -> Iterator[Finding]:
    about = f"{holders[0].about if holders else token.at.path + '#default'}#{token.name}"
    fault = ""
    if token.listed and len(token.audiences) != 1:
        fault = f"is made for {len(token.audiences)} audiences at once"
    elif token.listed:
        fault = "has a list as its audience, which services that compare a string refuse"
    elif not any(token.audiences):
        fault = "names no audience"
    elif any("*" in each for each in token.audiences):
        fault = f"has the audience `{shown(token.audiences[0], 80)}`"
    elif any(named_untrusted(each) for each in token.audiences):
        fault = f"has an audience others choose, `{shown(token.audiences[0], 80)}`"
    if fault:
        finding = found(AUDIENCE_BROAD, about, f"the id token `{shown(token.name, 80)}` {fault}", place=place(token.at))
        yield replace(finding, level=Level.WARN) if token.listed and len(token.audiences) == 1 else finding


def _inherited(token: IdToken, holders: Sequence[Look], default: bool) -> Iterator[Finding]:
    if not default and len(holders) < 2:
        return
    source = "`default`" if default else "one place"
    names = ", ".join(f"`{look.title}`" for look in holders[:MOST_NAMED]) or "every job"
    more = f" and {len(holders) - MOST_NAMED} more" if len(holders) > MOST_NAMED else ""
    message = f"the id token `{shown(token.name, 80)}` is handed from {source} to {names}{more}"
    yield found(TOKEN_INHERITED, f"{token.at.path}##{token.name}", message, place=place(token.at))


def _same_audience(written: dict[tuple[At, str], tuple[IdToken, list[Look]]]) -> Iterator[Finding]:
    """One finding an audience that is written in several places for several jobs."""
    askers: dict[str, list[tuple[IdToken, Look]]] = defaultdict(list)
    for token, holders in written.values():
        if len(token.audiences) == 1 and holders:
            askers[token.audiences[0]].append((token, holders[0]))
    for audience, several in askers.items():
        names = list(dict.fromkeys(look.title for _, look in several))
        if len(names) > 1:
            token, look = several[1]
            jobs = ", ".join(f"`{name}`" for name in names[:MOST_NAMED])
            message = f"{len(names)} jobs ask for the audience `{shown(audience, 80)}`: {jobs}"
            yield found(AUDIENCE_SHARED, f"{look.job.at.path}##{audience}", message, place=place(token.at))


def _shared_with_foreign_code(look: Look) -> Iterator[Finding]:
    if not look.holds:
        return
    for command in look.job.commands:
        foreign = read(command.text).foreign
        if foreign:
            message = f"the job `{look.title}` has the {look.holds} and runs {foreign} (line {command.at.line})"
            at = look.job.id_tokens[0].at if look.job.id_tokens else look.job.at
            yield found(SIGNING_SHARED, look.about, message, place=place(at))
            return


def _exposed(look: Look) -> Iterator[Finding]:
    """Certain and by merge request: a fail, unless an environment can hold it back; else a warning."""
    if not look.holds:
        return
    way = "merge requests" if look.merge_requests is not False else "a push to any branch"
    if look.merge_requests is False and (look.branches is False or look.job.environment):
        return
    certain = (look.merge_requests if look.merge_requests is not False else look.branches) is True
    verb = "can be started" if certain else "may be started"
    message = f"the job `{look.title}` has the {look.holds} and {verb} by {way}"
    fix = "add `rules: [{if: '$CI_COMMIT_REF_PROTECTED == \"true\" && $CI_COMMIT_TAG'}]` or the like"
    at = look.job.id_tokens[0].at if look.job.id_tokens else look.job.at
    finding = found(SIGNING_EXPOSED, look.about, message, place=place(at), fix=fix)
    if look.merge_requests is True and not look.job.environment:
        yield finding
        return
    yield replace(finding, level=Level.WARN)


def _literals(pipeline: Pipeline, looks: Sequence[Look]) -> Iterator[Finding]:
    """The value itself is never told."""
    seen = set()
    for variable in (*pipeline.variables, *(each for look in looks for each in look.job.variables)):
        if (variable.at, variable.name) not in seen and is_literal_secret(variable.name, variable.value):
            seen.add((variable.at, variable.name))
            message = f"the value of `{shown(variable.name, 80)}` is written in the file"
            about = f"{variable.at.path}##{variable.name}"
            yield found(SECRET_IN_VARIABLES, about, message, place=place(variable.at))
