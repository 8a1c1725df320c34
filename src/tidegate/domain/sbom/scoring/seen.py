"""What the fields are read from: an SBOM, and what its graph says of each component, gathered once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tidegate.formats.sbom_model import Aggregate, Bom, Component, Contact, Organisation
from tidegate.model.digest import Digest

FILE = "file"
"""The kind of a component that is a file and no package: it has a name and a digest, but neither version nor maker."""

_FILES = frozenset({"distribution", "source-distribution"})
_FILE_DIGESTS = frozenset({"sha256", "sha384", "sha512"})


@dataclass(frozen=True, slots=True)
class Seen:
    """`entries` have an entry of their own in the graph, `held` are needed by or part of something else, `told` say how
    complete their entry is. All are refs. `files` are the files the root itself consists of."""

    bom: Bom
    entries: frozenset[str]
    held: frozenset[str]
    told: frozenset[str]
    files: tuple[Component, ...] = ()


def see(bom: Bom) -> Seen:
    held = {target for ref, targets in bom.edges for target in targets if target != ref}
    held |= {part.ref for component in bom.every() for part in component.parts}
    told = {
        ref
        for each in bom.compositions
        if each.aggregate is not Aggregate.NOT_SPECIFIED
        for ref in (*each.assemblies, *each.dependencies)
    }
    direct = {target for ref, targets in bom.edges if ref == bom.root.ref for target in targets}
    files = tuple(each for each in bom.components if each.kind == FILE and each.ref in direct)
    return Seen(bom, frozenset(ref for ref, _ in bom.edges), frozenset(held), frozenset(told), files)


def named(organisation: Organisation | None) -> bool:
    if organisation is None:
        return False
    return bool(organisation.name or organisation.urls or any(map(_known, organisation.contacts)))


def signed(contacts: Iterable[Contact]) -> bool:
    """Does somebody stand there by name or e-mail address?"""
    return any(map(_known, contacts))


def _known(contact: Contact) -> bool:
    return bool(contact.name or contact.email)


def reachable(organisation: Organisation | None) -> bool:
    """Has it an e-mail address or a web address, as BSI asks?"""
    if organisation is None:
        return False
    return any(map(web, organisation.urls)) or mailed(organisation.contacts)


def mailed(contacts: Iterable[Contact]) -> bool:
    return any(contact.email.strip("@").count("@") == 1 for contact in contacts)


def web(address: str) -> bool:
    return address.startswith(("https://", "http://")) and len(address.partition("://")[2]) > 0


def fetched(component: Component, *kinds: str) -> bool:
    """Is there an address of such a kind that something can be fetched from? A package URL is none."""
    return any(each.kind in kinds and "://" in each.url for each in component.downloads)


def digests(component: Component) -> Iterator[Digest]:
    """Those of the component itself or of a file it is distributed as, as source or built."""
    served = (digest for each in component.downloads if each.kind in _FILES for digest in each.hashes)
    return (digest for digest in (*component.hashes, *served) if digest.algorithm in _FILE_DIGESTS)


def moment(text: str) -> bool:
    """A time with its offset (RFC 3339)."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def version_of(written: str, name: str) -> tuple[int, ...] | None:
    """The numbers of `CycloneDX 1.6` for the name `CycloneDX`, None for another format or no number."""
    head, _, tail = written.partition(" ")
    numbers = tail.split(".")
    if head != name or not all(each.isascii() and each.isdigit() and len(each) < 5 for each in numbers):
        return None
    return tuple(map(int, numbers))
