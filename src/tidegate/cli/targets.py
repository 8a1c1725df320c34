"""What `verify` was pointed at: files, folders and images, each beside the evidence that speaks about it."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.cli import images, wire
from tidegate.errors import FormatError, NoSuchArtifact, UndecidedError, UserError
from tidegate.formats import attached, evidence_pack, oci
from tidegate.formats.attached import Attached
from tidegate.formats.oci import Reference
from tidegate.model.release import Artifact
from tidegate.ports import Registry

MAX_TARGETS = 1024


@dataclass(slots=True)
class Group:
    """Artifacts whose evidence is of one run; `papers` is the private folder it was copied to."""

    papers: Path
    artifacts: list[Artifact] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Unseen:
    """An image that could not be looked at: its registry did not answer, or answered with something else."""

    name: str
    error: UndecidedError | FormatError


@dataclass(slots=True)
class Targets:
    """Everything to verify, taken into private folders."""

    private: Path
    evidence: Path | None
    groups: dict[str, Group] = field(default_factory=dict)
    unseen: list[Unseen] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def taken(self) -> Path:
        return self.private / "taken"

    def add_file(self, path: Path) -> None:
        where = path.absolute()
        self._claim(where.name, str(path))
        artifact = wire.take(where.parent, where.name, self.taken)
        if self.evidence is None:
            raise UserError(f"where is the evidence of `{path}`?", hint="give it with `--evidence`")
        self._add(artifact, str(path))

    def add_image(self, reference: Reference, registry: Registry) -> None:
        """Resolve once; what is verified from here on is the digest."""
        self._claim(reference.short, str(reference))
        try:
            manifest = registry.image(reference)
            artifact = images.manifest_only(reference, manifest, self.taken)
            if self.evidence is not None:
                group = self._add(artifact, str(reference))
            else:
                group = self._found(artifact, registry.evidence(reference, manifest.digest))
        except (UndecidedError, FormatError) as error:
            self.unseen.append(Unseen(reference.short, error))
            return
        group.notes.append(f"`{reference}` is {artifact.path}: deploy it by this digest")

    def _claim(self, name: str, shown: str) -> None:
        if name in self.names:
            raise UserError(
                f"two artifacts are called `{name}`: `{self.names[name]}` and `{shown}`",
                hint="verify them one after the other",
            )
        if len(self.names) >= MAX_TARGETS:
            raise UserError("there are too many artifacts", hint=f"verify at most {MAX_TARGETS} at once")
        self.names[name] = shown

    def _add(self, artifact: Artifact, shown: str) -> Group:
        """Put an artifact to the run that names it; one without a run stands alone, with nothing to its credit."""
        run = wire.find_run(self.evidence, artifact.digest) if self.evidence is not None else None
        group = self.groups.get(str(run)) if run is not None else None
        if group is None:
            group = self._group(str(run) if run is not None else f"nothing for {shown}")
            if run is None:
                group.notes.append(f"no run under `{self.evidence}` names the digest of `{shown}`")
            else:
                self._copy(run, group)
        group.artifacts.append(artifact)
        return group

    def _copy(self, run: Path, group: Group) -> None:
        try:
            _write(group.papers, wire.read_evidence(run))
        except FormatError as error:
            # Evidence that cannot be read proves nothing: the stages find it missing, and the gate is shut.
            group.notes.append(f"the evidence cannot be read: {error.message}")

    def _found(self, artifact: Artifact, pieces: Sequence[Attached]) -> Group:
        """A run pushed whole is taken as it is; without one, the bundles other tools pushed."""
        packs = [piece for piece in pieces if piece.kind == attached.PACK]
        group = self._group(artifact.path)
        group.artifacts.append(artifact)
        if packs:
            chosen = attached.newest(packs)
            _write(group.papers, evidence_pack.unpack(io.BytesIO(chosen.data)))
            if len(packs) > 1:
                group.notes.append(f"{len(packs)} runs are kept for `{artifact.path}`; {chosen.digest} is the newest")
        else:
            _write(group.papers, attached.sort(artifact.name, pieces))
        return group

    def _group(self, key: str) -> Group:
        papers = self.private / f"evidence-{len(self.groups)}"
        papers.mkdir(mode=0o700)
        self.groups[key] = Group(papers)
        return self.groups[key]


def gather(words: Sequence[str], evidence: Path | None, private: Path) -> Targets:
    """Take everything the command line names. Raises UserError for what is not there or cannot be told apart."""
    found = Targets(private, evidence)
    found.taken.mkdir(mode=0o700)
    registry = wire.registry() if any(word.startswith(oci.SCHEME) for word in words) else None
    for word in words:
        if registry is not None and word.startswith(oci.SCHEME):
            found.add_image(oci.reference(word), registry)
            continue
        path = Path(word)
        if path.is_dir() and not path.is_symlink():
            for inner in wire.deployables(path, evidence):
                found.add_file(inner)
        elif path.is_file():
            found.add_file(path)
        else:
            raise NoSuchArtifact(f"there is no artifact `{word}`", hint="check the path")
    return found


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).write_bytes(data)
