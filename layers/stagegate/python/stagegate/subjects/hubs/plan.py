"""Plan a private hub: the public hub through the rules, against the references and shares that there are."""

from dataclasses import replace
from datetime import UTC, datetime

from stagegate.core.arns import Subject
from stagegate.core.errors import NotSettledError
from stagegate.ledger.read import Recorded
from stagegate.plans.grants import View
from stagegate.plans.plan import Plan
from stagegate.rules.hubs import HubRules, HubState
from stagegate.subjects.context import Planner
from stagegate.subjects.hub_options import HubOptions
from stagegate.subjects.hubs import catalogue, observe_public
from stagegate.subjects.hubs.curate import Curated, curate_all
from stagegate.subjects.hubs.decide import (
    ObservedPublicHub,
    Sharing,
    absent_plan,
    floors_digest,
    hub_plan,
    permissions_of,
    unknown_hub,
    unread_plan,
)
from stagegate.surfaces.hub_contents import observe as observe_hubs
from stagegate.surfaces.hub_contents.changes import LIVE, ObservedHub
from stagegate.surfaces.shares import observe as observe_shares
from stagegate.surfaces.shares.changes import sharing_changes

PERMISSIONS = (
    catalogue.PERMISSIONS
    | observe_hubs.PERMISSIONS
    | observe_public.PERMISSIONS
    | observe_shares.PERMISSIONS
    | observe_shares.LOOKUP_PERMISSIONS
)

_AT_WORK = frozenset({"Creating", "Updating", "Deleting"})


def plan_hub(planner: Planner, subject: Subject, recorded: Recorded, requested: HubOptions) -> Plan:
    """Return the plan for a hub. It always looks at everything: no event tells of a change in a hub.

    The documents that the rules need are read first, as many as there is time for, and kept; a plan that is short of
    some says Outcome.MORE and changes nothing. Raises NotSettledError while SageMaker makes or deletes the hub.
    """
    rules, view = planner.rules, recorded.view
    hub = rules.hub(subject.name)
    if hub is None:
        return unknown_hub(rules, subject, view)
    is_absent = hub.state is HubState.ABSENT
    observed = observe_hubs.observe(
        planner.sagemaker, subject.arn, observe_hubs.EVERYTHING if is_absent else observe_hubs.MODELS
    )
    if observed and observed.status in _AT_WORK:
        raise NotSettledError(f"{subject.arn}: SageMaker says {observed.status}")
    sharing = _sharing(planner, hub, subject)
    if is_absent:
        return absent_plan(rules, subject, observed, sharing, view, adopt=hub.adopt, done=requested.done)
    now = datetime.now(UTC)
    known = catalogue.look(planner, lambda models: curate_all(hub, models).unread, now)
    curated = curate_all(hub, known.models.values())
    if curated.unread:
        return unread_plan(planner.rules, hub, subject, view, curated.unread, now)
    return hub_plan(
        rules,
        hub,
        subject,
        ObservedPublicHub(
            curated=curated, names=frozenset(known.models), arrived=known.arrived(view.planner_state.get("seen"))
        ),
        _with_minimums(planner, subject, observed, curated, view),
        sharing,
        view,
        done=requested.done,
        force=requested.force,
        now=now,
    )


def _sharing(planner: Planner, hub: HubRules, subject: Subject) -> Sharing:
    seen = observe_shares.observe(planner.ram, subject.arn)
    closes, opens = sharing_changes(planner.rules, subject.arn, permissions_of(hub), seen)
    offered = observe_shares.permissions(planner.ram, "sagemaker:Hub") if opens else None
    return Sharing(seen=seen, closes=closes, opens=opens, offered=offered)


def _with_minimums(
    planner: Planner, subject: Subject, observed: ObservedHub | None, curated: Curated, view: View
) -> ObservedHub | None:
    """Return the hub with the minimums that matter: those that the rules state, which somebody could have lowered; and
    all of them where the rules have changed what they state, as one may have to go.
    """
    if observed is None:
        return None
    is_as_before = view.planner_state.get("floors") == floors_digest(curated.models)
    requested = [
        r.name for r in observed.references if r.status in LIVE and (curated.models.get(r.name) or not is_as_before)
    ]
    found = observe_hubs.minimums(planner.sagemaker, subject.name, requested)
    return replace(observed, references=tuple(replace(r, minimum=found.get(r.name)) for r in observed.references))
