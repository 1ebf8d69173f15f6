"""Keys behave as KMS documents them: policies, grants, and who may use a key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.kernel.stale_reads import stale_reads
from sandbox.kernel.wire.transport import client
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
)

pytestmark = pytest.mark.usefixtures("guarded")

OWN = may("kms:*", Principal={"AWS": f"arn:aws:iam::{OWNER}:root"}, Sid="Own")
ACCOUNT = f"arn:aws:iam::{CONSUMER}:root"
DENIED = "AccessDeniedException"
MALFORMED = "MalformedPolicyDocumentException"
CONTEXT = {"aws:sagemaker:model-card-arn": "arn:aws:sagemaker:us-east-1:111122223333:model-card/churn"}


@pytest.fixture
def kms() -> Any:
    return client("kms", OWNER)


@pytest.fixture
def key(kms: Any) -> str:
    return str(kms.create_key(Policy=document(OWN))["KeyMetadata"]["Arn"])


@pytest.fixture
def ciphertext(kms: Any, key: str) -> bytes:
    return bytes(kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"])


@pytest.fixture
def user() -> Any:
    return as_role("kms", make_role(CONSUMER, "Serving", may("kms:*")))


def test_a_grant_to_a_role_opens_the_key_and_ends_with_it(kms: Any, key: str, ciphertext: bytes) -> None:
    role = make_role(CONSUMER, "Host")
    host = as_role("kms", role)
    twin = as_role("kms", make_role(CONSUMER, "Host-evil", may("kms:*")))
    assert code_of(host.decrypt, CiphertextBlob=ciphertext, KeyId=key) == DENIED
    grant = kms.create_grant(KeyId=key, GranteePrincipal=role, Operations=["Decrypt", "DescribeKey"])["GrantId"]
    assert host.decrypt(CiphertextBlob=ciphertext, KeyId=key)["Plaintext"] == b"secret"
    assert host.decrypt(CiphertextBlob=ciphertext)["KeyId"] == key
    assert host.describe_key(KeyId=key)["KeyMetadata"]["AWSAccountId"] == OWNER
    assert code_of(host.generate_data_key, KeyId=key, KeySpec="AES_256") == DENIED
    assert code_of(twin.decrypt, CiphertextBlob=ciphertext) == DENIED
    kms.revoke_grant(KeyId=key, GrantId=grant)
    assert code_of(host.decrypt, CiphertextBlob=ciphertext) == DENIED
    assert code_of(kms.revoke_grant, KeyId=key, GrantId=grant) == "InvalidGrantIdException"


def test_a_grant_to_an_account_is_for_the_account_to_hand_on(kms: Any, key: str, ciphertext: bytes, user: Any) -> None:
    assert code_of(user.decrypt, CiphertextBlob=ciphertext) == DENIED
    kms.create_grant(KeyId=key, GranteePrincipal=ACCOUNT, Operations=["Decrypt"])
    assert code_of(user.decrypt, CiphertextBlob=ciphertext) == ""
    allow(CONSUMER, "Serving", may("kms:Encrypt"))
    assert "no identity-based policy" in message_of(user.decrypt, CiphertextBlob=ciphertext)


def test_a_grant_can_be_tied_to_an_encryption_context(kms: Any, key: str, user: Any) -> None:
    other = {"aws:sagemaker:model-card-arn": "another"}
    blobs = [
        kms.encrypt(KeyId=key, Plaintext=b"s", EncryptionContext=context)["CiphertextBlob"]
        for context in (CONTEXT, other, CONTEXT | {"more": "1"})
    ]
    contexts = (CONTEXT, other, CONTEXT | {"more": "1"})

    def outcomes() -> list[str]:
        pairs = zip(blobs, contexts, strict=True)
        return [code_of(user.decrypt, CiphertextBlob=blob, EncryptionContext=context) for blob, context in pairs]

    assert outcomes() == [DENIED] * 3
    for constraint, expected in (
        ("EncryptionContextEquals", ["", DENIED, DENIED]),
        ("EncryptionContextSubset", ["", DENIED, ""]),
    ):
        grant = kms.create_grant(
            KeyId=key,
            GranteePrincipal=f"arn:aws:iam::{CONSUMER}:role/Serving",
            Operations=["Decrypt", "DescribeKey"],
            Constraints={constraint: CONTEXT},
        )["GrantId"]
        assert outcomes() == expected
        assert code_of(user.describe_key, KeyId=key) == ""
        kms.revoke_grant(KeyId=key, GrantId=grant)


def test_a_named_grant_is_made_once(kms: Any, key: str) -> None:
    role = make_role(CONSUMER, "Host")
    request = {"KeyId": key, "GranteePrincipal": role, "Operations": ["Decrypt", "DescribeKey"], "Name": "stagegate-1"}
    first = kms.create_grant(**request)
    again = kms.create_grant(**request | {"Operations": ["DescribeKey", "Decrypt"]})
    assert again["GrantId"] == first["GrantId"]
    assert again["GrantToken"] != first["GrantToken"]
    other = kms.create_grant(**request | {"Operations": ["Decrypt"]})
    del request["Name"]
    unnamed = [kms.create_grant(**request)["GrantId"] for _ in range(2)]
    assert len({first["GrantId"], other["GrantId"], *unnamed}) == 4


def test_grants_are_listed_by_grantee_and_in_pages(kms: Any, key: str) -> None:
    roles = [make_role(CONSUMER, name) for name in ("One", "Two")]
    for role in [*roles, roles[0]]:
        kms.create_grant(KeyId=key, GranteePrincipal=role, Operations=["Decrypt"], Constraints={})
    (only,) = kms.list_grants(KeyId=key, GranteePrincipal=roles[1])["Grants"]
    assert (only["GranteePrincipal"], only["KeyId"], only["Operations"]) == (roles[1], key, ["Decrypt"])
    assert only["IssuingAccount"] == f"arn:aws:iam::{OWNER}:root"
    first = kms.list_grants(KeyId=key, Limit=2)
    assert (len(first["Grants"]), first["Truncated"]) == (2, True)
    rest = kms.list_grants(KeyId=key, Limit=2, Marker=first["NextMarker"])
    assert (len(rest["Grants"]), rest["Truncated"]) == (1, False)
    assert kms.list_grants(KeyId=key, GrantId=only["GrantId"])["Grants"] == [only]


@pytest.mark.parametrize("grantee", [CONSUMER, f"arn:aws:iam::{CONSUMER}:role/Nobody", "AROAEXAMPLEEXAMPLE123"])
def test_a_grantee_is_the_arn_of_somebody(kms: Any, key: str, grantee: str) -> None:
    request = {"KeyId": key, "GranteePrincipal": grantee, "Operations": ["Decrypt"]}
    assert code_of(kms.create_grant, **request) == "InvalidArnException"
    assert kms.list_grants(KeyId=key)["Grants"] == []


def test_bad_grants_are_refused(kms: Any, key: str) -> None:
    request = {"KeyId": key, "GranteePrincipal": ACCOUNT, "Operations": ["Decrypt"]}
    kms.create_alias(AliasName="alias/churn", TargetKeyId=key)
    for change, code in (
        ({"Operations": ["PutKeyPolicy"]}, "ValidationException"),
        ({"KeyId": "alias/churn"}, "NotFoundException"),
        ({"KeyId": key[:-4] + "0000"}, "NotFoundException"),
        ({"DryRun": True}, "NotInSandbox"),
        ({"Constraints": {"SourceArn": "arn:aws:sns:us-east-1:111122223333:topic"}}, "NotInSandbox"),
    ):
        assert code_of(kms.create_grant, **request | change) == code
    kms.schedule_key_deletion(KeyId=key.rsplit("/", 1)[1], PendingWindowInDays=7)
    assert code_of(kms.create_grant, **request) == "KMSInvalidStateException"


def test_a_role_that_was_made_anew_has_no_grant(kms: Any, key: str, ciphertext: bytes) -> None:
    role = make_role(CONSUMER, "Host")
    kms.create_grant(KeyId=key, GranteePrincipal=role, Operations=["Decrypt"])
    assert code_of(as_role("kms", role).decrypt, CiphertextBlob=ciphertext) == ""
    client("iam", CONSUMER).delete_role(RoleName="Host")
    make_role(CONSUMER, "Host")
    assert code_of(as_role("kms", role).decrypt, CiphertextBlob=ciphertext) == DENIED
    assert kms.list_grants(KeyId=key)["Grants"][0]["GranteePrincipal"].startswith("AROA")


def test_who_may_create_a_grant_is_for_the_key_policy(kms: Any, key: str) -> None:
    granter = as_role("kms", make_role(CONSUMER, "Granter", may("kms:*")))
    grant = {"KeyId": key, "GranteePrincipal": ACCOUNT, "Operations": ["Decrypt"], "Name": "n"}
    assert code_of(granter.create_grant, **grant) == DENIED
    only = {
        "StringEquals": {"kms:GranteePrincipal": ACCOUNT},
        "ForAllValues:StringEquals": {"kms:GrantOperations": "Decrypt"},
    }
    opened = may("kms:CreateGrant", Principal={"AWS": ACCOUNT}, Condition=only)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(OWN, opened))
    assert code_of(granter.create_grant, **grant) == ""
    assert code_of(granter.create_grant, **grant | {"Operations": ["Decrypt", "Encrypt"]}) == DENIED


def test_a_key_policy_opens_a_key_to_another_account(kms: Any, key: str, ciphertext: bytes, user: Any) -> None:
    use = may(["kms:Decrypt", "kms:DescribeKey"], Principal={"AWS": f"arn:aws:iam::{CONSUMER}:role/Serving"})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(OWN, use))
    assert code_of(user.decrypt, CiphertextBlob=ciphertext) == ""
    assert code_of(user.describe_key, KeyId=key) == ""
    assert code_of(user.encrypt, KeyId=key, Plaintext=b"x") == DENIED
    assert code_of(user.get_key_policy, KeyId=key) == DENIED
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(OWN))
    assert code_of(user.decrypt, CiphertextBlob=ciphertext) == DENIED


def test_a_bad_key_policy_is_refused_and_the_one_before_stays(kms: Any, key: str) -> None:
    before = kms.get_key_policy(KeyId=key)["Policy"]
    nobody = may("kms:Decrypt", Principal={"AWS": f"arn:aws:iam::{CONSUMER}:role/Nobody"})
    gone = may("kms:Decrypt", Principal={"AWS": "AROAEXAMPLEEXAMPLE123"})
    locked_out = may("kms:*", Principal={"AWS": ACCOUNT})
    for policy, code in (
        ("not json", MALFORMED),
        (document(OWN, nobody), MALFORMED),
        (document(OWN, gone), MALFORMED),
        (document(locked_out), MALFORMED),
        (document(OWN | {"Sid": "an em dash \u2014"}).replace("\\u2014", "\u2014"), "ValidationException"),
        (document(OWN | {"Sid": "x" * 32_768}), "LimitExceededException"),
    ):
        assert code_of(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=policy) == code
        assert kms.get_key_policy(KeyId=key)["Policy"] == before
    assert code_of(kms.create_key, Policy=document(OWN, nobody)) == MALFORMED
    bypass = {"BypassPolicyLockoutSafetyCheck": True}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(locked_out), **bypass)
    assert kms.get_key_policy(KeyId=key)["Policy"] != before


def test_the_lockout_check_is_about_the_caller(kms: Any, key: str) -> None:
    writer = as_role("kms", make_role(OWNER, "Writer", may(["kms:PutKeyPolicy", "kms:GetKeyPolicy"])))
    admin = may("kms:*", Principal={"AWS": make_role(OWNER, "Admin")})
    put = {"KeyId": key, "PolicyName": "default"}
    assert "in the future" in message_of(writer.put_key_policy, **put, Policy=document(admin))
    assert code_of(writer.put_key_policy, **put, Policy=document(OWN, admin)) == ""


def test_a_policy_comes_back_in_kms_s_own_layout(kms: Any, key: str) -> None:
    without = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Sid": "Ineffective"}
    account = may("kms:DescribeKey", Principal={"AWS": CONSUMER})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(OWN, without, account))
    text = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    assert text.startswith('{\n  "Version" : "2012-10-17"')
    shown = json.loads(text)["Statement"]
    assert shown == [OWN, without, account | {"Principal": {"AWS": ACCOUNT}}]


def test_a_statement_without_a_resource_has_no_effect(kms: Any, key: str, ciphertext: bytes, user: Any) -> None:
    without = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:Decrypt"}
    for statement, code in ((without, DENIED), (without | {"Resource": "*"}, "")):
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(OWN, statement))
        assert code_of(user.decrypt, CiphertextBlob=ciphertext) == code


def test_a_deleted_role_shows_as_its_id(kms: Any, key: str) -> None:
    role = make_role(CONSUMER, "Host")
    unique_id = client("iam", CONSUMER).get_role(RoleName="Host")["Role"]["RoleId"]
    using = may("kms:Decrypt", Principal={"AWS": role})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(OWN, using))
    client("iam", CONSUMER).delete_role(RoleName="Host")
    text = kms.get_key_policy(KeyId=key)["Policy"]
    assert json.loads(text)["Statement"][1]["Principal"] == {"AWS": unique_id}
    assert code_of(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=text) == MALFORMED


def test_an_aws_managed_key_is_nobody_s_to_open(kms: Any) -> None:
    described = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert described["KeyManager"] == "AWS"
    managed = described["Arn"]
    put = {"KeyId": managed, "PolicyName": "default", "Policy": document(OWN)}
    assert code_of(kms.put_key_policy, **put) == "UnsupportedOperationException"
    admin = as_role("kms", make_role(OWNER, "Admin", may("kms:*")))
    grant = {"KeyId": managed, "GranteePrincipal": ACCOUNT, "Operations": ["Decrypt"]}
    assert code_of(admin.create_grant, **grant) == DENIED
    assert code_of(admin.describe_key, KeyId=managed) == ""


def test_a_read_can_be_behind_the_last_write(kms: Any, key: str) -> None:
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(OWN | {"Sid": "New"}))
    stale_reads.plan(key)
    read = [json.loads(kms.get_key_policy(KeyId=key)["Policy"])["Statement"][0]["Sid"] for _ in range(2)]
    assert read == ["Own", "New"]
