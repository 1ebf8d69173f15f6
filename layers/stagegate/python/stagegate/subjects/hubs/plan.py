"""Plan a private hub: the public hub through the rules, against the references and shares that there are."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from stagegate.core.arns import Subject
from stagegate.core.errors import NotSettledError
from stagegate.ledger import targets
from stagegate.ledger.read import Recorded
from stagegate.plans.decision import Basis
from stagegate.plans.plan import Plan
from stagegate.plans.wording import Planned
from stagegate.rules.hubs import HubRules, HubState
from stagegate.subjects.context import Planner, PlanRequest
from stagegate.subjects.hubs import catalogue, observe_public
from stagegate.subjects.hubs.curate import Curated, curate_all
from stagegate.subjects.hubs.decide import (
    absent_plan,
    floors_digest,
    hub_plan,
    permissions_of,
    unknown_hub,
    unread_plan,
)
from stagegate.subjects.hubs.messages import wording
from stagegate.subjects.hubs.model import Observed, ObservedPublicHub, Sharing, so_far
from stagegate.surfaces.hub_contents import observe as observe_hubs
from stagegate.surfaces.hub_contents import observe_own
from stagegate.surfaces.hub_contents.changes import LIVE, ObservedHub
from stagegate.surfaces.shares import observe as observe_shares
from stagegate.surfaces.shares import observe_held
from stagegate.surfaces.shares.changes import sharing_changes
from stagegate.targets.desired import content_in
from stagegate.targets.target import hub_target

PERMISSIONS = (
    catalogue.PERMISSIONS
    | observe_hubs.PERMISSIONS
    | observe_own.PERMISSIONS
    | observe_public.PERMISSIONS
    | observe_shares.PERMISSIONS
    | observe_shares.LOOKUP_PERMISSIONS
)
MEMBER_PERMISSIONS: frozenset[str] = frozenset()

_AT_WORK = frozenset({"Creating", "Updating", "Deleting"})


def plan(planner: Planner, subject: Subject, recorded: Recorded, request: PlanRequest) -> Planned:
    """Return the plan for a hub. It always looks at everything: no event tells of a change in a hub.

    The documents that the rules need are read first, as many as there is time for, and kept; a plan that is short of
    some says Outcome.MORE and changes nothing. Raises NotSettledError while SageMaker makes or deletes the hub.
    """
    basis = Basis(rules=planner.rules, subject=subject, view=recorded.view, now=datetime.now(UTC))
    made = _planned(planner, basis, request)
    return Planned(plan=made, wording=wording(made.decision))


def _planned(planner: Planner, basis: Basis, request: PlanRequest) -> Plan:
    subject = basis.subject
    rules = basis.rules
    entry = rules.hub(subject.name)
    is_kept = rules.is_withdrawn and (entry is None or entry.adopt)
    if entry is None and rules.is_withdrawn:
        entry = HubRules(name=subject.name, description="", state=HubState.ABSENT)
    if entry is None:
        return unknown_hub(basis)
    is_absent = entry.state is HubState.ABSENT
    hub = observe_hubs.observe(
        planner.sagemaker, subject.arn, observe_hubs.EVERYTHING if is_absent else observe_hubs.USED
    )
    if hub and hub.status in _AT_WORK:
        raise NotSettledError(f"{subject.arn}: SageMaker says {hub.status}")
    desired_texts: Mapping[str, str] = {}
    if hub and (entry.packages or hub.marked):
        # After the hub: what a package wants of it goes on record before it is in.
        desired_texts = targets.desired_texts(planner.dynamodb, planner.environment.table, hub_target(subject.arn).id)
        hub = observe_own.with_own(planner.sagemaker, subject.arn, hub, desired_texts)
    observed = Observed(
        entry=entry,
        hub=hub,
        contents={arn: content for arn, text in desired_texts.items() if (content := content_in(text))},
        sharing=_sharing(planner, entry, basis),
        done=so_far(request.results),
        force=request.force,
        is_kept=is_kept or (rules.is_withdrawn and hub is not None and bool(hub.others)),
    )
    if is_absent:
        return absent_plan(basis, observed)
    known = catalogue.look(planner, lambda models: curate_all(entry, models).unread, basis.now)
    curated = curate_all(entry, known.models.values())
    if curated.unread:
        return unread_plan(basis, entry, curated.unread)
    arrived = known.arrived(basis.view.planner_state.get("seen"))
    public = ObservedPublicHub(curated=curated, names=frozenset(known.models), arrived=arrived)
    return hub_plan(basis, replace(observed, hub=_with_minimums(planner, basis, hub, curated)), public)


def _sharing(planner: Planner, entry: HubRules, basis: Basis) -> Sharing:
    subject = basis.subject
    seen = observe_held.with_misplaced(
        planner.ram,
        basis.rules,
        observe_shares.observe(planner.ram, subject.arn, grants=basis.view.grants, audience=basis.rules.audience),
    )
    closes, opens = sharing_changes(planner.rules, subject.arn, permissions_of(entry), seen)
    offered = observe_shares.permissions(planner.ram, "sagemaker:Hub") if opens else None
    return Sharing(seen=seen, closes=closes, opens=opens, offered=offered)


def _with_minimums(planner: Planner, basis: Basis, hub: ObservedHub | None, curated: Curated) -> ObservedHub | None:
    """Return the hub with the minimums that matter: those that the rules state, which somebody could have lowered; and
    all of them where the rules have changed what they state, as one may have to go.
    """
    if hub is None:
        return None
    is_as_before = basis.view.planner_state.get("floors") == floors_digest(curated.models)
    requested = [
        r.name for r in hub.references if r.status in LIVE and (curated.models.get(r.name) or not is_as_before)
    ]
    found = observe_hubs.minimums(planner.sagemaker, basis.subject.name, requested)
    return replace(hub, references=tuple(replace(r, minimum=found.get(r.name)) for r in hub.references))
