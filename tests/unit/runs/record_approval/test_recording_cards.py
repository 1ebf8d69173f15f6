"""Whoever changed a card is recorded with the version and the content that the call was about."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.core.errors import InputError, RefusedError
from stagegate.core.statuses import CardStatus, RiskRating
from stagegate.ledger.items import text_of
from stagegate.runs.record_approval.recorder import Recorder
from stagegate.subjects.cards.observe import content_hash
from stagegate.subjects.context import Access, Auditor
from tests.support.builders import AUTHOR, CREATED, DEV, GOVERNANCE, NOON, a_question, a_record, at
from tests.support.ledger import kept_items, reads, recorded_in
from tests.support.scripted import Answer, Scripted, refusal

MACHINE = f"arn:aws:states:us-east-1:{GOVERNANCE}:stateMachine:stagegate-govern"
CARD = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-card/churn"
CONTENT = {"intended_uses": {"risk_rating": "Low"}}
THERE_ALREADY = refusal(
    "TransactionCanceledException", CancellationReasons=[{"Code": "ConditionalCheckFailed"}, {"Code": "None"}]
)
STARTED: Answer = {"executionArn": "arn:execution", "startDate": NOON}
ENVIRONMENT = Environment(
    account=GOVERNANCE,
    region="us-east-1",
    prefix="stagegate",
    table="ledger",
    settings=Path("governance.toml"),
)


def version(number: int, status: CardStatus, created: float, modified: float | None = None) -> dict[str, Any]:
    return {
        "ModelCardName": "churn",
        "ModelCardArn": CARD,
        "ModelCardStatus": status,
        "ModelCardVersion": number,
        "CreationTime": at(created),
        **({} if modified is None else {"LastModifiedTime": at(modified)}),
    }


def a_call(
    name: str = "UpdateModelCard", *, status: str | None = "Approved", account: str = GOVERNANCE
) -> dict[str, Any]:
    request = {"modelCardName": "churn", **({"modelCardStatus": status} if status else {})}
    return {
        "account": account,
        "detail": {
            "eventID": "event-1",
            "eventName": name,
            "eventTime": NOON.isoformat(),
            "awsRegion": "us-east-1",
            "userIdentity": {"arn": f"arn:aws:sts::{account}:assumed-role/ModelApprover/session"},
            "requestParameters": request,
        },
    }


def no_access() -> Access:
    raise AssertionError("a card's calls take no rules")


class Run:
    """One recording: what was recorded, and what was started."""

    def __init__(
        self,
        event: dict[str, Any],
        *versions: dict[str, Any],
        kept: Iterable[dict[str, Any]] = (),
        put: Answer | None = None,
        start: Answer = STARTED,
    ) -> None:
        described = {
            "ModelCardArn": CARD,
            "ModelCardName": "churn",
            "ModelCardVersion": 1,
            "Content": json.dumps(CONTENT),
            "ModelCardStatus": "Approved",
            "CreationTime": CREATED,
            "CreatedBy": {},
        }
        self.sagemaker = Scripted(
            "sagemaker",
            ListModelCardVersions={"ModelCardVersionSummaryList": list(versions)},
            DescribeModelCard=described,
        )
        self.dynamodb = Scripted("dynamodb", **reads(*kept), TransactWriteItems=put or {})
        self.stepfunctions = Scripted("stepfunctions", StartExecution=start)
        recorder = Recorder(
            environment=ENVIRONMENT,
            partition="aws",
            state_machine=MACHINE,
            topic="arn:aws:sns:us-east-1:111122223333:stagegate-approvers",
            auditor=Auditor(sagemaker=self.sagemaker.client, dynamodb=self.dynamodb.client, access=no_access),
            dynamodb=self.dynamodb.client,
            stepfunctions=self.stepfunctions.client,
            sns=Scripted("sns").client,
        )
        self.answer = recorder.record(event)

    def records(self) -> list[tuple[str, str | None, int | None, bool]]:
        """What was recorded: id, status, version, and whether the content is known."""
        items = recorded_in(self.dynamodb)
        return [
            (
                i["id"],
                i.get("status"),
                int(i["version"]) if "version" in i else None,
                i.get("content_hash") == content_hash(CONTENT),
            )
            for i in items
        ]

    def asked_for(self) -> list[int]:
        """The versions whose content was read."""
        return [request["ModelCardVersion"] for request in self.sagemaker.of("DescribeModelCard")]


def test_a_status_is_put_down_with_the_version_that_had_it_set() -> None:
    run = Run(a_call(), version(1, CardStatus.DRAFT, -600, -300), version(2, CardStatus.APPROVED, -20, 0.4))
    assert run.records() == [("event-1", "Approved", 2, True)]
    assert run.asked_for() == [2]


def test_an_answer_says_how_long_the_question_was_open_and_its_copy_says_nothing() -> None:
    question = a_question(2, content_hash(CONTENT), risk=RiskRating.LOW, seconds=-7200)
    versions = version(1, CardStatus.DRAFT, -600, -300), version(2, CardStatus.APPROVED, -20, 0.4)
    run = Run(a_call(), *versions, kept=kept_items(CARD, question))
    assert run.answer["decided_after_s"] == pytest.approx(7200, abs=1)
    assert "decided_after_s" not in Run(a_call(), *versions).answer
    assert "decided_after_s" not in Run(a_call(), *versions, kept=kept_items(CARD, question), put=THERE_ALREADY).answer


def test_a_copy_that_names_nobody_puts_nothing_down_and_has_the_card_looked_at() -> None:
    copy = a_call()
    copy["detail"]["userIdentity"] = {"type": "AWSAccount", "accountId": "222233334444"}
    run = Run(copy, version(1, CardStatus.APPROVED, -60, 0.4))
    assert run.records() == []
    assert run.answer["execution"]


def test_an_edit_is_put_down_with_the_version_that_it_made() -> None:
    run = Run(a_call(status=None), version(1, CardStatus.DRAFT, -60), version(2, CardStatus.DRAFT, 0.4))
    assert run.records() == [("event-1-content", None, 2, True)]


def test_a_creation_is_an_edit_and_a_status_however_long_it_took() -> None:
    run = Run(a_call("CreateModelCard", status="Draft"), version(1, CardStatus.DRAFT, 2.5))
    assert run.records() == [("event-1-content", None, 1, True), ("event-1", "Draft", 1, True)]


def test_a_creation_whose_status_was_changed_since_is_still_about_its_own_version() -> None:
    run = Run(a_call("CreateModelCard", status="Draft"), version(1, CardStatus.APPROVED, 0.5, 60))
    assert run.records() == [("event-1-content", None, 1, True), ("event-1", "Draft", 1, True)]


def test_of_a_card_that_is_gone_nothing_is_known() -> None:
    run = Run(a_call())
    assert run.records() == [("event-1", "Approved", None, False)]
    assert run.asked_for() == []


def test_what_may_be_about_one_of_two_versions_is_put_down_with_both_and_approves_neither() -> None:
    run = Run(a_call(), version(1, CardStatus.APPROVED, -600, -300), version(2, CardStatus.APPROVED, -20, 0.4))
    assert run.records() == [("event-1", "Approved", None, False)]
    assert [[int(number), hash_] for number, hash_ in recorded_in(run.dynamodb)[0]["versions"]] == [
        [1, content_hash(CONTENT)],
        [2, content_hash(CONTENT)],
    ]


@pytest.mark.parametrize(("created", "known"), [(-119, False), (-121, True)])
def test_what_may_be_about_a_card_of_the_name_that_was_deleted_approves_nothing(created: float, *, known: bool) -> None:
    before = kept_items(CARD, a_record(CardStatus.DRAFT, AUTHOR, -900))
    run = Run(a_call(), version(1, CardStatus.APPROVED, created, 0.4), kept=before)
    assert run.records() == [("event-1", "Approved", 1 if known else None, known)]


def test_when_the_change_was_made_is_put_down_where_sagemaker_dates_it() -> None:
    run = Run(a_call(), version(1, CardStatus.APPROVED, -60, 0.4))
    assert recorded_in(run.dynamodb)[0]["moment"] == text_of(at(0.4))


def test_the_subject_is_looked_at_again() -> None:
    run = Run(a_call(), version(1, CardStatus.APPROVED, -60, 0.4))
    (request,) = run.stepfunctions.of("StartExecution")
    assert json.loads(request["input"]) == {"subject": CARD, "trigger": "record event-1"}
    assert "name" not in request
    assert run.answer == {"subject": CARD, "recorded": 1, "execution": "arn:execution"}


def test_an_event_that_comes_twice_is_put_down_once_and_looked_at_twice() -> None:
    run = Run(a_call(), version(1, CardStatus.APPROVED, -60, 0.4), put=THERE_ALREADY)
    assert run.answer["recorded"] == 0
    assert run.stepfunctions.operations == ["StartExecution"]


def test_a_members_own_card_has_no_record_here_and_is_looked_at() -> None:
    run = Run(a_call(account=DEV))
    assert (run.records(), run.answer["recorded"]) == ([], 0)
    (request,) = run.stepfunctions.of("StartExecution")
    assert json.loads(request["input"])["subject"] == CARD.replace(GOVERNANCE, DEV)


def test_what_cant_be_read_is_refused_before_anything_is_put_down() -> None:
    with pytest.raises(InputError):
        Run({"account": GOVERNANCE})


def test_a_run_that_cant_be_started_is_an_error() -> None:
    with pytest.raises(RefusedError, match=f"start {MACHINE}"):
        Run(a_call(), start=refusal("AccessDeniedException"))
