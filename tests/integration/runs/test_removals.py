"""What somebody takes away behind the system's back: the story's observations notice, and a manual run repairs it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from demo.card import faults
from demo.observers import describe
from demo.people import APPROVER
from demo.story import Step, StepResult
from tests.support.fixtures import CardEnvironment, card_environment, problems
from tests.support.shipped import reading_in_test

OPEN = "dev rw  test r  prod r"
HARMLESS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "s3:PutAccountPublicAccessBlock", "Resource": "*"}],
}


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardEnvironment]:
    """The card is Approved by an approver; every test leaves it so. Test only reads, as prod does."""
    settings = tmp_path_factory.mktemp("settings") / "governance.toml"
    settings.write_text(reading_in_test())
    with card_environment(settings) as opened:
        actions = opened.actions
        assert problems(opened.does(actions.creates("Draft"))) == []
        assert problems(opened.does(actions.fills_in("dev", "fills in the card"))) == []
        assert problems(opened.does(actions.sets("dev", "PendingReview"))) == []
        assert problems(opened.does(actions.sets(APPROVER, "Approved"))) == []
        yield opened


def _share(environment: CardEnvironment, stage: str) -> str:
    (arn,) = faults.shares_of(environment.admin("ram"), stage)
    return arn


def _fence(environment: CardEnvironment, account: str) -> str:
    organizations = environment.admin("organizations", "management")
    found = organizations.list_policies_for_target(TargetId=account, Filter="SERVICE_CONTROL_POLICY")["Policies"]
    (policy,) = [policy["Id"] for policy in found if policy["Name"].startswith("stagegate-")]
    return str(policy)


def _take_the_card_out(environment: CardEnvironment) -> None:
    environment.admin("ram").disassociate_resource_share(
        resourceShareArn=_share(environment, "prod"), resourceArns=[environment.actions.arn]
    )


def _take_the_account_out(environment: CardEnvironment) -> None:
    account = environment.organization.accounts["prod"]
    environment.admin("ram").disassociate_resource_share(
        resourceShareArn=_share(environment, "prod"), principals=[account]
    )


def _delete_the_share(environment: CardEnvironment) -> None:
    environment.admin("ram").delete_resource_share(resourceShareArn=_share(environment, "prod"))


def _detach_the_fence(environment: CardEnvironment) -> None:
    account = environment.organization.accounts["test"]
    organizations = environment.admin("organizations", "management")
    organizations.detach_policy(PolicyId=_fence(environment, account), TargetId=account)


def _empty_the_fence(environment: CardEnvironment) -> None:
    policy = _fence(environment, environment.organization.accounts["prod"])
    environment.admin("organizations", "management").update_policy(PolicyId=policy, Content=json.dumps(HARMLESS))


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
def test_a_removal_is_seen_and_repaired(
    approved: CardEnvironment, remove: Callable[[CardEnvironment], Any], observed: str
) -> None:
    removed = _does(approved, lambda: remove(approved))
    assert not removed.ok
    assert describe(removed.observed) == observed
    repaired = approved.does(faults.manual_run(approved.actions))
    assert problems(repaired) == []
    assert describe(repaired.observed) == OPEN


def test_a_card_whose_approval_is_off_the_record_is_closed_until_it_is_back(approved: CardEnvironment) -> None:
    table = approved.organization.outputs["LedgerTable"]
    dynamodb = approved.admin("dynamodb")
    approvals = [item for item in approved.items() if item.get("status", {}).get("S") == "Approved" and "actor" in item]
    assert approvals
    for item in approvals:
        dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
    closed = approved.does(faults.manual_run(approved.actions))
    assert not closed.ok
    assert describe(closed.observed) == "dev rw  test r  prod -"
    for item in approvals:
        dynamodb.put_item(TableName=table, Item=item)
    assert problems(approved.does(faults.manual_run(approved.actions))) == []


def _does(environment: CardEnvironment, act: Callable[[], Any]) -> StepResult:
    """Something that the expectation knows nothing of."""
    return environment.does(Step("somebody removes something", act, environment.actions.expected_access()))
