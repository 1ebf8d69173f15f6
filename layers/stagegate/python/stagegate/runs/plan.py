"""Plan: read the truth and the record, decide, and say what there is to change."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from stagegate.aws import sessions
from stagegate.aws.json import to_json
from stagegate.core.arns import Subject
from stagegate.core.card_link import CardLink
from stagegate.core.errors import AccountLeftError, InputError
from stagegate.core.findings import blocked
from stagegate.core.messages.mail import LEFT_OUT, Message
from stagegate.ledger import read
from stagegate.ledger.read import Reading, Recorded
from stagegate.ledger.units import is_sweep
from stagegate.links.word import Word
from stagegate.plans.blindness import Unseen
from stagegate.plans.cause import asks_itself
from stagegate.plans.decision import DELETED, Basis, Decision
from stagegate.plans.messages import message_of
from stagegate.plans.mode import Mode, scope_of
from stagegate.plans.plan import Plan, refused
from stagegate.plans.wording import Planned, Wording
from stagegate.rules.narrowed.for_subject import for_subject
from stagegate.rules.narrowed.outsiders import without_outsiders
from stagegate.rules.narrowed.stages import accounts_everywhere
from stagegate.rules.narrowed.withdrawn import withdrawn
from stagegate.runs.sealing import SEAL_PERMISSIONS, sealed
from stagegate.subjects import observe_outsiders, observe_units
from stagegate.subjects.context import Planner, PlanRequest
from stagegate.subjects.registry import SUBJECTS, Kind, kind_of, subject_named
from stagegate.surfaces.wire import change_to_json
from stagegate.targets.fences import fence_target

PERMISSIONS = (
    read.PERMISSIONS
    | sessions.PERMISSIONS
    | SEAL_PERMISSIONS
    | observe_units.PERMISSIONS
    | observe_outsiders.PERMISSIONS
)
"""Those of each kind's own planning come on top."""


def subject_here(planner: Planner, named: str) -> Subject:
    """Return the subject of an ARN, or of the name of one that has none, which is the stack's own.

    Raises UnknownSubjectError, and InputError for an ARN of another partition or Region.
    """
    here, partition = planner.environment, planner.sagemaker.meta.partition
    subject = subject_named(named, partition=partition, region=here.region, account=here.account)
    if subject.partition != partition:
        raise InputError(
            f"subject: found an ARN of the partition {subject.partition}; allowed: {partition}, where this stack runs"
        )
    if subject.region != here.region:
        raise InputError(
            f"subject: found a {subject.kind.replace('-', ' ')} of Region {subject.region}; allowed: one of"
            f" {here.region}, where this stack runs (what a model is shared by is regional)"
        )
    return subject


def _planned(planner: Planner, kind: Kind, subject: Subject, recorded: Recorded, request: Mapping[str, Any]) -> Planned:
    """Return the plan for a subject by the rules for its audience, and what its message says of it.

    How much it reads is by what has started the run, and whether the one before ended well (`scope_of`). Once Stagegate
    is withdrawn, it plans by rules that open nothing.
    """
    if recorded.is_withdrawn:
        planner = replace(planner, rules=withdrawn(planner.rules))
    planner = replace(planner, rules=for_subject(planner.rules, subject))
    if subject.account != planner.environment.account:
        basis = Basis(rules=planner.rules, subject=subject, view=recorded.view, now=datetime.now(UTC))
        finding = kind.of_a_member(subject, planner.environment.account)
        owner = Wording(access=(f"- its owner, account {subject.account}; Stagegate has opened nothing",))
        return Planned(plan=refused(basis, finding), wording=owner)
    audience = planner.rules.audience or ""
    how = PlanRequest(
        scope=scope_of(Mode(request["mode"]), is_unfinished=_is_unfinished(recorded, request)),
        retry_failed=request["retry_failed"],
        force=request["force"],
        results=tuple(request["results"]),
        is_sweep=Mode(request["mode"]) is Mode.SWEEP,
        sweep=request.get("sweep") or "",
        words=partial(_words, planner, kind),
    )
    planned = kind.planning().plan(planner, subject, recorded, how)
    planned = replace(planned, audience=planned.audience or audience)
    if Mode(request["mode"]) is Mode.MANUAL and _is_nothing(planned.plan.decision, recorded):
        return replace(planned, plan=_none_such(planner, kind, subject, recorded))
    return planned


def _words(planner: Planner, kind: Kind, arns: Iterable[str]) -> tuple[Word, ...]:
    """Return the word of those that a subject follows: no subject knows another."""
    return SUBJECTS[kind.follows].speaking().words(planner, arns)


def _speaks(planner: Planner, subject: Subject) -> bool:
    """Tell whether others follow the subject by the rules, whatever its own word is: it may be taken back only now."""
    packages = planner.rules.packages
    asks = packages is not None and packages.by_card is not CardLink.IGNORED
    return asks and subject.kind in {each.follows for each in SUBJECTS.values()}


def _is_unfinished(recorded: Recorded, request: Mapping[str, Any]) -> bool:
    return recorded.began not in (None, request["execution"])


def _reading(planner: Planner, kind: Kind, request: Mapping[str, Any]) -> Reading:
    accounts = accounts_everywhere(planner.rules)
    return Reading(
        execution=request["execution"],
        has_approvals=bool(kind.calls),
        is_whole=Mode(request["mode"]) is not Mode.EVENT,
        is_withdrawn=request["withdrawn"],
        notes={fence_target(account) for account in accounts} if kind.notes_fences else None,
        is_linked=bool(kind.follows),
    )


def _is_nothing(decision: Decision, recorded: Recorded) -> bool:
    """Tell whether there is no such subject, and none on record that was deleted.

    What only governance.toml can have says by itself that it isn't there (WITHDRAWN).
    """
    view = recorded.view
    is_known = bool(view.grants or view.written or view.planner_state or recorded.kept.head.number)
    return decision.status == DELETED and not (decision.changes or decision.findings or is_known)


def _none_such(planner: Planner, kind: Kind, subject: Subject, recorded: Recorded) -> Plan:
    """Return the plan that says so each time a person asks, and leaves nothing on record that a sweep would take
    back.
    """
    basis = Basis(rules=planner.rules, subject=subject, view=recorded.view, now=datetime.now(UTC))
    detail = f"There is no {kind.noun} {subject.name}, and none on record. Is the name right, and the Region?"
    plan = refused(basis, blocked("NoSuchSubject", detail))
    record = replace(plan.record, last_notified_digest=recorded.view.last_notified_digest)
    return replace(plan, record=record, report=True, notify=True)


def plan_subject(planner: Planner, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plan as the state machine takes it.

    `request` has `subject` (an ARN, or `guardrail/NAME`), `execution`, `mode` (what has started the run, see `Mode`),
    `retry_failed`, `force`, `results` and `sweep` (see `PlanRequest`), and whether Stagegate is `withdrawn`, or would
    be, as a sweep knows; None for a run, which reads it. The answer has `outcome`, `report`, `notify`,
    `changes` (in order, each with the `surface` it goes to and whether it `closes`), `before` (what is on record),
    `verify` (whether that has something to look at once they are made), `starts` (whether the runs of those that follow
    the subject start, also if the run before didn't end well), `record` (as `record` and `verify` take it),
    `at`, `external_id` (what member roles outside an organization ask for), `approvals` (what `record_approval` has to
    record: whether the last change `is_unrecorded`, and what is `asked`; None for nothing), for a sweep `grant_counts`,
    `unseen` (and whether that account has `left`), `accounts` (those that were looked into) and whether the subject
    `asks_itself` for what closes, and for people `lines` (of the changes), `would` (the same, or what is held back
    while governance.toml says paused), `access_after` (the grants then), `documents` (what would become of each policy
    document that was read) and `message` (see `Message`).
    """
    subject = subject_here(planner, request["subject"])
    kind = kind_of(subject)
    sweep = request.get("sweep") or ""
    sweep = sweep if is_sweep(sweep, datetime.now(UTC)) else ""
    planner = replace(planner, rules=observe_units.settled(planner, sweep))
    outsiders = observe_outsiders.outsiders(planner, sweep)
    recorded = read.read(planner.dynamodb, planner.environment.table, subject.arn, _reading(planner, kind, request))
    outsiders = recorded.outsiders if outsiders is None else outsiders
    planner = replace(planner, rules=without_outsiders(planner.rules, outsiders))
    planned = _planned(planner, kind, subject, recorded, request)
    record = replace(planned.plan.record, records=len(recorded.records), by=planner.by)
    planned = replace(planned, plan=replace(planned.plan, record=record))
    made, decision = planned.plan, planned.plan.decision
    message = _message(planner, planned, kind.can)
    is_unfinished = _is_unfinished(recorded, request)
    # What the run before may have put on record, and told no program.
    unsaid = made.before.own_events if is_unfinished else ()
    return {
        "outcome": made.outcome.value,
        "report": made.report or bool(unsaid),
        "notify": made.notify,
        "changes": [change_to_json(change) for change in made.changes],
        "before": {
            "grants": [to_json(grant) for grant in made.before.grants],
            "planner_state": dict(made.before.planner_state),
            "sequence": made.before.sequence,
            "unsaid": [each.as_values() for each in unsaid],
            "chain": to_json(recorded.chain) if recorded.chain else None,
            "is_first": not recorded.is_known,
        },
        "lines": [change.line() for change in made.changes],
        "would": [change.line() for change in decision.changes],
        "access_after": [to_json(grant) for grant in decision.grants],
        "documents": list(decision.documents),
        "record": to_json(made.record),
        "verify": kind.is_verified,
        "starts": made.record.linking.starts or (is_unfinished and _speaks(planner, subject)),
        "grant_counts": to_json(made.grant_counts),
        "unseen": [_unseen(each) for each in decision.unseen],
        "accounts": sorted(decision.looked_at),
        "asks_itself": asks_itself(made, by=planner.by, is_unfinished=is_unfinished, has_approvals=bool(kind.calls)),
        "at": datetime.now(UTC).isoformat(),
        "external_id": planner.rules.organization.external_id,
        "message": to_json(message),
        "approvals": _to_approvals(made),
    }


def _unseen(unseen: Unseen) -> dict[str, Any]:
    is_left = isinstance(unseen.error, AccountLeftError)
    return {"account": unseen.account, "what": unseen.what, "error": str(unseen.error), "left": is_left}


def _message(planner: Planner, planned: Planned, can: str) -> Message:
    """Return what people are told; what is encrypted is sealed where the mail is sent, and else only spoken of."""
    message, wording = message_of(planned, can), planned.wording
    if not wording.secret:
        return message
    if planner.kms is None or not planned.plan.notify:
        return message.with_line(LEFT_OUT)
    environment, subject = planner.environment, planned.plan.decision.subject
    return sealed(planner.kms, environment.key, subject.arn, message, wording.secret)


def _to_approvals(made: Plan) -> dict[str, Any] | None:
    """Return what `record_approval` has to record of a plan, None for nothing."""
    if not made.decision.is_unrecorded and made.asked is None:
        return None
    return {"is_unrecorded": made.decision.is_unrecorded, "asked": to_json(made.asked) if made.asked else None}
