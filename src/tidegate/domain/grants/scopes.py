"""The scopes of a GitHub token, as "Workflow syntax for GitHub Actions", `permissions`, lists them."""

READ_ONLY = frozenset({"models", "vulnerability-alerts"})
"""Scopes that nothing can be written with."""
NEVER_READ = frozenset({"id-token", "copilot-requests"})
"""Scopes that are either `write` or `none`."""
WRITABLE = frozenset(
    {
        "actions",
        "artifact-metadata",
        "attestations",
        "checks",
        "code-quality",
        "contents",
        "copilot-requests",
        "deployments",
        "discussions",
        "id-token",
        "issues",
        "packages",
        "pages",
        "pull-requests",
        "repository-projects",
        "security-events",
        "statuses",
    }
)
KNOWN = WRITABLE | READ_ONLY
EVERYTHING = "*"
"""What a shorthand (`read-all`, `write-all`) grants."""
