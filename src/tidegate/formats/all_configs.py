"""The table of package managers' configuration files tidegate compares: name, kind, how it is read."""

from tidegate.formats.configs import documents, ini_files

READERS = (
    (".npmrc", "npmrc", ini_files.npmrc),
    (".yarnrc", "yarnrc", ini_files.yarnrc),
    (".yarnrc.yml", "yarnrc.yml", documents.yaml_file),
    ("pnpm-workspace.yaml", "pnpm", documents.yaml_file),
    ("bunfig.toml", "bun", documents.toml_file),
    ("package.json", "package.json", documents.package_json),
    ("pip.conf", "pip", ini_files.pip),
    ("pip.ini", "pip", ini_files.pip),
    ("uv.toml", "uv", documents.toml_file),
    ("pyproject.toml", "pyproject", documents.pyproject),
    ("poetry.toml", "poetry", documents.toml_file),
    ("Pipfile", "pipfile", documents.toml_file),
    (".cargo/config.toml", "cargo", documents.toml_file),
    (".cargo/config", "cargo", documents.toml_file),
)
