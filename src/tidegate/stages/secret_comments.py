"""Comments beside a suspected credential that ask to accept it, and which of them may."""

from collections.abc import Callable, Iterable, Sequence

from tidegate.domain.secrets import pragmas
from tidegate.domain.secrets.engine import Hit
from tidegate.domain.secrets.rules import SOFT
from tidegate.errors import FormatError
from tidegate.formats.text import shown
from tidegate.model.exemption import Exemption, Origin
from tidegate.model.finding import Finding
from tidegate.ports import World

MAX_FILE = 4 << 20
MAX_NOTES = 20


class Comments:
    """What comments are granted, and why the others are not. `ref` is the policy's; "" where it is the tree's own.

    `search` gives all that is found in a file of the working tree: what a weak value is called it shares with others
    that are given to the same name, and each of them needs a comment.
    """

    def __init__(self, world: World, ref: str, search: Callable[[str, bytes], Sequence[Hit]]) -> None:
        self._world = world
        self._ref = ref
        self._search = search
        self._lines: dict[str, frozenset[bytes]] = {}
        self._files: dict[str, tuple[list[bytes], Sequence[Hit]]] = {}
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
        place = finding.place
        if place is None or place.line is None or "!/" in place.path:
            raise FormatError("it lies in an archive")
        asked = self._asked(finding.rule, hit)
        lines, hits = self._file(place.path)
        same = [each for each in hits if (each.id, each.fingerprint) == (hit.id, hit.fingerprint)]
        if not same:
            raise FormatError("it does not stand in the working tree")
        for each in same:
            if not each.pragma:
                raise FormatError(f"the same name is given a value in line {each.line}, without a comment")
            self._asked(finding.rule, each)
            self._stands(place.path, lines, each.line)
        return Exemption(
            finding.rule, finding.about, asked.reason, asked.owner, asked.expires, Origin.INLINE, line=place.line
        )

    def _asked(self, rule: str, hit: Hit) -> pragmas.Pragma:
        asked = pragmas.parse(hit.pragma)
        if asked.rule not in (rule, hit.id):
            raise FormatError(f"it names another rule than `{rule}`")
        return asked

    def _file(self, path: str) -> tuple[list[bytes], Sequence[Hit]]:
        if path not in self._files:
            data = self._world.files.read(path, MAX_FILE)
            self._files[path] = (data.split(b"\n"), self._search(path, data))
        return self._files[path]

    def _stands(self, path: str, lines: Sequence[bytes], number: int) -> None:
        """The value's line, and a comment on the one before, must be lines of that file where the policy comes from."""
        if not self._ref:
            return
        known = self._known(path)
        said = lines[max(0, number - 2) : number]
        if not said or said[-1] not in known or any(b"tidegate:allow" in line and line not in known for line in said):
            raise FormatError("it does not stand in the commit the policy was read from")

    def _known(self, path: str) -> frozenset[bytes]:
        if path not in self._lines:
            held = self._world.git.read(self._ref, path, MAX_FILE)
            self._lines[path] = frozenset((held or b"").split(b"\n"))
        return self._lines[path]
