"""Service control policies and the delegation policy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.kernel.clock import clock
from sandbox.kernel.wire import transport
from sandbox.services import organizations

CONSUMER, MANAGEMENT, OUTSIDER, OWNER = "222233334444", "999900001111", "888800001111", "111122223333"
Refused = Callable[..., str]


DENY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Fence", "Effect": "Deny", "Action": "sagemaker:UpdateModelCard", "Resource": "*"}],
    }
)
SCP = "SERVICE_CONTROL_POLICY"


@pytest.fixture
def org() -> Any:
    """Organizations, called from a member: the backend shows every member the one store."""
    return transport.client("organizations", OWNER)


@pytest.fixture
def policy_id(org: Any) -> str:
    """A policy that is attached to nothing."""
    created = org.create_policy(
        Name="fence", Description="d", Type=SCP, Content=DENY, Tags=[{"Key": "stagegate", "Value": "fence"}]
    )
    made: str = created["Policy"]["PolicySummary"]["Id"]
    return made


def attached(org: Any, target: str) -> list[str]:
    return [each["Name"] for each in org.list_policies_for_target(TargetId=target, Filter=SCP)["Policies"]]


def test_the_organization_has_the_given_ids(org: Any, refused: Refused) -> None:
    seen = org.describe_organization()["Organization"]
    assert (seen["Id"], seen["MasterAccountId"]) == ("o-stagegate01", MANAGEMENT)
    assert {each["Id"] for each in org.list_accounts()["Accounts"]} == {MANAGEMENT, OWNER, CONSUMER}
    assert organizations.organization_id() == "o-stagegate01"
    assert organizations.in_organization(CONSUMER)
    assert not organizations.in_organization(OUTSIDER)
    stranger = transport.client("organizations", OUTSIDER)
    assert refused(stranger.describe_organization) == "AWSOrganizationsNotInUseException"


def test_an_attached_policy_applies_to_its_account_only(org: Any, policy_id: str) -> None:
    assert DENY not in organizations.scps_for(CONSUMER)
    org.attach_policy(PolicyId=policy_id, TargetId=CONSUMER)
    assert DENY in organizations.scps_for(CONSUMER)
    assert DENY not in organizations.scps_for(OWNER)
    assert attached(org, CONSUMER) == ["FullAWSAccess", "fence"]
    targets = org.list_targets_for_policy(PolicyId=policy_id)["Targets"]
    assert [(each["TargetId"], each["Type"]) for each in targets] == [(CONSUMER, "ACCOUNT")]
    org.detach_policy(PolicyId=policy_id, TargetId=CONSUMER)
    assert DENY not in organizations.scps_for(CONSUMER)


def test_the_roots_policies_reach_every_member_and_never_the_management_account(org: Any, policy_id: str) -> None:
    root = org.list_roots()["Roots"][0]["Id"]
    org.attach_policy(PolicyId=policy_id, TargetId=root)
    assert DENY in organizations.scps_for(CONSUMER)
    assert DENY in organizations.scps_for(OWNER)
    assert organizations.scps_for(MANAGEMENT) == []
    assert organizations.scps_for(OUTSIDER) == []
    root_level, account_level = organizations.scp_levels(CONSUMER)
    assert DENY in root_level
    assert DENY not in account_level
    assert len(account_level) == 1


def test_an_update_applies_where_the_policy_is_attached(org: Any, policy_id: str) -> None:
    org.attach_policy(PolicyId=policy_id, TargetId=CONSUMER)
    changed = DENY.replace('"*"', '"arn:aws:sagemaker:*:*:model-card/*"')
    assert org.update_policy(PolicyId=policy_id, Content=changed)["Policy"]["Content"] == changed
    assert changed in organizations.scps_for(CONSUMER)
    assert org.describe_policy(PolicyId=policy_id)["Policy"]["PolicySummary"]["Name"] == "fence"


def test_the_documented_refusals(org: Any, policy_id: str, refused: Refused) -> None:
    create = {"Name": "fence", "Description": "d", "Type": SCP, "Content": DENY}
    assert refused(org.create_policy, **create) == "DuplicatePolicyException"
    on = {"PolicyId": policy_id, "TargetId": CONSUMER}
    assert refused(org.detach_policy, **on) == "PolicyNotAttachedException"
    org.attach_policy(**on)
    assert refused(org.attach_policy, **on) == "DuplicatePolicyAttachmentException"
    assert refused(org.delete_policy, PolicyId=policy_id) == "PolicyInUseException"
    assert refused(org.describe_policy, PolicyId="p-0123456789") == "PolicyNotFoundException"
    assert refused(org.attach_policy, PolicyId=policy_id, TargetId=OUTSIDER) == "TargetNotFoundException"
    assert refused(org.delete_policy, PolicyId="p-FullAWSAccess") == "InvalidInputException"
    org.detach_policy(PolicyId="p-FullAWSAccess", TargetId=CONSUMER)
    assert refused(org.detach_policy, **on) == "ConstraintViolationException"


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        json.dumps({"Version": "2012-10-17", "Statement": []}),
        DENY.replace("Resource", "Principal"),
        DENY.replace("Deny", "Forbid"),
    ],
)
def test_a_malformed_document_is_refused(org: Any, refused: Refused, document: str) -> None:
    create = {"Name": "n", "Description": "d", "Type": SCP, "Content": document}
    assert refused(org.create_policy, **create) == "MalformedPolicyDocumentException"


def test_size_and_number_of_policies_are_limited(org: Any, policy_id: str) -> None:
    fits, too_long = DENY + " " * (5120 - len(DENY)), DENY + " " * (5121 - len(DENY))
    org.update_policy(PolicyId=policy_id, Content=fits)
    with pytest.raises(org.exceptions.ConstraintViolationException) as size:
        org.update_policy(PolicyId=policy_id, Content=too_long)
    assert size.value.response["Reason"] == "POLICY_CONTENT_LIMIT_EXCEEDED"
    for number in range(4):
        made = org.create_policy(Name=f"p{number}", Description="", Type=SCP, Content=DENY)["Policy"]["PolicySummary"]
        org.attach_policy(PolicyId=made["Id"], TargetId=CONSUMER)
    with pytest.raises(org.exceptions.ConstraintViolationException) as number_of:
        org.attach_policy(PolicyId=policy_id, TargetId=CONSUMER)
    assert number_of.value.response["Reason"] == "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"


def test_policies_are_listed_in_pages_with_their_tags(org: Any, policy_id: str) -> None:
    first = org.list_policies(Filter=SCP, MaxResults=1)
    second = org.list_policies(Filter=SCP, MaxResults=1, NextToken=first["NextToken"])
    assert [each["Name"] for page in (first, second) for each in page["Policies"]] == ["FullAWSAccess", "fence"]
    assert org.list_tags_for_resource(ResourceId=policy_id)["Tags"] == [{"Key": "stagegate", "Value": "fence"}]
    org.tag_resource(ResourceId=policy_id, Tags=[{"Key": "stage", "Value": "prod"}])
    org.untag_resource(ResourceId=policy_id, TagKeys=["stagegate"])
    assert org.list_tags_for_resource(ResourceId=policy_id)["Tags"] == [{"Key": "stage", "Value": "prod"}]


def test_the_delegation_policy_is_put_whole_and_read_by_authorization(refused: Refused) -> None:
    management = transport.client("organizations", MANAGEMENT)
    assert refused(management.describe_resource_policy) == "ResourcePolicyNotFoundException"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"},
        "Action": "organizations:AttachPolicy",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    put = management.put_resource_policy(Content=policy)["ResourcePolicy"]
    assert (
        organizations.delegation_policy()
        == policy
        == management.describe_resource_policy()["ResourcePolicy"]["Content"]
    )
    assert management.put_resource_policy(Content=policy)["ResourcePolicy"] == put
    del statement["Principal"]
    assert (
        refused(management.put_resource_policy, Content=json.dumps({"Statement": statement})) == "InvalidInputException"
    )
    management.delete_resource_policy()
    assert organizations.delegation_policy() is None


def test_other_policy_types_and_operations_are_refused_by_name(org: Any) -> None:
    with pytest.raises(org.exceptions.ClientError, match="TAG_POLICY of organizations:ListPolicies"):
        org.list_policies(Filter="TAG_POLICY")
    with pytest.raises(
        org.exceptions.ClientError, match="organizations:ListHandshakesForAccount is not part of the sandbox"
    ):
        org.list_handshakes_for_account()


def test_an_account_that_has_left_is_as_unknown_as_a_stranger(org: Any, policy_id: str, refused: Refused) -> None:
    org.attach_policy(PolicyId=policy_id, TargetId=CONSUMER)
    assert org.describe_account(AccountId=CONSUMER)["Account"]["State"] == "ACTIVE"
    org.remove_account_from_organization(AccountId=CONSUMER)
    for account in (CONSUMER, OUTSIDER):
        assert refused(org.describe_account, AccountId=account) == "AccountNotFoundException"
        assert refused(org.remove_account_from_organization, AccountId=account) == "AccountNotFoundException"
    assert not organizations.in_organization(CONSUMER)
    assert organizations.scps_for(CONSUMER) == []
    assert org.list_targets_for_policy(PolicyId=policy_id)["Targets"] == []
    said = refused(org.remove_account_from_organization, AccountId=MANAGEMENT)
    assert said == "MasterCannotLeaveOrganizationException"


def test_a_closed_account_goes_on_being_described(org: Any, refused: Refused) -> None:
    def states() -> tuple[str, str]:
        account = org.describe_account(AccountId=CONSUMER)["Account"]
        return account["State"], account["Status"]

    org.close_account(AccountId=CONSUMER)
    assert states() == ("PENDING_CLOSURE", "PENDING_CLOSURE")
    clock.sleep(300)
    assert states() == ("CLOSED", "SUSPENDED")
    assert refused(org.close_account, AccountId=CONSUMER) == "AccountAlreadyClosedException"
    assert refused(org.close_account, AccountId=MANAGEMENT) == "ConstraintViolationException"
