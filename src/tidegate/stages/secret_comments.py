"""Comments beside a suspected credential that ask to accept it, and which of them may."""

from collections.abc import Iterable

from tidegate.domain.secrets import pragmas, rules
from tidegate.domain.secrets.engine import Hit
from tidegate.errors import FormatError
from tidegate.formats.text import shown
from tidegate.model.exemption import Exemption, Origin
from tidegate.model.finding import Finding
from tidegate.ports import World

MAX_FILE = 4 << 20
MAX_NOTES = 20
SOFT = frozenset({rules.SUSPECTED.id, rules.AUDIT.id})


class Comments:
    """What comments are granted, and why the others are not. `ref` is the policy's; "" where it is the tree's own."""

    def __init__(self, world: World, ref: str) -> None:
        self._world = world
        self._ref = ref
        self._lines: dict[str, frozenset[bytes]] = {}
        self.granted: list[Exemption] = []
        self.notes: list[str] = []
        self._refused = 0

    def hear(self, asked: Iterable[tuple[Finding, Hit]]) -> None:
        for finding, hit in asked:
            try:
                self.granted.append(self._grant(finding, hit))
            except FormatError as error:
                self._refused += 1
                where = finding.place
                if where is not None and len(self.notes) < MAX_NOTES:
                    place = f"{shown(where.path)}:{where.line}"
                    self.notes.append(f"the comment at `{place}` accepts nothing: {error.message}")
        if self._refused > MAX_NOTES:
            self.notes.append(f"{self._refused - MAX_NOTES} more comments accept nothing")

    def _grant(self, finding: Finding, hit: Hit) -> Exemption:
        """Raises FormatError with the reason why there is none."""
        if finding.rule not in SOFT:
            raise FormatError("a token of a provider cannot be accepted by a comment")
        asked = pragmas.parse(hit.pragma)
        if asked.rule not in (finding.rule, hit.id):
            raise FormatError(f"it names another rule than `{finding.rule}`")
        self._stands(finding)
        line = finding.place.line if finding.place else None
        return Exemption(
            finding.rule, finding.about, asked.reason, asked.owner, asked.expires, Origin.INLINE, line=line
        )

    def _stands(self, finding: Finding) -> None:
        """The value's line and the one before it must be lines of the same file where the policy comes from."""
        place = finding.place
        if place is None or place.line is None or "!/" in place.path:
            raise FormatError("it lies in an archive")
        lines = self._world.files.read(place.path, MAX_FILE).split(b"\n")
        if place.line > len(lines):
            raise FormatError("it does not stand in the working tree")
        if not self._ref:
            return
        known = self._known(place.path)
        said = lines[max(0, place.line - 2) : place.line]
        if any(b"tidegate:allow" in line and line not in known for line in said) or said[-1] not in known:
            raise FormatError("it does not stand in the commit the policy was read from")

    def _known(self, path: str) -> frozenset[bytes]:
        if path not in self._lines:
            held = self._world.git.read(self._ref, path, MAX_FILE)
            self._lines[path] = frozenset((held or b"").split(b"\n"))
        return self._lines[path]
