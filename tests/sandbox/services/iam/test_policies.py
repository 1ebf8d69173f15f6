"""Managed policies as boundaries: whose they are, and that one in use stays."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.kernel.identity import session
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


def test_the_policies_in_a_role_have_a_size_together(iam: Any, refused: Refused) -> None:
    make_role(CONSUMER, "A")
    half = document(may("s3:GetObject", "arn:aws:s3:::" + "b" * 5_000))
    iam.put_role_policy(RoleName="A", PolicyName="one", PolicyDocument=half)
    iam.put_role_policy(RoleName="A", PolicyName="one", PolicyDocument=half)
    iam.put_role_policy(RoleName="A", PolicyName="two", PolicyDocument=half + " " * 9_000)
    more = document(may("s3:GetObject"))
    assert refused(iam.put_role_policy, RoleName="A", PolicyName="three", PolicyDocument=more) == "LimitExceeded"


def test_a_managed_policy_has_a_size_and_a_role_has_ten(iam: Any, refused: Refused) -> None:
    large = document(may("s3:GetObject", "arn:aws:s3:::" + "b" * 6_144))
    assert refused(iam.create_policy, PolicyName="large", PolicyDocument=large) == "LimitExceeded"
    first = make(iam, "0")
    assert refused(iam.create_policy_version, PolicyArn=first, PolicyDocument=large) == "LimitExceeded"
    make_role(CONSUMER, "A")
    for arn in (first, *(make(iam, str(number)) for number in range(1, 10)), first):
        iam.attach_role_policy(RoleName="A", PolicyArn=arn)
    assert refused(iam.attach_role_policy, RoleName="A", PolicyArn=make(iam, "10")) == "LimitExceeded"


def test_making_a_role_with_tags_needs_tag_role(iam: Any, refused: Refused) -> None:
    make_role(CONSUMER, "Maker", may("iam:CreateRole"))
    make_role(CONSUMER, "Tagger", may("iam:CreateRole"), may("iam:TagRole"))
    made = {"AssumeRolePolicyDocument": document(may("sts:AssumeRole")), "Tags": [{"Key": "owner", "Value": "x"}]}
    maker, tagger = (
        client("iam", CONSUMER, session(f"arn:aws:iam::{CONSUMER}:role/{name}", "x")) for name in ("Maker", "Tagger")
    )
    assert refused(maker.create_role, RoleName="new", **made) == "AccessDenied"
    tagger.create_role(RoleName="new", **made)
    assert iam.list_role_tags(RoleName="new")["Tags"] == made["Tags"]
