"""Objects and their keys behave as S3 documents them."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.kernel.wire.transport import client
from tests.sandbox.services.s3.buckets import ACCOUNT, BUCKET, KEY, put, reading
from tests.support.authorization import CONSUMER, OWNER, allow, as_role, code_of, document, make_role, may, message_of

pytestmark = pytest.mark.usefixtures("guarded")


def make_key(*statements: dict[str, Any]) -> str:
    root = may("kms:*", Principal={"AWS": f"arn:aws:iam::{OWNER}:root"})
    return str(client("kms", OWNER).create_key(Policy=document(root, *statements))["KeyMetadata"]["Arn"])


def test_an_encrypted_object_needs_its_key_through_s3(s3: Any, reader: Any) -> None:
    through = {
        "StringEquals": {
            "kms:ViaService": "s3.us-east-1.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": f"{BUCKET}/{KEY}",
        }
    }
    key = make_key(may("kms:Decrypt", Principal=ACCOUNT, Condition=through))
    put(s3, reading())
    s3.put_object(Bucket="artifacts", Key=KEY, Body=b"w", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    assert s3.head_object(Bucket="artifacts", Key=KEY)["SSEKMSKeyId"] == key
    assert code_of(reader.get_object, Bucket="artifacts", Key=KEY) == ""
    allow(CONSUMER, "Serving", may("s3:*"))
    assert f"kms:Decrypt on resource: {key}" in message_of(reader.get_object, Bucket="artifacts", Key=KEY)
    allow(CONSUMER, "Serving", may(["s3:*", "kms:*"]))
    other = s3.put_object(
        Bucket="artifacts", Key="churn/2", Body=b"w", ServerSideEncryption="aws:kms", SSEKMSKeyId=make_key()
    )
    assert other["ServerSideEncryption"] == "aws:kms"
    assert "kms:Decrypt" in message_of(reader.get_object, Bucket="artifacts", Key="churn/2")
    assert code_of(reader.get_object, Bucket="artifacts", Key=KEY) == ""


def test_a_bucket_key_has_the_bucket_as_its_context(s3: Any, reader: Any) -> None:
    context = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": BUCKET}}
    key = make_key(may("kms:Decrypt", Principal=ACCOUNT, Condition=context))
    put(s3, reading())
    encrypted = {"Bucket": "artifacts", "Key": KEY, "Body": b"w", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    for enabled, failing in ((True, ""), (False, "AccessDenied")):
        s3.put_object(**encrypted, BucketKeyEnabled=enabled)
        assert code_of(reader.get_object, Bucket="artifacts", Key=KEY) == failing


def test_a_write_needs_the_key_that_it_asks_for(s3: Any) -> None:
    key = make_key()
    writer = as_role("s3", make_role(OWNER, "Writer", may("s3:PutObject")))
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    assert "kms:GenerateDataKey" in message_of(writer.put_object, Bucket="artifacts", Key="k", Body=b"", **encrypted)
    assert code_of(writer.put_object, Bucket="artifacts", Key="k", Body=b"") == ""
    allow(OWNER, "Writer", may("s3:PutObject"), may(["kms:GenerateDataKey", "kms:Decrypt"], key))
    assert code_of(writer.put_object, Bucket="artifacts", Key="k", Body=b"", **encrypted) == ""


def test_the_account_s_own_s3_key_never_opens_to_another(s3: Any, reader: Any) -> None:
    put(s3, reading())
    s3.put_object(Bucket="artifacts", Key=KEY, Body=b"w", ServerSideEncryption="aws:kms")
    key = s3.head_object(Bucket="artifacts", Key=KEY)["SSEKMSKeyId"]
    assert client("kms", OWNER).describe_key(KeyId=key)["KeyMetadata"]["KeyManager"] == "AWS"
    assert "kms:Decrypt" in message_of(reader.get_object, Bucket="artifacts", Key=KEY)
    own = as_role("s3", make_role(OWNER, "Trainer", may(["s3:GetObject", "kms:Decrypt"])))
    assert code_of(own.get_object, Bucket="artifacts", Key=KEY) == ""


def test_every_object_is_encrypted(s3: Any) -> None:
    assert s3.head_object(Bucket="artifacts", Key=KEY)["ServerSideEncryption"] == "AES256"


def test_a_bucket_encrypts_by_itself_with_s3s_own_key_until_another_is_set(s3: Any) -> None:
    def default() -> dict[str, Any]:
        found = s3.get_bucket_encryption(Bucket="artifacts")["ServerSideEncryptionConfiguration"]["Rules"][0]
        return dict(found["ApplyServerSideEncryptionByDefault"])

    assert default() == {"SSEAlgorithm": "AES256"}
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket="artifacts", ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert default() == {"SSEAlgorithm": "aws:kms"}
    s3.delete_bucket_encryption(Bucket="artifacts")
    assert default() == {"SSEAlgorithm": "AES256"}
