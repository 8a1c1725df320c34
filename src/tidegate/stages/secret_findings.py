"""What row 3 says of what was seen: one finding for each credential in each place, bounded, and never its value."""

from collections import Counter
from dataclasses import dataclass, field

from tidegate.domain.secrets import rules
from tidegate.domain.secrets.engine import Hit
from tidegate.formats.text import shown, subject
from tidegate.model.finding import Finding, Place, Rule, found
from tidegate.ports import First
from tidegate.stages.secret_scan import Part, Seen

MAX_FINDINGS = 2000
MAX_AUDITED = 10_000
MAX_SUBJECT = 400

_BY_ID = {rule.id: rule for rule in rules.RULES}
_BY_TIER = {"warn": rules.SUSPECTED, "audit": rules.AUDIT}
_STAYS = "; taking it out of the history does not revoke it"


@dataclass(slots=True)
class Room:
    """One kind of place: the rule of a token found there, its release, and how much of it was read."""

    rule: Rule
    release: str | None = None
    examined: int = 0
    expected: int = 0


@dataclass(slots=True)
class Findings:
    """What is told so far. `skipped` counts what was not searched, by reason."""

    all: list[Finding] = field(default_factory=list)
    asked: list[tuple[Finding, Hit]] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    unread: set[str] = field(default_factory=set)
    """Paths of which something was not searched."""
    in_tree: set[str] = field(default_factory=set)
    _seen: set[tuple[str | None, str, str]] = field(default_factory=set)
    _counts: Counter[str] = field(default_factory=Counter)

    def take(self, room: Room, part: Part) -> None:
        for seen in part.seen:
            self.see(room, seen)

    def see(self, room: Room, seen: Seen, first: First | None = None) -> None:
        """Tell what was seen in one piece; `first` is the commit that brought it."""
        if seen.fault:
            self.skipped[seen.skip or "unreadable"] += 1
            self.unread.add(seen.path)
            self.tell(_BY_ID[seen.fault], seen.path, seen.why, room.release)
            return
        if seen.more:
            self.tell(rules.TOO_MANY, seen.path, "", room.release)
        for hit in seen.hits:
            about = about_hit(seen, hit)
            if room.rule is rules.IN_HISTORY and about in self.in_tree:
                continue
            if room.rule is rules.IN_TREE:
                self.in_tree.add(about)
            self._hit(room, seen, hit, about, first)

    def _hit(self, room: Room, seen: Seen, hit: Hit, about: str, first: First | None) -> None:
        rule = _BY_TIER.get(hit.tier, room.rule)
        said = f"{hit.says} in `{shown(seen.path)}`{seen.note}"
        if hit.key:
            said = f"{hit.says}, given to `{shown(hit.key)}`, in `{shown(seen.path)}`{seen.note}"
        if first is not None:
            dated = f" of {first.dated[:10]}" if first.dated else ""
            said += f", since commit `{first.commit[:12]}`{dated}"
        fix = hit.mend or rule.fix
        if room.rule in (rules.IN_HISTORY, rules.IN_MESSAGE) and _STAYS not in fix:
            fix += _STAYS
        place = Place(seen.path, seen.line + hit.line, hit.column, hit.width)
        one = found(rule, about, said, place=place, release=room.release, fix=fix, fingerprint=hit.fingerprint)
        if self._add(one, rule) and hit.pragma:
            self.asked.append((one, hit))

    def tell(self, rule: Rule, about: str, message: str = "", release: str | None = None) -> None:
        """A finding about a file, not about what is in it."""
        place = Place(about)
        self._add(found(rule, subject(about, MAX_SUBJECT), message, place=place, release=release), rule)

    def _add(self, one: Finding, rule: Rule) -> bool:
        """Add a finding once; past the bound of its rule, say once that there are more."""
        name = (one.release, one.rule, one.about)
        if name in self._seen:
            return False
        self._counts[rule.id] += 1
        most = MAX_AUDITED if rule is rules.AUDIT else MAX_FINDINGS
        if self._counts[rule.id] > most:
            if rule is not rules.TOO_MANY:
                more = f"more than {most} findings of `{rule.id}`"
                self.tell(rules.TOO_MANY, rule.id, more, one.release)
            return False
        self._seen.add(name)
        self.all.append(one)
        return True


def about_hit(seen: Seen, hit: Hit) -> str:
    """The subject of a credential: where it lastingly lies, what it is, and the name of its value."""
    return f"{subject(seen.place, MAX_SUBJECT)}#{hit.id}#{hit.fingerprint}"
