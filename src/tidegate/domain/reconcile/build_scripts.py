"""Files that run while a package is built or installed, or whenever an interpreter starts."""

import re
import unicodedata

from tidegate.model.release import ArtifactKind

_NAMES = frozenset(
    {
        *("setup.py", "setup.cfg", "pyproject.toml", "build.py", "hatch_build.py", "pdm_build.py", "conanfile.py"),
        *("configure", "config.guess", "config.sub", "config.status", "config.rpath", "compile", "depcomp", "missing"),
        *("install-sh", "ltmain.sh", "libtool", "mkinstalldirs", "test-driver", "py-compile", "ylwrap", "ar-lib"),
        *(
            "makefile",
            "gnumakefile",
            "bsdmakefile",
            "justfile",
            "rakefile",
            "sconstruct",
            "sconscript",
            "wscript",
            "waf",
        ),
        *("cmakelists.txt", "meson.build", "meson_options.txt", "meson.options"),
        *(
            "build",
            "build.bazel",
            "workspace",
            "workspace.bazel",
            "module.bazel",
            "build.rs",
            "cargo.toml",
            "build.ninja",
        ),
        *("binding.gyp", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", "npm-shrinkwrap.json"),
        *("sitecustomize.py", "usercustomize.py", "pydistutils.cfg", "distutils.cfg"),
    }
)
_MACHINERY = re.compile(
    r"\.(?:m4|ac|am|mk|mak|cmake|bzl|gyp|gypi|ninja|vcxproj|targets|props|sh|bash|zsh|csh|bat|cmd|ps1)$"
    r"|^configure\.|^makefile\.|^gnumakefile\.|^cmakepresets"
)
# Only the package's own, and those bundled with it, have scripts npm runs.
_MANIFEST = re.compile(r"(?:^|(?:^|/)node_modules/(?:@[^/]+/)?[^/]+/)package\.json$")
# `python312._pth` lies beside the interpreter of Windows, `pyvenv.cfg` above it everywhere.
_STARTUP = re.compile(r"\._?pth$|(?:^|/)(?:site|user)customize(?:\.|/)|(?:^|/)pyvenv\.cfg$", re.ASCII)
# Installed into `bin`, they take the place of what starts everything else.
_INTERPRETER = re.compile(
    r"(?:(?:bin|scripts)/)?(?:python|pip)[0-9.]*w?(?:\.exe|\.cmd|\.bat)?"
    r"|(?:(?:bin|scripts)/)?activate(?:\.(?:csh|fish|nu|ps1|bat))?",
    re.ASCII,
)
# Python may be told to take it without a look at the module it was made of.
_CACHED = re.compile(r"(?:^|/)__pycache__/[^/]+$", re.ASCII)
_REGISTERED = re.compile(r"(?:[^/]+\.data/(?:purelib|platlib)/)?[^/]+\.(?:dist|egg)-info/entry_points\.txt", re.ASCII)
_BINARY = re.compile(
    r"\.(?:so(?:\.[0-9.]+)?|dll|dylib|pyd|exe|a|lib|o|obj|node|wasm|jar|war|class|pyc|pyo|whl|egg|zip|tgz|tar|gz|bz2|xz"
    r"|zst|lzma|7z|deb|rpm|apk|bin)$"
)
_MAGIC = (
    b"\x7fELF",
    b"MZ",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"!<arch>\n",
)
_LANGUAGES = re.compile(r"\.(?:py|pyi|js|mjs|cjs|ts|mts|cts|jsx|tsx|rb|pl|php|lua|tcl|r|jl)$")


def runs(kind: ArtifactKind, path: str, head: bytes) -> bool:
    """Does a member run before anybody calls it? `path` is its own path, `head` its first bytes, as far as known.

    Spelling does not hide a name: file systems ignore case, and some of Unicode's.
    """
    folded = _folded(path)
    name = folded.rpartition("/")[2]
    if _STARTUP.search(folded):
        return True
    if kind is ArtifactKind.WHEEL:
        return _INTERPRETER.fullmatch(folded) is not None or _CACHED.search(folded) is not None
    if name in _NAMES or _MACHINERY.search(name) or _MANIFEST.search(folded):
        return True
    if kind not in {ArtifactKind.SDIST, ArtifactKind.NPM}:
        return False
    script = head.startswith(b"#!") and not _LANGUAGES.search(name)
    return script or head.startswith(_MAGIC) or _BINARY.search(name) is not None


def registers(kind: ArtifactKind, path: str) -> bool:
    """Are these plugins of an installed package, which whoever asks for plugins loads? `path` is the member's."""
    return kind is ArtifactKind.WHEEL and _REGISTERED.fullmatch(_folded(path)) is not None


def _folded(path: str) -> str:
    return unicodedata.normalize("NFKC", path).casefold().rstrip(". ")


def compiled(path: str, head: bytes) -> bool:
    """Is it machine code, byte code or an archive, which nobody can read?"""
    return head.startswith(_MAGIC) or _BINARY.search(path.casefold()) is not None
