"""The plan for a model package: the difference of what its stages are to have and what is on record or was seen."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from .arns import Subject
from .entitlements import Entitled
from .findings import Finding
from .package_grants import PERMISSION, Want
from .packages import Package
from .plan import Grant, Outcome, Plan, View, conclude
from .policy_changes import CloseTarget, OpenTarget, Surface, Target, target_of
from .rules import Rules
from .target_documents import Sight
from .wishes import digest_of, wish_of

_OPENING = (Surface.KEY_GRANTS, Surface.BUCKET_POLICY, Surface.REPOSITORY_POLICY, Surface.GROUP_POLICY)
"""What the package needs comes before the package, and goes after it: who can see it can also use it."""


def package_plan(
    rules: Rules,
    subject: Subject,
    package: Package | None,
    entitled: Entitled,
    wants: Collection[Want],
    findings: Iterable[Finding],
    view: View,
    *,
    seen: Mapping[str, Sight] | None = None,
    now: datetime,
) -> Plan:
    """Return the plan for a package: what closes or gets less, then what opens.

    `wants` and `findings` are `wants_of` these entitlements. `seen` has every target of theirs and of the record, by
    its id; without it the record is gone by, which is all that a run for an event looks at.
    """
    closes, opens = _changes(subject, wants, view, seen)
    draft = Plan(
        subject=subject,
        outcome=Outcome.UNCHANGED,
        status=package.status.value if package else "Deleted",
        version=package.version if package else None,
        content_hash=package.content_hash if package else None,
        changes=(*closes, *opens),
        grants=tuple(_grant(rules, want, entitled, view, now) for want in wants),
        findings=(*entitled.findings, *findings, *(f for sight in (seen or {}).values() for f in sight.findings)),
        waiting=entitled.waiting,
        records=entitled.new_records,
        documents=tuple(line for target in sorted(seen or {}) for line in (seen or {})[target].lines),
    )
    return conclude(rules, draft, view)


def targets_of(subject: Subject, wants: Iterable[Want], view: View) -> tuple[Target, ...]:
    """Return every target that the subject wants something of, has on record, or may have something on."""
    ids = {*view.written, *(grant.target for grant in view.grants if grant.target)}
    recorded = (target_of(id_, subject.partition) for id_ in sorted(ids))
    found = {target.id: target for target in (*recorded, *(want.target for want in wants))}
    return tuple(found[name] for name in sorted(found))


def open_target(subject: Subject, target: Target, wants: Iterable[Want]) -> OpenTarget:
    """Return the change that makes these wants everything that the subject has on the target."""
    mine = [want for want in wants if want.target == target]
    return OpenTarget(
        subject_arn=subject.arn,
        target=target,
        statements=tuple(dict.fromkeys(statement for want in mine for statement in want.statements)),
        grantees=tuple(sorted({grantee for want in mine for grantee in want.grantees})),
    )


def _changes(
    subject: Subject, wants: Collection[Want], view: View, seen: Mapping[str, Sight] | None
) -> tuple[list[OpenTarget | CloseTarget], list[OpenTarget]]:
    closes: list[OpenTarget | CloseTarget] = []
    opens: list[OpenTarget] = []
    for target in targets_of(subject, wants, view):
        wanted = {(want.stage, want.digest) for want in wants if want.target == target}
        recorded = {(grant.stage, grant.digest) for grant in view.grants if grant.target == target.id}
        is_there = seen is None or seen[target.id].is_as_wanted
        # A run that failed half-way has opened what it never recorded, or closed what is on record still.
        change = open_target(subject, target, wants)
        stands, wished = view.written.get(target.id), digest_of(wish_of(change))
        is_more = bool(stands) and stands != wished and wanted == recorded
        if not wanted:
            closes.append(CloseTarget(subject_arn=subject.arn, target=target))
        elif recorded - wanted or is_more:
            closes.append(change)
        elif wanted - recorded or not is_there or stands != wished:
            opens.append(change)
    opens.sort(key=lambda change: _OPENING.index(change.target.surface))
    closes.sort(key=lambda change: -_OPENING.index(change.target.surface))
    return closes, opens


def _grant(rules: Rules, want: Want, entitled: Entitled, view: View, now: datetime) -> Grant:
    approval = next((e.approval for e in entitled.entitlements if e.stage == want.stage), None)
    before = next(
        (g for g in view.grants if (g.stage, g.target, g.digest) == (want.stage, want.target.id, want.digest)), None
    )
    return Grant(
        stage=want.stage,
        accounts=rules.stage(want.stage).accounts,
        write=False,
        permission=PERMISSION,
        since=before.since if before else now,
        approval=approval.id if approval else None,
        target=want.target.id,
        digest=want.digest,
    )
