"""Resource shares, their associations and what they allow."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.kernel.clock import clock
from sandbox.kernel.paging import paging
from sandbox.kernel.wire import transport
from sandbox.services.ram.authorization import allowed_actions

CONSUMER, MANAGEMENT, OUTSIDER, OWNER = "222233334444", "999900001111", "888800001111", "111122223333"
CONTENT = json.dumps({"intended_uses": {"risk_rating": "High"}})
Refused = Callable[..., str]
SETTLED = 61.0  # more than the minute that the fixture sets


CARDS = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelCards"
EXPORT = f"{CARDS}AllowExport"
WRITE = {"sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions", "sagemaker:UpdateModelCard"}


@pytest.fixture
def share_arn(ram: Any, card_arn: str) -> str:
    """A settled share of the card with the consumer."""
    arn: str = ram.create_resource_share(
        name="dev",
        resourceArns=[card_arn],
        principals=[CONSUMER],
        permissionArns=[CARDS],
        allowExternalPrincipals=False,
        tags=[{"key": "stage", "value": "dev"}],
    )["resourceShare"]["resourceShareArn"]
    clock.advance(SETTLED)
    return arn


def statuses(ram: Any, kind: str, **filters: Any) -> list[tuple[str, str]]:
    found = ram.get_resource_share_associations(associationType=kind, **filters)["resourceShareAssociations"]
    return [(each["associatedEntity"], each["status"]) for each in found]


def allowed(card_arn: str, account: str = CONSUMER) -> frozenset[str]:
    return allowed_actions(card_arn, account, "us-east-1")


def test_access_opens_when_the_association_has_settled(ram: Any, card_arn: str) -> None:
    assert allowed(card_arn) == set()
    ram.create_resource_share(name="dev", resourceArns=[card_arn], principals=[CONSUMER])
    assert statuses(ram, "RESOURCE") == [(card_arn, "ASSOCIATING")]
    assert allowed(card_arn) == set()
    clock.advance(SETTLED)
    assert statuses(ram, "RESOURCE") == [(card_arn, "ASSOCIATED")]
    assert statuses(ram, "PRINCIPAL") == [(CONSUMER, "ASSOCIATED")]
    assert allowed(card_arn) == WRITE
    assert allowed(card_arn, OUTSIDER) == set()


def test_disassociating_closes_access_and_stays_listed(
    ram: Any, share_arn: str, card_arn: str, refused: Refused
) -> None:
    ram.disassociate_resource_share(resourceShareArn=share_arn, resourceArns=[card_arn])
    assert statuses(ram, "RESOURCE") == [(card_arn, "DISASSOCIATING")]
    assert allowed(card_arn) == set()
    back = {"resourceShareArn": share_arn, "resourceArns": [card_arn]}
    assert refused(ram.associate_resource_share, **back) == "InvalidStateTransitionException"
    clock.advance(SETTLED)
    assert statuses(ram, "RESOURCE") == [(card_arn, "DISASSOCIATED")]
    assert refused(ram.disassociate_resource_share, **back) == "UnknownResourceException"
    ram.associate_resource_share(**back)
    clock.advance(SETTLED)
    assert allowed(card_arn) == WRITE


def test_nothing_leaves_a_share_while_something_is_still_associating(
    ram: Any, owner: Any, share_arn: str, card_arn: str, refused: Refused
) -> None:
    other = owner.create_model_card(ModelCardName="other", Content=CONTENT, ModelCardStatus="Draft")["ModelCardArn"]
    ram.associate_resource_share(resourceShareArn=share_arn, resourceArns=[other])
    leave = {"resourceShareArn": share_arn, "resourceArns": [card_arn]}
    assert refused(ram.disassociate_resource_share, **leave) == "InvalidStateTransitionException"
    assert allowed(card_arn) == WRITE
    clock.advance(SETTLED)
    ram.disassociate_resource_share(**leave)
    assert allowed(card_arn) == set()
    assert allowed(other) == WRITE


def test_association_filters_are_applied(ram: Any, share_arn: str, card_arn: str, refused: Refused) -> None:
    second = ram.create_resource_share(name="test", resourceArns=[card_arn])["resourceShare"]["resourceShareArn"]
    assert statuses(ram, "RESOURCE", associationStatus="ASSOCIATED") == [(card_arn, "ASSOCIATED")]
    assert statuses(ram, "RESOURCE", resourceShareArns=[second]) == [(card_arn, "ASSOCIATING")]
    assert len(statuses(ram, "RESOURCE", resourceArn=card_arn)) == 2
    assert statuses(ram, "PRINCIPAL", principal=OUTSIDER) == []
    associations = ram.get_resource_share_associations
    assert refused(associations, associationType="PRINCIPAL", resourceArn=card_arn) == "InvalidParameterException"
    assert refused(associations, associationType="RESOURCE", principal=CONSUMER) == "InvalidParameterException"
    unknown = share_arn[:-4] + "0000"
    assert refused(associations, associationType="RESOURCE", resourceShareArns=[unknown]) == "UnknownResourceException"


def test_pages_and_an_empty_page_with_a_token(ram: Any, share_arn: str, card_arn: str, refused: Refused) -> None:
    ram.create_resource_share(name="test", resourceArns=[card_arn])
    query = {"associationType": "RESOURCE", "maxResults": 1}
    first = ram.get_resource_share_associations(**query)
    second = ram.get_resource_share_associations(**query, nextToken=first["nextToken"])
    assert len(first["resourceShareAssociations"]) == len(second["resourceShareAssociations"]) == 1
    assert "nextToken" not in second
    assert refused(ram.get_resource_share_associations, **query, nextToken="made up") == "InvalidNextTokenException"
    paging.empty_first_page = True
    empty = ram.get_resource_share_associations(associationType="RESOURCE")
    assert empty["resourceShareAssociations"] == []
    rest = ram.get_resource_share_associations(associationType="RESOURCE", nextToken=empty["nextToken"])
    assert len(rest["resourceShareAssociations"]) == 2


def test_a_client_token_replays_its_answer(ram: Any, card_arn: str, refused: Refused) -> None:
    request = {"name": "dev", "resourceArns": [card_arn], "clientToken": "t-1"}
    first, second = ram.create_resource_share(**request), ram.create_resource_share(**request)
    assert first["resourceShare"]["resourceShareArn"] == second["resourceShare"]["resourceShareArn"]
    assert first["clientToken"] == "t-1"
    assert len(ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]) == 1
    other = request | {"name": "test"}
    assert refused(ram.create_resource_share, **other) == "IdempotentParameterMismatchException"


def test_only_the_owner_of_an_existing_card_can_share_it(ram: Any, card_arn: str, refused: Refused) -> None:
    theirs = transport.client("ram", CONSUMER)
    create = {"name": "x", "resourceArns": [card_arn]}
    assert refused(theirs.create_resource_share, **create) == "OperationNotPermittedException"
    nothing = create | {"resourceArns": [card_arn.replace("churn", "nothing")]}
    assert refused(ram.create_resource_share, **nothing) == "UnknownResourceException"
    assert refused(ram.create_resource_share, **create | {"resourceArns": ["churn"]}) == "MalformedArnException"
    pipeline = f"arn:aws:sagemaker:us-east-1:{OWNER}:pipeline/p"
    assert refused(ram.create_resource_share, **create | {"resourceArns": [pipeline]}) == "NotInSandbox"
    assert ram.get_resource_shares(resourceOwner="SELF")["resourceShares"] == []


def test_principals_outside_the_organization_can_be_refused(ram: Any, card_arn: str, refused: Refused) -> None:
    inside = {"name": "x", "resourceArns": [card_arn], "principals": [OUTSIDER], "allowExternalPrincipals": False}
    assert refused(ram.create_resource_share, **inside) == "OperationNotPermittedException"
    assert refused(ram.create_resource_share, name="x", principals=["12345"]) == "InvalidParameterException"


def test_at_most_100_resources_per_call(ram: Any, card_arn: str, refused: Refused) -> None:
    many = [f"{card_arn}-{number}" for number in range(101)]
    assert refused(ram.create_resource_share, name="x", resourceArns=many) == "ResourceShareLimitExceededException"


def test_a_share_is_found_by_its_tag_name_permission_and_status(ram: Any, share_arn: str) -> None:
    ram.create_resource_share(name="other")

    def found(**filters: Any) -> list[str]:
        shares = ram.get_resource_shares(resourceOwner="SELF", **filters)["resourceShares"]
        return [share["name"] for share in shares]

    assert found(tagFilters=[{"tagKey": "stage", "tagValues": ["dev", "test"]}]) == ["dev"]
    assert found(tagFilters=[{"tagKey": "stage", "tagValues": ["prod"]}]) == []
    assert found(name="other") == ["other"]
    assert found(permissionArn=CARDS) == ["dev"]
    assert found(resourceShareArns=[share_arn]) == ["dev"]
    ram.tag_resource(resourceShareArn=share_arn, tags=[{"key": "stage", "value": "prod"}])
    assert found(tagFilters=[{"tagKey": "stage", "tagValues": ["prod"]}]) == ["dev"]
    ram.untag_resource(resourceShareArn=share_arn, tagKeys=["stage"])
    assert found(tagFilters=[{"tagKey": "stage"}]) == []
    ram.delete_resource_share(resourceShareArn=share_arn)
    assert found(resourceShareStatus="ACTIVE") == ["other"]
    assert found(resourceShareStatus="DELETING") == ["dev"]


def test_the_consumer_sees_what_is_shared_with_it(ram: Any, share_arn: str, card_arn: str) -> None:
    theirs = transport.client("ram", CONSUMER)
    shares = theirs.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    assert [(each["name"], each["owningAccountId"]) for each in shares] == [("dev", OWNER)]
    assert theirs.get_resource_shares(resourceOwner="SELF")["resourceShares"] == []
    resources = theirs.list_resources(resourceOwner="OTHER-ACCOUNTS", resourceType="sagemaker:modelcard")["resources"]
    assert [(each["arn"], each["type"]) for each in resources] == [(card_arn, "sagemaker:ModelCard")]
    assert [p["id"] for p in ram.list_principals(resourceOwner="SELF", resourceArn=card_arn)["principals"]] == [
        CONSUMER
    ]
    ram.disassociate_resource_share(resourceShareArn=share_arn, principals=[CONSUMER])
    assert theirs.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"] == []


def test_a_deleted_share_gives_nothing(ram: Any, share_arn: str, card_arn: str, refused: Refused) -> None:
    assert ram.delete_resource_share(resourceShareArn=share_arn)["returnValue"] is True
    assert allowed(card_arn) == set()
    assert refused(ram.delete_resource_share, resourceShareArn=share_arn) == "UnknownResourceException"
    clock.advance(SETTLED)
    assert ram.get_resource_shares(resourceOwner="SELF")["resourceShares"][0]["status"] == "DELETED"


def test_the_association_of_a_deleted_card_stays(ram: Any, owner: Any, share_arn: str, card_arn: str) -> None:
    owner.delete_model_card(ModelCardName="churn")
    clock.advance(SETTLED)
    assert statuses(ram, "RESOURCE") == [(card_arn, "ASSOCIATED")]
    ram.disassociate_resource_share(resourceShareArn=share_arn, resourceArns=[card_arn])
    clock.advance(SETTLED)
    assert statuses(ram, "RESOURCE") == [(card_arn, "DISASSOCIATED")]


def test_a_permission_is_replaced_only_when_asked_and_two_shares_add_up(
    ram: Any, share_arn: str, card_arn: str, refused: Refused
) -> None:
    wider = {"resourceShareArn": share_arn, "permissionArn": EXPORT}
    assert refused(ram.associate_resource_share_permission, **wider) == "OperationNotPermittedException"
    ram.associate_resource_share_permission(**wider, replace=True)
    listed = ram.list_resource_share_permissions(resourceShareArn=share_arn)["permissions"]
    assert [each["arn"] for each in listed] == [EXPORT]
    assert "sagemaker:CreateModelCardExportJob" in allowed(card_arn)
    assert refused(ram.disassociate_resource_share_permission, **wider) == "OperationNotPermittedException"
    ram.associate_resource_share_permission(resourceShareArn=share_arn, permissionArn=CARDS, replace=True)
    assert allowed(card_arn) == WRITE
    ram.create_resource_share(name="export", resourceArns=[card_arn], principals=[CONSUMER], permissionArns=[EXPORT])
    clock.advance(SETTLED)
    assert "sagemaker:CreateModelCardExportJob" in allowed(card_arn)
    both = {"name": "x", "permissionArns": [CARDS, EXPORT]}
    assert refused(ram.create_resource_share, **both) == "InvalidParameterException"


def test_the_permissions_of_model_cards_can_be_looked_up(ram: Any, refused: Refused) -> None:
    listed = ram.list_permissions(resourceType="sagemaker:ModelCard")["permissions"]
    assert {each["arn"]: each["isResourceTypeDefault"] for each in listed} == {CARDS: True, EXPORT: False}
    assert "sagemaker:UpdateModelCard" in ram.get_permission(permissionArn=CARDS)["permission"]["permission"]
    assert refused(ram.get_permission, permissionArn=CARDS + "ReadOnly") == "UnknownResourceException"


def test_a_role_or_the_organization_can_be_a_principal(ram: Any, card_arn: str) -> None:
    role = f"arn:aws:iam::{CONSUMER}:role/DataScientist"
    arn = ram.create_resource_share(name="role", resourceArns=[card_arn], principals=[role])["resourceShare"][
        "resourceShareArn"
    ]
    clock.advance(SETTLED)
    assert allowed(card_arn) == set()
    assert allowed_actions(card_arn, CONSUMER, "us-east-1", role) == WRITE
    whole = f"arn:aws:organizations::{MANAGEMENT}:organization/o-stagegate01"
    ram.associate_resource_share(resourceShareArn=arn, principals=[whole])
    clock.advance(SETTLED)
    assert allowed(card_arn) == WRITE
    assert allowed(card_arn, OUTSIDER) == set()


def test_what_ram_has_and_the_sandbox_does_not_is_refused_by_name(ram: Any, refused: Refused) -> None:
    assert refused(ram.list_permission_versions, permissionArn=CARDS) == "NotInSandbox"
    assert refused(ram.create_resource_share, name="x", sources=[OWNER]) == "NotInSandbox"
