"""One job's node read into a job: scripts, tokens, variables, images, conditions, artifacts, triggers."""

from collections.abc import Iterator

from tidegate.formats.gitlab.including import ELSEWHERE, Here, included
from tidegate.formats.gitlab.merging import flat
from tidegate.formats.gitlab.tree import Node
from tidegate.model.pipeline import (
    Artifacts,
    Command,
    Condition,
    Container,
    IdToken,
    Included,
    PipelineJob,
    Refs,
    Trigger,
    Variable,
)

SECTIONS = ("before_script", "script", "after_script")


def job(name: str, node: Node, parents: tuple[str, ...], lost: str, here: Here) -> PipelineJob:
    """`node` is the job with everything it inherits."""
    environment = node.get("environment")
    return PipelineJob(
        name=name,
        at=node.at,
        stage=text(node, "stage") or "test",
        parents=parents,
        commands=tuple(commands(node)),
        id_tokens=tuple(id_tokens(node.get("id_tokens"))),
        secrets=tuple(_keys(node.get("secrets"))),
        variables=tuple(_variables(node)),
        containers=tuple(containers(node)),
        rules=conditions(node.get("rules")),
        only=_refs(node.get("only")),
        except_=_refs(node.get("except")),
        when=text(node, "when"),
        allow_failure=allowed(node.get("allow_failure")),
        environment=_named(environment, "name"),
        environment_action=text(environment, "action") if environment is not None else "",
        resource_group=text(node, "resource_group"),
        artifacts=_artifacts(node.get("artifacts")),
        trigger=_trigger(node.get("trigger"), here),
        tags=tuple(each.text for each in flat(node.get("tags"))),
        needs=tuple(_named(each, "job") for each in flat(node.get("needs"))),
        lost=lost,
    )


def text(node: Node, key: str) -> str:
    value = node.get(key)
    return value.text if value is not None else ""


def commands(node: Node) -> Iterator[Command]:
    """Every script line, in the order it runs; those of `hooks` and the steps of `run` are among them."""
    hooks = node.get("hooks")
    for name, hook in (hooks.keys or {}).items() if hooks is not None else ():
        yield from (Command(each.text, name, each.at) for each in flat(hook))
    for section in SECTIONS:
        yield from (Command(each.text, section, each.at) for each in flat(node.get(section)))
    for step in flat(node.get("run")):
        for each in flat(step.get("script")):
            yield Command(each.text, "script", each.at)


def id_tokens(node: Node | None) -> Iterator[IdToken]:
    for name, token in (node.keys or {}).items() if node is not None else ():
        audience = token.get("aud")
        listed = audience is not None and audience.items is not None
        yield IdToken(name, tuple(each.text for each in flat(audience)), listed, token.at)


def variables(node: Node | None, where: str) -> Iterator[Variable]:
    for name, value in (node.keys or {}).items() if node is not None else ():
        inner = value.get("value") if value.keys is not None else value
        yield Variable(name, inner.text if inner is not None else "", where, value.at)


def _variables(node: Node) -> Iterator[Variable]:
    yield from variables(node.get("variables"), "job")
    for service in flat(node.get("services")):
        yield from variables(service.get("variables"), "service")
    for rule in flat(node.get("rules")):
        yield from variables(rule.get("variables"), "rule")


def containers(node: Node) -> Iterator[Container]:
    image = node.get("image")
    if image is not None:
        yield Container(_named(image, "name"), False, image.at)
    for service in flat(node.get("services")):
        started = " ".join(each.text for each in flat(service.get("command")))
        yield Container(_named(service, "name"), True, service.at, started)


def conditions(node: Node | None) -> tuple[Condition, ...] | None:
    """The entries of `rules`, None when there is no such word."""
    if node is None:
        return None
    return tuple(
        Condition(
            at=each.at,
            if_=text(each, "if"),
            when=text(each, "when"),
            narrowed=each.get("changes") is not None or each.get("exists") is not None,
            allow_failure=allowed(each.get("allow_failure")),
        )
        for each in flat(node)
    )


def allowed(node: Node | None) -> str:
    """`allow_failure` as text; a list of exit codes is `exit_codes`."""
    if node is None:
        return ""
    return "exit_codes" if node.keys is not None else node.text


def _refs(node: Node | None) -> Refs | None:
    if node is None:
        return None
    if node.keys is None:
        return Refs(tuple(each.text for each in flat(node)))
    return Refs(
        tuple(each.text for each in flat(node.get("refs"))),
        tuple(each.text for each in flat(node.get("variables"))),
        node.get("changes") is not None or node.get("kubernetes") is not None,
    )


def _artifacts(node: Node | None) -> Artifacts | None:
    if node is None or node.keys is None:
        return None
    reports = node.get("reports")
    dotenv = reports.get("dotenv") if reports is not None else None
    return Artifacts(
        at=node.at,
        paths=tuple(each.text for each in flat(node.get("paths"))),
        dotenv=tuple(each.text for each in flat(dotenv)),
        untracked=truth(text(node, "untracked")),
    )


def _trigger(node: Node | None, here: Here) -> Trigger | None:
    if node is None:
        return None
    if node.keys is None:
        return Trigger(node.at, project=node.text)
    told = [each for entry in flat(node.get("include")) if (each := included(entry)) is not None]
    files = [path for each in told if each.kind == "local" for path in here.find(each.reference)[0]]
    forward = node.get("forward")
    return Trigger(
        at=node.at,
        project=text(node, "project"),
        branch=text(node, "branch"),
        files=tuple(dict.fromkeys(files)),
        includes=tuple(_unread(each, here) for each in told),
        strategy=text(node, "strategy"),
        forwards_variables=forward is not None and truth(text(forward, "pipeline_variables")),
    )


def _unread(told: Included, here: Here) -> Included:
    why = here.find(told.reference)[1] if told.kind == "local" else ELSEWHERE.get(told.kind, "not known")
    return Included(told.kind, told.reference, told.at, told.ref, told.integrity, why)


def truth(word: str) -> bool:
    """GitLab's YAML also takes `yes` and `on` for true."""
    return word.strip().lower() in ("true", "yes", "on", "y", "1")


def _keys(node: Node | None) -> list[str]:
    return list(node.keys) if node is not None and node.keys is not None else []


def _named(node: Node | None, key: str) -> str:
    if node is None:
        return ""
    return text(node, key) if node.keys is not None else node.text
