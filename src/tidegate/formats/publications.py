"""A locked version found among the releases an index tells of."""

from packaging.utils import canonicalize_version

from tidegate.model.publication import Project, Published


def release(project: Project, version: str) -> Published | None:
    """The release of this version, None when the index has none; Python versions compare by value, others as text."""
    exact = next((one for one in project.releases if one.version == version), None)
    if exact is not None or project.ecosystem != "PyPI":
        return exact
    wanted = canonicalize_version(version)
    return next((one for one in project.releases if canonicalize_version(one.version) == wanted), None)
