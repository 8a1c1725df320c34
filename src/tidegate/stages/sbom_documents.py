"""The SBOM documents of a release: made here from what the release is made of, or made by somebody else and read."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tidegate import __version__
from tidegate.domain.sbom import given, rules
from tidegate.domain.sbom.about import about
from tidegate.domain.sbom.build import Parts, build
from tidegate.errors import FormatError
from tidegate.formats.all_sboms import FORMATS
from tidegate.formats.sbom import reading
from tidegate.formats.sbom.validation import LIMIT
from tidegate.formats.sbom_model import Bom
from tidegate.model.evidence import Produced
from tidegate.model.finding import Finding, Place, found
from tidegate.ports import World
from tidegate.stages.task import Task

STEM = "sbom"


@dataclass(slots=True)
class Documents:
    """`bom` is what they all say, None where there is nothing that could be read."""

    produced: list[Produced] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    bom: Bom | None = None


def documents(made_of: Parts, task: Task, world: World) -> Documents:
    """The release's documents under the names they have in the evidence."""
    if task.policy.controls.sbom.source == "file":
        return _given(made_of, task, world)
    wanted = task.policy.controls.sbom
    facts = world.ci.facts(task.inventory.source)
    said = about(task.inventory.source, facts, wanted.author, world.epoch)
    bom = build(made_of, task.inventory, __version__, said)
    made = Documents(bom=bom)
    for name in dict.fromkeys(wanted.formats):
        form = FORMATS[name]
        made.produced.append(_produced(task, made_of, name, form.render(bom, wanted.spec)))
    return made


def _given(made_of: Parts, task: Task, world: World) -> Documents:
    """The file the policy names, as it stands in the working tree; `{release}` in its path is the release's name."""
    release = made_of.release.name
    path = (task.policy.controls.sbom.file or "").replace("{release}", release)
    try:
        raw = world.files.read(path, LIMIT)
        read = reading.recognise(raw)
    except FormatError as error:
        place = Place(path, error.line)
        fault = found(rules.INVALID, path, error.message, place=place, release=release, fix=error.hint)
        return Documents(findings=[fault])
    made = Documents(bom=read.bom, findings=list(given.check(made_of, read.bom, path)))
    made.produced.append(_produced(task, made_of, read.format, raw.decode("utf-8")))
    return made


def _produced(task: Task, made_of: Parts, name: str, text: str) -> Produced:
    form = FORMATS[name]
    prefix = f"{made_of.release.name}." if len(task.releases) > 1 else ""
    return Produced(f"{prefix}{STEM}.{form.ending}", form.media_type, text, release=made_of.release.name)


def texts(made: Documents) -> Iterator[str]:
    return (each.text for each in made.produced)
