"""What the inside may ask of the outside. Stages know these Protocols; only the command line knows who answers."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from tidegate.late import dataclass
from tidegate.model.digest import Digest
from tidegate.model.inventory import Source
from tidegate.model.package import Locked
from tidegate.model.release import Artifact
from tidegate.model.vulnerability import Advisory

if TYPE_CHECKING:  # every process imports this module, and few ask a registry
    from tidegate.formats.attached import Attached
    from tidegate.formats.oci import Manifest, Reference
    from tidegate.model.listing import Listing
    from tidegate.model.publication import Answers, Question

T = TypeVar("T")


class Files(Protocol):
    """The repository's working tree; nothing outside it can be reached, links are never followed."""

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of one regular file. FormatError when it is a link, special, missing, or larger than `limit`."""
        ...

    def open(self, path: str) -> BinaryIO:
        """A seekable stream over one regular file, to be closed by the caller; FormatError as for `read`."""
        ...

    def link(self, path: str) -> bytes:
        """Where a symbolic link points, as it is written; FormatError when there is no link."""
        ...

    def everything(self, below: str = "") -> Iterator[tuple[str, str]]:
        """(path, "") of every regular file and link in order, and (path, why) of what cannot be read."""
        ...

    def walk(self) -> Iterator[tuple[str, int]]:
        """(path, size) of every regular file, for trees without git; `.git` is left out."""
        ...

    def size(self, path: str) -> int | None:
        """Size in bytes of a regular file or link; None when there is nothing (or a directory) there."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One path git tracks."""

    path: str
    mode: str
    oid: str


@dataclass(frozen=True, slots=True)
class Blob:
    """One blob. `data` is None when it is missing or too large, and `why` says which."""

    oid: str
    path: str
    data: bytes | None
    size: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of history: what `head` reaches and `base` does not (all of it when that is ""); with `refs` also what
    any ref reaches: branches, tags, stashes, notes, and what was fetched of other repositories."""

    head: str
    base: str = ""
    refs: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A commit or an annotated tag whole, or a note; `note` says what a note is about, "" for the others."""

    oid: str
    data: bytes
    note: str = ""


@dataclass(frozen=True, slots=True)
class First:
    """The first commit that holds a blob: its place among the commits looked at, its author date and its path there."""

    commit: str
    place: int
    dated: str
    path: str


class Git(Protocol):
    """Plumbing only, hardened, bounded. Every method raises UndecidedError when git itself fails or is late."""

    def present(self) -> bool:
        """Is the working tree a git repository?"""
        ...

    def source(self) -> Source: ...

    def tracked(self) -> tuple[Entry, ...]: ...

    def untracked(self) -> tuple[str, ...]:
        """Untracked paths that are not ignored."""
        ...

    def ignored(self, paths: Sequence[str]) -> frozenset[str]:
        """Which of these paths git ignores."""
        ...

    def read(self, ref: str, path: str, limit: int) -> bytes | None:
        """A file at a commit; None when it is not there. FormatError when it is too large or not a regular file.

        With an empty path, `ref` is the id of a blob, such as a link's.
        """
        ...

    def tree(self, commit: str) -> tuple[Entry, ...]:
        """Every path of a commit, in order of path. UndecidedError when the commit is not here."""
        ...

    def resolve(self, ref: str) -> str | None:
        """The commit a name stands for, None when there is none."""
        ...

    def merge_base(self, left: str, right: str) -> str | None: ...

    def is_ancestor(self, commit: str, of: str) -> bool: ...

    def default_branch(self) -> str | None:
        """The remote's default branch (`refs/remotes/origin/main`), None without a remote."""
        ...

    def first_commit_of(self, path: str) -> datetime | None:
        """Committer time of the first commit that holds this path."""
        ...

    def previous_tag(self, commit: str) -> str | None:
        """The commit of the newest tag below `commit`; None when there is none."""
        ...

    def contents(self, oids: Sequence[str], limit: int) -> Iterator[Blob]:
        """The blobs of these ids, each at most once and with the path ""; without data when missing or too large."""
        ...

    def listing(self, span: Span) -> "Listing":
        """Every blob of a span once, in the order of the history, at one of its paths, and the ids that are missing."""
        ...

    def pieces(self, oid: str, size: int) -> Iterator[bytes]:
        """One blob in pieces of `size` bytes, however large it is."""
        ...

    def firsts(self, span: Span, oids: Collection[str]) -> Mapping[str, First]:
        """The first commit of each of these blobs; without those no commit of the span holds."""
        ...

    def staged(self) -> tuple[Entry, ...]:
        """What the index holds of every path that differs from HEAD; deleted paths are left out."""
        ...

    def messages(self, span: Span) -> Iterator[Message]:
        """Commits and annotated tags of a span, and the notes about its commits, each whole.

        FormatError when one is too large.
        """
        ...

    def commits(self, span: Span) -> int: ...


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time in UTC. No flag or variable sets it."""
        ...


class Taken(Protocol):
    """The private copies of a run's artifacts."""

    def open(self, artifact: Artifact) -> BinaryIO:
        """A seekable stream of the private copy, whose digest is checked against `artifact.digest` first."""
        ...

    def layers(self, artifact: Artifact) -> Callable[[Digest], BinaryIO] | None:
        """Opens what an image's manifest names (manifest, configuration, layer) as a seekable stream whose digest is
        checked first; None where no more than the manifest was taken.

        What it gives raises FormatError; a `formats.images.blobs.BlobFault` where it is known what is wrong.
        """
        ...


class Store(Protocol):
    """The evidence of one run while it is being written; nothing of it counts before the run is kept."""

    def write(self, name: str, text: str, *, replace: bool = False) -> None:
        """Write one file whole. UserError when it is there already and `replace` is not said."""
        ...

    def read(self, name: str) -> str | None: ...

    def names(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """Which advisories answered: `name` (URL or folder), record count, newest `modified` (RFC 3339, or "")."""

    name: str
    records: int
    newest: str
    digest: str = ""
    offline: bool = True
    index: str = ""
    """Digest of the index that was asked in the place of the database, "" where none was."""


@dataclass(frozen=True, slots=True)
class Unaudited:
    """A package no answer can be given for, and why (mendable by the team)."""

    package: Locked
    reason: str


@dataclass(frozen=True, slots=True)
class Unevaluable:
    """An advisory (by its preferred id) that names a package and does not decide whether its version is affected."""

    package: Locked
    advisory: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """An advisory that one engine applies to a package and another does not: `seen_by` and `missed_by` name them."""

    package: Locked
    advisory: str
    seen_by: str
    missed_by: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """`audited + len(unaudited)` equals the number of packages asked about.

    A package of `unevaluable` counts as audited: every advisory was looked at, and the doubtful one is told apart.
    """

    facts: tuple[DatabaseFacts, ...]
    hits: tuple[tuple[Locked, Advisory], ...]
    unaudited: tuple[Unaudited, ...]
    audited: int
    queries: int = 0
    unevaluable: tuple[Unevaluable, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    """Where a second engine was asked and the answers differ."""
    notes: tuple[str, ...] = ()
    """What whoever reads the report must know about how this answer came about."""


class VulnSource(Protocol):
    """Advisories for locked packages. Raises UnavailableError or StaleDatabase, never answers by silence."""

    def audit(self, packages: Sequence[Locked]) -> Audit: ...


class PackageIndex(Protocol):
    """Package registries, asked what they declare of projects and releases. Never raises for one that fails: every
    question has an answer, is owed one, or was not asked, and which of the three is told."""

    def ask(self, questions: "Sequence[Question]") -> "Answers": ...


@dataclass(frozen=True, slots=True)
class Sensed:
    """One observation of a sensor, places 1-based; `snippet` may hold foreign text and is bounded."""

    ident: str
    severity: str
    confidence: str
    message: str
    path: str
    line: int | None
    column: int | None
    job: str = ""
    ignored: bool = False
    url: str = ""
    subject: str = ""
    """What exactly is meant, stable when lines move: an action, an expression, or a short digest of the passage."""
    persona: str = ""
    """Whom the sensor would tell: "regular", "pedantic" (known to be out of an outsider's hands) or "auditor"."""


@dataclass(frozen=True, slots=True)
class Sensing:
    """What a sensor saw and which of the given files it really completed."""

    tool: str
    version: str
    digest: str
    completed: frozenset[str]
    refused: Mapping[str, str]
    """Files the sensor could not read, each with its reason."""
    sensed: tuple[Sensed, ...]


class Sensor(Protocol):
    """A third-party scanner behind one adapter. Raises ToolMissing or UnavailableError."""

    def sense(self, files: Mapping[str, bytes]) -> Sensing:
        """Scan exactly these files (path to content)."""
        ...


@dataclass(frozen=True, slots=True)
class SignerFacts:
    """Who signs: `kind` is `key` or `keyless`; `identity` the key's hint (base64 of its SPKI's sha256) or the SAN."""

    kind: str
    identity: str
    public_key: str = ""
    """SPKI PEM for keys."""
    warnings: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()
    """What the certificate says of the job (see domain.claims); empty for keys and before there is a certificate."""


class Signer(Protocol):
    """The only holder of a key or token. Lives in the parent process alone.

    `ready` and the `sign_` methods may ask services: they raise UnsealedError for what the team can mend and
    UnavailableError when a service does not answer. `facts` asks nobody.
    """

    def ready(self) -> None:
        """Get what signing needs (a certificate), unless it is at hand."""
        ...

    def facts(self) -> SignerFacts: ...

    def sign_statement(self, statement: bytes) -> str:
        """A Sigstore bundle (JSON) with a DSSE envelope around an in-toto statement."""
        ...

    def sign_digest(self, artifact: Artifact, data: BinaryIO) -> str:
        """A Sigstore bundle (JSON) with a message signature over the artifact's bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Signed:
    """What a verified bundle proves.

    `claims` are the certificate's Fulcio extensions by name (see domain.claims), empty for keys. `times` are trusted
    times (RFC 3339) with their origin (`tsa`, `log`), empty when nothing proves a time. `key` is the key hint, "" for
    certificates. `payload` is the DSSE payload, b"" for message signatures.
    """

    key: str
    san: str
    issuer: str
    claims: tuple[tuple[str, str], ...]
    times: tuple[tuple[str, str], ...]
    payload_type: str
    payload: bytes
    kind: str = ""


class Verifier(Protocol):
    """Cryptography over bundles; policy is judged elsewhere. Raises FormatError (malformed, unsupported) or
    VerificationFailed's finding text through FormatError; never answers yes on doubt."""

    def verify_statement(self, bundle: bytes, keys: Mapping[str, bytes]) -> Signed:
        """Verify a DSSE bundle; `keys` maps a policy's key path to SPKI PEM. `Signed.key` is the policy's key path."""
        ...

    def verify_artifact(self, bundle: bytes, data: BinaryIO, digest: Digest, keys: Mapping[str, bytes]) -> Signed: ...


class Registry(Protocol):
    """An OCI registry. Raises UnavailableError when it does not answer and FormatError when it answers with something
    else than was asked for; nothing it says is taken on trust."""

    def image(self, reference: "Reference") -> "Manifest":
        """The manifest a tag or digest stands for now. Raises NoSuchArtifact."""
        ...

    def evidence(self, reference: "Reference", digest: Digest) -> "tuple[Attached, ...]":
        """Every bundle and pack that refers to this digest."""
        ...

    def attach(
        self, reference: "Reference", subject: "Manifest", kind: str, data: bytes, notes: Mapping[str, str]
    ) -> Digest:
        """Store evidence of type `kind` so that `evidence` finds it; gives the digest of its manifest."""
        ...


@dataclass(frozen=True, slots=True)
class Fact:
    """One CI fact: `source` is oidc, api, env or git; `verified` only when a signature or git itself proves it."""

    name: str
    value: str
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class CIFacts:
    """The CI we run in: `system` is github, gitlab, buildkite, circleci, azure, jenkins or local. `private` is None when CI does not say."""

    system: str
    facts: tuple[Fact, ...]
    private: bool | None = None
    fork: bool = False

    def get(self, name: str) -> str:
        return next((fact.value for fact in self.facts if fact.name == name), "")


class CI(Protocol):
    def facts(self, source: Source) -> CIFacts:
        """Facts from the environment, each with its source; names as in docs/ci-facts.md."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """Work for a worker process: `task` names it (a row id, `inventory`, `payloads`), `payload` is JSON."""

    id: str
    task: str
    payload: str


@dataclass(frozen=True, slots=True)
class Done:
    """How a job ended: `text` is its result, or `failed` says why there is none (crash, deadline, too much output)."""

    id: str
    text: str = ""
    failed: str = ""
    hint: str = ""


class Workers(Protocol):
    def run(self, jobs: Iterable[Job], deadline: float) -> Iterator[Done]:
        """Run jobs side by side without tokens in their environment; at `deadline` seconds every unfinished one is
        killed with its process group. Exactly one Done a job, in the order they end."""
        ...


@dataclass(frozen=True, slots=True)
class Deploying:
    """What production says besides artifact and evidence.

    `whole`: the artifacts given are meant to be all of their release. `release`: the only release they may belong to,
    "" for any the policy names. `named`: a ledger was named; `ledger`: its text, None when there is none. `head`: a
    line's sha256 the ledger must hold. `back_to`, `reason` and `owner` ask for a rollback.
    """

    whole: bool = False
    release: str = ""
    named: bool = False
    ledger: str | None = None
    head: str = ""
    back_to: str = ""
    reason: str = ""
    owner: str = ""


class Crew(Protocol):
    """Processes that share one piece of work. They hold no token, and end with the one that asks."""

    @property
    def hands(self) -> int:
        """How many work at a time; 1 where there is nobody to share with."""
        ...

    def map(self, work: Callable[[T], bytes], parts: Sequence[T]) -> Iterator[bytes]:
        """What `work` answers to each part, in their order. One process keeps what `work` remembers from part to part.

        Raises the UserError, FormatError or UndecidedError that `work` raised; UndecidedError when a process was lost.
        """
        ...


class NoCrew:
    """Implements `Crew` without anyone else."""

    hands = 1

    def map(self, work: Callable[[T], bytes], parts: Sequence[T]) -> Iterator[bytes]:
        return map(work, parts)


@dataclass(frozen=True, slots=True)
class World:
    """The means a stage is given. A worker's world has no signer."""

    files: Files
    git: Git
    clock: Clock
    ci: CI
    taken: Taken
    evidence: Mapping[str, bytes]
    """Bundles and documents at hand, by file name (`<artifact>.sigstore.json`, `<artifact>.attestations.jsonl`, …)."""
    advisories: VulnSource
    workflow_sensor: Sensor
    verifier: Verifier
    trusted_root: bytes = b""
    """The Sigstore trusted root in use; empty where nothing asks for its age."""
    deploying: Deploying = field(default_factory=Deploying)
    epoch: str = ""
    """SOURCE_DATE_EPOCH as RFC 3339, "" where it is unset: the time documents carry in the place of the commit's."""
    index: PackageIndex | None = None
    """Given to row 2 alone, and only where the policy asks registries."""
    crew: Crew = field(default_factory=NoCrew)
    say: Callable[[str], None] = lambda _text: None
    """Hears how far a long piece of work is, in counts alone: never a path or anything else that was read."""
