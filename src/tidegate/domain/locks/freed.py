"""Names a JavaScript workspace overrides, whose locked versions need not be what was asked for."""

from tidegate.domain.locks.stale import Pair
from tidegate.formats import repopath
from tidegate.model.package import LockFile

_SILENT = ("yarn.lock", "yarn.lock berry")
"""Formats that do not record overrides; of the others the lock's word is wanted too."""


def freed(pair: Pair, lock: LockFile) -> frozenset[str]:
    overridden = frozenset(pair.overrides.get(repopath.folder(lock.path), ()))
    return overridden if lock.format in _SILENT else overridden & frozenset(lock.overrides)
