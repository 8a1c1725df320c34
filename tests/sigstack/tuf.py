"""A TUF repository of an instance's trusted root and signing configuration."""

from datetime import datetime, timedelta

from securesystemslib.signer._crypto_signer import CryptoSigner
from tuf.api._payload import MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.metadata import Metadata


def repository(targets: dict[str, bytes], now: datetime, life: timedelta = timedelta(days=30)) -> dict[str, bytes]:
    """Path to content of every file of the repository; `1.root.json` is what a client starts from."""
    signer = CryptoSigner.generate_ecdsa()
    expires = now.replace(microsecond=0) + life
    root = Root(expires=expires, consistent_snapshot=True)
    for role in ("root", "timestamp", "snapshot", "targets"):
        root.add_key(signer.public_key, role)
    listed = {name: TargetFile.from_data(name, data, ["sha256"]) for name, data in targets.items()}
    parts: dict[str, Metadata[Root] | Metadata[Targets] | Metadata[Snapshot] | Metadata[Timestamp]] = {
        "1.root.json": Metadata(root),
        "1.targets.json": Metadata(Targets(expires=expires, targets=listed)),
        "1.snapshot.json": Metadata(Snapshot(expires=expires, meta={"targets.json": MetaFile(1)})),
        "timestamp.json": Metadata(Timestamp(expires=expires, snapshot_meta=MetaFile(1))),
    }
    files = {}
    for name, metadata in parts.items():
        metadata.sign(signer)
        files[name] = metadata.to_bytes()
    for name, target in listed.items():
        files[f"targets/{target.hashes['sha256']}.{name}"] = targets[name]
    return files
