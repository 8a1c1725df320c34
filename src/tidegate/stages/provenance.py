"""Row 7: every artifact has provenance that verifies and names the source commit that was examined."""

from collections.abc import Iterator

from tidegate.domain.claims import context, levels, provenance_rules, rules, source
from tidegate.domain.claims.provenance import Expected
from tidegate.domain.claims.sentence import provenance_clauses
from tidegate.errors import UndecidedError
from tidegate.model.control import Control, Scope
from tidegate.model.evidence import Blind, Clause, Coverage, Report
from tidegate.model.finding import Finding, found
from tidegate.model.release import Artifact, Release
from tidegate.ports import World
from tidegate.stages import proofs
from tidegate.stages.approving import approved
from tidegate.stages.rebuilding import rebuilt
from tidegate.stages.task import Task

_MANY = 100


def examine(task: Task, world: World) -> Report:
    """Verify the provenance of every artifact, and the state of the source it must name."""
    findings: list[Finding] = list(_source(task, world))
    clauses: list[Clause] = []
    coverage: list[Coverage] = []
    blind: list[Blind] = []
    facts = [("source-commit", task.inventory.source.commit)]
    for release in task.releases:
        done = 0
        for artifact in release.artifacts:
            try:
                traced = proofs.tracing(task.policy, world, expectation(task, world, release, artifact))
            except UndecidedError as error:
                blind.append(Blind(error.message, error.hint, release.name))
                continue
            done += 1
            findings.extend(traced.findings)
            clauses.extend(provenance_clauses(artifact.name, traced.origin, traced.contents))
            counted = approved(task, world, release, artifact, traced.origin)
            findings.extend(counted.findings)
            clauses.extend(counted.clauses)
            again = rebuilt(task, world, release, artifact, traced.origin)
            findings.extend(again.findings)
            clauses.extend(again.clauses)
            if traced.origin:
                facts.append((levels.fact(release.name, artifact.name), levels.name(traced.origin.level)))
        coverage.append(Coverage("artifacts", done, len(release.artifacts), release.name))
    return Report(
        control=Control.PROVENANCE,
        coverage=tuple(coverage),
        findings=tuple(findings),
        blind=tuple(blind),
        clauses=tuple(clauses),
        rules=rules.PROVENANCE_RULES + rules.APPROVAL_RULES + rules.REBUILD_RULES + rules.SIGNING_RULES,
        facts=tuple(facts),
    )


def expectation(task: Task, world: World, release: Release, artifact: Artifact) -> Expected:
    """In a check, this checkout's source; before deployment, at most a commit: production has no checkout.

    A commit may have several tags and branches, so only the ref a CI run names can be compared; git alone knows none.
    """
    origin = task.inventory.source
    here = task.scope is Scope.CHECK
    facts = world.ci.facts(origin) if here else None
    return Expected(
        artifact=artifact.name,
        digest=artifact.digest,
        release=release.name,
        repository=source.repository(origin.remote) if here else "",
        commit=origin.commit,
        ref=facts.get("ref") if facts and facts.system != "local" else "",
        parameters=frozenset(task.policy.controls.provenance.external_parameters),
    )


def _source(task: Task, world: World) -> Iterator[Finding]:
    """What is wrong with the source itself, before any attestation is read."""
    for problem in task.inventory.problems:
        if problem.rule == provenance_rules.POLICY_UNREVIEWED.id:
            yield found(provenance_rules.POLICY_UNREVIEWED, problem.about, problem.message)
    if task.scope is not Scope.CHECK:
        return
    origin = task.inventory.source
    if not source.is_commit(origin.commit):
        yield found(provenance_rules.SOURCE_UNKNOWN, "commit")
    for path in origin.dirty[:_MANY]:
        yield found(provenance_rules.SOURCE_DIRTY, path, f"`{path[:200]}` differs from the commit")
    if len(origin.dirty) > _MANY:
        yield found(provenance_rules.SOURCE_DIRTY, "tree", f"{len(origin.dirty) - _MANY} more tracked files differ")
    told = world.ci.facts(origin)
    for about, message in context.contradictions(told, origin, world.git.resolve):
        yield found(provenance_rules.CI_CONTEXT_CONTRADICTED, about, message)
