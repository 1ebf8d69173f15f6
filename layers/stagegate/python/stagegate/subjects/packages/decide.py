"""The plan for a model package: the difference of what its stages are to have and what is on record or was seen."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.questions import Asked
from stagegate.approvals.status_history import status_history
from stagegate.core.findings import Finding
from stagegate.links.bound import held_by
from stagegate.links.link import Link, linking_of, state_of
from stagegate.plans.blindness import Unseen, Visibility
from stagegate.plans.decision import DELETED, Basis, Decision
from stagegate.plans.grants import Grant, open_stages
from stagegate.plans.plan import Plan, conclude
from stagegate.subjects.packages.artifacts import Artifacts
from stagegate.subjects.packages.hubs.grants import whole
from stagegate.subjects.packages.imports.retained import retained_by
from stagegate.subjects.packages.model import Package, environment_on_record, group_name
from stagegate.targets.changes import DesiredGrant, grant_of, target_changes
from stagegate.targets.compare import TargetDiff
from stagegate.targets.use import Use


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All that a package's plan looks at. `desired` and `findings` are what the entitlements come to, `asked` is what
    the approvers are asked about, where they are.

    `seen` has every target of theirs and of the record, by its id; without it the record is gone by, which is all that
    a run for an event looks at. `visibility` is what such a plan could see beside them; None for one that didn't look.
    `artifacts` are what lies at its addresses, where somebody has looked, and `blocking` what keeps it closed of that.
    `use` is what the next run has to know of who can use what is open, `link` which card speaks for it; None where the
    rules ask for none.
    """

    package: Package | None
    entitled: Entitled
    asked: Asked | None = None
    desired: tuple[DesiredGrant, ...] = ()
    findings: tuple[Finding, ...] = ()
    seen: Mapping[str, TargetDiff] | None = None
    use: Use = field(default_factory=Use)
    unseen: tuple[Unseen, ...] = ()
    visibility: Visibility | None = None
    link: Link | None = None
    artifacts: Artifacts | None = None
    blocking: tuple[Finding, ...] = ()


def as_far_as_seen(basis: Basis, observed: Observed, accounts: Collection[str]) -> Observed:
    """Return what a package is to have where something of it could not be looked at (`unseen`): what is open stays so,
    until so many sweeps could not; nothing else opens. `accounts` are those that were looked into.
    """
    visibility = basis.visibility(accounts, observed.unseen) if observed.seen is not None else None
    if not observed.unseen:
        return replace(observed, visibility=visibility)
    is_too_long = visibility is not None and visibility.too_long
    kept = frozenset() if is_too_long else open_stages(basis.rules, basis.view)
    entitled = replace(
        observed.entitled,
        entitlements=tuple(e for e in observed.entitled.entitlements if e.stage in kept),
    )
    desired = tuple(each for each in observed.desired if each.stage in kept)
    return replace(observed, entitled=entitled, desired=desired, visibility=visibility)


def package_plan(basis: Basis, observed: Observed) -> Plan:
    """Return the plan for a package: what closes or gets less, then what opens."""
    rules, subject, view = basis.rules, basis.subject, basis.view
    observed = replace(observed, desired=whole(observed.desired))
    package, entitled, seen, visibility = observed.package, observed.entitled, observed.seen or {}, observed.visibility
    retained = retained_by(rules, group_name(subject, view.planner_state), view)
    closes, opens = target_changes(subject, observed.desired, view, observed.seen, retained)
    rule = rules.packages.status.get(package.status) if rules.packages and package else None
    decision = Decision(
        subject=subject,
        status=package.status.value if package else DELETED,
        version=package.version if package else None,
        content_hash=package.content_hash if package else None,
        asks=entitled.asks or (rule is not None and rule.ask_approvers),
        asked=observed.asked,
        is_unrecorded=entitled.is_unrecorded,
        changes=(*closes, *opens),
        grants=tuple(_grant(basis, desired_grant, entitled) for desired_grant in observed.desired),
        findings=(
            *(*entitled.findings, *observed.findings, *(f for diff in seen.values() for f in diff.findings)),
            *(visibility.findings() if visibility else ()),
        ),
        waiting=entitled.waiting,
        planner_state=_for_the_next(basis, observed),
        blind=visibility.blind if visibility else view.blind,
        unseen=observed.unseen,
        looked_at=visibility.looked_at if visibility else frozenset(),
        documents=tuple(line for target in sorted(seen) for line in seen[target].lines),
        linking=linking_of(observed.link, view.planner_state),
    )
    return conclude(basis, decision)


def _for_the_next(basis: Basis, observed: Observed) -> dict[str, str]:
    """Return what the next run has to know: where it was seen, who can use it, how it is spelled, what was approved."""
    before, package = basis.view.planner_state, observed.package
    rules, holders = basis.rules, None
    if observed.link and rules.packages:
        stages = open_stages(rules, basis.view)
        holders = held_by(observed.link, rules.packages.by_card, observed.entitled, stages)
    links = state_of(observed.link, before, holders)
    if package is None:
        return {**status_history(before, package), **observed.use.state(), **links}
    environment = environment_on_record(before, package, is_approved=_is_approved(observed))
    return {**status_history(before, package), **observed.use.state(), **package.spelling, **environment, **links}


def _is_approved(observed: Observed) -> bool:
    """Tell whether a stage is open that somebody has approved."""
    open_stages = {desired_grant.stage for desired_grant in observed.desired}
    return any(e.approval and e.stage in open_stages for e in observed.entitled.entitlements)


def _grant(basis: Basis, desired_grant: DesiredGrant, entitled: Entitled) -> Grant:
    entitlement = next((e for e in entitled.entitlements if e.stage == desired_grant.stage), None)
    return grant_of(
        desired_grant,
        basis.rules.stage(desired_grant.stage),
        entitlement,
        basis.view,
        permission=desired_grant.permission,
        now=basis.now,
        audience=basis.rules.audience or "",
    )
