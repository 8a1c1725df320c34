"""The baseline of secret scanning a policy names, as exceptions: read from the policy's ref, like the policy itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tidegate.domain.secrets.rules import TIERS
from tidegate.errors import Fault, FormatError
from tidegate.formats import secret_baseline
from tidegate.formats.secret_baseline import Baseline, BaselineFault, Entry
from tidegate.model.exemption import Exemption, Origin
from tidegate.model.finding import Finding
from tidegate.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class Accepted:
    """Exceptions by rule and subject: a baseline may hold thousands."""

    entries: Mapping[tuple[str, str], Exemption] = field(default_factory=dict)

    def word_on(self, finding: Finding) -> Exemption | None:
        """The entry that speaks of a finding, ended or not."""
        return self.entries.get((finding.rule, finding.about)) if self.entries else None


def of(policy: Policy) -> Accepted:
    """What the policy's baseline accepts. It was checked when the policy was loaded."""
    name = policy.model.controls.secrets.baseline
    if name is None:
        return Accepted()
    read = secret_baseline.parse(policy.files[name].encode())
    return Accepted({(entry.rule, entry.about): exemption(entry) for entry in read.entries})


def exemption(entry: Entry) -> Exemption:
    return Exemption(entry.rule, entry.about, entry.reason, entry.owner, entry.expires, Origin.BASELINE)


def check(name: str, raw: bytes) -> tuple[str, tuple[Fault, ...]]:
    """The text of a baseline, or every fault in it with its line."""
    try:
        read = secret_baseline.parse(raw)
    except BaselineFault as error:
        return "", tuple(Fault(message, name, line) for line, message in error.faults)
    except FormatError as error:
        return "", (Fault(error.message, name, error.line),)
    faults = tuple(_strange(name, read))
    return ("", faults) if faults else (raw.decode(), ())


def _strange(name: str, read: Baseline) -> Iterator[Fault]:
    for entry in read.entries:
        if entry.rule not in TIERS:
            hint = f"it can accept {', '.join(sorted(TIERS))}"
            yield Fault(f"an entry accepts `{entry.rule}`", name, entry.line, hint)
