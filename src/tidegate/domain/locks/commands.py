"""What each lock format is called for at the command line, and how it is held against its manifest: one row a format.

A row's words are printed as they stand, so commands carry their backticks. What has no row is compared with nothing,
and the tests hold this table against the readers.
"""

from dataclasses import dataclass
from enum import StrEnum

from tidegate.model.package import Manifest


class Way(StrEnum):
    """A way of comparing a manifest with its locks; `sync.py` knows the module of each."""

    ASKED = "asked"
    """The lock recorded what each manifest asked for (`LockFile.asked`)."""
    HASH = "hash"
    """The lock holds a digest of what was asked for (`LockFile.content_hash`)."""
    ANSWERS = "answers"
    """The lock records wishes without saying whose (`LockFile.answers`)."""
    PEP508 = "pep508"
    """Each requirement is locked in a version its specifier allows."""
    NPM = "npm"
    """Each direct package is locked in a version its npm range allows."""
    WISHES = "wishes"
    """What the lock recorded for each project of a JavaScript workspace is what its manifest asks for."""
    SETTINGS = "settings"
    """Overrides and catalogs the lock recorded are those the workspace sets (`LockFile.settings`)."""
    NAMES = "names"
    """Each name that is asked for is locked at all."""
    NUGET = "nuget"
    """Each reference of a .NET project is what the lock was made for."""
    HEX = "hex"
    """Each package is locked in a version its Elixir requirement allows."""
    CARGO = "cargo"
    """Local crates and what they need are what their manifests say, each in a version Cargo's range allows."""
    GEMS = "gems"
    """The lock recorded what the Gemfile asked for, and each gem is locked in a version that fits."""
    COMPOSER = "composer"
    """Each direct package, or one that replaces it, is locked in a version Composer's constraint allows."""


@dataclass(frozen=True, slots=True)
class Row:
    """`first` makes a lock, `again` renews it, `hashing` gets hashes into it ("" where the rule's own words do).

    `serves` are the formats of manifests that are told to make such a lock. `strict` says that a lock of this format
    is made for every platform and records what was asked for, so that what it does not hold is missing; loose formats
    (requirement files) serve a manifest together, and only where no strict lock stands beside it. `ways` are how the
    lock is compared. `hashed` are the formats of manifests its digest is of, where it may serve others. `pin` asks for
    one version of one package, with `{name}` and `{version}`. `named`: a manifest lists such a lock only where it names
    it itself, so that it may lie in any folder.
    """

    format: str
    ways: tuple[Way, ...] = ()
    strict: bool = False
    named: bool = False
    again: str = ""
    first: str = ""
    hashing: str = ""
    pin: str = ""
    hashed: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()


_PYTHON = ("pyproject.toml", "setuptools", "requirements.in")
_NODE = ("package.json",)

ROWS = (
    Row(
        "uv.lock",
        (Way.ASKED, Way.PEP508),
        strict=True,
        again="`uv lock`",
        first="`uv lock`",
        hashing="lock again from an index that gives hashes: `uv lock`",
        pin="`uv lock --upgrade-package {name}=={version}`",
        serves=_PYTHON,
    ),
    Row(
        "poetry.lock",
        (Way.HASH, Way.PEP508),
        strict=True,
        again="`poetry lock`",
        first="`poetry lock`",
        hashing="lock again with Poetry 1.0 or later: `poetry lock`",
        pin="`poetry update {name}`",
        serves=_PYTHON,
    ),
    Row(
        "pdm.lock",
        (Way.HASH, Way.PEP508),
        strict=True,
        again="`pdm lock`",
        first="`pdm lock`",
        hashing="lock again with PDM 2.8 or later: `pdm lock`",
        pin="`pdm update --update-reuse {name}`",
    ),
    Row(
        "pylock.toml",
        (Way.PEP508,),
        hashing="lock again with a tool that records hashes: `uv export --format pylock.toml -o pylock.toml`",
    ),
    Row(
        "requirements.txt",
        (Way.PEP508,),
        first="`pip-compile --generate-hashes`",
        hashing="lock with hashes: `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`",
        pin="`pip-compile --generate-hashes --upgrade-package {name}=={version}`",
        serves=_PYTHON,
    ),
    Row(
        "Pipfile.lock",
        (Way.HASH, Way.PEP508),
        strict=True,
        again="`pipenv lock`",
        first="`pipenv lock`",
        hashing="lock again with Pipenv 2018 or later: `pipenv lock`",
        pin="`pipenv upgrade {name}=={version}`",
        serves=("Pipfile",),
        hashed=("Pipfile",),
    ),
    Row(
        "package-lock.json",
        (Way.ASKED, Way.NPM),
        strict=True,
        again="`npm install --package-lock-only`",
        first="`npm install --package-lock-only`",
        hashing="lock again with npm 7 or later: `npm install --package-lock-only`",
        pin="`npm install --package-lock-only {name}@{version}`",
        serves=_NODE,
    ),
    Row(
        "package-lock.json v1",
        (Way.NAMES, Way.NPM),
        strict=True,
        again="`npm install --package-lock-only`",
        hashing="lock again with npm 7 or later: `npm install --package-lock-only`",
        pin="`npm install --package-lock-only {name}@{version}`",
    ),
    Row(
        "yarn.lock",
        (Way.ANSWERS,),
        strict=True,
        again="`yarn install`",
        first="`yarn install`",
        hashing="with Yarn 1.10 or later delete the entry and run `yarn install`",
        pin="`yarn upgrade {name}@{version}`",
        serves=_NODE,
    ),
    Row(
        "yarn.lock berry",
        (Way.WISHES, Way.NPM, Way.SETTINGS),
        strict=True,
        again="`yarn install --mode=update-lockfile`",
        hashing="`yarn install --mode=update-lockfile`; for packages of one platform Yarn records no hash",
        pin="`yarn up {name}@{version}`",
    ),
    Row(
        "pnpm-lock.yaml",
        (Way.WISHES, Way.NPM, Way.SETTINGS),
        strict=True,
        again="`pnpm install --lockfile-only`",
        first="`pnpm install --lockfile-only`",
        hashing="lock again: `pnpm install --lockfile-only`",
        pin="`pnpm update --lockfile-only {name}@{version}`",
        serves=_NODE,
    ),
    Row(
        "bun.lock",
        (Way.WISHES, Way.NPM, Way.SETTINGS),
        strict=True,
        again="`bun install --lockfile-only`",
        first="`bun install --lockfile-only`",
        hashing="lock again: `bun install --lockfile-only`",
        pin="`bun update {name}@{version}`",
        serves=_NODE,
    ),
    Row(
        "Cargo.lock",
        (Way.CARGO,),
        strict=True,
        again="`cargo update --workspace`",
        first="`cargo generate-lockfile`",
        hashing="lock again: `cargo generate-lockfile`",
        pin="`cargo update {name} --precise {version}`",
        serves=("Cargo.toml",),
    ),
    Row(
        "go.mod",
        (),
        strict=True,
        again="`go mod tidy`",
        first="`go mod tidy`",
        hashing="`go mod tidy`, which writes `go.sum`",
        pin="`go get {name}@{version}`",
    ),
    Row("go.work", again="`go work sync`", hashing="`go work sync`, which writes `go.work.sum`"),
    Row(
        "Gemfile.lock",
        (Way.GEMS,),
        strict=True,
        again="`bundle lock`",
        first="`bundle lock`",
        hashing="`bundle lock --add-checksums` (Bundler 2.6 or later)",
        pin="`bundle lock --update {name}`",
        serves=("Gemfile", "gemspec"),
    ),
    Row(
        "composer.lock",
        (Way.HASH, Way.COMPOSER),
        strict=True,
        again="`composer update --lock`",
        first="`composer update --no-install`",
        hashing="no lock of Composer's can hash an archive of a code host: install with `--prefer-source`, which "
        "checks the commit, or from a mirror with archives of its own, and accept this with an exception",
        pin="`composer update --no-install {name}:{version}`",
        serves=("composer.json",),
    ),
    Row(
        "gradle.lockfile",
        (),
        strict=True,
        again="`gradle dependencies --write-locks`",
        first="turn on dependency locking, then `gradle dependencies --write-locks`",
        hashing="`gradle --write-verification-metadata sha256 help`",
        pin="`gradle dependencies --update-locks {name}:{version}`",
        serves=("build.gradle",),
    ),
    Row(
        "packages.lock.json",
        (Way.NUGET,),
        strict=True,
        again="`dotnet restore --force-evaluate`",
        first="`dotnet restore --use-lock-file`",
        hashing="lock again: `dotnet restore --force-evaluate`",
        pin="`dotnet add package {name} --version {version}`",
        serves=("csproj",),
    ),
    Row(
        "packages.config",
        hashing="use `PackageReference` with `RestorePackagesWithLockFile`, then `dotnet restore --use-lock-file`",
    ),
    Row(
        "mix.lock",
        (Way.HEX,),
        strict=True,
        named=True,
        again="`mix deps.get`",
        first="`mix deps.get`",
        hashing="lock again with Hex 0.17 or later: `mix deps.get`",
        pin="`mix deps.update {name}`",
        serves=("mix.exs",),
    ),
    Row("Dockerfile", hashing="name the image by digest: `FROM image@sha256:…`"),
    Row(
        ".terraform.lock.hcl",
        again="`terraform init -upgrade`",
        first="`terraform init`",
        hashing="`terraform providers lock`",
    ),
    Row(
        "Chart.lock",
        (Way.NAMES, Way.NPM),
        again="`helm dependency update`",
        first="`helm dependency update`",
        hashing="commit the charts themselves: `helm dependency build`, then `git add charts`",
        serves=("Chart.yaml",),
    ),
    Row(
        ".pre-commit-config.yaml",
        again="`pre-commit autoupdate --freeze`",
        hashing="name the commit: `pre-commit autoupdate --freeze`",
    ),
)
"""Best known first: a manifest without lock is told of its formats in this order."""

_BY_FORMAT = {row.format: row for row in ROWS}
_NONE = Row("")


def row(lock_format: str) -> Row:
    """The row of a lock format; an empty one for a format that has none."""
    return _BY_FORMAT.get(lock_format, _NONE)


def first_time(manifest: Manifest) -> str:
    """How to lock a manifest that has no lock, "" where no row serves its format."""
    every = [one.first for one in ROWS if manifest.format in one.serves and one.first]
    told = [one for one in every if manifest.manager and one.startswith(f"`{manifest.manager} ")] or every
    if not told:
        return ""
    if len(told) == 1:
        return f"{told[0]}, then commit the result"
    return f"lock it ({', '.join(told[:-1])} or {told[-1]}) and commit"
