"""Which packages run what their author wrote while they are installed, as far as a lock tells."""

from tidegate.model.package import Locked


def runs_code(package: Locked) -> bool:
    """An install script, or a Python package without any wheel."""
    return package.install_script or source_only(package)


def source_only(package: Locked) -> bool:
    """Does the lock name its files, and no wheel among them?"""
    names = [file.called for file in package.files]
    return package.ecosystem == "PyPI" and any(names) and not any(name.lower().endswith(".whl") for name in names)
