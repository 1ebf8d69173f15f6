"""CloudTrail's records of who tags a card: which tags a call touched, and by whom."""

import json
from pathlib import Path
from typing import Any

import pytest

from stagegate.approvals.tags.record import TagRecord
from stagegate.core.errors import InputError
from stagegate.runs.record_approval import tags as audit_tags

EVENT = json.loads((Path(__file__).parents[4] / "events" / "card_tagged.json").read_text())
CARD = "arn:aws:sagemaker:us-east-1:111122223333:model-card/Customer-Churn-Model-Card"


def event(name: str = "AddTags", **request: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(EVENT))
    found["detail"] |= {"eventName": name, "requestParameters": {"resourceArn": CARD, **request}}
    return found


def touched(given: dict[str, Any], *keys: str) -> list[tuple[str, str | None]]:
    return [(record.key, record.value) for record in audit_tags.records_of(given, keys)]


def test_the_example_is_of_a_call_that_sets_a_tag() -> None:
    assert audit_tags.is_tagging(EVENT)
    assert audit_tags.tagged_by(EVENT) == CARD
    (record,) = audit_tags.records_of(EVENT, ["team"])
    assert isinstance(record, TagRecord)
    assert (record.key, record.value) == ("team", "churn")
    assert record.actor is not None
    assert record.actor.role_arn == EVENT["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (event(tags=[{"key": "team", "value": "a"}, {"key": "TEAM", "value": "b"}]), [("team", "a")]),
        (event(tags=[{"key": "Team", "value": "a"}]), []),
        (event(tags=[{"key": "team"}]), [("team", "")]),
        (event("DeleteTags", tagKeys=["team", "cost"]), [("team", None)]),
        (event("DeleteTags", tagKeys=["TEAM"]), []),
        (event("CreateModelCard", tags=[{"key": "team", "value": "a"}]), [("team", "a")]),
        (event("CreateModelCard"), []),
    ],
)
def test_what_a_call_touched(given: dict[str, Any], said: list[tuple[str, str | None]]) -> None:
    assert touched(given, "team") == said


def test_without_keys_nothing_is_recorded() -> None:
    assert touched(EVENT) == []


def test_two_keys_of_one_call_are_two_records() -> None:
    given = event(tags=[{"key": "team", "value": "a"}, {"key": "owner", "value": "b"}])
    assert len({record.id for record in audit_tags.records_of(given, ["team", "owner"])}) == 2


def test_a_copy_that_names_nobody_is_nobodys() -> None:
    given = event(tags=[{"key": "team", "value": "a"}])
    given["detail"]["userIdentity"] = {"type": "AWSAccount", "accountId": "222233334444"}
    (record,) = audit_tags.records_of(given, ["team"])
    assert record.actor is None


def test_a_record_without_a_resource_is_refused() -> None:
    given = event(tags=[])
    del given["detail"]["requestParameters"]["resourceArn"]
    with pytest.raises(InputError, match=r"detail\.requestParameters\.resourceArn: found nothing"):
        audit_tags.tagged_by(given)
