"""AI agents in pipelines: which steps are one, and which of them can be told by a stranger what to do with a token.

A row is `name | inputs and variables that hold the agent's own key | source`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from tidegate.domain.grants import known_actions, shell
from tidegate.domain.grants.following import Worked
from tidegate.domain.grants.permissions import may_write
from tidegate.domain.grants.publishing import EVERY, named, secrets
from tidegate.domain.grants.reach import OUTSIDE, only_members
from tidegate.domain.grants.rules import AGENT_OVERPOWERED
from tidegate.domain.grants.sites import Site
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Level, Place, found
from tidegate.model.workflow import Step

_ACTIONS = """
anthropics/claude-code-action | anthropic_api_key claude_code_oauth_token | https://github.com/anthropics/claude-code-action
anthropics/claude-code-base-action | anthropic_api_key claude_code_oauth_token | https://github.com/anthropics/claude-code-base-action
anthropics/claude-code-security-review | claude-api-key | https://github.com/anthropics/claude-code-security-review
coderabbitai/ai-pr-reviewer | openai_api_key | https://github.com/coderabbitai/ai-pr-reviewer
docker/docker-agent-action | anthropic-api-key openai-api-key google-api-key | https://github.com/docker/docker-agent-action
google-gemini/gemini-cli-action | gemini_api_key | https://github.com/google-github-actions/run-gemini-cli
google-github-actions/run-gemini-cli | gemini_api_key google_api_key | https://github.com/google-github-actions/run-gemini-cli
openai/codex-action | openai-api-key | https://github.com/openai/codex-action
qodo-ai/pr-agent | openai_key openai.key | https://github.com/qodo-ai/pr-agent
codium-ai/pr-agent | openai_key openai.key | https://github.com/qodo-ai/pr-agent
sst/opencode/github | anthropic_api_key | https://github.com/sst/opencode
"""
_PROGRAMS = """
aider | anthropic_api_key openai_api_key | https://aider.chat/docs/scripting.html
amp | amp_api_key | https://ampcode.com/manual
auggie | augment_session_auth augment_api_token | https://docs.augmentcode.com/cli/overview
claude | anthropic_api_key claude_code_oauth_token | https://docs.anthropic.com/en/docs/claude-code/cli-reference
cline | anthropic_api_key openai_api_key | https://github.com/cline/cline
codex | openai_api_key codex_api_key | https://github.com/openai/codex
copilot | github_token gh_token | https://github.com/github/copilot-cli
crush | anthropic_api_key openai_api_key | https://github.com/charmbracelet/crush
cursor-agent | cursor_api_key | https://docs.cursor.com/en/cli/overview
droid | factory_api_key | https://docs.factory.ai/cli/droid-exec/overview
gemini | gemini_api_key google_api_key | https://github.com/google-gemini/gemini-cli
goose | openai_api_key anthropic_api_key | https://github.com/block/goose
opencode | anthropic_api_key openai_api_key | https://github.com/sst/opencode
openhands | llm_api_key | https://github.com/All-Hands-AI/OpenHands
kiro-cli | kiro_api_key | https://kiro.dev/docs/cli
qwen | openai_api_key | https://github.com/QwenLM/qwen-code
"""
# Packages that are called otherwise than the program they bring.
_PACKAGES = {"aider-chat": "aider", "claude-code": "claude", "gemini-cli": "gemini", "openhands-ai": "openhands"}
# With one of these as its first word a program sets itself up, or says something about itself.
_IDLE = frozenset(
    {
        "--version",
        "-v",
        "-V",
        "--help",
        "-h",
        "install",
        "update",
        "upgrade",
        "config",
        "configure",
        "doctor",
        "login",
        "mcp",
    }
    | {
        "setup-token",
        "auth",
        "completion",
        "setup",
        "version",
        "help",
        "logout",
        "models",
        "extensions",
        "plugin",
        "stats",
    }
)
# Repositories that are called like an agent, whosever they are.
_CALLED = re.compile(
    r"claude|codex|gemini-cli|openhands|aider|opencode|copilot-agent|goose-action|pr-agent|droid-(?:action|exec)|auggie"
    r"|(?:^|[-_])(?:coding-|ai-)?agent(?:[-_]action)?$"
)
_NOT_CALLED = re.compile(r"setup|install|android|user-agent|log-agent|runner|codeql")
_BOXES = frozenset({"docker", "podman", "nerdctl"})


@dataclass(frozen=True, slots=True)
class Agent:
    name: str
    keys: frozenset[str]
    source: str


def check(site: Site) -> Iterator[Finding]:
    """One finding a job: an agent that strangers can talk to, with a write scope or a secret besides its own key."""
    events = sorted(site.events & OUTSIDE)
    if not events:
        return
    called = (Worked(Step(uses=site.job.calls, line=site.job.line, with_=site.job.secrets), site.flow.path),)
    for worked in called if site.job.calls else site.steps:
        agent = of(worked)
        power = _power(site, agent) if agent else ""
        if agent and power:
            message = (
                f"`{shown(agent.name, 120)}` in job `{site.job.id}` reads what `{events[0]}` brings and holds {power}"
            )
            finding = found(AGENT_OVERPOWERED, site.about, message, place=Place(worked.path, worked.step.line))
            if only_members(site.job.if_, site.events) or only_members(worked.step.if_, site.events):
                message += " (a fail only when others than members can start it)"
                finding = replace(finding, level=Level.WARN, message=message)
            yield finding
            return


def of(worked: Worked) -> Agent | None:
    """The agent a step is."""
    step = worked.step
    if step.uses:
        return _action(known_actions.named(step.uses))
    for words in shell.commands(step.run) if step.run else ():
        row = _program(words[0])
        first = next(iter(words[1:]), "")
        if row is not None and first not in _IDLE:
            return row
        if words[0] in _BOXES and "run" in words[1:]:
            image = next((row for row in map(_image, words[2:]) if row is not None), None)
            if image is not None:
                return image
    return None


def _action(action: str) -> Agent | None:
    actions = _table(_ACTIONS)
    exact = actions.get(action) or next((row for name, row in actions.items() if action.startswith(name + "/")), None)
    if exact is not None or action.startswith(("./", "$/")):
        return exact
    return _image(action.removeprefix("docker://")) if action.startswith("docker://") else _like(action, 1)


def _program(word: str) -> Agent | None:
    name = word.partition("@")[0] or word
    return _table(_PROGRAMS).get(_PACKAGES.get(name, name))


def _image(word: str) -> Agent | None:
    """An image is named like what is in it."""
    return _like(word, -1) if "/" in word and not word.startswith(("-", "/", ".")) else None


def _like(name: str, part: int) -> Agent | None:
    """What is called like an agent; its key may have any of the names the known ones have."""
    parts = name.partition("@")[0].split("/")
    called = parts[part].partition(":")[0] if len(parts) > 1 else ""
    if not called or not _CALLED.search(called) or _NOT_CALLED.search(called):
        return None
    every = frozenset().union(*(row.keys for table in (_ACTIONS, _PROGRAMS) for row in _table(table).values()))
    return Agent(name, every, f"https://github.com/{'/'.join(parts[:2])}")


def _power(site: Site, agent: Agent) -> str:
    writes = [scope for scope in site.writes() if scope != "id-token"] or list(site.writes())
    if writes:
        return ", ".join("everything" if scope == "*" else f"`{scope}: write`" for scope in writes[:3])
    if may_write(site.held):
        return "the repository's default token"
    other = next(iter(_others(site, agent)), "")
    return f"the secret `{shown(other, 80)}`" if other else ""


def _others(site: Site, agent: Agent) -> Iterator[str]:
    """Secrets in the agent's reach that are not the key it needs to work at all."""
    if site.job.inherits:
        yield EVERY
    for name, value in (*site.flow.env, *site.job.env):
        if not _key(name, agent):
            yield from secrets(value)
    yield from (secret for name, value in site.job.secrets if not _key(name, agent) for secret in secrets(value))
    for worked in site.steps:
        step = worked.step
        own = [v for name, v in (*step.with_, *step.env) if _key(name, agent)] if of(worked) == agent else []
        spent = {secret for value in own for secret in secrets(value)}
        yield from (secret for secret in named(step) if secret not in spent)


def _key(name: str, agent: Agent) -> bool:
    return name.lower().replace("-", "_") in {key.replace("-", "_") for key in agent.keys}


@cache
def _table(rows: str) -> dict[str, Agent]:
    table = {}
    for line in rows.strip().splitlines():
        name, keys, source = (part.strip() for part in line.split("|"))
        table[name] = Agent(name, frozenset(keys.split()), source)
    return table
