"""What a message is for leads its subject line, and says at once for whom what changes."""

from dataclasses import replace

import pytest

from stagegate.approvals.entitlement import Entitled
from stagegate.core.findings import blocked, warned
from stagegate.core.messages.mail import Message
from stagegate.plans.grants import View
from stagegate.plans.messages import message_of
from stagegate.plans.plan import Plan
from stagegate.plans.record import RECORD_MISSING
from stagegate.plans.wording import Planned, Wording
from tests.support.builders import (
    APPROVED,
    DRAFT,
    PENDING,
    a_card,
    a_message,
    a_plan,
    entitled_to,
    reads,
    some_rules,
    writes,
)

RULES = some_rules()
DRAFTED = a_plan(RULES, entitled_to(writes("dev")), card=a_card(DRAFT))
OPEN = View(grants=DRAFTED.record.grants, last_notified_digest="something")


def told(plan: Plan) -> Message:
    return message_of(Planned(plan=plan, wording=Wording(risk="High"), audience="retail"), "sees it")


def of(entitled: Entitled, view: View | None = None, status: str = DRAFT, **rules: object) -> Message:
    return told(a_plan(some_rules(**rules), entitled, view=view, card=a_card(status)))  # type: ignore[arg-type]


FOUR_EYES = blocked("FourEyes", "Somebody else has to.", "prod")
NO_RECORD = blocked(RECORD_MISSING, "No record has come.", "prod")


@pytest.mark.parametrize(
    ("message", "kind", "subject", "stages"),
    [
        (of(entitled_to(writes("dev"))), "OPENED", "OPENED churn: dev (Draft)", "dev"),
        (of(Entitled(), OPEN), "CLOSED", "CLOSED churn: dev (Draft)", "dev"),
        (of(entitled_to(reads("dev")), OPEN), "CLOSED", "CLOSED churn: less for dev (Draft)", "dev"),
        (
            of(entitled_to(reads("test")), OPEN),
            "OPENED CLOSED",
            "OPENED churn: test; closes dev (Draft)",
            "test dev",
        ),
        (of(entitled_to(reads("test")), status=PENDING), "DECIDE OPENED", "DECIDE churn: PendingReview", "test"),
        (of(Entitled(findings=(FOUR_EYES,))), "BLOCKED", "BLOCKED churn: FourEyes (prod)", "prod"),
        (
            of(Entitled(findings=(NO_RECORD,)), status=APPROVED),
            "WAITING",
            "WAITING churn: no record has come of who approved it (prod)",
            "prod",
        ),
        (of(Entitled(waiting=("prod",)), OPEN), "CLOSED WAITING", "CLOSED churn: dev (Draft)", "dev"),
        (of(Entitled(findings=(warned("ForeignShare", "Another."),))), "WARNING", "WARNING churn: ForeignShare", ""),
        (of(Entitled(), View(last_notified_digest="something")), "SETTLED", "SETTLED churn: Draft", ""),
        (of(entitled_to(writes("dev")), paused=True), "PAUSED", "PAUSED churn: would open dev", "dev"),
    ],
)
def test_each_kind(message: Message, kind: str, subject: str, stages: str) -> None:
    assert message.subject == subject
    assert (message.labels.kind, message.labels.stages) == (tuple(kind.split()), tuple(stages.split()))
    assert (message.labels.subject_type, message.labels.risk, message.labels.audience) == (
        "model-card",
        "High",
        "retail",
    )


def test_what_changed_by_itself_is_drift() -> None:
    drifted = replace(DRAFTED, decision=replace(DRAFTED.decision, changes=(), grants=(), drift=("one", "two")))
    assert told(drifted).subject == "DRIFT churn: 2 changes that nobody reported"


def test_what_changes_nobodys_access_is_drift_that_is_put_right() -> None:
    repaired = replace(DRAFTED, before=OPEN)
    assert told(repaired).subject == "DRIFT churn: 1 change to put it right"


def test_programs_get_what_people_read() -> None:
    card = a_card(PENDING, version=3)
    details = a_message(RULES, a_plan(RULES, entitled_to(writes("dev")), card=card), card).details
    assert (details["name"], details["status"], details["version"]) == ("churn", "PendingReview", 3)
    assert (details["opened"], details["closed"], details["held_back"]) == (["dev"], [], False)
    assert details["changes"] == ["open dev (222233334444) with AWSRAMPermissionSageMakerModelCards"]
