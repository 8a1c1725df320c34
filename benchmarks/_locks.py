"""Large locks and a repository round each of them, generated with a seed; registry hosts come from libraries."""

import base64
import hashlib
import json
import random
import subprocess
from pathlib import Path

from packageurl.contrib import purl2url
from pip._internal.models.index import PyPI

Names = list[tuple[str, str]]


def names(count: int, prefix: str = "pkg") -> Names:
    """(name, version) of packages that nobody published."""
    draw = random.Random(7)
    return [
        (f"{prefix}-{draw.choice('abcdefgh')}{number}", f"{draw.randint(0, 9)}.{draw.randint(0, 20)}.{number % 10}")
        for number in range(count)
    ]


def uv_lock(packages: Names, files: int = 5) -> str:
    """A uv.lock in which every package is reached from the project, each with as many files as a real one has."""
    first = [name for name, _ in packages[:20]]
    lines = ["version = 1", "revision = 3", 'requires-python = ">=3.11"', ""]
    lines += ["[[package]]", 'name = "app"', 'version = "1.0"', 'source = { virtual = "." }', "dependencies = ["]
    lines += [*(f'    {{ name = "{name}" }},' for name in first), "]", "", "[package.metadata]", "requires-dist = ["]
    lines += [*(f'    {{ name = "{name}" }},' for name in first), "]", ""]
    for number, (name, version) in enumerate(packages):
        later = [packages[place][0] for place in (number + 20, number + 33, number + 57) if place < len(packages)]
        lines += ["[[package]]", f'name = "{name}"', f'version = "{version}"']
        lines.append(f'source = {{ registry = "{str(PyPI.simple_url).rstrip("/")}" }}')
        if later:
            lines += ["dependencies = [", *(f'    {{ name = "{other}" }},' for other in later), "]"]
        base = (
            f"https://{PyPI.file_storage_domain}/packages/aa/bb/{_sha256(name)[:60]}/{name.replace('-', '_')}-{version}"
        )
        lines.append(f"sdist = {{ {_file(base + '.tar.gz')} }}")
        tags = (f"cp31{minor}-cp31{minor}-manylinux_2_17_x86_64" for minor in range(files - 1))
        lines += ["wheels = [", *(f"    {{ {_file(f'{base}-{tag}.whl')} }}," for tag in tags), "]", ""]
    return "\n".join(lines)


def _file(url: str) -> str:
    return f'url = "{url}", hash = "sha256:{_sha256(url)}", size = 12345, upload-time = "2025-01-01T00:00:00.000Z"'


def pyproject(packages: Names) -> str:
    wanted = ", ".join(f'"{name}"' for name, _ in packages[:20])
    return f'[project]\nname = "app"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = [{wanted}]\n'


def requirements(packages: Names) -> str:
    return "".join(f"{name}=={version} \\\n    --hash=sha256:{_sha256(name)}\n" for name, version in packages)


def package_lock(packages: Names) -> str:
    entries: dict[str, object] = {"": {"name": "root", "version": "1.0.0", "dependencies": {packages[0][0]: "*"}}}
    for number, (name, version) in enumerate(packages):
        digest = base64.b64encode(hashlib.sha512(f"{name}@{version}".encode()).digest()).decode()
        entries[f"node_modules/{name}"] = {
            "version": version,
            "resolved": purl2url.get_download_url(f"pkg:npm/{name}@{version}"),
            "integrity": f"sha512-{digest}",
            "license": "MIT",
            **({"dependencies": {packages[number + 1][0]: "*"}} if number + 1 < len(packages) else {}),
        }
    return json.dumps({"name": "root", "version": "1.0.0", "lockfileVersion": 3, "packages": entries}, indent=2)


def repository(folder: Path, files: dict[str, str]) -> Path:
    """A git repository with these files committed."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    who = ("-c", "user.name=b", "-c", "user.email=b@example.org")
    for words in (("init", "-q"), ("add", "-A"), (*who, "commit", "-q", "-m", "lock")):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
