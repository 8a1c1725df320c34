"""Small lockfiles, built when needed, and the hosts of public registries as the libraries name them."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

from tidegate.formats import registries

DATA = Path(__file__).parents[1] / "data" / "locks"
NPM, YARN = sorted(registries.public_hosts("npm"))
INDEX = sorted(registries.public_hosts("PyPI"), key=len)[0]
FILES = sorted(registries.public_hosts("PyPI"), key=len)[-1]

Entry = dict[str, object]


def sri(fill: int = 1, algorithm: str = "sha512") -> str:
    size = {"sha512": 64, "sha256": 32, "sha1": 20}[algorithm]
    return f"{algorithm}-{base64.b64encode(bytes([fill]) * size).decode()}"


def npm_entry(name: str, version: str, fill: int = 1, **more: object) -> Entry:
    """A registry package as npm writes it."""
    bare = name.rpartition("/")[2]
    resolved = f"https://{NPM}/{name}/-/{bare}-{version}.tgz"
    return {"version": version, "resolved": resolved, "integrity": sri(fill), **more}


def npm_tree() -> dict[str, Entry]:
    """A root, a workspace member, a scoped package, an alias, a nested version and a bundled one."""
    return {
        "": {
            "name": "root",
            "version": "1.0.0",
            "workspaces": ["packages/*"],
            "dependencies": {"left": "^1.2.0", "alias": "npm:real@^4.0.0", "@s/scoped": "~2.0.0"},
            "devDependencies": {"tool": "1.x"},
        },
        "packages/member": {"name": "member", "version": "0.1.0", "dependencies": {"left": ">=1"}},
        "node_modules/member": {"resolved": "packages/member", "link": True},
        "node_modules/left": npm_entry("left", "1.2.3", 1, dependencies={"right": "^2.0.0"}, license="MIT"),
        "node_modules/left/node_modules/right": npm_entry("right", "2.0.0", 2),
        "node_modules/right": npm_entry("right", "3.0.0", 3, dev=True),
        "node_modules/alias": {"name": "real", **npm_entry("real", "4.5.6", 4)},
        "node_modules/@s/scoped": npm_entry("@s/scoped", "2.0.1", 5, bundleDependencies=["inner"]),
        "node_modules/@s/scoped/node_modules/inner": {"version": "0.1.0", "inBundle": True},
        "node_modules/tool": npm_entry(
            "tool", "1.9.9", 6, dev=True, hasInstallScript=True, dependencies={"right": "^3.0.0"}
        ),
    }


def npm_manifest() -> Entry:
    """The package.json the tree was made for."""
    root = npm_tree()[""]
    return {key: root[key] for key in ("name", "version", "workspaces", "dependencies", "devDependencies")}


def npm_lock(tree: Mapping[str, Mapping[str, object]] | None = None, **more: object) -> bytes:
    packages: Mapping[str, Mapping[str, object]] = npm_tree() if tree is None else tree
    document = {"name": "root", "lockfileVersion": 3, "requires": True, "packages": packages, **more}
    return json.dumps(document, indent=2).encode()


def uv_package(name: str, version: str, digit: str = "a", tail: str = "") -> str:
    """A registry package with one sdist and one wheel as uv writes it."""
    base = f"https://{FILES}/packages/{name}"
    file = name.replace("-", "_")
    return (
        f'\n[[package]]\nname = "{name}"\nversion = "{version}"\n'
        f'source = {{ registry = "https://{INDEX}/simple" }}\n'
        f'sdist = {{ url = "{base}/{file}-{version}.tar.gz", hash = "sha256:{digit * 64}" }}\n'
        f'wheels = [\n    {{ url = "{base}/{file}-{version}-py3-none-any.whl", hash = "sha256:{digit * 63}0" }},\n]\n'
        f"{tail}"
    )


def uv_lock(*packages: str, root: str = "") -> bytes:
    """A lock of the project `app`, which asks for `left-pad>=1,<2`, `tool` in a group and `extra` in an extra."""
    own = root or (
        '\n[[package]]\nname = "app"\nversion = "0.1.0"\nsource = { editable = "." }\n'
        'dependencies = [\n    { name = "left-pad" },\n]\n'
        '\n[package.optional-dependencies]\nmore = [\n    { name = "extra" },\n]\n'
        '\n[package.dev-dependencies]\ndev = [\n    { name = "tool" },\n]\n'
        "\n[package.metadata]\nrequires-dist = [\n"
        '    { name = "extra", marker = "extra == \'more\'" },\n'
        '    { name = "left-pad", specifier = ">=1,<2" },\n]\n'
        '\n[package.metadata.requires-dev]\ndev = [{ name = "tool", specifier = "==2.*" }]\n'
    )
    every = packages or UV_PACKAGES
    return ('version = 1\nrevision = 3\nrequires-python = ">=3.11"\n' + "".join([own, *every])).encode()


UV_PACKAGES = (
    uv_package("extra", "0.5", "b"),
    uv_package("left-pad", "1.3.0", "a", 'dependencies = [\n    { name = "right-pad" },\n]\n'),
    uv_package("right-pad", "7.0", "c"),
    uv_package("tool", "2.1", "d"),
)
UV_MANIFEST = (
    b'[project]\nname = "app"\nversion = "0.1.0"\ndependencies = ["Left_Pad >=1.0, <2"]\n'
    b'[project.optional-dependencies]\nmore = ["extra"]\n'
    b'[dependency-groups]\ndev = ["tool==2.*", {include-group = "none"}]\nnone = []\n'
)


def pinned(name: str, version: str, digit: str = "a") -> str:
    """A line of a hashed requirements file."""
    return f"{name}=={version} \\\n    --hash=sha256:{digit * 64}\n"
