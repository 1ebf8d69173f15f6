"""Invitations are needed outside the organization, and only there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.kernel.clock import clock
from sandbox.kernel.wire import transport
from sandbox.services import organizations
from sandbox.services.ram.authorization import allowed_actions

CONSUMER, MANAGEMENT, OUTSIDER, OWNER = "222233334444", "999900001111", "888800001111", "111122223333"
Refused = Callable[..., str]
SETTLED = 61.0  # more than the minute that the fixture sets


HOUR = 3600.0


@pytest.fixture
def outsider() -> Any:
    """RAM in an account outside the organization."""
    return transport.client("ram", OUTSIDER)


@pytest.fixture
def share_arn(ram: Any, card_arn: str) -> str:
    """A share with the outsider, who has not answered yet."""
    share = ram.create_resource_share(name="out", resourceArns=[card_arn], principals=[OUTSIDER])["resourceShare"]
    clock.advance(SETTLED)
    arn: str = share["resourceShareArn"]
    return arn


def received(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get_resource_share_invitations()["resourceShareInvitations"]
    return found


def principal_status(ram: Any) -> str:
    found = ram.get_resource_share_associations(associationType="PRINCIPAL")["resourceShareAssociations"]
    return str(found[0]["status"])


def test_access_waits_for_the_invitation_to_be_accepted(
    ram: Any, outsider: Any, share_arn: str, card_arn: str, refused: Refused
) -> None:
    (invitation,) = received(outsider)
    assert (invitation["status"], invitation["senderAccountId"]) == ("PENDING", OWNER)
    assert invitation["resourceShareArn"] == share_arn
    assert principal_status(ram) == "ASSOCIATING"
    assert allowed_actions(card_arn, OUTSIDER, "us-east-1") == set()
    answer = {"resourceShareInvitationArn": invitation["resourceShareInvitationArn"]}
    assert refused(ram.accept_resource_share_invitation, **answer) == "ResourceShareInvitationArnNotFoundException"
    accepted = outsider.accept_resource_share_invitation(**answer)["resourceShareInvitation"]
    assert accepted["status"] == "ACCEPTED"
    assert principal_status(ram) == "ASSOCIATING"
    clock.advance(SETTLED)
    assert principal_status(ram) == "ASSOCIATED"
    assert "sagemaker:DescribeModelCard" in allowed_actions(card_arn, OUTSIDER, "us-east-1")
    again = refused(outsider.accept_resource_share_invitation, **answer)
    assert again == "ResourceShareInvitationAlreadyAcceptedException"


def test_a_rejected_invitation_ends_the_association(
    ram: Any, outsider: Any, share_arn: str, card_arn: str, refused: Refused
) -> None:
    answer = {"resourceShareInvitationArn": received(outsider)[0]["resourceShareInvitationArn"]}
    outsider.reject_resource_share_invitation(**answer)
    assert principal_status(ram) == "DISASSOCIATED"
    again = refused(outsider.accept_resource_share_invitation, **answer)
    assert again == "ResourceShareInvitationAlreadyRejectedException"


def test_an_invitation_expires_after_12_hours_and_can_be_made_again(
    ram: Any, outsider: Any, share_arn: str, card_arn: str, refused: Refused
) -> None:
    answer = {"resourceShareInvitationArn": received(outsider)[0]["resourceShareInvitationArn"]}
    clock.advance(12 * HOUR - 2 * SETTLED)
    assert received(outsider)[0]["status"] == "PENDING"
    clock.advance(2 * SETTLED)
    assert received(outsider)[0]["status"] == "EXPIRED"
    assert principal_status(ram) == "DISASSOCIATED"
    late = refused(outsider.accept_resource_share_invitation, **answer)
    assert late == "ResourceShareInvitationExpiredException"
    ram.associate_resource_share(resourceShareArn=share_arn, principals=[OUTSIDER])
    assert [each["status"] for each in received(outsider)] == ["PENDING"]


def test_an_unanswered_invitation_can_be_taken_back(ram: Any, outsider: Any, share_arn: str) -> None:
    ram.disassociate_resource_share(resourceShareArn=share_arn, principals=[OUTSIDER])
    clock.advance(SETTLED)
    assert principal_status(ram) == "DISASSOCIATED"
    assert received(outsider) == []


def test_members_need_no_invitation_once_sharing_is_on(ram: Any, card_arn: str, refused: Refused) -> None:
    organizations.build("o-stagegate01", MANAGEMENT, {OWNER: "governance", CONSUMER: "dev"}, sharing=False)
    member = transport.client("ram", CONSUMER)
    ram.create_resource_share(name="before", resourceArns=[card_arn], principals=[CONSUMER])
    assert [each["resourceShareName"] for each in received(member)] == ["before"]
    assert refused(member.enable_sharing_with_aws_organization) == "OperationNotPermittedException"
    assert transport.client("ram", MANAGEMENT).enable_sharing_with_aws_organization()["returnValue"] is True
    ram.create_resource_share(name="after", resourceArns=[card_arn], principals=[CONSUMER])
    assert [each["resourceShareName"] for each in received(member)] == ["before"]
