"""Which write scopes a command is known to need, after the documents of the program.

A row is `words | scopes | source`. The words begin a command once options are taken out; `a/b` is either, `name*` any
word that starts so, and a word that is an option itself must be anywhere among the command's options.
"""

from dataclasses import dataclass
from functools import cache

from tidegate.domain.grants.shell import Command

_ROWS = """
git push | contents | https://git-scm.com/docs/git-push
hub release | contents | https://hub.github.com/hub-release.1.html
hub pull-request | pull-requests | https://hub.github.com/hub-pull-request.1.html
gh release create/upload/edit/delete/delete-asset | contents | https://cli.github.com/manual/gh_release
gh pr create/edit/close/reopen/ready/review/comment/lock | pull-requests issues | https://cli.github.com/manual/gh_pr
gh pr merge/update-branch | contents pull-requests | https://cli.github.com/manual/gh_pr_merge
gh issue create/edit/close/reopen/comment/delete/lock/pin | issues | https://cli.github.com/manual/gh_issue
gh label create/edit/delete/clone | issues pull-requests | https://cli.github.com/manual/gh_label
gh workflow run/enable/disable | actions | https://cli.github.com/manual/gh_workflow
gh run rerun/cancel/delete | actions | https://cli.github.com/manual/gh_run
gh cache delete | actions | https://cli.github.com/manual/gh_cache_delete
codeql github upload-results | security-events | https://docs.github.com/en/code-security/codeql-cli
cosign sign/sign-blob/attest/attest-blob | id-token | https://docs.sigstore.dev/cosign/signing/overview/
cosign sign/attest/attach/copy/upload | packages | https://docs.sigstore.dev/cosign/signing/signing_with_containers/
sigstore sign/attest | id-token | https://github.com/sigstore/sigstore-python/blob/HEAD/README.md
pypi-attestations sign | id-token | https://github.com/trailofbits/pypi-attestations/blob/HEAD/README.md
gitsign | id-token | https://github.com/sigstore/gitsign/blob/HEAD/README.md
tejolote attest --sign | id-token | https://github.com/kubernetes-sigs/tejolote/blob/HEAD/README.md
witness run | id-token | https://github.com/in-toto/witness/blob/HEAD/README.md
bnd statement/predicate/commit | id-token | https://github.com/carabiner-dev/bnd/blob/HEAD/README.md
aws sts assume-role-with-web-identity | id-token | https://docs.aws.amazon.com/cli/latest/reference/sts/
npm publish | id-token packages | https://github.com/npm/documentation/blob/HEAD/content/packages-and-modules/securing-your-code/trusted-publishers.mdx
pnpm publish | id-token packages | https://github.com/npm/documentation/blob/HEAD/content/packages-and-modules/securing-your-code/trusted-publishers.mdx
yarn npm publish | id-token packages | https://github.com/npm/documentation/blob/HEAD/content/packages-and-modules/securing-your-code/trusted-publishers.mdx
yarn publish | packages | https://docs.github.com/en/packages/learn-github-packages
changeset publish/version | contents id-token packages | https://github.com/changesets/changesets/blob/HEAD/README.md
lerna publish/version | contents id-token packages | https://github.com/lerna/lerna/blob/HEAD/README.md
uv publish | id-token | https://docs.astral.sh/uv/guides/package/
pdm publish | id-token | https://pdm-project.org/latest/usage/publish/
twine upload | id-token | https://twine.readthedocs.io/en/stable/
gem push | id-token packages | https://github.com/rubygems/guides/blob/HEAD/trusted-publishing.md
rake release | contents id-token | https://github.com/rubygems/guides/blob/HEAD/trusted-publishing.md
docker push | packages | https://docs.docker.com/reference/cli/docker/image/push/
docker image push | packages | https://docs.docker.com/reference/cli/docker/image/push/
docker manifest push | packages | https://docs.docker.com/reference/cli/docker/manifest/push/
docker compose push | packages | https://docs.docker.com/reference/cli/docker/compose/push/
docker build --push | packages | https://docs.docker.com/reference/cli/docker/buildx/build/
docker buildx build --push | packages | https://docs.docker.com/reference/cli/docker/buildx/build/
docker buildx bake --push | packages | https://docs.docker.com/reference/cli/docker/buildx/bake/
docker buildx imagetools create | packages | https://docs.docker.com/reference/cli/docker/buildx/imagetools/create/
podman push | packages | https://docs.podman.io/en/latest/markdown/podman-push.1.html
buildah push | packages | https://github.com/containers/buildah/blob/HEAD/docs/buildah-push.1.md
skopeo copy/sync/delete | packages | https://github.com/containers/skopeo/blob/HEAD/docs/skopeo-copy.1.md
crane push/copy/tag/append/mutate/delete/index | packages | https://github.com/google/go-containerregistry/blob/HEAD/README.md
ko build/publish/apply/resolve | packages | https://ko.build/reference/ko_build/
oras push/attach/copy/cp/tag | packages | https://oras.land/docs/commands/oras_push
helm push | packages | https://helm.sh/docs/helm/helm_push/
mvn deploy | packages | https://maven.apache.org/plugins/maven-deploy-plugin/
mvnw deploy | packages | https://maven.apache.org/plugins/maven-deploy-plugin/
gradle publish* | packages | https://docs.gradle.org/current/userguide/publishing_maven.html
gradlew publish* | packages | https://docs.gradle.org/current/userguide/publishing_maven.html
dotnet nuget push | packages | https://learn.microsoft.com/en-us/dotnet/core/tools/dotnet-nuget-push
goreleaser release | contents packages | https://goreleaser.com/ci/actions/
semantic-release | contents issues pull-requests id-token | https://github.com/semantic-release/github/blob/HEAD/README.md
release-please github-release/release-pr | contents pull-requests issues | https://github.com/googleapis/release-please/blob/HEAD/docs/cli.md
release-it | contents id-token | https://github.com/release-it/release-it/blob/HEAD/README.md
mike deploy --push | contents | https://github.com/jimporter/mike/blob/HEAD/README.md
mike deploy -p | contents | https://github.com/jimporter/mike/blob/HEAD/README.md
mkdocs gh-deploy | contents | https://www.mkdocs.org/user-guide/deploying-your-docs/
ghp-import -p | contents | https://github.com/c-w/ghp-import/blob/HEAD/README.md
gh-pages | contents | https://github.com/tschaub/gh-pages/blob/HEAD/readme.md
reviewdog | checks pull-requests | https://github.com/reviewdog/reviewdog/blob/HEAD/README.md
danger | pull-requests issues statuses | https://danger.systems/js/guides/getting_started
"""
# Options of these programs that may stand before the subcommand and take the next word.
_TAKES_A_WORD = frozenset(
    {"-C", "-c", "-R", "--repo", "--prefix", "--dir", "--git-dir", "--work-tree", "--context", "-H", "--host"}
)


# With one of these a command shows what it would do, or how it is used, and writes nothing.
IDLE = frozenset({"--help", "--dry-run", "--version", "--snapshot"})
_IDLE_OF = {"git": frozenset({"-n", "-h"}), "goreleaser": frozenset({"--skip"}), "gh": frozenset({"-h"})}


@dataclass(frozen=True, slots=True)
class KnownCommand:
    words: tuple[str, ...]
    scopes: frozenset[str]
    source: str

    @property
    def shown(self) -> str:
        return " ".join(self.words)


def known(command: Command) -> tuple[KnownCommand, ...]:
    """The rows that speak of a command."""
    rows = _table().get(command[0])
    if not rows:
        return ()
    arguments, options = parted(command[1:])
    if (IDLE | _IDLE_OF.get(command[0], frozenset())) & options:
        return ()
    return tuple(row for row in rows if _begins(row.words[1:], arguments, options))


def parted(words: Command) -> tuple[list[str], set[str]]:
    """The arguments of a command, and the names of its options that are not switched off."""
    arguments: list[str] = []
    options: set[str] = set()
    taken = False
    for word in words:
        if taken:
            taken = False
        elif word.startswith("-"):
            name, _, value = word.partition("=")
            if value.lower() not in ("false", "no", "0", "none"):
                options.add(name)
            taken = word in _TAKES_A_WORD
        else:
            arguments.append(word)
    return arguments, options


def _begins(wanted: tuple[str, ...], arguments: list[str], options: set[str]) -> bool:
    position = 0
    for word in wanted:
        if word.startswith("-"):
            if word not in options:
                return False
            continue
        if position >= len(arguments) or not _is(word, arguments[position]):
            return False
        position += 1
    return True


def _is(wanted: str, word: str) -> bool:
    if wanted.endswith("*"):
        return word.rpartition(":")[2].startswith(wanted[:-1])
    return word in wanted.split("/")


@cache
def _table() -> dict[str, tuple[KnownCommand, ...]]:
    table: dict[str, tuple[KnownCommand, ...]] = {}
    for line in _ROWS.strip().splitlines():
        words, scopes, source = (part.strip() for part in line.split(" | "))
        row = KnownCommand(tuple(words.split()), frozenset(scopes.split()), source)
        table[row.words[0]] = (*table.get(row.words[0], ()), row)
    return table
