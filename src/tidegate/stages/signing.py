"""Row 5: every artifact carries a signature that verifies, by a signer the policy names."""

from tidegate.domain.claims.rules import SIGNING_RULES
from tidegate.domain.claims.sentence import signature_clauses
from tidegate.errors import UndecidedError
from tidegate.model.control import Control
from tidegate.model.evidence import Blind, Clause, Coverage, Report
from tidegate.model.finding import Finding
from tidegate.ports import World
from tidegate.stages import proofs, root_age
from tidegate.stages.task import Task


def examine(task: Task, world: World) -> Report:
    """Verify the signature of every artifact of every release."""
    findings: list[Finding] = list(root_age.age(task.policy, world))
    clauses: list[Clause] = []
    coverage: list[Coverage] = []
    blind: list[Blind] = []
    for release in task.releases:
        done = 0
        for artifact in release.artifacts:
            try:
                sealed = proofs.signature(task.policy, world, release.name, artifact)
            except UndecidedError as error:
                blind.append(Blind(error.message, error.hint, release.name))
                continue
            done += 1
            findings.extend(sealed.findings)
            clauses.extend(signature_clauses(artifact.name, None if sealed.findings else sealed.proof))
        coverage.append(Coverage("artifacts", done, len(release.artifacts), release.name))
    return Report(
        control=Control.SIGNING,
        coverage=tuple(coverage),
        findings=tuple(findings),
        blind=tuple(blind),
        clauses=tuple(clauses),
        rules=SIGNING_RULES,
        facts=(("trusted-builders", str(len(task.policy.model.trust.builders))), *root_age.facts(world)),
    )
