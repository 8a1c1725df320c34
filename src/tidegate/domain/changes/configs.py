"""A package manager's configuration before and after: which safeguards are weaker now."""

from collections.abc import Iterable, Iterator

from tidegate.domain.changes import rules
from tidegate.domain.changes.guards import Hosts, plain
from tidegate.domain.changes.safeguards import guard_of
from tidegate.formats.configs.settings import Setting
from tidegate.formats.text import shown, subject
from tidegate.model.finding import Finding, Place, found


def check(path: str, kind: str, before: Iterable[Setting], after: Iterable[Setting], hosts: Hosts) -> Iterator[Finding]:
    """One finding a safeguard; a file that is not there has no settings."""
    old, new = _by_key(before), _by_key(after)
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key, []), new.get(key, [])
        if [one.value for one in was] == [one.value for one in now]:
            continue
        weaker = guard_of(kind, key)
        told = weaker(hosts, [one.value for one in was], [one.value for one in now]) if weaker else ""
        if told:
            line = next((one.line for one in now if one.value not in {old_.value for old_ in was}), None)
            message = f"`{shown(key, 100)}` in `{shown(path)}` is weaker than before: {told}"
            at = Place(path, line or (now[0].line if now else None))
            values = ",".join(plain(one.value) for one in now)
            about = f"{path}#{subject(key)}={subject(values, 120)}"
            yield found(rules.CONFIG_WEAKENED, about, message, place=at)


def unreadable(path: str, when: str, why: str, line: int | None = None) -> Finding:
    """`when` is "now" or "before this change"."""
    message = f"`{shown(path)}` cannot be read as it is {when}: {why}"
    return found(rules.CONFIG_UNREADABLE, path, message, place=Place(path, line))


def _by_key(settings: Iterable[Setting]) -> dict[str, list[Setting]]:
    keyed: dict[str, list[Setting]] = {}
    for setting in settings:
        keyed.setdefault(setting.key, []).append(setting)
    return keyed
