"""The plan for a private hub: exactly the models that the rules let in, shared with the stages that they name."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace

from stagegate.core.arns import Subject
from stagegate.core.findings import Finding, blocked
from stagegate.core.untrusted import word
from stagegate.plans.change import Change, closes_first
from stagegate.plans.decision import Basis, Decision
from stagegate.plans.grants import Grant, count_grants
from stagegate.plans.plan import Plan, conclude
from stagegate.plans.record import Outcome
from stagegate.rules.hubs import HUB_PERMISSIONS, Doubtful, HubAccess, HubRules, HubState
from stagegate.subjects.hubs.findings import foreign, kept, not_ours, others, remarks, too_many
from stagegate.subjects.hubs.model import Observed, ObservedPublicHub, Sharing
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
    in_own_chunks,
    public_arn,
)
from stagegate.surfaces.shares.changes import ObservedShares, OpenShare, foreign_shares, share_of
from stagegate.surfaces.shares.repairs import limits, marks

_STATUS = {HubState.PRESENT: "Present", HubState.ABSENT: "Absent"}
"""A hub's status is what it is once the plan is applied: what SageMaker says of it passes, and would be told anew."""


def permissions_of(hub: HubRules) -> dict[str, str]:
    """Return the stages that a hub is shared with, each with the name of its RAM permission."""
    if hub.state is HubState.ABSENT:
        return {}
    return {share.stage: HUB_PERMISSIONS[share.access] for share in hub.shares}


def floors_digest(wanted: Mapping[str, str | None]) -> str:
    """Return what stands for the minimums that are stated, on record: where it is another, every minimum is read."""
    stated = sorted(f"{name}={minimum}" for name, minimum in wanted.items() if minimum)
    return hashlib.sha256("\n".join(stated).encode()).hexdigest()[:16]


def unread_plan(basis: Basis, entry: HubRules, unread: Collection[str]) -> Plan:
    """Return the plan of a run that has to go on reading documents before it can plan anything.

    It says that there is something to do: whoever only plans, and starts runs for what drifts, has to start one. Which
    stages the hub closes and opens for is known without the documents, and counted.
    """
    view = basis.view
    after = _grants(basis, entry, Sharing(seen=ObservedShares(shares=())))
    decision = Decision(
        subject=basis.subject,
        status="Unknown",
        grants=view.grants,
        waiting=(f"{len(unread)} models' documents are still to be read",),
        planner_state=view.planner_state,
    )
    made = conclude(basis, decision)
    record = replace(made.record, outcome=Outcome.MORE, last_notified_digest=view.last_notified_digest)
    counts = count_grants(view.grants, after, is_changing=True)
    return replace(made, record=record, report=True, notify=True, grant_counts=counts)


def unknown_hub(basis: Basis) -> Plan:
    """Return the plan for a hub that governance.toml doesn't name: nothing is changed."""
    detail = (
        f"governance.toml names no hub {basis.subject.name}, so it is left as it is: give it an entry, or one with"
        ' state = "absent" to have it torn down.'
    )
    return _stopped(basis, "Unknown", blocked("HubNotInRules", detail))


def hub_plan(basis: Basis, observed: Observed, public: ObservedPublicHub) -> Plan:
    """Return the plan for a hub from one observation, or for as much of it as one round may write (Outcome.MORE).

    Shares close first; then references go before others come; shares open last, onto a hub that is complete. A sync
    that would remove more of the hub than the rules allow, and isn't to `force` that, leaves all references alone.
    """
    subject, entry, hub, sharing = basis.subject, observed.entry, observed.hub, observed.sharing
    if hub and not hub.is_ours and not entry.adopt:
        return _not_ours(basis, hub, sharing)
    seen = hub.references if hub else ()
    gone = [r.name for r in seen if r.status in LIVE and _is_gone(subject, r.name, r.target, public)]
    wanted = dict(public.curated.models)
    if entry.gone is Doubtful.FLAG:
        wanted |= {r.name: r.minimum for r in seen if r.name in gone}
    whole = difference(subject.arn, wanted, seen)
    stop = None if observed.force else too_many(entry, whole, sum(r.status in LIVE for r in seen))
    if stop:
        whole = Difference(remove=(), change=(), add=())
    part = first_of(whole, ROUND)
    is_last = part == whole
    opens, missing = _that_ram_has(sharing)
    last: list[Change] = [*marks(sharing.seen.shares or (), sharing.closes), *(opens if is_last else ())]
    make = _make(entry, subject, hub)
    as_recorded = bool(stop) or basis.rules.paused
    floors = basis.view.planner_state.get("floors", "") if as_recorded else floors_digest(wanted)
    arrived = {name: public.arrived[name] for name in sorted(wanted.keys() & public.arrived.keys())}
    decision = Decision(
        subject=subject,
        status=_STATUS[HubState.PRESENT],
        content_hash=None if stop else holding(wanted),
        changes=closes_first(
            [*_closes(sharing), *_takes_out(basis, observed), *make, *in_chunks(subject.arn, part), *last]
        ),
        grants=_grants(basis, entry, sharing, without=frozenset(found.stage for found in missing)),
        findings=(
            *([stop] if stop else []),
            *remarks(entry, public.curated, gone),
            *missing,
            *others(entry, hub),
            *foreign(sharing.seen),
        ),
        foreign=foreign_shares(sharing.seen),
        drift=(*_so_far(observed.done), *(_arrival(name, *versions) for name, versions in arrived.items())),
        planner_state={"seen": basis.now.isoformat(), "floors": floors},
    )
    # Once every minimum is written, the next round needn't read them again.
    next_round = {"floors": floors} if part.change == whole.change else {}
    return _concluded(basis, decision, is_last=is_last, next_round=next_round)


def absent_plan(basis: Basis, observed: Observed) -> Plan:
    """Return the plan that tears a hub down: its shares, then contents of every type, then the hub itself, which
    SageMaker only deletes when it is empty. Of one that `is_kept`, references are all that goes of its contents.
    """
    subject, hub, sharing = basis.subject, observed.hub, observed.sharing
    if hub and not hub.is_ours and (observed.is_kept or not observed.entry.adopt):
        return _not_ours(basis, hub, sharing)
    changes = _closes(sharing)
    is_last = True
    if hub:
        whole = difference(subject.arn, {}, hub.references)
        part = first_of(whole, ROUND)
        is_last = part == whole
        changes += in_chunks(subject.arn, part)
        changes += in_own_chunks(subject.arn, hub.own)
        if hub.others and is_last and not observed.is_kept:
            changes.append(RemoveContents(hub_arn=subject.arn, contents=hub.others))
    if is_last:
        changes += [RemoveHub(hub_arn=subject.arn)] if hub and not observed.is_kept else []
    decision = Decision(
        subject=subject,
        status=_STATUS[HubState.ABSENT],
        changes=tuple(changes),
        findings=(*foreign(sharing.seen), *([kept(subject)] if hub and observed.is_kept else [])),
        foreign=foreign_shares(sharing.seen),
        drift=_so_far(observed.done),
    )
    return _concluded(basis, decision, is_last=is_last, next_round={})


def _concluded(basis: Basis, decision: Decision, *, is_last: bool, next_round: Mapping[str, str]) -> Plan:
    """Return the plan. Of a round that isn't the last, nothing is told, and only what it did is recorded, with what the
    `next_round` has to know: the last one tells of all.
    """
    made, view = conclude(basis, decision), basis.view
    if is_last or not made.changes:
        return made
    record = replace(
        made.record,
        outcome=Outcome.MORE,
        last_notified_digest=view.last_notified_digest,
        planner_state={**view.planner_state, **next_round},
        grants=view.grants,
    )
    return replace(made, decision=replace(decision, drift=()), record=record)


def _not_ours(basis: Basis, hub: ObservedHub, sharing: Sharing) -> Plan:
    """Return the plan for a hub without our tag: nothing in it is touched. Our shares of it close all the same."""
    closed = {change.share_arn for change in sharing.closes if change.subject_arn}
    left = tuple(grant for grant in basis.view.grants if grant.share_arn not in closed)
    return _stopped(basis, hub.status, not_ours(basis.subject), changes=tuple(_closes(sharing)), grants=left)


def _takes_out(basis: Basis, observed: Observed) -> list[Change]:
    """Return what takes out packages that aren't in the hub for all who have it by the rules, or that no package wants
    there: before the hub opens for anybody else. A package that may be there comes in again by its own run.
    """
    hub, entry, rules = observed.hub, observed.entry, basis.rules
    if hub is None or not hub.own:
        return []
    stages = {share.stage: rules.stage(share.stage).accounts for share in entry.shares}
    odd = []
    for own in hub.own:
        content = observed.contents.get(own.package)
        if not (content and entry.keeps(content.group) and content.covers(stages, rules.audience)):
            odd.append(own)
    return [*in_own_chunks(basis.subject.arn, odd)]


def _closes(sharing: Sharing) -> list[Change]:
    return [*sharing.closes, *limits(sharing.seen.shares or ())]


def _stopped(
    basis: Basis,
    status: str,
    finding: Finding,
    *,
    changes: tuple[Change, ...] = (),
    grants: tuple[Grant, ...] | None = None,
) -> Plan:
    decision = Decision(
        subject=basis.subject,
        status=status,
        changes=changes,
        grants=basis.view.grants if grants is None else grants,
        findings=(finding,),
        planner_state=basis.view.planner_state,
    )
    return conclude(basis, decision)


def _make(entry: HubRules, subject: Subject, hub: ObservedHub | None) -> list[MakeHub]:
    if hub and hub.is_ours:
        return []
    return [MakeHub(hub_arn=subject.arn, description=entry.description, adopt=hub is not None)]


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
    basis: Basis, entry: HubRules, sharing: Sharing, *, without: Collection[str | None] = ()
) -> tuple[Grant, ...]:
    permissions = permissions_of(entry).items()
    return tuple(_grant(basis, stage, name, sharing) for stage, name in permissions if stage not in without)


def _grant(basis: Basis, stage: str, permission: str, sharing: Sharing) -> Grant:
    same = (stage, permission, basis.rules.audience)
    before = next((g for g in basis.view.grants if (g.stage, g.permission, g.audience) == same), None)
    held = share_of(basis.rules, stage, sharing.seen, permission)
    return Grant(
        stage=stage,
        accounts=basis.rules.stage(stage).accounts,
        write=permission == HUB_PERMISSIONS[HubAccess.USE],
        permission=permission,
        since=before.since if before else basis.now,
        share_arn=held.arn if held else None,
        audience=basis.rules.audience or "",
    )


def _so_far(done: Done) -> tuple[str, ...]:
    if done == Done():
        return ()
    return (f"earlier in this run: {done.added} added, {done.changed} changed, {done.removed} removed",)


def _arrival(name: str, before: str, latest: str) -> str:
    return (
        f"AWS has published {word(name)} {word(latest)} (before it {word(before)}), and the hub's reference offers it"
    )
