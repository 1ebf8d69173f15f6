"""Buckets behave as S3 documents them: policies, versions, and who gets in."""

from __future__ import annotations

from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from sandbox.kernel import identity
from sandbox.kernel.stale_reads import stale_reads
from sandbox.kernel.wire.transport import client
from tests.sandbox.services.s3.buckets import ACCOUNT, BUCKET, KEY, OBJECTS, put, reading, shown
from tests.support.authorization import (
    CONSUMER,
    OWNER,
    allow,
    as_role,
    code_of,
    document,
    make_role,
    may,
    message_of,
    over_http,
)

pytestmark = pytest.mark.usefixtures("guarded")

FAILED = ("AccessDenied", "403")


def test_another_account_reads_what_the_policy_opens(s3: Any, reader: Any) -> None:
    object_ = {"Bucket": "artifacts", "Key": KEY}
    for call, arguments in (
        (reader.get_object, object_),
        (reader.head_object, object_),
        (reader.list_objects_v2, {"Bucket": "artifacts", "Prefix": "churn/"}),
    ):
        assert code_of(call, **arguments) in FAILED
    listing = may("s3:ListBucket", BUCKET, Principal=ACCOUNT, Condition={"StringLike": {"s3:prefix": "churn/*"}})
    put(s3, reading(), listing)
    assert reader.get_object(**object_)["Body"].read() == b"weights"
    assert reader.head_object(**object_)["ContentLength"] == 7
    assert reader.list_objects_v2(Bucket="artifacts", Prefix="churn/")["KeyCount"] == 1
    assert code_of(reader.list_objects_v2, Bucket="artifacts", Prefix="other/") == "AccessDenied"
    assert code_of(reader.get_object, Bucket="artifacts", Key="churn") == "AccessDenied"
    assert code_of(reader.put_object, **object_, Body=b"x") == "AccessDenied"
    s3.delete_bucket_policy(Bucket="artifacts")
    assert code_of(reader.get_object, **object_) == "AccessDenied"


def test_a_version_is_read_with_its_own_action(s3: Any, reader: Any) -> None:
    first = s3.head_object(Bucket="artifacts", Key=KEY)
    second = s3.put_object(Bucket="artifacts", Key=KEY, Body=b"other")
    assert first["VersionId"] != second["VersionId"]
    assert first["ETag"] != second["ETag"]
    old = {"Bucket": "artifacts", "Key": KEY, "VersionId": first["VersionId"]}
    put(s3, reading())
    assert code_of(reader.get_object, **old) == "AccessDenied"
    only = {"StringEquals": {"s3:VersionId": first["VersionId"]}}
    put(s3, may("s3:GetObjectVersion", OBJECTS, Principal=ACCOUNT, Condition=only))
    assert reader.get_object(**old)["Body"].read() == b"weights"
    assert code_of(reader.get_object, **old | {"VersionId": second["VersionId"]}) == "AccessDenied"


def test_an_identity_allow_is_enough_in_the_own_account_until_the_bucket_denies(s3: Any) -> None:
    own = as_role("s3", make_role(OWNER, "Trainer", may("s3:GetObject")))
    assert code_of(own.get_object, Bucket="artifacts", Key=KEY) == ""
    condition = {"StringNotEquals": {"aws:PrincipalAccount": CONSUMER}}
    deny = may("s3:GetObject", OBJECTS, effect="Deny", Principal="*", Condition=condition)
    put(s3, deny, reading())
    assert "explicit deny" in message_of(own.get_object, Bucket="artifacts", Key=KEY)
    assert code_of(client("s3", OWNER).get_object, Bucket="artifacts", Key=KEY) == ""


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (" {}", "first byte"),
        ("{", "not JSON"),
        ("{}", "Statement is missing"),
        (document(may("s3:GetObject", OBJECTS)), "Principal is missing"),
        (document(may("s3:GetObjct", OBJECTS, Principal="*")), "invalid action: s3:GetObjct"),
        (document(may("ec2:*", OBJECTS, Principal="*")), "invalid action"),
        (document(may("s3:GetObject", "arn:aws:s3:::another/*", Principal="*")), "invalid resource"),
        (document(may("s3:GetObject", "arn:aws:s3:::artifacts-2", Principal="*")), "invalid resource"),
        (document(may(["s3:GetObject", "s3:ListBucket"], OBJECTS, Principal="*")), "does not apply .*ListBucket"),
        (document(may("s3:GetObject", BUCKET, Principal="*")), "does not apply"),
        (document(reading() | {"Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:role/Nobody"}}), "Invalid principal"),
        (document(reading() | {"Principal": {"AWS": "AROAEXAMPLEEXAMPLE123"}}), "Invalid principal"),
        (document(reading() | {"Principal": {"AWS": "AIDAEXAMPLEEXAMPLE123"}}), "Invalid principal"),
        (document(reading(Sid="x" * 20_480)), "maximum allowed document size"),
    ],
)
def test_a_bad_policy_is_refused_and_the_one_before_stays(s3: Any, policy: str, told: str) -> None:
    put(s3, reading())
    with pytest.raises(s3.exceptions.ClientError, match=told) as caught:
        s3.put_bucket_policy(Bucket="artifacts", Policy=policy)
    assert caught.value.response["Error"]["Code"] == "MalformedPolicy"
    assert len(shown(s3)) == 1


def test_the_size_limit_is_reached_but_not_passed(s3: Any) -> None:
    padding = 20_480 - len(document(reading(Sid="")).encode())
    put(s3, reading(Sid="x" * padding))
    policy = document(reading(Sid="x" * (padding + 1)))
    assert code_of(s3.put_bucket_policy, Bucket="artifacts", Policy=policy) == "MalformedPolicy"


def test_a_policy_comes_back_in_s3_s_own_form(s3: Any) -> None:
    roles = [make_role(CONSUMER, name) for name in ("B", "A", "C")]
    given = may(["s3:GetObject"], [OBJECTS], Principal={"AWS": [*roles, CONSUMER]})
    given["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": ["o-stagegate01"]}}
    put(s3, given, reading() | {"Principal": {"AWS": [roles[0]]}})
    first, second = shown(s3)
    assert (first["Action"], first["Resource"]) == ("s3:GetObject", OBJECTS)
    assert first["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-stagegate01"}}
    assert sorted(first["Principal"]["AWS"]) == sorted([*roles, ACCOUNT["AWS"]])
    assert second["Principal"] == {"AWS": roles[0]}


def test_a_deleted_role_shows_as_its_id_and_the_policy_can_not_be_put_again(s3: Any) -> None:
    role = make_role(CONSUMER, "Serving", may("s3:GetObject"))
    reader = client("s3", CONSUMER, identity.session(role, "s"))
    put(s3, reading() | {"Principal": {"AWS": role}})
    assert code_of(reader.get_object, Bucket="artifacts", Key=KEY) == ""
    iam = client("iam", CONSUMER)
    unique_id = iam.get_role(RoleName="Serving")["Role"]["RoleId"]
    iam.delete_role_policy(RoleName="Serving", PolicyName="P")
    iam.delete_role(RoleName="Serving")
    assert shown(s3)[0]["Principal"] == {"AWS": unique_id}
    assert "Invalid principal" in message_of(s3.put_bucket_policy, Bucket="artifacts", Policy=document(*shown(s3)))
    make_role(CONSUMER, "Serving", may("s3:GetObject"))
    assert shown(s3)[0]["Principal"] == {"AWS": unique_id}
    assert code_of(reader.get_object, Bucket="artifacts", Key=KEY) == "AccessDenied"


def test_a_missing_policy_is_told_and_goes_with_its_bucket(s3: Any) -> None:
    assert code_of(s3.get_bucket_policy, Bucket="artifacts") == "NoSuchBucketPolicy"
    s3.delete_bucket_policy(Bucket="artifacts")
    s3.create_bucket(Bucket="empty")
    s3.put_bucket_policy(Bucket="empty", Policy=document(may("s3:ListBucket", "arn:aws:s3:::empty", Principal=ACCOUNT)))
    s3.delete_bucket(Bucket="empty")
    s3.create_bucket(Bucket="empty")
    assert code_of(s3.get_bucket_policy, Bucket="empty") == "NoSuchBucketPolicy"


def test_the_policy_of_another_account_s_bucket_is_its_own(s3: Any) -> None:
    editor = as_role("s3", make_role(CONSUMER, "Editor", may("s3:*")))
    policy = document(reading())
    assert code_of(editor.put_bucket_policy, Bucket="artifacts", Policy=policy) == "AccessDenied"
    put(s3, may(["s3:PutBucketPolicy", "s3:GetBucketPolicy"], BUCKET, Principal=ACCOUNT))
    assert code_of(editor.put_bucket_policy, Bucket="artifacts", Policy=policy) == ""
    assert shown(s3) == [reading()]


def test_an_expected_owner_is_checked(s3: Any) -> None:
    put(s3, reading())
    assert code_of(s3.get_bucket_policy, Bucket="artifacts", ExpectedBucketOwner=OWNER) == ""
    assert code_of(s3.get_bucket_policy, Bucket="artifacts", ExpectedBucketOwner=CONSUMER) == "AccessDenied"
    policy = {"Bucket": "artifacts", "Policy": document(reading(Sid="Changed"))}
    assert code_of(s3.put_bucket_policy, **policy, ExpectedBucketOwner=CONSUMER) == "AccessDenied"
    assert shown(s3) == [reading()]
    assert code_of(s3.get_object, Bucket="artifacts", Key=KEY, ExpectedBucketOwner=CONSUMER) == "AccessDenied"


def test_a_read_can_be_behind_the_last_write(s3: Any) -> None:
    put(s3, reading(Sid="First"))
    put(s3, reading(Sid="Second"))
    stale_reads.plan(BUCKET, reads=2)
    assert [shown(s3)[0]["Sid"] for _ in range(3)] == ["First", "First", "Second"]


def test_versions_are_listed_without_a_permission_to_read_them(s3: Any) -> None:
    lister = as_role("s3", make_role(OWNER, "Lister", may(["s3:ListBucketVersions", "s3:GetEncryptionConfiguration"])))
    s3.put_object(Bucket="artifacts", Key=KEY, Body=b"other weights")
    s3.put_object(Bucket="artifacts", Key=f"{KEY}.bak", Body=b"")
    listed = lister.list_object_versions(Bucket="artifacts", Prefix=KEY)["Versions"]
    assert [(each["Key"], each["IsLatest"], each["Size"]) for each in listed] == [
        (KEY, True, 13),
        (KEY, False, 7),
        (f"{KEY}.bak", True, 0),
    ]
    assert code_of(lister.get_bucket_encryption, Bucket="artifacts", ExpectedBucketOwner=OWNER) == ""
    assert code_of(lister.get_bucket_encryption, Bucket="artifacts", ExpectedBucketOwner=CONSUMER) in FAILED
    for call in (lister.get_object, lister.head_object):
        assert code_of(call, Bucket="artifacts", Key=KEY) in FAILED
    allow(OWNER, "Lister", may("s3:ListBucketVersions", Condition={"StringEquals": {"s3:prefix": "other/"}}))
    assert code_of(lister.list_object_versions, Bucket="artifacts", Prefix=KEY) == "AccessDenied"
    assert code_of(lister.list_object_versions, Bucket="artifacts", Prefix="other/") == ""


def test_other_clients_meet_the_same_buckets(s3: Any) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = "http://{}:{}".format(*server.get_host_and_port())
        role = make_role(OWNER, "Editor", may("s3:*"))
        credentials = client("sts", OWNER).assume_role(RoleArn=role, RoleSessionName="editor")["Credentials"]
        editor = over_http("s3", endpoint, credentials)
        assert editor.get_object(Bucket="artifacts", Key=KEY)["Body"].read() == b"weights"
        bad = document(may("s3:GetObjct", OBJECTS, Principal="*"))
        assert code_of(editor.put_bucket_policy, Bucket="artifacts", Policy=bad) == "MalformedPolicy"
        other = {"Bucket": "artifacts", "ExpectedBucketOwner": CONSUMER}
        assert code_of(editor.put_bucket_policy, **other, Policy=document(reading())) == "AccessDenied"
        editor.put_bucket_policy(Bucket="artifacts", Policy=document(reading()))
        assert shown(editor) == shown(s3) == [reading()]
    finally:
        server.stop()
