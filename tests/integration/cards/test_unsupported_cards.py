"""Cards that can't be shared yet: each stays closed, and the approvers hear why."""

import json
from collections.abc import Iterator

import pytest

from sandbox.stagegate.organization import Organization
from tests.support.fixtures import SHIPPED, card_environment

CONTENT = json.dumps({"model_overview": {"model_description": "churn"}})


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    with card_environment(SHIPPED) as opened:
        yield opened.organization


def heard(organization: Organization, code: str) -> list[str]:
    return [message.text for message in organization.outbox if f"[block] {code}: " in message.text]


def test_a_card_that_a_member_owns_is_left_alone_and_told_once(organization: Organization) -> None:
    organization.admin("sagemaker", "dev").create_model_card(
        ModelCardName="elsewhere", Content=CONTENT, ModelCardStatus="Draft"
    )
    assert organization.settle(30)
    assert heard(organization, "MemberOwnedCard") == [], "members forward nothing about cards of their own"
    for _ in range(2):
        organization.client("stepfunctions", "governance").start_execution(
            stateMachineArn=organization.outputs["GovernStateMachine"],
            input=json.dumps(
                {"subject": f"arn:aws:sagemaker:us-east-1:{organization.accounts['dev']}:model-card/elsewhere"}
            ),
        )
        assert organization.settle(30)
    assert all(run.status == "SUCCEEDED" for run in organization.executions())
    (text,) = heard(organization, "MemberOwnedCard")
    assert organization.accounts["dev"] in text
    assert organization.admin("ram", "dev").get_resource_shares(resourceOwner="SELF")["resourceShares"] == []


def test_a_members_own_card_is_nobodys_business_even_where_the_member_forwards_it(organization: Organization) -> None:
    account, governance = organization.accounts["dev"], organization.accounts["governance"]
    events, before = organization.admin("events", "dev"), len(organization.executions())
    pattern = {"source": ["aws.sagemaker"], "detail": {"eventName": ["CreateModelCard"]}}
    events.put_rule(Name="everything", EventPattern=json.dumps(pattern))
    bus = f"arn:aws:events:us-east-1:{governance}:event-bus/stagegate-members"
    role = f"arn:aws:iam::{account}:role/stagegate-member-forward"
    events.put_targets(Rule="everything", Targets=[{"Id": "bus", "Arn": bus, "RoleArn": role}])
    organization.client("sagemaker", "dev", role="Administrator").create_model_card(
        ModelCardName="flood", Content=CONTENT, ModelCardStatus="Draft"
    )
    assert organization.settle(30)
    assert len(organization.executions()) == before
