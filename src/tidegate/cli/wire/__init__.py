"""The composition root: the only room that knows which adapter answers a port."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.cli.wire.advisories import ecosystems_in as ecosystems_in, keeper as keeper  # noqa: I001 - by room
    from tidegate.cli.wire.artifacts import (
        add_line as add_line,
        deployables as deployables,
        digest_of as digest_of,
        find_artifacts as find_artifacts,
        read_bounded as read_bounded,
        take as take,
        write_whole as write_whole,
    )
    from tidegate.cli.wire.building import (
        Yard as Yard,
        fresh_copy as fresh_copy,
        machine_identity as machine_identity,
        replace_file as replace_file,
        run_build as run_build,
        token_variables as token_variables,
        yard as yard,
    )
    from tidegate.cli.wire.evidence import (
        begin_ledger as begin_ledger,
        find_run as find_run,
        keep_run as keep_run,
        ledger as ledger,
        read_evidence as read_evidence,
        registry as registry,
        run_folder as run_folder,
        runs_in as runs_in,
    )
    from tidegate.cli.wire.fleet import (
        end_hosts as end_hosts,
        fetcher as fetcher,
        forked_workers as forked_workers,
        host as host,
        warm as warm,
    )
    from tidegate.cli.wire.image_sources import BLOBS as BLOBS, keep_manifest as keep_manifest, take_image as take_image
    from tidegate.cli.wire.machine import (
        ci_facts as ci_facts,
        clock as clock,
        files as files,
        git as git,
        repository_root as repository_root,
        require_repository as require_repository,
        staged as staged,
        taken as taken,
        token_facts as token_facts,
        workers as workers,
    )
    from tidegate.cli.wire.means import (
        FixedCI as FixedCI,
        Means as Means,
        inventory as inventory,
        package_index as package_index,
        trusted_root as trusted_root,
        world as world,
    )
    from tidegate.cli.wire.places import index_file as index_file, spelt as spelt
    from tidegate.cli.wire.policies import (
        CommitReader as CommitReader,
        FolderReader as FolderReader,
        fetch_policy as fetch_policy,
        policy_reader as policy_reader,
    )
    from tidegate.cli.wire.signing import (
        generate_key as generate_key,
        is_key_uri as is_key_uri,
        key_hint as key_hint,
        key_signer as key_signer,
        keyless_signer as keyless_signer,
        private_key as private_key,
        uri_signer as uri_signer,
    )
    from tidegate.cli.wire.waiting import begin_worker as begin_worker, dismiss_workers as dismiss_workers


_ROOMS = {
    "advisories": "ecosystems_in keeper",
    "artifacts": "add_line deployables digest_of find_artifacts read_bounded take write_whole",
    "building": "Yard fresh_copy machine_identity replace_file run_build token_variables yard",
    "evidence": "begin_ledger find_run keep_run ledger read_evidence registry run_folder runs_in",
    "fleet": "end_hosts fetcher forked_workers host warm",
    "image_sources": "BLOBS keep_manifest take_image",
    "machine": "ci_facts clock files git repository_root require_repository staged taken token_facts workers",
    "means": "FixedCI Means inventory package_index trusted_root world",
    "places": "index_file spelt",
    "policies": "CommitReader FolderReader fetch_policy policy_reader",
    "signing": "generate_key is_key_uri key_hint key_signer keyless_signer private_key uri_signer",
    "waiting": "begin_worker dismiss_workers",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> object:
    """A room is imported when something of it is used (PEP 562): a worker needs two of them, `--help` none."""
    if name not in _ROOM_OF:
        raise AttributeError(name)
    value: object = getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value
