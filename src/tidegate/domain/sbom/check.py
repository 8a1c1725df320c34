"""Is the SBOM valid, bound to the artifacts, and does it agree with what the artifacts say of themselves?"""

from collections.abc import Iterator

from tidegate.domain.sbom import rules
from tidegate.domain.sbom.build import Parts
from tidegate.domain.sbom.given import bound
from tidegate.domain.sbom.needs import Need, Unread, needs, normal
from tidegate.domain.sbom.packages import LOCAL
from tidegate.errors import FormatError
from tidegate.formats.sbom import reading
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.inventory import Content, Inventory
from tidegate.model.package import Locked, Problem, SourceKind
from tidegate.model.release import ArtifactKind

GROUPED = 3
"""More packages than this, and no other in their lock, are one finding about the lock."""

MANY = 25
"""More incomplete packages of one lock than this are one finding, whatever the others are."""

# Their files are part of another component's file, or of the repository, or named by a commit.
_HASHLESS = LOCAL | {SourceKind.BUNDLED, SourceKind.GIT}


def check(made_of: Parts, inventory: Inventory, *documents: str | bytes) -> Iterator[Finding]:
    """Every finding of one release. `documents` are its SBOMs as written."""
    if not made_of.release.artifacts:
        yield found(rules.MISSING, made_of.release.name, release=made_of.release.name)
    for document in documents:
        yield from _document(made_of, document)
    yield from _artifacts(made_of, inventory)
    yield from _images(made_of)
    yield from _drift(made_of)
    yield from _components(made_of)
    for path in made_of.unread:
        message = f"`{shown(path)}` was not read wholly, so packages of it are not in the SBOM"
        yield found(rules.INCOMPLETE, path, message, place=Place(path), release=made_of.release.name)


def _images(made_of: Parts) -> Iterator[Finding]:
    for artifact in made_of.release.artifacts:
        if artifact.kind is ArtifactKind.IMAGE and made_of.content(artifact) is None:
            yield found(rules.IMAGE, artifact.name, release=made_of.release.name)


def _document(made_of: Parts, document: str | bytes) -> Iterator[Finding]:
    """Read it again as a stranger would: the schema, and the digests that bind it to the artifacts."""
    try:
        bom = reading.read(document if isinstance(document, bytes) else document.encode())
    except (FormatError, UnicodeEncodeError) as error:
        message = error.message if isinstance(error, FormatError) else "the SBOM is not UTF-8"
        yield found(rules.INVALID, made_of.release.name, message, release=made_of.release.name)
        return
    yield from bound(made_of, bom)


def _artifacts(made_of: Parts, inventory: Inventory) -> Iterator[Finding]:
    """Problems the readers of artifacts noticed; a rule this version does not know fails all the same."""
    for artifact in made_of.release.artifacts:
        content = made_of.content(artifact)
        # Lockfiles and artifacts share one list; their subjects cannot be told apart by name alone.
        problems = [p for p in inventory.problems if p.about == artifact.name and p.rule in rules.OF_ARTIFACTS]
        for problem in [*problems, *(content.problems if content else ())]:
            yield _problem(problem, artifact.name, made_of.release.name)


def _problem(problem: Problem, artifact: str, release: str) -> Finding:
    """About the artifact, or about one of its members (`dist.whl!/path`)."""
    rule = rules.OF_ARTIFACTS.get(problem.rule, rules.PROBLEM)
    message = problem.message if rule.id == problem.rule else f"{problem.rule}: {problem.message}"
    about = artifact if problem.about in ("", artifact) else f"{artifact}!/{problem.about}"
    return found(rule, about, message, place=Place(about), release=release)


def _drift(made_of: Parts) -> Iterator[Finding]:
    own = {(c.ecosystem, normal(c.ecosystem, c.name)) for c in made_of.contents.values() if c.name}
    locked = {ecosystem for ecosystem, _ in made_of.packages.named}
    for name, content in sorted(made_of.contents.items()):
        asked = list(needs(content))
        others = [n for n in asked if isinstance(n, Need) and (content.ecosystem, n.name) not in own]
        if content.ecosystem not in locked and len(others) > GROUPED:
            message = f"no lockfile of the release pins any of the {len(others)} packages it needs, "
            yield _drifted(made_of, name, "", f"{message}`{shown(others[0].text)}` first")
            asked = [need for need in asked if isinstance(need, Unread)]
        for need in asked:
            if isinstance(need, Unread):
                message = f"the requirement `{shown(need.text)}` cannot be read"
                yield _drifted(made_of, name, shown(need.text), message)
            elif need.url or (content.ecosystem, need.name) not in own:
                message = _missing(made_of, content, need)
                if message:
                    yield _drifted(made_of, name, need.name, message)


def _missing(made_of: Parts, content: Content, need: Need) -> str:
    """What is wrong with a need, "" when a lockfile holds a version that meets it."""
    locked = made_of.packages.named.get((content.ecosystem, need.name), ())
    if not locked:
        return f"it needs `{shown(need.text)}`, which no lockfile of the release pins"
    if any(need.met_by(package) for package in locked):
        return ""
    if need.url:
        return f"it needs `{shown(need.text)}`, and the lockfiles pin it from elsewhere"
    versions = ", ".join(sorted({package.version for package in locked})[:5])
    return f"it needs `{shown(need.text)}`, and the lockfiles pin {shown(versions)}"


def _drifted(made_of: Parts, artifact: str, subject: str, message: str) -> Finding:
    about = f"{artifact}#{subject}" if subject else artifact
    return found(rules.DRIFT, about, message, place=Place(artifact), release=made_of.release.name)


def _components(made_of: Parts) -> Iterator[Finding]:
    """Each incomplete component once, at its first place; one finding for a lock of which this is true throughout."""
    told: set[str] = set()
    for lock in made_of.locks:
        lacking = [(package, lacks) for package in lock.packages if (lacks := _lacks(package))]
        if len(lacking) == len(lock.packages) > GROUPED or len(lacking) > MANY:
            first = shown(lacking[0][0].name)
            message = (
                f"{len(lacking)} of its {len(lock.packages)} packages have no version or no digest, from `{first}` on"
            )
            place = Place(lock.path, lacking[0][0].line)
            yield found(rules.COMPONENT, lock.path, message, place=place, release=made_of.release.name)
            continue
        for package, lacks in sorted(lacking, key=lambda one: one[0].purl):
            if package.purl not in told:
                told.add(package.purl)
                place = Place(lock.path, package.line)
                message = f"`{shown(package.name)}` has no {lacks}"
                yield found(rules.COMPONENT, package.purl, message, place=place, release=made_of.release.name)


def _lacks(package: Locked) -> str:
    lacks = []
    if not package.version and package.source.kind not in LOCAL:
        lacks.append("version")
    if package.source.kind not in _HASHLESS and not any(digest.strong for digest in package.hashes):
        lacks.append("digest")
    return " and no ".join(lacks)
