"""Where locked packages come from, held against the hosts a policy allows."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats import registries, repopath, urls
from tidegate.formats.own_names import OwnNames
from tidegate.formats.text import shown, subject
from tidegate.model.package import Locked, SourceKind


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts packages may come from (exact, lower case), and whether the ecosystem's public registry is one."""

    hosts: frozenset[str] = frozenset()
    public: bool = True
    own: OwnNames = field(default_factory=OwnNames)
    """Names that must never come from a public registry."""

    def host(self, ecosystem: str, host: str) -> bool:
        return host in self.hosts or (self.public and registries.is_public(ecosystem, host))


@dataclass(frozen=True, slots=True)
class Fault:
    """`subject` is the place in question, `message` what is wrong with it."""

    subject: str
    message: str


def faults(package: Locked, folder: str, allowed: Allowed) -> Iterator[Fault]:
    """Everything about a package's source a policy does not allow. `folder` is the lockfile's."""
    source = package.source
    match source.kind:
        case SourceKind.BUNDLED:
            return
        case SourceKind.PATH | SourceKind.WORKSPACE:
            yield from _path_faults(source.url, folder)
        case SourceKind.GIT:
            yield from _url_faults(source.url, package.ecosystem, allowed, git=True)
        case SourceKind.REGISTRY | SourceKind.URL:
            yield from _download_faults(package, folder, allowed)
        case _:
            yield Fault("unknown", "does not say where it comes from")


def _download_faults(package: Locked, folder: str, allowed: Allowed) -> Iterator[Fault]:
    source = package.source
    addresses = dict.fromkeys([*([source.url] if source.url else []), *package.urls])
    if not addresses and not allowed.public:
        yield Fault("unrecorded", "comes from the public registry, which the policy does not allow")
    if not addresses and source.host and not source.public and source.host not in allowed.hosts:
        yield Fault(subject(source.host), f"comes from `{shown(source.host)}`, which the policy does not name")
    told: set[str] = set()
    for address in addresses:
        if source.kind is SourceKind.REGISTRY and address == source.url and "://" not in address:
            yield from _path_faults(address, folder)
            continue
        for fault in _url_faults(address, package.ecosystem, allowed):
            if fault.subject not in told:
                told.add(fault.subject)
                yield fault


def _path_faults(target: str, folder: str) -> Iterator[Fault]:
    if repopath.resolve(folder, target) is None:
        yield Fault(f"file:{subject(target)}", "comes from a path outside the repository")


def _url_faults(address: str, ecosystem: str, allowed: Allowed, *, git: bool = False) -> Iterator[Fault]:
    try:
        url = urls.parse_git(address) if git else urls.parse(address)
    except FormatError as error:
        yield Fault(f"url:{subject(address)}", f"has an address that cannot be trusted: {error.message}")
        return
    reasons = urls.faults(url, git=git)
    if reasons:
        yield Fault(url.origin, f"comes from `{url.origin}` and {' and '.join(reasons)}")
    elif not allowed.host(ecosystem, url.host):
        yield Fault(url.origin, f"comes from `{url.origin}`, which the policy does not name")
