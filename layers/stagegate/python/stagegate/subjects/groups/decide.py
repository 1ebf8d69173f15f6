"""The plan for a model package group: the difference of who may register in it and what is there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stagegate.core.findings import Finding
from stagegate.plans.blindness import Visibility
from stagegate.plans.decision import DELETED, Basis, Decision
from stagegate.plans.grants import Grant, open_stages
from stagegate.plans.plan import Plan, conclude
from stagegate.subjects.groups.model import Group
from stagegate.targets.changes import DesiredGrant, grant_of, target_changes
from stagegate.targets.compare import TargetDiff
from stagegate.targets.target import TargetType

REGISTER = "register"
"""What a grant is called on record by which a stage registers."""
READ = "read"
"""And one by which the group's account reads what the stage registers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All that a group's plan looks at: what the rules want of it, and by its id every target of that and of the
    record.
    """

    group: Group | None
    desired: tuple[DesiredGrant, ...]
    findings: tuple[Finding, ...]
    seen: Mapping[str, TargetDiff]
    visibility: Visibility | None = None


def group_plan(basis: Basis, observed: Observed) -> Plan:
    """Return the plan for a group: what closes or gets less, then what opens.

    Nobody approves a registration: the rules say who may, and the version that comes in has its own approval before it.
    """
    group, seen = observed.group, observed.seen
    visibility, desired = observed.visibility, observed.desired
    if visibility and visibility.unseen:  # nothing opens then, and what was so for too many sweeps closes
        kept = frozenset() if visibility.too_long else open_stages(basis.rules, basis.view)
        desired = tuple(each for each in desired if each.stage in kept)
    closes, opens = target_changes(basis.subject, desired, basis.view, seen)
    decision = Decision(
        subject=basis.subject,
        status=group.status if group else DELETED,
        changes=(*closes, *opens),
        grants=tuple(_grant(basis, desired_grant) for desired_grant in desired),
        findings=(
            *(*observed.findings, *(finding for diff in seen.values() for finding in diff.findings)),
            *(visibility.findings() if visibility else ()),
        ),
        blind=visibility.blind if visibility else basis.view.blind,
        unseen=visibility.unseen if visibility else (),
        looked_at=visibility.looked_at if visibility else frozenset(),
        documents=tuple(line for target in sorted(seen) for line in seen[target].lines),
    )
    return conclude(basis, decision)


def _grant(basis: Basis, desired_grant: DesiredGrant) -> Grant:
    stage, registers = basis.rules.stage(desired_grant.stage), desired_grant.target.type is TargetType.GROUP_POLICY
    permission = REGISTER if registers else READ
    audience = basis.rules.audience or ""
    grant = grant_of(desired_grant, stage, None, basis.view, permission=permission, now=basis.now, audience=audience)
    return grant if registers else replace(grant, accounts=(basis.subject.account,))
