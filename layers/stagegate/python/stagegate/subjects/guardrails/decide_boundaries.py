"""The plan for one guardrail's boundaries in one account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stagegate.core.findings import Finding, blocked, warned
from stagegate.rules.names import is_guardrail, is_own_role, policy_arn
from stagegate.subjects.guardrails.conflicts import Assignment
from stagegate.subjects.guardrails.denials.documents import same
from stagegate.subjects.guardrails.model import ObservedBoundaries
from stagegate.surfaces.guardrails.changes import PutBoundary, RemoveBoundary


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a guardrail is planned: the guardrail's name, the account, and how the stack names what is its own."""

    guardrail: str
    account: str
    partition: str
    prefix: str

    @property
    def arn(self) -> str:
        """The ARN of the guardrail's policy there."""
        return policy_arn(self.prefix, self.guardrail, self.account, self.partition)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryPlan:
    """What there is to do, in two groups; the roles it will be on; and where it can't be put on, and why."""

    raises: tuple[PutBoundary, ...] = ()
    lowers: tuple[RemoveBoundary, ...] = ()
    covers: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def plan_boundaries(
    place: Place,
    document: str | None,
    assignments: Mapping[str, tuple[Assignment, ...]],
    seen: ObservedBoundaries,
    *,
    marked: bool = False,
) -> BoundaryPlan:
    """Return the plan for an account; `document` is None where nothing of the guardrail is to stand there, and `marked`
    says whether a run has begun to put it there.

    A role that another guardrail of ours has is taken over in one step. One that this guardrail is to leave, and that
    another claims, is left to that one: it is never under none of the two.
    """
    mine = {name: found[0] for name, found in assignments.items() if document and found[0].guardrail == place.guardrail}
    reasons = {name: why for name in sorted(mine) if (why := _why_not(place, name, seen))}
    covered = {name for name in mine if name not in reasons}
    extra = seen.holds - covered
    handed = {name for name in extra if assignments.get(name) and assignments[name][0].guardrail != place.guardrail}
    missing = covered - seen.holds
    stands = seen.document is not None and document is not None and same(seen.document, document)
    raises: tuple[PutBoundary, ...] = ()
    if covered and (missing or not stands):
        raises = (
            PutBoundary(
                guardrail=place.guardrail,
                account=place.account,
                partition=place.partition,
                document=None if stands else document,
                roles=tuple(sorted(missing)),
            ),
        )
    empty = not covered and not handed
    lowers: tuple[RemoveBoundary, ...] = ()
    if extra - handed or (empty and (marked or seen.document is not None)):
        lowers = (
            RemoveBoundary(
                guardrail=place.guardrail,
                account=place.account,
                partition=place.partition,
                roles=tuple(sorted(extra - handed)),
                delete=empty,
            ),
        )
    findings = (
        *_uncovered(place, mine, reasons),
        *_second(place, assignments),
        *_handed(place, {name: assignments[name][0].guardrail for name in sorted(handed)}),
    )
    return BoundaryPlan(raises=raises, lowers=lowers, covers=tuple(sorted(covered | handed)), findings=findings)


def _why_not(place: Place, name: str, seen: ObservedBoundaries) -> tuple[str, str] | None:
    """Return why a role can't be guarded, as a code and a sentence; None where it can."""
    if is_own_role(name, place.prefix):
        return "OwnRole", "Stagegate's own roles are left out of every guardrail"
    if name in seen.missing:
        return "RoleMissing", "there is no such role"
    if name in seen.barred:
        return "RoleBarred", "the member stack there doesn't name it among its GuardedRoles"
    boundary = seen.boundaries.get(name, "")
    if boundary and not is_guardrail(boundary, place.prefix, place.account, place.partition):
        return "OtherBoundary", f"found the boundary {boundary}, which is left alone"
    if name in seen.locked_out:
        return "RoleLockedOut", (
            f"a boundary would lock it out of what it uses, as a deny with NotPrincipal hits whoever has one:"
            f' {seen.locked_out[name]}. Have it write Principal "*" with a condition on aws:PrincipalArn instead'
        )
    return None


def _uncovered(
    place: Place, mine: Mapping[str, Assignment], reasons: Mapping[str, tuple[str, str]]
) -> Iterator[Finding]:
    """Yield a finding for each reason: many roles of a domain may have the same."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, (code, why) in reasons.items():
        whose = "; ".join(mine[name].whose)
        label = f"role {name} ({whose})" if whose else f"role {name}"
        found.setdefault(("ProfileUncovered" if whose else code, why), []).append(label)
    for (code, why), labels in found.items():
        yield blocked(code, f"Guardrail {place.guardrail} isn't on {', '.join(labels)} of {place.account}: {why}.")


def _second(place: Place, assignments: Mapping[str, tuple[Assignment, ...]]) -> Iterator[Finding]:
    found: dict[str, list[str]] = {}
    for name, (first, *others) in sorted(assignments.items()):
        if any(assignment.guardrail == place.guardrail for assignment in others):
            found.setdefault(first.guardrail, []).append(name)
    for first_one, names in found.items():
        yield blocked(
            "OtherGuardrail",
            f"Guardrail {place.guardrail} isn't on role {', '.join(names)} of {place.account}: a role has one boundary,"
            f" and guardrail {first_one} comes first in governance.toml.",
        )


def _handed(place: Place, handed: Mapping[str, str]) -> Iterator[Finding]:
    for other in sorted(set(handed.values())):
        roles = ", ".join(name for name, to in handed.items() if to == other)
        yield warned(
            "HandedOver",
            f"Guardrail {place.guardrail} stays on role {roles} of {place.account} until guardrail {other} takes its"
            f" place: start guardrail/{other}.",
        )
