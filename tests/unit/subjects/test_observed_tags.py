"""What is known of a card's tags before it is planned: by its own records, while these are sound."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stagegate.approvals.principals import Actor
from stagegate.approvals.tags.record import TagRecord
from stagegate.core.arns import subject_of
from stagegate.core.errors import RefusedError
from stagegate.rules.audiences import Audience, Taggers, TagSelector
from stagegate.rules.narrowed.for_subject import audience_of
from stagegate.subjects import observe_tags
from tests.support.builders import GOVERNANCE, NOON
from tests.support.packages import package_rules

CARD = subject_of(f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-card/churn")
REGISTRAR = f"arn:aws:iam::{GOVERNANCE}:role/Registrar"
SET = TagRecord(id="1", at=NOON, actor=Actor(arn=REGISTRAR), key="team", value="fraud")
AUDIENCES = (
    Audience(name="fraud", tag=TagSelector(key="team", values=("fraud",))),
    Audience(name="rest", cards=("*",)),
)


class Tagged:
    """SageMaker with one card, which has these tags, is gone, or is nobody's to read."""

    def __init__(self, tags: dict[str, str], error: str = "") -> None:
        self.tags, self.error, self.asked = tags, error, 0

    def get_paginator(self, name: str) -> Any:
        assert name == "list_tags"
        return self

    def paginate(self, *, ResourceArn: str) -> list[dict[str, Any]]:  # noqa: N803  SageMaker's own name
        assert ResourceArn == CARD.arn
        self.asked += 1
        if self.error:
            raise ClientError({"Error": {"Code": self.error, "Message": ""}}, "ListTags")
        return [{"Tags": [{"Key": key, "Value": value}]} for key, value in self.tags.items()]


def audience(
    sagemaker: Tagged, *records: TagRecord, created: Any = NOON, flaw: str = "", by_tag: bool = True
) -> str | None:
    rules = replace(
        package_rules(),
        audiences=AUDIENCES if by_tag else AUDIENCES[1:],
        tags=(Taggers(key="team", principals=(REGISTRAR,)),),
    )
    planner: Any = SimpleNamespace(
        rules=rules, sagemaker=sagemaker, environment=SimpleNamespace(account=GOVERNANCE, table="table")
    )
    return audience_of(observe_tags.settled(planner, CARD, records, created, flaw), CARD)


def test_the_record_and_sagemaker_agree() -> None:
    assert audience(Tagged({"team": "fraud"}), SET) == "fraud"
    assert audience(Tagged({"other": "x", "team": "churn"}), SET) is None
    assert audience(Tagged({})) == "rest"


def test_what_is_older_than_the_card_is_anothers() -> None:
    later = NOON + timedelta(minutes=1)
    assert audience(Tagged({"team": "fraud"}), SET, created=later) is None
    assert audience(Tagged({}), SET, created=later) == "rest"


def test_by_altered_records_it_is_for_nobody() -> None:
    sagemaker = Tagged({})
    assert audience(sagemaker, flaw="entries are missing") is None
    assert sagemaker.asked == 0


def test_without_an_audience_by_tag_nobody_is_asked() -> None:
    sagemaker = Tagged({"team": "fraud"})
    assert audience(sagemaker, SET, by_tag=False) == "rest"
    assert sagemaker.asked == 0


def test_a_card_that_goes_meanwhile_has_no_tags_and_a_refusal_is_said() -> None:
    assert audience(Tagged({}, "ResourceNotFound")) == "rest"
    with pytest.raises(RefusedError):
        audience(Tagged({}, "AccessDeniedException"), SET)
