"""Which write scopes an action is known to need, after the documents its own repository publishes.

A row is `action | scopes | when | document`, the last two only where they say something. Where no other document is
named it is README.md (beside the action where that is in `.github/actions`), and for a called workflow the workflow
itself, which declares what it asks for. The action is named as `uses:` names it, without its ref; `*` ends a family.
Each of the scopes is a reason to hold it, none is demanded. `when` names an input that must be given and not be false,
or `input~a,b`: one that must hold one of these texts.
"""

from dataclasses import dataclass
from functools import cache

from tidegate.model.workflow import Step

README = "README.md"
_ROWS = """
1Password/check-signed-commits-action | pull-requests
actions-ecosystem/action-add-labels | issues pull-requests
actions-ecosystem/action-remove-labels | issues pull-requests
actions/ai-inference | copilot-requests
actions/attest | id-token attestations artifact-metadata
actions/attest | packages | push-to-registry
actions/attest-build-provenance | id-token attestations artifact-metadata
actions/attest-build-provenance | packages | push-to-registry
actions/attest-sbom | id-token attestations artifact-metadata
actions/attest-sbom | packages | push-to-registry
actions/configure-pages | pages | enablement
actions/create-release | contents
actions/delete-package-versions | packages
actions/dependency-review-action | pull-requests | comment-summary-in-pr
actions/deploy-pages | pages id-token
actions/first-interaction | issues pull-requests
actions/labeler | pull-requests issues
actions/publish-action | contents
actions/publish-immutable-action | packages id-token attestations
actions/stale | issues pull-requests
actions/stale | actions
actions/stale | contents | delete-branch
actions/upload-release-asset | contents
ad-m/github-push-action | contents
advanced-security/component-detection-dependency-submission-action | contents id-token
advanced-security/maven-dependency-submission-action | contents
amondnet/vercel-action | pull-requests issues contents | | action.yml
amondnet/vercel-action | deployments | github-deployment | action.yml
anchore/sbom-action | contents
anchore/sbom-action | contents | upload-release-assets
anothrNick/github-tag-action | contents
anthropics/claude-code-action | contents pull-requests issues id-token |  | docs/setup.md
aws-actions/configure-aws-credentials | id-token | role-to-assume
aws-actions/stale-issue-cleanup | issues pull-requests
azure/login | id-token | client-id
benc-uk/workflow-dispatch | actions
carabiner-dev/actions/slsa/generate | id-token | | slsa/generate/action.yml
chainguard-dev/setup-chainctl | id-token
changesets/action | contents pull-requests
changesets/action | id-token | publish
cloudflare/pages-action | deployments
cloudflare/wrangler-action | deployments
codecov/codecov-action | id-token | use_oidc
CodSpeedHQ/action | id-token
crazy-max/ghaction-github-labeler | issues
crazy-max/ghaction-github-pages | contents
cucumber/action-create-github-release | contents
cucumber/action-publish-rubygem | id-token
cycjimmy/semantic-release-action | contents issues pull-requests
DataDog/dd-octo-sts-action | id-token
davelosert/vitest-coverage-report-action | pull-requests
depot/bake-action | id-token
depot/bake-action | packages | push
depot/build-push-action | id-token
depot/build-push-action | packages | push
depot/setup-action | id-token
dessant/lock-threads | issues pull-requests discussions
docker/bake-action | packages | push
docker/build-push-action | packages | outputs~push=true,type=registry
docker/build-push-action | packages | push
docker/docker-agent-action/.github/workflows/review-pr.yml | pull-requests issues checks id-token
docker/login-action | packages | registry~ghcr
dorny/test-reporter | checks
EndBug/add-and-commit | contents
EndBug/label-sync | issues
EnricoMi/publish-unit-test-result-action | checks pull-requests
github/branch-deploy | contents pull-requests deployments checks statuses actions issues
github/codeql-action/analyze | security-events
github/codeql-action/autobuild | security-events
github/codeql-action/init | security-events
github/codeql-action/upload-sarif | security-events
github/issue-labeler | issues
github/lock | issues pull-requests
google-github-actions/auth | id-token | workload_identity_provider
google-github-actions/release-please-action | contents pull-requests issues
google-github-actions/run-gemini-cli | contents pull-requests issues id-token
google/osv-scanner-action/.github/workflows/osv-scanner-reusable-pr.yml | security-events
google/osv-scanner-action/.github/workflows/osv-scanner-reusable.yml | security-events
googleapis/release-please-action | contents pull-requests issues
goreleaser/goreleaser-action | contents packages | args~release
gradle/actions/dependency-submission | contents
gradle/actions/setup-gradle | pull-requests | add-job-summary-as-pr-comment
gradle/actions/setup-gradle | contents | dependency-graph
hashicorp/vault-action | id-token
hynek/build-and-inspect-python-package | id-token attestations | attest-build-provenance-github
JamesIves/github-pages-deploy-action | contents
JasonEtco/create-an-issue | issues
jfrog/setup-jfrog-cli | id-token | oidc-provider-name
joshmfrankel/simplecov-check-action | checks
JS-DevTools/npm-publish | id-token
kubernetes-sigs/release-actions/publish-release | contents
marocchino/sticky-pull-request-comment | pull-requests
mathieudutour/github-tag-action | contents
micnncim/action-label-syncer | issues
mikepenz/action-junit-report | checks pull-requests
ncipollo/release-action | contents
NuGet/login | id-token
octo-sts/action | id-token
openai/codex-action | contents pull-requests issues
ossf/scorecard-action | security-events
ossf/scorecard-action | id-token | publish_results
oxsecurity/megalinter | contents issues pull-requests
peaceiris/actions-gh-pages | contents
peter-evans/create-issue-from-file | issues
peter-evans/create-or-update-comment | issues pull-requests
peter-evans/create-pull-request | contents pull-requests
peter-evans/enable-pull-request-automerge | contents pull-requests
peter-evans/repository-dispatch | contents
pulumi/auth-actions | id-token
py-cov-action/python-coverage-comment-action | contents pull-requests
pypa/gh-action-pypi-publish | id-token
python-semantic-release/publish-action | contents
python-semantic-release/python-semantic-release | contents
python-semantic-release/upload-to-gh-release | contents
redhat-actions/push-to-registry | packages
release-drafter/release-drafter | contents pull-requests
revanite-io/osps-baseline-action | security-events | upload-sarif
reviewdog/action-* | checks pull-requests
romeovs/lcov-reporter-action | pull-requests
rubygems/configure-rubygems-credentials | id-token
rubygems/release-gem | contents id-token
rust-lang/crates-io-auth-action | id-token
ScaCap/action-surefire-report | checks
sigstore/cosign-installer | id-token
sigstore/gh-action-sigstore-python | id-token
sigstore/gh-action-sigstore-python | contents
slsa-framework/slsa-github-generator/.github/actions/detect-workflow-js | id-token
slsa-framework/slsa-github-generator/.github/actions/generate-attestations | id-token
slsa-framework/slsa-github-generator/.github/actions/sign-attestations | id-token
slsa-framework/slsa-github-generator/.github/workflows/builder_go_slsa3.yml | id-token contents actions
slsa-framework/slsa-github-generator/.github/workflows/builder_nodejs_slsa3.yml | id-token contents actions
slsa-framework/slsa-github-generator/.github/workflows/delegator_generic_slsa3.yml | id-token contents packages actions
slsa-framework/slsa-github-generator/.github/workflows/delegator_lowperms-generic_slsa3.yml | id-token
slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml | id-token packages actions
slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml | id-token contents actions
slsa-framework/slsa-github-generator/actions/delegator/setup-generic | id-token
slsa-framework/source-actions/slsa_with_provenance | contents id-token
softprops/action-gh-release | contents
stefanzweifel/git-auto-commit-action | contents
step-security/publish-action | contents
step-security/publish-unit-test-result-action | checks pull-requests
styfle/cancel-workflow-action | actions
super-linter/super-linter | statuses
svenstaro/upload-release-action | contents
testifysec/witness-run-action | id-token
theupdateframework/specification/.github/workflows/check-latest-spec-version.yml | issues
thollander/actions-comment-pull-request | pull-requests
zizmorcore/zizmor-action | security-events
"""


@dataclass(frozen=True, slots=True)
class Known:
    """One row; `source` is the address of the document."""

    action: str
    scopes: frozenset[str]
    when: str
    source: str

    def holds(self, step: Step) -> bool:
        """Does the row speak of this step, given its inputs?"""
        name, _, texts = self.when.partition("~")
        if not name:
            return True
        value = step.given(name).strip().lower()
        if texts:
            return "${{" in value or any(text in value for text in texts.split(","))
        return value not in ("", "false", "no", "never", "0")


def named(uses: str) -> str:
    """The action a reference names, without its ref, in lower case."""
    return uses.partition("@")[0].strip().lower()


def known(uses: str) -> tuple[Known, ...]:
    """The rows of an action, () when there is none."""
    action = named(uses)
    exact = _table().get(action)
    if exact is not None:
        return exact
    return next((rows for start, rows in _families() if action.startswith(start)), ())


def _document(inside: str) -> str:
    """The document of what stands at this path of its repository."""
    if inside.startswith(".github/workflows/"):
        return inside
    return f"{inside}/{README}" if inside.startswith(".github/actions/") else README


@cache
def _table() -> dict[str, tuple[Known, ...]]:
    table: dict[str, tuple[Known, ...]] = {}
    for line in _ROWS.strip().splitlines():
        action, scopes, when, document = (*(part.strip() for part in line.split("|")), "", "")[:4]
        owner, repository = action.split("/")[:2]
        inside = _document("/".join(action.split("/")[2:]))
        family = "*" in repository
        source = f"https://github.com/{owner}" + ("" if family else f"/{repository}/blob/HEAD/{document or inside}")
        row = Known(action, frozenset(scopes.split()), when, source)
        table[action.lower()] = (*table.get(action.lower(), ()), row)
    return table


@cache
def _families() -> tuple[tuple[str, tuple[Known, ...]], ...]:
    return tuple((action[:-1], rows) for action, rows in _table().items() if action.endswith("*"))
