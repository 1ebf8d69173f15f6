"""Plan: read the truth and the record, decide, and say what there is to change."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from stagegate.aws import sessions
from stagegate.aws.json import to_json
from stagegate.core.arns import SubjectKind
from stagegate.ledger import read
from stagegate.plans.mode import Mode, scope_of
from stagegate.plans.plan import Plan, refuse_members
from stagegate.plans.verification import needs_verify
from stagegate.runs.messages import message_of
from stagegate.subjects.cards.card import Card
from stagegate.subjects.context import Planner
from stagegate.subjects.groups.group import Group
from stagegate.subjects.hub_options import NOTHING, HubOptions
from stagegate.subjects.packages.package import Package
from stagegate.surfaces.wire import change_to_json

PERMISSIONS = read.PERMISSIONS | sessions.PERMISSIONS
"""Those of each kind's own planning come on top: `plan_cards` and the like."""


def plan(
    planner: Planner,
    arn: str,
    *,
    mode: Mode,
    execution: str,
    retry_failed: bool = False,
    requested: HubOptions = NOTHING,
) -> tuple[Plan, Card | Package | Group | None]:
    """Return the plan for a subject, and the thing it is about (None for one that is gone, for a hub or a guardrail,
    and for what isn't ours).

    How much it reads is by what has started the run, and whether the one before ended well (`scope_of`).
    `retry_failed`: an import that has failed is tried once more.
    """
    subject = planner.subject(arn)
    environment = planner.environment
    recorded = read.read(planner.dynamodb, environment.table, arn)
    scope = scope_of(mode, is_unfinished=recorded.began not in (None, execution))
    if subject.account != environment.account:
        return refuse_members(planner.rules, subject, recorded.view, environment.account), None
    # Loaded here and not above: a cold start for one kind of subject doesn't wait for what is about the others.
    match subject.kind:
        case SubjectKind.GUARDRAIL:
            from stagegate.subjects.guardrails.plan import plan_guardrail

            return plan_guardrail(planner, subject, recorded), None
        case SubjectKind.HUB:
            from stagegate.subjects.hubs.plan import plan_hub

            return plan_hub(planner, subject, recorded, requested), None
        case SubjectKind.MODEL_PACKAGE:
            from stagegate.subjects.packages.plan import plan_package

            return plan_package(planner, subject, recorded, scope=scope, retry_failed=retry_failed)
        case SubjectKind.MODEL_PACKAGE_GROUP:
            from stagegate.subjects.groups.plan import plan_group

            return plan_group(planner, subject, recorded)
        case SubjectKind.MODEL_CARD:
            from stagegate.subjects.cards.plan import plan_card

            return plan_card(planner, subject, recorded, scope=scope)


def plan_subject(planner: Planner, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plan as the state machine takes it.

    `request` has `subject` (an ARN, or `guardrail/NAME`), `by_hand`, `swept` and `execution`, and for a hub `forced`
    and `results` (see `HubOptions`). The answer has `outcome`, `report`, `notify`, `changes` (in order, each with the
    `surface` it goes to), `record` (the plan as `record` and `verify` take it), `at`, `external_id` (what member roles
    outside an organization ask for), and for people `lines` (of the changes), `would` (the same, or what is held back
    while governance.toml says paused), `access_after` that, `documents` (what would become of each policy document
    that was read) and `message`.
    `request` has `subject` (an ARN, or `guardrail/NAME`), `execution`, `mode` (what has started the run, see `Mode`),
    `retry_failed` (whether an import that has failed is tried once more), and for a hub `force` and `results` (see
    `Asked`). The answer has `outcome`, `report`, `silent`, `changes` (in order, each with the `surface` it goes to),
    `verify` (whether that has something to look at once they are applied), `record` (the plan as `record` and `verify`
    take it), `at`, `external_id` (what member roles outside an organization ask for), and for people `lines` (of the
    changes), `would` (the same, or what is held back while governance.toml says paused), `access_after` that,
    `documents` (what would become of each policy document that was read) and `message`.
    """
    made, found = plan(
        planner,
        request["subject"],
        mode=Mode(request["mode"]),
        execution=request["execution"],
        retry_failed=request["retry_failed"],
        requested=HubOptions.of(request),
    )
    message = message_of(made, planner.rules, found)
    return {
        "outcome": made.outcome.value,
        "report": made.report,
        "notify": made.notify,
        "changes": [change_to_json(change) for change in made.changes],
        "verify": needs_verify(made),
        "lines": [change.line() for change in made.changes],
        "would": [change.line() for change in made.changes or made.held_back],
        "access_after": [to_json(grant) for grant in made.entitled],
        "documents": list(made.documents),
        "record": to_json(replace(made, changes=(), documents=(), held_back=(), entitled=())),
        "at": datetime.now(UTC).isoformat(),
        "external_id": planner.rules.organization.external_id,
        "message": {"subject": message.subject, "text": message.text},
    }
