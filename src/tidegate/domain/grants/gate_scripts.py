"""Scripts that run the gate: is its exit code the step's, or lost on the way?"""

import re
from collections.abc import Sequence

from tidegate.domain.grants import script_shape, shell
from tidegate.domain.grants.script_pieces import Placed
from tidegate.domain.grants.script_shape import LOSING
from tidegate.domain.grants.shell import Command
from tidegate.formats.text import shown
from tidegate.model.workflow import Step

NAME = "tidegate"
VERBS = frozenset({"check", "review", "verify", "lockfiles", "deps", "secrets", "ci", "sbom", "rebuild"})
USELESS = frozenset({"--exit-zero", "--help", "-h", "--version"})

_ERREXIT = re.compile(r"-[a-z]*e[a-z]*")
_NO_ERREXIT = re.compile(r"\+[a-z]*e[a-z]*")
_SAVED = re.compile(r"\b([A-Za-z_]\w{0,60})=\"?\$\?")
_ENDS_WELL = re.compile(r"(?:^|[\n;]) *exit +0\s*\Z")
_SHRUGS = frozenset({"true", ":", "echo", "printf"})
_POWER, _BATCH = frozenset({"pwsh", "powershell"}), frozenset({"cmd"})
MOST_INSIDE = script_shape.MAX_MARKED - 1


def mentions(script: str) -> bool:
    """Does a script run a command of the gate that decides, wherever it stands?"""
    return NAME in script.replace("'", "").replace('"', "") and any(
        _decides(each.words) for each in script_shape.placed(script)
    )


def fault(step: Step, *, windows: bool = False) -> str:
    """Why the gate's exit code does not end the step, "" when it does."""
    words = step.shell.lower().split() or (["pwsh"] if windows else ["bash", "-e"])
    name = words[0].replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
    found = script_shape.placed(step.run)
    gates = _gates(found)
    for index in gates:
        useless = next((word for word in found[index].words if word in USELESS), "")
        if useless:
            return f"`{useless}` swallows its exit code"
    if name in _POWER | _BATCH:
        last = shell.commands(step.run)[-1:]
        ends = bool(last) and _decides(last[0]) and not re.search(r"[;|&]\s*\S", step.run.rpartition(NAME)[2])
        return "" if ends else f"`{name}` goes on behind it and takes the exit code of the last command"
    if name not in shell.SHELLS or any(re.fullmatch(r"-[a-z]*[cn][a-z]*", word) for word in words[1:]):
        return f"`shell: {shown(step.shell, 60)}` does not run the script as it stands"
    # `bash` and `sh` alone are spelled out with `-e` by the runner; a template is taken as it stands.
    strict = words in (["bash"], ["sh"]) or any(_ERREXIT.fullmatch(word) for word in words[1:])
    pipefail = step.shell.strip().lower() == "bash" or "pipefail" in words
    for index in gates:
        lost = _lost(step.run, found, index, strict=strict, pipefail=pipefail)
        if lost:
            return lost
    return "`exit 0` swallows its exit code" if _ENDS_WELL.search(step.run) else ""


def _gates(found: Sequence[Placed]) -> list[int]:
    """Where the gate is run, be it by a function of the script."""
    functions = {each.function for each in found if each.function and _decides(each.words)}
    return [
        index
        for index, each in enumerate(found)
        if (_decides(each.words) and (each.dead or not each.function)) or each.words[0] in functions
    ]


def _decides(words: Command) -> bool:
    return words[0].removesuffix(".exe") == NAME and bool(VERBS & set(words[1:]))


def _lost(script: str, found: Sequence[Placed], index: int, *, strict: bool, pipefail: bool) -> str:
    gate, ahead, behind = found[index], found[:index], found[index + 1 :]
    if gate.dead:
        return "it is never reached"
    tampered = _tampered(found)
    if tampered:
        return tampered
    if gate.quoted or gate.inside > MOST_INSIDE:
        return "it stands in a substitution or another shell, which swallows its exit code"
    if _handed_on(script, behind):
        return ""
    if gate.asked:
        return "its exit code is only asked, which swallows it"
    if gate.after in ("|", "|&") and not (pipefail or _sets(ahead, "pipefail")):
        return f"`{gate.after}` swallows its exit code"
    if gate.after == "&" or gate.before == "||":
        return f"`{gate.after or gate.before}` swallows its exit code"
    if gate.after == "||" and not _shuts(gate, behind):
        return f"`tidegate … || {shown(' '.join(behind[0].words[:2]), 40) if behind else ''}` swallows its exit code"
    if gate.after == ";" and behind and (behind[0].words[0] in _SHRUGS or behind[0].words[:2] == ("exit", "0")):
        return f"`tidegate … ; {behind[0].words[0]}` swallows its exit code"
    more = any(each.before not in ("&&", "|", "|&") and not each.dead for each in behind)
    if more and "&&" in (gate.before, gate.after):
        return "`&&` swallows its exit code, since more follows"
    if any(_switches_off(each.words) for each in ahead):
        return "`set +e` swallows its exit code"
    return "" if strict or not more or _sets(ahead, "") else "the shell goes on behind it, which swallows its exit code"


def _tampered(found: Sequence[Placed]) -> str:
    """What makes the script end well, or the name mean something else."""
    for each in found:
        if each.words[0] == "trap" and any("exit" in word and word.upper() != "EXIT" for word in each.words[1:]):
            return "a `trap` swallows its exit code"
        if each.function == NAME or (each.words[0] == "alias" and any(w.startswith(NAME) for w in each.words[1:])):
            return f"`{NAME}` is something else in this script"
    return ""


def _handed_on(script: str, behind: Sequence[Placed]) -> bool:
    """Is the exit code kept in a variable, or asked at once, and the script ended with it?"""
    last = behind[-1] if behind else None
    if last is None or last.words[0] != "exit" or last.inside or last.before in ("&&", "||") or len(last.words) < 2:
        return False
    told = last.words[1].strip("${}")
    if told == "?":
        return len(behind) == 1 and behind[0].before in (";", "\n")
    saved = [match for match in _SAVED.finditer(script) if match[1] == told]
    return bool(saved) and not re.search(rf"\b{re.escape(told)}=(?!\"?\$\?)", script[saved[0].end() :])


def _shuts(gate: Placed, behind: Sequence[Placed]) -> bool:
    """Does what runs when the gate is shut end the script with a fault?"""
    for position, each in enumerate(behind):
        if each.inside <= gate.inside and (position or each.before != "||"):
            break
        if each.words == ("false",) or (each.words[0] == "exit" and each.words[1:2] != ("0",)):
            return each.after not in LOSING
    return False


def _sets(ahead: Sequence[Placed], option: str) -> bool:
    """Is an option of the shell switched on, `-e` where none is named?"""
    for each in ahead:
        if each.words[0] == "set" and not each.inside:
            if option and option in each.words:
                return True
            if not option and ("errexit" in each.words or any(_ERREXIT.fullmatch(word) for word in each.words[1:])):
                return True
    return False


def _switches_off(words: Command) -> bool:
    return words[0] == "set" and (
        any(_NO_ERREXIT.fullmatch(word) for word in words[1:]) or ("+o" in words and "errexit" in words)
    )
