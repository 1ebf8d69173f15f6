"""What a message about a plan is for, and what its subject line says: the kinds, and the headline."""

from collections.abc import Collection, Iterable

from stagegate.approvals.gate import APPROVALS_MISSING
from stagegate.core.findings import Finding, Severity
from stagegate.core.messages.kinds import MessageKind, in_order
from stagegate.plans.grants import StageDifference, stage_difference
from stagegate.plans.plan import PAUSED, Plan
from stagegate.plans.record import RECORD_MISSING
from stagegate.plans.wording import Planned

_BY_WAITING = frozenset({RECORD_MISSING, APPROVALS_MISSING})
"""The findings that block by waiting: their message is no complaint about the model."""


def difference_of(planned: Planned) -> StageDifference:
    """Return what becomes of stages, or would but for paused; nothing where grants are no access."""
    if planned.wording.takes_away:
        return StageDifference()
    return stage_difference(planned.plan.before.grants, planned.plan.decision.grants)


def kinds_of(planned: Planned) -> tuple[MessageKind, ...]:
    """Return what the message about a plan is for, what leads first."""
    plan, decision = planned.plan, planned.plan.decision
    difference, changes = difference_of(planned), decision.changes
    by_grants = difference.gains or difference.loses
    # What changes no stage's access is a repair, unless its grants can't tell: a hub's contents, and what takes away.
    by_changes = bool(changes) and not by_grants and (planned.wording.takes_away or decision.subject.kind == "hub")
    blocks = {found.code for found in plan.record.findings if found.severity is Severity.BLOCK}
    warns = {found.code for found in plan.record.findings if found.severity is Severity.WARN}
    kinds = {
        MessageKind.DECIDE: decision.asks,
        MessageKind.PAUSED: plan.is_held_back,
        MessageKind.OPENED: difference.gains or (by_changes and any(not change.closes for change in changes)),
        MessageKind.CLOSED: difference.loses or (by_changes and any(change.closes for change in changes)),
        MessageKind.BLOCKED: bool(blocks - _BY_WAITING),
        MessageKind.WAITING: bool(decision.waiting or blocks & _BY_WAITING),
        MessageKind.DRIFT: bool(decision.drift) or (bool(changes) and not by_grants and not by_changes),
        MessageKind.WARNING: bool(warns - {PAUSED}),
    }
    held = {MessageKind.OPENED, MessageKind.CLOSED, MessageKind.DRIFT} if plan.is_held_back else set()
    return in_order({kind for kind, holds in kinds.items() if holds} - held)


def headline(planned: Planned, kind: MessageKind) -> str:
    """Return what the subject line says behind the kind that leads it: the name, and what there is to know of it."""
    plan, status, name = planned.plan, planned.plan.decision.status, _name(planned)
    match kind:
        case MessageKind.DECIDE if planned.wording.question:
            return f"{name}: {status}; {planned.wording.question.headline}"
        case MessageKind.PAUSED:
            return f"{name}: would {_said(planned, ('open', 'close'))}"
        case MessageKind.OPENED:
            return f"{name}: {_said(planned, ('', 'closes'))} ({status})"
        case MessageKind.CLOSED:
            return f"{name}: {_said(planned, ('opens', ''))} ({status})"
        case MessageKind.BLOCKED:
            return f"{name}: {_codes(plan, Severity.BLOCK)}"
        case MessageKind.WAITING:
            return f"{name}: {_waiting(plan)}"
        case MessageKind.DRIFT:
            return f"{name}: {_drift(plan)}"
        case MessageKind.WARNING:
            return f"{name}: {_codes(plan, Severity.WARN)}"
        case _:
            return f"{name}: {status}"


def stages_of(planned: Planned) -> tuple[str, ...]:
    """Return the stages that a message is about, each once."""
    plan, difference = planned.plan, difference_of(planned)
    found = [finding.stage for finding in plan.record.findings if finding.stage]
    return tuple(
        dict.fromkeys(
            [*difference.stages, *found, *(planned.wording.question.stages if planned.wording.question else ())]
        )
    )


def _name(planned: Planned) -> str:
    return planned.wording.headline or planned.plan.decision.subject.name


def _said(planned: Planned, verbs: tuple[str, str]) -> str:
    """Return which stages gain and lose, each behind its verb; or how many changes there are."""
    difference, (opens, closes) = difference_of(planned), verbs
    gains = [*difference.opened, *(f"more for {stage}" for stage in difference.more)]
    loses = [*difference.closed, *(f"less for {stage}" for stage in difference.less)]
    said = [f"{verb} {', '.join(stages)}".strip() for verb, stages in ((opens, gains), (closes, loses)) if stages]
    others = [f"changes {', '.join(difference.other)}"] if difference.other else []
    if said or others:
        return "; ".join([*said, *others])
    return _count(len(planned.plan.decision.changes), "change")


def _codes(plan: Plan, severity: Severity) -> str:
    found: dict[str, list[str]] = {}
    for finding in plan.record.findings:
        if finding.severity is severity:
            found.setdefault(finding.code, []).extend([finding.stage] if finding.stage else [])
    return ", ".join(f"{code} ({', '.join(_once(stages))})" if stages else code for code, stages in found.items())


def _waiting(plan: Plan) -> str:
    missing: list[Finding] = [found for found in plan.record.findings if found.code == RECORD_MISSING]
    if missing:
        return f"no record has come of who approved it ({', '.join(_once(f.stage for f in missing if f.stage))})"
    few = [found.stage for found in plan.record.findings if found.code == APPROVALS_MISSING and found.stage]
    return f"more people have to approve it ({', '.join(_once(few))})" if few else ", ".join(plan.decision.waiting)


def _drift(plan: Plan) -> str:
    if plan.decision.changes:
        return f"{_count(len(plan.decision.changes), 'change')} to put it right"
    return f"{_count(len(plan.decision.drift), 'change')} that nobody reported"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _once(names: Iterable[str]) -> Collection[str]:
    return dict.fromkeys(names)
