"""What pins a build besides packages: an image by its digest, a provider by its hashes, a hook by its commit.

How firm a pin can be depends on its kind, so the kinds are a table. A name its owner can move (a tag) is a warning
until a policy says otherwise; no name at all, or one that is meant to move (`latest`), is a fail.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tidegate.domain.locks import rules, terraform_ranges
from tidegate.domain.locks.commands import row
from tidegate.domain.locks.sources import Allowed
from tidegate.errors import FormatError
from tidegate.formats import repopath, urls
from tidegate.formats.text import shown, subject
from tidegate.model.finding import Finding, Place, Rule, found
from tidegate.model.package import Locked, LockFile, SourceKind

GROUPED = 3
"""More pins than this that are movable, and none that is not, become one finding."""

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_EXACT = re.compile(r"v?(?:0|[1-9]\d*)(?:\.\d+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
_FLOATING = frozenset(
    {"latest", "edge", "nightly", "canary", "rolling", "unstable", "next", "snapshot"}
    | {"main", "master", "trunk", "head", "dev", "devel", "develop", "development"}
)
"""What tags are called that are meant to move."""
_LITERAL = re.compile(r"[0-9.]+|\[.*\]|0x[0-9a-fA-F]+")
_HERE = (SourceKind.PATH, SourceKind.WORKSPACE)


def check_pins(lock: LockFile, allowed: Allowed) -> Iterator[Finding]:
    """Every fault of the pins of one file; each subject is `path#purl`, with the address where one is at fault."""
    judge = _KINDS.get(lock.ecosystem)
    movable: list[tuple[Locked, _Fault]] = []
    for pin in lock.packages:
        for fault in judge(pin) if judge else ():
            if fault.rule in _GROUPED:
                movable.append((pin, fault))
            else:
                yield _finding(lock, pin, fault)
        for fault in _source_faults(pin, repopath.folder(lock.path), allowed):
            yield _finding(lock, pin, fault)
    yield from _grouped(lock, movable)
    yield from _contradictions(lock)


@dataclass(frozen=True, slots=True)
class _Fault:
    rule: Rule
    message: str
    about: str = ""


def _finding(lock: LockFile, pin: Locked, fault: _Fault) -> Finding:
    about = f"{lock.path}#{pin.purl}" + (f"#{fault.about}" if fault.about else "")
    place = Place(lock.path, pin.line)
    fix = row(lock.format).hashing if fault.rule in _HASHING else ""
    return found(fault.rule, about, f"`{_shown(pin)}` {fault.message}", place=place, fix=fix)


def _grouped(lock: LockFile, hits: list[tuple[Locked, _Fault]]) -> Iterator[Finding]:
    """One finding for a file of which it is true throughout."""
    if len(hits) == len(lock.packages) > GROUPED:
        pin, fault = hits[0]
        message = f"each of its {len(hits)} pins {fault.message}, `{_shown(pin)}` first"
        fix = row(lock.format).hashing
        yield found(fault.rule, lock.path, message, place=Place(lock.path, pin.line), fix=fix)
        return
    yield from (_finding(lock, pin, fault) for pin, fault in hits)


def _shown(pin: Locked) -> str:
    return shown(f"{pin.name} {pin.version}".strip(), 120)


def _image(pin: Locked) -> Iterator[_Fault]:
    """A digest pins an image, and nothing else does."""
    if pin.bad_hashes:
        yield _Fault(rules.HASH_MALFORMED, f"carries `{shown(pin.bad_hashes[0], 80)}`, which is no digest")
    elif pin.hashes:
        return
    elif "$" in pin.name:
        yield _Fault(rules.PACKAGE_UNPINNED, "has an argument without a default, so whoever builds chooses the image")
    elif not pin.version:
        yield _Fault(rules.PACKAGE_UNPINNED, "has neither tag nor digest, which means `latest`")
    elif _floats(pin.version):
        yield _Fault(rules.PACKAGE_UNPINNED, "is a tag that is meant to move")
    else:
        yield _Fault(rules.PIN_MOVABLE, rules.PIN_MOVABLE.says)


def _provider(pin: Locked) -> Iterator[_Fault]:
    if not _EXACT.fullmatch(pin.version):
        yield _Fault(rules.PACKAGE_UNPINNED, rules.PACKAGE_UNPINNED.says)
    if pin.bad_hashes:
        yield _Fault(rules.HASH_MALFORMED, f"carries `{shown(pin.bad_hashes[0], 80)}`, which is no hash")
    elif not (pin.hashes or any(file.hashes for file in pin.files)):
        yield _Fault(rules.PACKAGE_UNHASHED, rules.PACKAGE_UNHASHED.says)


def _chart(pin: Locked) -> Iterator[_Fault]:
    """No lock of charts holds a hash of them, which no team can mend: that is said, and does not shut the gate."""
    if pin.source.kind in _HERE:
        return
    if not _EXACT.fullmatch(pin.version):
        yield _Fault(rules.PACKAGE_UNPINNED, rules.PACKAGE_UNPINNED.says)
    else:
        yield _Fault(rules.PIN_UNHASHED, rules.PIN_UNHASHED.says)


def _hook(pin: Locked) -> Iterator[_Fault]:
    if pin.source.kind in _HERE or _COMMIT.fullmatch(pin.source.ref):
        return
    if not pin.source.ref:
        yield _Fault(rules.PACKAGE_UNPINNED, "has no revision")
    elif _floats(pin.source.ref):
        yield _Fault(rules.PACKAGE_UNPINNED, "is pinned to a branch")
    else:
        yield _Fault(rules.PIN_MOVABLE, rules.PIN_MOVABLE.says)


_KINDS: Mapping[str, Callable[[Locked], Iterator[_Fault]]] = {
    "Docker": _image,
    "Terraform": _provider,
    "Helm": _chart,
    "pre-commit": _hook,
}
_GROUPED = (rules.PIN_MOVABLE, rules.PIN_UNHASHED)
_HASHING = (rules.PIN_MOVABLE, rules.PACKAGE_UNHASHED)


def _floats(name: str) -> bool:
    return re.split(r"[-_./]", name.lower(), maxsplit=1)[0] in _FLOATING


def _source_faults(pin: Locked, folder: str, allowed: Allowed) -> Iterator[_Fault]:
    """Build pins come from many hosts and are held by their digests: hosts are named only where a policy closes the
    public ones. What no policy can allow is told always."""
    source = pin.source
    if source.kind in _HERE:
        if repopath.resolve(folder, source.url) is None:
            about = f"file:{subject(source.url)}"
            yield _Fault(rules.SOURCE_NOT_ALLOWED, "comes from a path outside the repository", about)
        return
    if source.kind is SourceKind.UNKNOWN:
        yield _Fault(rules.SOURCE_NOT_ALLOWED, "does not say where it comes from", "unknown")
        return
    if source.url:
        yield from _address_faults(source.url, source.kind is SourceKind.GIT)
    elif _LITERAL.fullmatch(source.host.rpartition(":")[0] or source.host):
        about = subject(source.host)
        yield _Fault(rules.SOURCE_NOT_ALLOWED, "names an IP address instead of a host", about)
    host = source.host.partition(":")[0] if not source.host.startswith("[") else source.host
    if not allowed.public and host not in allowed.hosts:
        where = f"`{shown(source.host)}`" if source.host else "the public registry"
        about = subject(source.host) or "unrecorded"
        yield _Fault(rules.SOURCE_NOT_ALLOWED, f"comes from {where}, which the policy does not name", about)


def _address_faults(address: str, git: bool) -> Iterator[_Fault]:
    try:
        url = urls.parse_git(address) if git else urls.parse(address)
    except FormatError as error:
        message = f"has an address that cannot be trusted: {error.message}"
        yield _Fault(rules.SOURCE_NOT_ALLOWED, message, f"url:{subject(address)}")
        return
    reasons = [reason for reason in urls.faults(url, git=git) if reason != "is fetched over `oci`"]
    if reasons:
        message = f"comes from `{url.origin}` and {' and '.join(reasons)}"
        yield _Fault(rules.SOURCE_NOT_ALLOWED, message, url.origin)


def _contradictions(lock: LockFile) -> Iterator[Finding]:
    """A provider that is locked outside of what the lock itself says was asked for."""
    versions = {pin.name: pin for pin in lock.packages}
    for asked in lock.asked if lock.ecosystem == "Terraform" else ():
        for wish in asked.requires:
            name, _, wanted = wish.partition("@")
            pin = versions.get(name)
            if pin is not None and terraform_ranges.outside(pin.version, wanted):
                message = f"`{_shown(pin)}` is locked, and `{shown(wanted)}` was asked for"
                about = f"{lock.path}#{pin.purl}"
                yield found(rules.LOCK_STALE, about, message, place=Place(lock.path, pin.line), fix=_again(lock))


def _again(lock: LockFile) -> str:
    again = row(lock.format).again
    return f"{again}, then commit the result" if again else ""
