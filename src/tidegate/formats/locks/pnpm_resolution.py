"""Where a `resolution` of pnpm-lock.yaml leads; one that could be read in two ways leads nowhere."""

from collections.abc import Mapping

from tidegate.formats.locks import node, pins
from tidegate.formats.locks.shape import text
from tidegate.model.package import Source, SourceKind


def source(resolution: Mapping[str, object], *, registry: bool) -> Source:
    """`registry`: the package is named as one of the default registry, so an address is only where its file lies."""
    kind, directory, repo, tarball = (
        text(resolution.get(k), f"`{k}`") for k in ("type", "directory", "repo", "tarball")
    )
    if kind == "directory" and directory and not (repo or tarball):
        return pins.path(directory)
    if kind == "git" and repo and not (directory or tarball):
        return pins.git(repo, text(resolution.get("commit"), "`commit`"))
    if kind or directory or repo:
        return pins.UNKNOWN
    if tarball:
        if not tarball.startswith(("https:", "http:", "file:")):
            return Source(SourceKind.UNKNOWN, url=pins.without_secrets(tarball))
        return node.source(tarball, asked=not registry)
    return pins.registry(node.ECOSYSTEM, "") if registry else pins.UNKNOWN
