"""Plan: read the truth and the record, decide, and say what there is to change."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from stagegate.aws import sessions
from stagegate.domain.arns import SubjectKind
from stagegate.domain.cards import Card
from stagegate.domain.groups import Group
from stagegate.domain.messages import line_of, message_of
from stagegate.domain.packages import Package
from stagegate.domain.plan import Plan, refuse_members
from stagegate.ledger import subjects

from . import plan_cards, plan_groups, plan_packages
from .asked import NOTHING, Asked
from .codecs import change_to_json, to_json
from .planner import Planner

_KINDS = (plan_cards, plan_packages, plan_groups)
PERMISSIONS = frozenset().union(*(kind.PERMISSIONS for kind in _KINDS), subjects.PERMISSIONS, sessions.PERMISSIONS)
"""Those of `plan_hubs` and `plan_guardrails` come on top."""
MEMBER_PERMISSIONS = frozenset().union(*(kind.MEMBER_PERMISSIONS for kind in _KINDS))


def plan(
    planner: Planner, arn: str, *, by_hand: bool, execution: str, asked: Asked = NOTHING
) -> tuple[Plan, Card | Package | Group | None]:
    """Return the plan for a subject, and the thing it is about (None for one that is gone, for a hub or a guardrail,
    and for what isn't ours).

    A run that a person started looks at everything, and so does the one after a run that didn't end well: what that
    has done may not be on record.
    """
    subject = planner.subject(arn)
    environment = planner.environment
    on_record = subjects.read(planner.dynamodb, environment.table, arn)
    at_everything = by_hand or on_record.began not in (None, execution)
    if subject.account != environment.account:
        return refuse_members(planner.rules, subject, on_record.view, environment.account), None
    if subject.kind is SubjectKind.GUARDRAIL:
        # Here and not above, as what is about hubs: only a run about a guardrail waits for it to load.
        from .plan_guardrails import plan_guardrail

        return plan_guardrail(planner, subject, on_record), None
    if subject.kind is SubjectKind.HUB:
        # Here and not above: what curates takes tens of milliseconds to load, and only a run about a hub waits for it.
        from .plan_hubs import plan_hub

        return plan_hub(planner, subject, on_record, asked), None
    if subject.kind is SubjectKind.MODEL_PACKAGE:
        return plan_packages.plan_package(planner, subject, on_record, by_hand=at_everything, again=by_hand)
    if subject.kind is SubjectKind.MODEL_PACKAGE_GROUP:
        return plan_groups.plan_group(planner, subject, on_record)
    return plan_cards.plan_card(planner, subject, on_record, by_hand=at_everything)


def plan_subject(planner: Planner, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plan as the state machine takes it.

    `request` has `subject` (an ARN, or `guardrail/NAME`), `by_hand` and `execution`, and for a hub `forced` and
    `results` (see `Asked`). The answer has `outcome`, `report`, `changes` (in order, each with the `surface` it goes
    to), `record` (the plan as `record` and `verify` take it), `at`, `external_id` (what member roles outside an
    organization ask for), and for people `lines`, `documents` (what would become of each policy document that was read)
    and `message`.
    """
    made, found = plan(
        planner,
        request["subject"],
        by_hand=request["by_hand"],
        execution=request["execution"],
        asked=Asked.of(request),
    )
    message = message_of(made, planner.rules, found)
    return {
        "outcome": made.outcome.value,
        "report": made.report,
        "changes": [change_to_json(change) for change in made.changes],
        "lines": [line_of(change) for change in made.changes],
        "documents": list(made.documents),
        "record": to_json(replace(made, changes=(), documents=())),
        "at": datetime.now(UTC).isoformat(),
        "external_id": planner.rules.organization.external_id,
        "message": {"subject": message.subject, "text": message.text},
    }
