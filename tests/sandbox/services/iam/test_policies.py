"""Managed policies as boundaries: whose they are, and that one in use stays."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.kernel.wire.transport import client
from tests.sandbox.services.conftest import Refused
from tests.support.authorization import CONSUMER, document, make_role, may

BOUNDARY = {"EntityFilter": "Role", "PolicyUsageFilter": "PermissionsBoundary"}


@pytest.fixture
def iam(guarded: None) -> Any:
    """IAM of an account without anything."""
    return client("iam", CONSUMER)


def make(iam: Any, name: str) -> str:
    return str(iam.create_policy(PolicyName=name, Path="/p/", PolicyDocument=document(may("*")))["Policy"]["Arn"])


def test_a_policy_knows_whose_boundary_it_is(iam: Any) -> None:
    one, other = make(iam, "one"), make(iam, "other")
    for name, arn in (("A", one), ("B", one), ("C", other)):
        make_role(CONSUMER, name, path="/deep/")
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=arn)
    make_role(CONSUMER, "D")
    iam.attach_role_policy(RoleName="D", PolicyArn=one)
    found = iam.list_entities_for_policy(PolicyArn=one, **BOUNDARY)
    assert [role["RoleName"] for role in found["PolicyRoles"]] == ["A", "B"]


def test_only_what_the_product_asks_is_answered(iam: Any, refused: Refused) -> None:
    arn = make(iam, "one")
    assert refused(iam.list_entities_for_policy, PolicyArn=arn) == "NotInSandbox"
    assert refused(iam.list_entities_for_policy, PolicyArn=f"{arn}2", **BOUNDARY) == "NoSuchEntity"


def test_a_policy_in_use_can_t_be_deleted(iam: Any, refused: Refused) -> None:
    arn = make(iam, "one")
    make_role(CONSUMER, "A")
    iam.put_role_permissions_boundary(RoleName="A", PermissionsBoundary=arn)
    assert refused(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    iam.delete_role_permissions_boundary(RoleName="A")
    iam.attach_role_policy(RoleName="A", PolicyArn=arn)
    assert refused(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    iam.detach_role_policy(RoleName="A", PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(may("s3:*")), SetAsDefault=True)
    assert refused(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)
    assert refused(iam.get_policy, PolicyArn=arn) == "NoSuchEntity"
