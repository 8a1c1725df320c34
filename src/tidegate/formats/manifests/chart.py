"""Chart.yaml and requirements.yaml: the charts a Helm chart asks for."""

from collections.abc import Collection

from tidegate.formats import repopath, yaml_documents
from tidegate.formats.locks import helm
from tidegate.formats.locks.shape import table, tables, text
from tidegate.formats.text import decode
from tidegate.model.package import Manifest, SourceKind

FORMAT = "Chart.yaml"
ECOSYSTEM = "Helm"
LOCKS = {manifest: lock for lock, manifest in helm.MANIFESTS.items()}


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in LOCKS


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read `dependencies` as `name@range`. Raises FormatError.

    A chart of the repository itself needs no lock. A requirements.yaml without a Chart.yaml beside it is something
    else's, and so asks for nothing.
    """
    decode(raw, limit=helm.LIMIT, what="the manifest")
    value = yaml_documents.load(raw, limit=helm.LIMIT, what="the manifest").value
    folder, _, name = path.rpartition("/")
    folder = folder or "."
    if name == "requirements.yaml" and repopath.join(folder, "Chart.yaml") not in present:
        return Manifest(path, FORMAT, ECOSYSTEM)
    top = table(value, "the manifest")
    wishes = []
    for entry in tables(top.get("dependencies"), "`dependencies`"):
        chart = text(entry.get("name"), "`name`")
        if helm.source(chart, text(entry.get("repository"), "`repository`")).kind is not SourceKind.PATH:
            wishes.append(f"{chart}@{_range(entry.get('version'))}")
    lock = repopath.join(folder, LOCKS[name])
    return Manifest(
        path,
        FORMAT,
        ECOSYSTEM,
        requires=tuple(wishes),
        locks=(lock,) if lock in present else (),
        name=text(top.get("name"), "`name`") if name == "Chart.yaml" else "",
    )


def _range(value: object) -> str:
    """A constraint in npm's spelling: Helm's comma means that both hold."""
    written = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else text(value, "`version`")
    return " ".join(written.replace(",", " ").split())
