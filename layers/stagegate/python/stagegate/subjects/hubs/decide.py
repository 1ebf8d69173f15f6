"""The plan for a private hub: exactly the models that the rules let in, shared with the stages that they name."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from stagegate.core.arns import Subject
from stagegate.core.findings import Finding, blocked
from stagegate.plans.change import Change
from stagegate.plans.grants import Grant, View, count_grants
from stagegate.plans.plan import Outcome, Plan, conclude
from stagegate.rules.hubs import HUB_PERMISSIONS, Doubtful, HubAccess, HubRules, HubState
from stagegate.rules.model import Rules
from stagegate.subjects.hubs.curate import Curated
from stagegate.subjects.hubs.findings import foreign, not_ours, others, remarks, too_many
from stagegate.surfaces.hub_contents.changes import (
    LIVE,
    ROUND,
    Difference,
    Done,
    MakeHub,
    ObservedHub,
    RemoveContents,
    RemoveHub,
    difference,
    first_of,
    holding,
    in_chunks,
    public_arn,
)
from stagegate.surfaces.shares.changes import CloseShare, ObservedShares, OpenShare, foreign_shares, share_of

_STATUS = {HubState.PRESENT: "Present", HubState.ABSENT: "Absent"}
"""A hub's status is what it is once the plan is applied: what SageMaker says of it passes, and would be told anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """What the shares of a hub are, and what has to become of them. `offered` are the permissions that RAM has for hubs
    (None: not looked up, as nothing is to be opened).
    """

    seen: ObservedShares
    closes: tuple[CloseShare, ...] = ()
    opens: tuple[OpenShare, ...] = ()
    offered: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPublicHub:
    """What was seen of the public hub: what the rules make of it, all its names, and versions that nobody was told of
    yet, by name: the one before, and the latest.
    """

    curated: Curated
    names: frozenset[str]
    arrived: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def permissions_of(hub: HubRules) -> dict[str, str]:
    """Return the stages that a hub is shared with, each with the name of its RAM permission."""
    if hub.state is HubState.ABSENT:
        return {}
    return {share.stage: HUB_PERMISSIONS[share.access] for share in hub.shares}


def floors_digest(wanted: Mapping[str, str | None]) -> str:
    """Return what stands for the minimums that are stated, on record: where it is another, every minimum is read."""
    stated = sorted(f"{name}={minimum}" for name, minimum in wanted.items() if minimum)
    return hashlib.sha256("\n".join(stated).encode()).hexdigest()[:16]


def unread_plan(
    rules: Rules, hub: HubRules, subject: Subject, view: View, unread: Collection[str], now: datetime
) -> Plan:
    """Return the plan of a run that has to go on reading documents before it can plan anything.

    It says that there is something to do: whoever only plans, and starts runs for what drifts, has to start one. Which
    stages the hub closes and opens for is known without the documents, and counted.
    """
    grants = _grants(rules, hub, Sharing(seen=ObservedShares(shares=())), view, now)
    said = f"{len(unread)} models' documents are still to be read"
    return Plan(
        subject=subject,
        outcome=Outcome.MORE,
        status="Unknown",
        version=None,
        grants=view.grants,
        entitled=view.grants,
        last_notified_digest=view.last_notified_digest,
        planner_state=view.planner_state,
        waiting=(said,),
        report=True,
        grant_counts=count_grants(view.grants, grants, is_changing=True),
    )


def unknown_hub(rules: Rules, subject: Subject, view: View) -> Plan:
    """Return the plan for a hub that governance.toml doesn't name: nothing is changed."""
    detail = (
        f"governance.toml names no hub {subject.name}, so it is left as it is: give it an entry, or one with"
        ' state = "absent" to have it torn down.'
    )
    return _stopped(rules, subject, view, "Unknown", blocked("HubNotInRules", detail))


def hub_plan(
    rules: Rules,
    hub: HubRules,
    subject: Subject,
    public: ObservedPublicHub,
    observed: ObservedHub | None,
    sharing: Sharing,
    view: View,
    *,
    done: Done,
    force: bool,
    now: datetime,
) -> Plan:
    """Return the plan for a hub from one observation, or for as much of it as one round may write (Outcome.MORE).

    Shares close first; then references go before others come; shares open last, onto a hub that is complete. A sync
    that would remove more of the hub than the rules allow, and isn't to `force` it, leaves all references alone.
    """
    if observed and not observed.is_ours and not hub.adopt:
        return _stopped(rules, subject, view, observed.status, not_ours(subject))
    seen = observed.references if observed else ()
    gone = [r.name for r in seen if r.status in LIVE and _is_gone(subject, r.name, r.target, public)]
    wanted = dict(public.curated.models)
    if hub.gone is Doubtful.FLAG:
        wanted |= {r.name: r.minimum for r in seen if r.name in gone}
    whole = difference(subject.arn, wanted, seen)
    stop = None if force else too_many(hub, whole, sum(r.status in LIVE for r in seen))
    if stop:
        whole = Difference(remove=(), change=(), add=())
    part = first_of(whole, ROUND)
    is_last = part == whole
    opens, missing = _that_ram_has(sharing)
    make = _make(hub, subject, observed)
    changes: tuple[Change, ...] = (*sharing.closes, *make, *in_chunks(subject.arn, part), *(opens if is_last else ()))
    findings = (
        *([stop] if stop else []),
        *remarks(hub, public.curated, gone),
        *missing,
        *others(observed),
        *foreign(sharing.seen),
    )
    as_recorded = bool(stop) or rules.paused
    floors = view.planner_state.get("floors", "") if as_recorded else floors_digest(wanted)
    arrived = {name: public.arrived[name] for name in sorted(wanted.keys() & public.arrived.keys())}
    draft = Plan(
        subject=subject,
        outcome=Outcome.UNCHANGED,
        status=_STATUS[HubState.PRESENT],
        version=None,
        changes=changes,
        grants=_grants(rules, hub, sharing, view, now, without=frozenset(found.stage for found in missing)),
        findings=findings,
        foreign=foreign_shares(sharing.seen),
        content_hash=None if stop else holding(wanted),
        drift=(*_so_far(done), *(_arrival(name, *versions) for name, versions in arrived.items())),
        planner_state={"seen": now.isoformat(), "floors": floors},
    )
    made = _concluded(rules, draft, view, is_last=is_last)
    if made.outcome is Outcome.MORE and part.change == whole.change:
        return replace(made, planner_state={**made.planner_state, "floors": floors})
    return made


def absent_plan(
    rules: Rules,
    subject: Subject,
    observed: ObservedHub | None,
    sharing: Sharing,
    view: View,
    *,
    adopt: bool,
    done: Done,
) -> Plan:
    """Return the plan that tears a hub down: contents of every type, then its shares, then the hub itself, which
    SageMaker only deletes when it is empty.
    """
    if observed and not observed.is_ours and not adopt:
        return _stopped(rules, subject, view, observed.status, not_ours(subject))
    changes: list[Change] = []
    is_last = True
    if observed:
        whole = difference(subject.arn, {}, observed.references)
        part = first_of(whole, ROUND)
        is_last = part == whole
        changes += in_chunks(subject.arn, part)
        if observed.others and is_last:
            changes.append(RemoveContents(hub_arn=subject.arn, contents=observed.others))
    if is_last:
        changes += sharing.closes
        changes += [RemoveHub(hub_arn=subject.arn)] if observed else []
    draft = Plan(
        subject=subject,
        outcome=Outcome.UNCHANGED,
        status=_STATUS[HubState.ABSENT],
        version=None,
        changes=tuple(changes),
        findings=foreign(sharing.seen),
        foreign=foreign_shares(sharing.seen),
        drift=_so_far(done),
    )
    return _concluded(rules, draft, view, is_last=is_last)


def _concluded(rules: Rules, draft: Plan, view: View, *, is_last: bool) -> Plan:
    """Return the plan with its outcome. Of a round that isn't the last, nothing is told, and only what it did is put
    down: the last one tells of all.
    """
    made = conclude(rules, draft, view)
    if is_last or not made.changes:
        return made
    return replace(
        made,
        outcome=Outcome.MORE,
        last_notified_digest=view.last_notified_digest,
        planner_state=view.planner_state,
        grants=view.grants,
        drift=(),
    )


def _stopped(rules: Rules, subject: Subject, view: View, status: str, finding: Finding) -> Plan:
    draft = Plan(
        subject=subject,
        outcome=Outcome.BLOCKED,
        status=status,
        version=None,
        grants=view.grants,
        findings=(finding,),
        planner_state=view.planner_state,
    )
    return conclude(rules, draft, view)


def _make(hub: HubRules, subject: Subject, observed: ObservedHub | None) -> list[MakeHub]:
    if observed and observed.is_ours:
        return []
    return [MakeHub(hub_arn=subject.arn, description=hub.description, adopt=observed is not None)]


def _is_gone(subject: Subject, name: str, target: str, public: ObservedPublicHub) -> bool:
    return name not in public.names and target == public_arn(subject.arn, name)


def _that_ram_has(sharing: Sharing) -> tuple[tuple[OpenShare, ...], tuple[Finding, ...]]:
    if sharing.offered is None:
        return sharing.opens, ()
    opens = tuple(change for change in sharing.opens if change.permission in sharing.offered)
    return opens, tuple(
        blocked(
            "PermissionMissing",
            f"RAM has no permission {change.permission} for hubs; it has"
            f" {', '.join(sorted(sharing.offered)) or 'none'}. The hub isn't shared with {change.stage}.",
            change.stage,
        )
        for change in sharing.opens
        if change not in opens
    )


def _grants(
    rules: Rules,
    hub: HubRules,
    sharing: Sharing,
    view: View,
    now: datetime,
    *,
    without: Collection[str | None] = (),
) -> tuple[Grant, ...]:
    permissions = permissions_of(hub).items()
    return tuple(_grant(rules, stage, name, sharing, view, now) for stage, name in permissions if stage not in without)


def _grant(rules: Rules, stage: str, permission: str, sharing: Sharing, view: View, now: datetime) -> Grant:
    before = next((g for g in view.grants if (g.stage, g.permission) == (stage, permission)), None)
    held = share_of(rules, stage, sharing.seen, permission)
    return Grant(
        stage=stage,
        accounts=rules.stage(stage).accounts,
        write=permission == HUB_PERMISSIONS[HubAccess.USE],
        permission=permission,
        since=before.since if before else now,
        share_arn=held.arn if held else None,
    )


def _so_far(done: Done) -> tuple[str, ...]:
    if done == Done():
        return ()
    return (f"earlier in this run: {done.added} added, {done.changed} changed, {done.removed} removed",)


def _arrival(name: str, before: str, latest: str) -> str:
    return f"AWS has published {name} {latest} (before it {before}), and the hub's reference offers it"
