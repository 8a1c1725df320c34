"""The table of manifests tidegate reads."""

from tidegate.formats.manifests import package_json, pipfile, pyproject, requirements_in, setuptools_files

READERS = (pyproject, package_json, requirements_in, setuptools_files, pipfile)
