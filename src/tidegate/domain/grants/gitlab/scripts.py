"""Text of others that becomes part of a script, and what scripts do with the job token.

A shell that expands `$CI_COMMIT_TITLE` does not run it. It does when the text is parsed a second time: by `eval`, by
`sh -c "…"`, by an interpreter's `-c`, by a shell at the other end of a pipe, or as the name of a command.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from tidegate.domain.grants import shell
from tidegate.domain.grants.gitlab.look import Look, place
from tidegate.domain.grants.gitlab.reading import MAX_TEXT, read
from tidegate.domain.grants.gitlab.rules import JOB_TOKEN_MISUSED, SCRIPT_INJECTION
from tidegate.domain.grants.gitlab.variables import NAMED, carriers, named_untrusted
from tidegate.domain.grants.rules import CREDENTIAL_LONG_LIVED
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Level, found
from tidegate.model.pipeline import Pipeline

Tainted = tuple[tuple[str, str], ...]
_AGAIN = re.compile(
    r"(?:^|[\s;&|(`])(?P<how>eval|(?:ba|z|da|k|a)?sh +(?:-[a-z]+ +){0,3}-[a-z]*c|python[0-9.]{0,5} +-c|perl +-[a-z]*e"
    r"|ruby +-e|node +(?:-e|--eval|-p)|php +-r|(?:ssh|su|pwsh|powershell) )(?P<rest>[^\n]*(?:\n[^\n]+){0,200})"
)
_PIPED = re.compile(r"(?:echo|printf)\b(?P<said>[^|\n;]{1,2000})\| *(?:sudo +)?(?:ba|z|da|k|a)?sh\b")
_HERE = re.compile(r"\b(?:(?:ba|z|da|k|a)?sh|ssh [^\n<]{0,200}) *<<-? *([A-Za-z_]{1,40})\b")
MAX_HERE = 100
_PUSH = re.compile(r"\bgit\b[^\n;&|]{0,300}\bpush\b")
_JOB_TOKEN = re.compile(r"\$\{?CI_JOB_TOKEN\b")
_PLAIN_HTTP = re.compile(r"http://[^\s/]{0,300}\$\{?CI_JOB_TOKEN\b")
_HOST = re.compile(r"https?://(?:[^\s/@\"']{1,200}@)?([A-Za-z0-9.-]{1,250})")


def check(look: Look) -> Iterator[Finding]:
    """Findings about the scripts of one job, one of each kind."""
    tainted = carriers(look.job.variables, look.carried)
    for command in look.job.commands:
        used = tuple((name, tainted[name]) for name in read(command.text).names if name in tainted) if tainted else ()
        source = injected(command.text[:MAX_TEXT], used)
        if source:
            message = f"`{shown(source, 80)}` becomes part of the script of job `{look.title}`"
            yield found(SCRIPT_INJECTION, look.about, message, place=place(command.at))
            break
    yield from _job_token(look)
    yield from _personal_token(look)


def check_splices(pipeline: Pipeline) -> Iterator[Finding]:
    """Pipeline inputs put into scripts as they are; a warning, since only members start pipelines with inputs."""
    for splice in pipeline.splices:
        message = f"`{splice.text}` becomes part of a script: {splice.why}"
        fix = "give the input `options` or a `regex`, or hand it over as a variable"
        finding = found(SCRIPT_INJECTION, f"{splice.at.path}##{splice.text}", message, place=place(splice.at), fix=fix)
        yield finding if "expand_vars" in splice.text else replace(finding, level=Level.WARN)


@lru_cache(maxsize=16_384)
def injected(script: str, tainted: Tainted) -> str:
    """The variable whose text a script runs, "" when it runs none; `tainted` are variables made of such text."""
    for again in _AGAIN.finditer(script):
        source = _twice(_until_end(again["rest"]), tainted)
        if source:
            return source
    for piped in _PIPED.finditer(script):
        source = _source(piped["said"], tainted)
        if source:
            return source
    for here in itertools.islice(_HERE.finditer(script), MAX_HERE):
        body = script[here.end() :].partition(f"\n{here[1]}\n")[0]
        source = _source(body, tainted)
        if source:
            return source
    for words in shell.commands(script):
        if words[0].startswith("$") and (source := _source(words[0], tainted)):
            return source
    return ""


def _until_end(text: str) -> str:
    """A command's arguments up to the next command; quotes hold separators."""
    quote = ""
    for at, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote and text[at - 1] != "\\" else quote
        elif sign in "'\"":
            quote = sign
        elif sign in ";|\n" or text[at : at + 2] == "&&":
            return text[:at]
    return text


def _twice(arguments: str, tainted: Tainted) -> str:
    """A variable that the outer shell expands: outside single quotes and without a backslash before it."""
    outer, quote = [], ""
    skip = False
    for sign in arguments:
        if skip:
            skip = False
            continue
        if sign == "\\" and quote != "'":
            skip = True
            continue
        if sign == quote:
            quote = ""
        elif not quote and sign in "'\"":
            quote = sign
        elif quote != "'":
            outer.append(sign)
    return _source("".join(outer), tainted)


def _source(text: str, tainted: Tainted) -> str:
    direct = named_untrusted(text)
    if direct:
        return direct
    known = dict(tainted)
    for match in NAMED.finditer(text) if known else ():
        if match[1] in known:
            return f"{known[match[1]]} (as ${match[1]})"
    return ""


def _job_token(look: Look) -> Iterator[Finding]:
    if not any("CI_JOB_TOKEN" in command.text for command in look.job.commands):
        return
    script = "\n".join(command.text for command in look.job.commands)[:MAX_TEXT]
    for command in look.job.commands:
        text = command.text[:MAX_TEXT]
        fault = _misuse(text, script)
        if fault:
            message = f"the job `{look.title}` {fault}"
            yield found(JOB_TOKEN_MISUSED, look.about, message, place=place(command.at))
            return


def _misuse(text: str, script: str) -> str:
    if _PUSH.search(text) and (_JOB_TOKEN.search(text) or _remote_has_token(script)):
        return "pushes to a repository with the job token"
    if not _JOB_TOKEN.search(text):
        return ""
    if _PLAIN_HTTP.search(text):
        return "sends the job token without TLS"
    if re.search(r"--build-arg[= ][^\n]{0,200}\$\{?CI_JOB_TOKEN\b", text):
        return "puts the job token into an image's history (`--build-arg`)"
    for line in text.splitlines():
        host = _HOST.search(line) if _JOB_TOKEN.search(line) else None
        if host is not None and "CI_" not in host[0] and re.search(r"\b(?:curl|wget)\b", line):
            return f"sends the job token to `{shown(host[1], 80)}`"
    return ""


def _remote_has_token(script: str) -> bool:
    return re.search(r"git +remote +(?:set-url|add)\b[^\n]{0,400}\$\{?CI_JOB_TOKEN\b", script) is not None


def _personal_token(look: Look) -> Iterator[Finding]:
    for command in look.job.commands:
        for name in read(command.text).tokens[:1]:
            message = f"the job `{look.title}` talks to GitLab with the long-lived token `{shown(name, 80)}`"
            fix = "use `JOB-TOKEN: $CI_JOB_TOKEN` where the endpoint takes it, and allow this project there"
            yield found(CREDENTIAL_LONG_LIVED, f"{look.about}#{name}", message, place=place(command.at), fix=fix)
            return
