"""What somebody takes away behind the system's back: the story's observations notice, and a run by hand repairs it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from demo.card import incidents
from demo.observers import describe
from demo.people import APPROVER
from demo.story import Step, StepResult
from tests.support.scenes import SHIPPED, Scene, problems, scene

OPEN = "dev rw  test r  prod r"
HARMLESS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "s3:PutAccountPublicAccessBlock", "Resource": "*"}],
}


@pytest.fixture(scope="module")
def approved() -> Iterator[Scene]:
    """The card is Approved by an approver; every test leaves it so."""
    with scene(SHIPPED) as opened:
        hands = opened.hands
        assert problems(opened.does(hands.creates("Draft"))) == []
        assert problems(opened.does(hands.fills_in("dev", "fills in the card"))) == []
        assert problems(opened.does(hands.sets("dev", "PendingReview"))) == []
        assert problems(opened.does(hands.sets(APPROVER, "Approved"))) == []
        yield opened


def _share(place: Scene, stage: str) -> str:
    (arn,) = incidents.shares_of(place.admin("ram"), stage)
    return arn


def _fence(place: Scene, account: str) -> str:
    organizations = place.admin("organizations", "management")
    found = organizations.list_policies_for_target(TargetId=account, Filter="SERVICE_CONTROL_POLICY")["Policies"]
    (policy,) = [policy["Id"] for policy in found if policy["Name"].startswith("stagegate-")]
    return str(policy)


def _take_the_card_out(place: Scene) -> None:
    place.admin("ram").disassociate_resource_share(
        resourceShareArn=_share(place, "prod"), resourceArns=[place.hands.arn]
    )


def _take_the_account_out(place: Scene) -> None:
    account = place.organization.accounts["prod"]
    place.admin("ram").disassociate_resource_share(resourceShareArn=_share(place, "prod"), principals=[account])


def _delete_the_share(place: Scene) -> None:
    place.admin("ram").delete_resource_share(resourceShareArn=_share(place, "prod"))


def _detach_the_fence(place: Scene) -> None:
    account = place.organization.accounts["test"]
    organizations = place.admin("organizations", "management")
    organizations.detach_policy(PolicyId=_fence(place, account), TargetId=account)


def _empty_the_fence(place: Scene) -> None:
    policy = _fence(place, place.organization.accounts["prod"])
    place.admin("organizations", "management").update_policy(PolicyId=policy, Content=json.dumps(HARMLESS))


@pytest.mark.parametrize(
    ("remove", "observed"),
    [
        (_take_the_card_out, "dev rw  test r  prod -"),
        (_take_the_account_out, "dev rw  test r  prod -"),
        (_delete_the_share, "dev rw  test r  prod -"),
        (_detach_the_fence, "dev rw  test rw  prod r"),
        (_empty_the_fence, "dev rw  test r  prod rw"),
    ],
)
def test_a_removal_is_seen_and_repaired(approved: Scene, remove: Callable[[Scene], Any], observed: str) -> None:
    removed = _does(approved, lambda: remove(approved))
    assert not removed.ok
    assert describe(removed.observed) == observed
    repaired = approved.does(incidents.by_hand(approved.hands))
    assert problems(repaired) == []
    assert describe(repaired.observed) == OPEN


def test_a_card_whose_approval_is_off_the_record_is_closed_until_it_is_back(approved: Scene) -> None:
    table = approved.organization.outputs["LedgerTable"]
    dynamodb = approved.admin("dynamodb")
    approvals = [item for item in approved.items() if item.get("status", {}).get("S") == "Approved" and "actor" in item]
    assert approvals
    for item in approvals:
        dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
    closed = approved.does(incidents.by_hand(approved.hands))
    assert not closed.ok
    assert describe(closed.observed) == "dev rw  test r  prod -"
    for item in approvals:
        dynamodb.put_item(TableName=table, Item=item)
    assert problems(approved.does(incidents.by_hand(approved.hands))) == []


def _does(place: Scene, act: Callable[[], Any]) -> StepResult:
    """Something that the expectation knows nothing of."""
    return place.does(Step("somebody removes something", act, place.hands.expected()))
