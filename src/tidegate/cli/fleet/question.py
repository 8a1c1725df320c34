"""What a worker is asked about one repository, and what it answers: text, so that any executor can carry it."""

from dataclasses import dataclass, field

from tidegate.formats.records import canonical, dump, load
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.fleet import Listed


@dataclass(frozen=True, slots=True)
class Asked:
    """What every repository is asked. `policy` is the JSON of the loaded policy, `policy_digest` its effective one's.

    `text_digest` is that of `policy`: a worker that was given another text refuses it.
    """

    tool: str
    policy: str
    policy_digest: str
    text_digest: str
    rows: tuple[Control, ...]
    database: str = ""
    cache: str = ""
    facts: str = ""
    """What else a result depends on: which database was asked, as its files say."""

    @property
    def question(self) -> str:
        """The digest of all that is asked besides the policy."""
        return str(Digest.of(canonical([self.tool, self.rows, self.facts, self.text_digest])))


@dataclass(frozen=True, slots=True)
class Question:
    """`place` is where the repository is: a folder's absolute path or an address. `known` is a commit that needs no
    other answer, "" for none."""

    asked: Asked
    listed: Listed
    place: str
    known: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The text of a result, or `same`: the commit is the known one."""

    text: str = ""
    same: bool = field(default=False)


def spell(question: Question) -> str:
    return dump(question)


def read(text: str) -> Question:
    """Raises FormatError."""
    return load(Question, text)


def read_answer(text: str) -> Answer:
    """Raises FormatError."""
    return load(Answer, text)
