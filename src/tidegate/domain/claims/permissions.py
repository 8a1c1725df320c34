"""What a job must be allowed before it can sign with its own identity, ready to paste."""

SNIPPETS = {
    "github": "give the job `permissions: {contents: read, id-token: write}`",
    "gitlab": "give the job `id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}`",
    "buildkite": "run the job on an agent whose `buildkite-agent` command is on the PATH",
    "circleci": "run the job where the `circleci` command is on the PATH",
    "gcp": "let the job's service account ask for identity tokens",
}
_ELSE = "run `tidegate check` with a signer: `--key FILE`, or a CI job that may ask for an identity token"


def fix(system: str) -> str:
    """How to give a run of this CI system a signer."""
    snippet = SNIPPETS.get(system)
    return f"{snippet}, or sign with a key: `--key FILE`" if snippet else _ELSE
