"""Whom a CloudTrail record may name."""

import pytest

from stagegate.approvals.principals import Actor
from stagegate.aws.cloudtrail import CallRecord, UserIdentity
from stagegate.core.errors import InputError

ARN = "arn:aws:sts::222233334444:assumed-role/ModelDeveloper/ann"


def record(arn: str | None) -> CallRecord[None, None]:
    return CallRecord(
        eventID="1",
        eventName="UpdateModelCard",
        eventTime="",
        awsRegion="",
        userIdentity=UserIdentity(arn=arn),
        requestParameters=None,
    )


def test_it_names_somebody_of_the_account_that_sent_it() -> None:
    assert record(ARN).actor_in("222233334444") == Actor(arn=ARN)
    assert record(None).actor_in("222233334444") is None


@pytest.mark.parametrize("arn", [ARN, "arn:aws:iam::111122223333:role/ModelApprover", "somebody"])
def test_it_names_nobody_of_another_account(arn: str) -> None:
    with pytest.raises(InputError, match=f"found {arn} in a record of 999988887777; allowed: somebody of"):
        record(arn).actor_in("999988887777")
