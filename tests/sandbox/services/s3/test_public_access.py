"""A public access block lets no other account in beside a public policy, and takes none."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.services.s3.public_access import is_public
from tests.sandbox.services.s3.buckets import ACCOUNT, KEY, OBJECTS, put, reading
from tests.support.authorization import CONSUMER, OWNER, as_role, code_of, document, make_role, may

pytestmark = pytest.mark.usefixtures("guarded")

EVERYBODY = {"AWS": "*"}


def public(**more: Any) -> dict[str, Any]:
    return may("s3:GetObject", "arn:aws:s3:::artifacts/open/*", **{"Principal": "*", **more})


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (public(), True),
        (public(Principal=EVERYBODY), True),
        (public(Principal={"AWS": ["*", f"arn:aws:iam::{CONSUMER}:root"]}), True),
        (public(Principal=ACCOUNT), False),
        (public(Principal={"Service": "cloudfront.amazonaws.com"}), False),
        (public(effect="Deny"), False),
        (public(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-stagegate01"}}), False),
        (public(Condition={"StringLike": {"aws:PrincipalOrgID": "o-*"}}), True),
        (public(Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-stagegate01"}}), True),
        (public(Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-stagegate01"}}), True),
        (public(Condition={"StringEquals": {"aws:SourceVpce": ["vpce-1a2b3c4d", "vpce-*"]}}), True),
        (public(Condition={"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{CONSUMER}:role/A"}}), False),
        (public(Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{CONSUMER}:role/*"}}), True),
        (public(Condition={"StringEquals": {"aws:userid": "${aws:username}"}}), True),
        (public(Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), False),
        (public(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), True),
        (public(Condition={"Bool": {"aws:SecureTransport": "true"}}), True),
    ],
)
def test_what_is_public(statement: dict[str, Any], *, expected: bool) -> None:
    assert is_public(document(reading(), statement)) is expected


def test_other_accounts_are_kept_out_beside_a_public_policy(s3: Any, reader: Any) -> None:
    object_ = {"Bucket": "artifacts", "Key": KEY}
    own = as_role("s3", make_role(OWNER, "Own", may("s3:*")))
    put(s3, reading(), public())
    assert code_of(reader.get_object, **object_) == ""
    s3.put_public_access_block(
        Bucket="artifacts", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True, "BlockPublicPolicy": False}
    )
    assert (code_of(reader.get_object, **object_), code_of(own.get_object, **object_)) == ("AccessDenied", "")
    put(s3, reading())
    assert code_of(reader.get_object, **object_) == "", "the policy isn't public any more"


def test_a_public_policy_is_not_taken(s3: Any, reader: Any) -> None:
    s3.put_public_access_block(Bucket="artifacts", PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    refused = code_of(s3.put_bucket_policy, Bucket="artifacts", Policy=document(reading(), public()))
    assert refused == "AccessDenied"
    put(s3, may("s3:GetObject", OBJECTS, Principal=ACCOUNT))
    assert code_of(reader.get_object, Bucket="artifacts", Key=KEY) == ""
