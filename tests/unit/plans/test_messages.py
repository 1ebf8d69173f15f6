"""A message fits a mail's subject line, and says what changes, for whom, and how to decide."""

from dataclasses import replace

import pytest

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.core.findings import blocked
from stagegate.core.messages.mail import SUBJECT_LIMIT, subject_line
from stagegate.core.statuses import RiskRating
from stagegate.plans.change import Change
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import Approvers
from stagegate.rules.narrowed.covers import Cover
from stagegate.runs.failure_message import failure_message
from stagegate.surfaces.fences.model import AllowWrites, DenyWrites, Fence
from stagegate.surfaces.shares.changes import CloseShare, OpenShare
from tests.support.builders import (
    APPROVED,
    APPROVER_ROLE,
    CARD_ARN,
    DEV,
    DRAFT,
    PENDING,
    PROD,
    a_card,
    a_message,
    a_plan,
    a_record,
    entitled_to,
    reads,
    share_arn,
    some_rules,
    writes,
)

RULES = some_rules()
UPDATE = f"aws sagemaker update-model-card --region us-east-1 --model-card-name {CARD_ARN} --model-card-status"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("churn is Draft", "churn is Draft"),
        ("two\nlines\r\nand\ttabs", "two lines and tabs"),
        ("  around  ", "around"),
        ("Größe 🚀", "Gr??e ?"),
        ("bell\x07 and \x00 nothing\x7f", "bell and nothing"),
        ("x" * 100, "x" * 100),
        ("x" * 101, "x" * 97 + "..."),
    ],
)
def test_a_subject_is_one_line_of_at_most_100_printable_ascii_characters(text: str, expected: str) -> None:
    assert subject_line(text) == expected
    assert len(expected) <= SUBJECT_LIMIT


BOUNDARY = Fence(account=PROD, kind=FenceKind.BOUNDARY, roles=("Reader", "Reporter"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            DenyWrites(card_arn=CARD_ARN, fence=Fence(account=PROD, kind=FenceKind.SCP)),
            f"deny account {PROD} to change the card (every role)",
        ),
        (
            DenyWrites(card_arn=CARD_ARN, fence=BOUNDARY),
            f"deny account {PROD} to change the card (the boundary of Reader, Reporter; no other role)",
        ),
        (
            DenyWrites(card_arn=CARD_ARN, fence=replace(BOUNDARY, roles=())),
            f"deny account {PROD} to change the card (every role behind its boundary)",
        ),
        (
            AllowWrites(card_arn=CARD_ARN, fence=replace(BOUNDARY, covers=Cover.OTHERS)),
            f"let account {PROD} change the card",
        ),
        (
            AllowWrites(card_arn=CARD_ARN, fence=replace(BOUNDARY, covers=Cover.NONE)),
            f"take the fence of account {PROD} away: by the rules it may change what it sees",
        ),
        (
            CloseShare(stage="prod", share_arn=share_arn("prod"), subject_arn=CARD_ARN),
            "close prod: take the card out of its share",
        ),
        (
            CloseShare(stage="prod", share_arn=share_arn("prod"), principals=(DEV, PROD)),
            f"take {DEV}, {PROD} out of the share of prod",
        ),
        (
            OpenShare(subject_arn=CARD_ARN, stage="prod", accounts=(DEV, PROD), permission="P", external=False),
            f"open prod ({DEV}, {PROD}) with P",
        ),
    ],
)
def test_every_change_is_a_line(change: Change, expected: str) -> None:
    assert change.line() == expected


def test_a_message_about_a_review_asks_for_a_decision_and_says_how() -> None:
    card = a_card(PENDING, version=3)
    plan = a_plan(RULES, entitled_to(writes("dev"), reads("test")), card=card)
    message = a_message(RULES, plan, card)
    assert message.subject == "DECIDE churn: PendingReview; Approved would open prod"
    assert message.text == (
        f"""Model card churn is PendingReview (version 3).
{CARD_ARN}

It says: "Predicts churn."
Filled in: intended_uses, model_overview.
Risk: High.

What changes:
- deny account 333344445555 to change the card (every role)
- open dev (222233334444) with AWSRAMPermissionSageMakerModelCards
- open test (333344445555) with AWSRAMPermissionSageMakerModelCards

Who sees it after that:
- dev (222233334444): read and write
- test (333344445555): read only

To decide:
Asked (CloudTrail hasn't said by whom yet), since 2026-03-02 12:00:00 UTC.
- Approved opens prod, read only; may be set by {APPROVER_ROLE}
With Approved, by what is known now:
+ prod (444455556666): read only
Yes:       {UPDATE} Approved
Send back: {UPDATE} Draft
No:        {UPDATE} Archived
In the console: https://us-east-1.console.aws.amazon.com/sagemaker/home?region=us-east-1#/model-cards/churn
This asks about version 3 as it is now. What is edited after this message is asked about in another one.
"""
    )


def test_a_message_about_anything_else_asks_for_nothing() -> None:
    card = a_card(DRAFT)
    message = a_message(RULES, a_plan(RULES, entitled_to(writes("dev")), card=card), card)
    assert message.subject == "OPENED churn: dev (Draft)"
    assert "To decide" not in message.text


def test_who_may_decide_depends_on_the_risk() -> None:
    rules = some_rules(approvers=[Approvers(stage="prod", principals=(APPROVER_ROLE,), risks=(RiskRating.LOW,))])
    card = a_card(PENDING)
    text = a_message(rules, a_plan(rules, Entitled(), card=card), card).text
    assert "- Approved opens prod, read only; may be set by nobody\n" in text


def test_a_question_without_a_gated_stage_names_no_command() -> None:
    rules = some_rules(approvers=())
    card = a_card(PENDING)
    message = a_message(rules, a_plan(rules, Entitled(), card=card), card)
    assert message.subject.startswith("DECIDE churn")
    assert "aws sagemaker" not in message.text


def test_findings_are_listed_with_what_they_do() -> None:
    found = Entitled(findings=(blocked("FourEyes", "Somebody else has to.", "prod"),))
    card = a_card(APPROVED)
    text = a_message(RULES, a_plan(RULES, found, card=card), card).text
    assert "Access doesn't change.\n\nWho sees it after that:\n- nobody outside the governance account\n" in text
    assert "Found:\n- [block] FourEyes: Somebody else has to. (prod)\n" in text


def test_a_finding_stands_once_with_its_stages() -> None:
    words = ("Somebody else has to.", "Only prod's owner may.")
    found = Entitled(findings=tuple(blocked("FourEyes", said, stage) for said in words for stage in ("test", "prod")))
    card = a_card(APPROVED)
    _, _, listed = a_message(RULES, a_plan(RULES, found, card=card), card).text.partition("Found:\n")
    assert listed == (
        "- [block] FourEyes: Somebody else has to. (test, prod)\n- [block] FourEyes: Only prod's owner may. (test)\n"
    )


def test_a_deleted_card_has_no_description_and_no_version() -> None:
    message = a_message(RULES, a_plan(RULES, Entitled(), gone=True), None)
    assert message.subject == "SETTLED churn: Deleted"
    assert message.text.startswith(f"Model card churn is Deleted.\n{CARD_ARN}\n\nAccess doesn't change.")


@pytest.mark.parametrize(
    ("subject", "expected", "about"),
    [
        (CARD_ARN, "FAILED RefusedError: churn", CARD_ARN),
        (None, "FAILED RefusedError: input", "an unreadable input"),
    ],
)
def test_a_failure_names_the_error_the_execution_and_the_way_on(subject: str | None, expected: str, about: str) -> None:
    message = failure_message(subject, "arn:execution", "RefusedError", "AWS said no")
    assert message.subject == expected
    assert f"A run about {about} has failed" in message.text
    assert "RefusedError: AWS said no" in message.text
    assert "arn:execution" in message.text
    assert ("with the same subject" in message.text) == (subject is not None)
    assert ("Start it again with an input that is allowed" in message.text) == (subject is None)


def test_a_failure_to_close_says_what_is_open_and_that_nothing_opened() -> None:
    message = failure_message(CARD_ARN, "arn:execution", "StillOpenError", "- close bucket a; open for prod (1): no")
    assert message.subject == "FAILED StillOpenError: churn"
    assert "what should be closed is still open" in message.text
    assert "\n- close bucket a; open for prod (1): no\n" in message.text
    assert "nothing was opened" in message.text
    assert "each sweep try again" in message.text


def test_any_other_failure_says_that_something_may_be_open() -> None:
    assert "may still be open" in failure_message(CARD_ARN, "arn:execution", "RefusedError", "no").text


def test_a_third_run_that_is_not_started_is_no_unreadable_input() -> None:
    message = failure_message(None, "arn:execution", "StoppedAgainError", "arn:another was started for a run")
    assert message.subject == "FAILED StoppedAgainError: two runs, one after the other"
    assert "unreadable" not in message.text
    assert "arn:another was started for a run" in message.text
    assert "start a run by hand" in message.text


def test_whoever_approved_is_named_and_when() -> None:
    card, record = a_card(), a_record()
    entitled = Entitled(entitlements=(Entitlement(stage="prod", write=False, approval=record),))
    text = a_message(RULES, a_plan(RULES, entitled, card=card), card).text
    assert f"- prod (444455556666): read only, approved by {record.actor.arn} at 2026-03-02 12:00:00 UTC\n" in text


def test_what_is_held_back_is_said_as_such() -> None:
    card, rules = a_card(DRAFT), some_rules(paused=True)
    text = a_message(rules, a_plan(rules, entitled_to(writes("dev")), card=card), card).text
    assert "What would change, if governance.toml didn't say paused:\n- open dev (222233334444) with" in text
    held = "Who sees it after that, if governance.toml didn't say paused:\n- dev (222233334444): read and write\n"
    assert held in text
    assert "[warn] Paused" in text
