"""What a change of a card makes known, to whom, and about whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sandbox.kernel.delays import delays
from sandbox.kernel.identity import Principal, caller, session

CONSUMER, OWNER = "222233334444", "111122223333"
CONTENT = json.dumps({"intended_uses": {"risk_rating": "High"}})
Refused = Callable[..., str]


STATE_CHANGE, API_CALL = "SageMaker Model Card State Change", "AWS API Call via CloudTrail"
APPROVER = session(f"arn:aws:iam::{OWNER}:role/people/ModelApprover", "a-session")


def as_caller(principal: Principal, call: Any, **parameters: Any) -> None:
    token = caller.set(principal)
    try:
        call(**parameters)
    finally:
        caller.reset(token)


def test_create_and_update_emit_a_state_change_in_the_owners_account(
    owner: Any, consumer: Any, card_arn: str, emitted: Any
) -> None:
    consumer.update_model_card(ModelCardName=card_arn, ModelCardStatus="PendingReview")
    owner.update_model_card(ModelCardName="churn", Content=CONTENT)
    events = emitted.of(STATE_CHANGE)
    assert [(e["detail"]["ModelCardVersion"], e["detail"]["ModelCardStatus"]) for e in events] == [
        (1, "Draft"),
        (1, "PendingReview"),
        (2, "PendingReview"),
    ]
    assert {e["account"] for e in events} == {OWNER}
    assert all(e["resources"] == [card_arn] and e["source"] == "aws.sagemaker" for e in events)


def test_the_state_change_has_the_documented_members(owner: Any, card_arn: str, emitted: Any) -> None:
    detail = emitted.of(STATE_CHANGE)[0]["detail"]
    # The documented example, less the ModelId that no API returns.
    assert set(detail) == {
        "ModelCardVersion",
        "LastModifiedTime",
        "LastModifiedBy",
        "CreationTime",
        "CreatedBy",
        "ModelCardName",
        "ModelCardStatus",
        "AccountId",
        "SecurityConfig",
    }
    assert detail["CreatedBy"] == {}
    assert detail["LastModifiedBy"] == {}
    assert detail["AccountId"] == OWNER
    assert len(detail["LastModifiedTime"].split(".")[1]) == len("893854735Z")
    assert len(detail["CreationTime"].split(".")[1]) == len("084Z")


def test_cloudtrail_names_the_caller_later_and_hides_the_content(owner: Any, card_arn: str, emitted: Any) -> None:
    as_caller(APPROVER, owner.update_model_card, ModelCardName="churn", ModelCardStatus="Approved")
    as_caller(APPROVER, owner.update_model_card, ModelCardName="churn", Content=CONTENT)
    approval, edit = emitted.of(API_CALL)[-2:]
    detail = approval["detail"]
    assert approval["delay"] == delays.cloudtrail
    assert approval["account"] == OWNER
    assert (detail["eventName"], detail["eventSource"]) == ("UpdateModelCard", "sagemaker.amazonaws.com")
    assert detail["requestParameters"] == {"modelCardName": "churn", "modelCardStatus": "Approved"}
    assert detail["responseElements"] == {"modelCardArn": card_arn}
    assert "errorCode" not in detail
    assert "." not in detail["eventTime"]
    identity = detail["userIdentity"]
    assert (identity["type"], identity["arn"], identity["accountId"]) == ("AssumedRole", APPROVER.arn, OWNER)
    assert identity["sessionContext"]["sessionIssuer"]["arn"] == APPROVER.role_arn
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "ModelApprover"
    assert edit["detail"]["requestParameters"]["content"] == "HIDDEN_DUE_TO_SECURITY_REASONS"


def test_a_consumers_call_is_recorded_in_the_consumers_account(consumer: Any, card_arn: str, emitted: Any) -> None:
    scientist = session(f"arn:aws:iam::{CONSUMER}:role/DataScientist", "bo")
    as_caller(scientist, consumer.update_model_card, ModelCardName=card_arn, ModelCardStatus="Approved")
    event = emitted.of(API_CALL)[-1]
    assert event["account"] == CONSUMER
    assert event["detail"]["userIdentity"]["accountId"] == CONSUMER
    assert event["detail"]["requestParameters"]["modelCardName"] == card_arn


def test_a_deletion_is_known_only_through_cloudtrail(owner: Any, card_arn: str, emitted: Any) -> None:
    del emitted.events[:]
    owner.delete_model_card(ModelCardName="churn")
    assert [(e["detail-type"], e["detail"]["eventName"]) for e in emitted.events] == [(API_CALL, "DeleteModelCard")]
    assert emitted.events[0]["detail"]["responseElements"] is None
    assert emitted.events[0]["detail"]["userIdentity"]["arn"] == f"arn:aws:iam::{OWNER}:root"


def test_a_refused_call_is_recorded_with_its_error(owner: Any, emitted: Any, refused: Refused) -> None:
    refused(owner.update_model_card, ModelCardName="nothing", ModelCardStatus="Approved")
    assert [e["detail"]["errorCode"] for e in emitted.events] == ["ResourceNotFound"]


def test_reading_emits_nothing(owner: Any, card_arn: str, emitted: Any) -> None:
    del emitted.events[:]
    owner.describe_model_card(ModelCardName="churn")
    owner.list_model_cards()
    assert emitted.events == []
