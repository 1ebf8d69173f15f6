"""The content of a model card that a customer's key encrypts needs that key, through SageMaker."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.kernel.clock import clock
from sandbox.kernel.wire.transport import client
from tests.support.authorization import CONSUMER, OWNER, allow, as_role, code_of, document, make_role, may, message_of

pytestmark = pytest.mark.usefixtures("guarded")

CONTENT = json.dumps({"intended_uses": {"risk_rating": "High"}})
ACCOUNT = {"AWS": f"arn:aws:iam::{CONSUMER}:root"}
OWN = may("kms:*", Principal={"AWS": f"arn:aws:iam::{OWNER}:root"})


def fenced(*cards: str) -> dict[str, Any]:
    """What AWS's page on shared model cards gives the consumer, for these cards."""
    condition = {
        "StringEquals": {"kms:ViaService": ["sagemaker.us-east-1.amazonaws.com"]},
        "StringLike": {"kms:EncryptionContext:aws:sagemaker:model-card-arn": list(cards)},
    }
    return may(["kms:GenerateDataKey", "kms:Decrypt"], Principal=ACCOUNT, Condition=condition)


def test_a_shared_card_needs_its_own_key_and_no_other_card_s(owner: Any, ram: Any) -> None:
    kms = client("kms", OWNER)
    key = kms.create_key(Policy=document(OWN))["KeyMetadata"]["Arn"]
    card, other = (
        owner.create_model_card(
            ModelCardName=name, Content=CONTENT, ModelCardStatus="Draft", SecurityConfig={"KmsKeyId": key}
        )["ModelCardArn"]
        for name in ("churn", "fraud")
    )
    ram.create_resource_share(name="dev", resourceArns=[card, other], principals=[CONSUMER])
    clock.advance(61)
    reader = as_role("sagemaker", make_role(CONSUMER, "User", may(["sagemaker:*", "kms:*"])))
    assert "kms:Decrypt" in message_of(reader.describe_model_card, ModelCardName=card)
    assert code_of(reader.describe_model_card, ModelCardName=card, IncludedData="MetadataOnly") == ""
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(OWN, fenced(card)))
    assert code_of(reader.describe_model_card, ModelCardName=card) == ""
    assert code_of(reader.update_model_card, ModelCardName=card, Content=CONTENT) == ""
    assert "kms:Decrypt" in message_of(reader.describe_model_card, ModelCardName=other)
    allow(CONSUMER, "User", may("sagemaker:*"))
    assert "no identity-based policy" in message_of(reader.describe_model_card, ModelCardName=card)


def test_making_an_encrypted_card_needs_the_key(owner: Any) -> None:
    key = client("kms", OWNER).create_key(Policy=document(OWN))["KeyMetadata"]["Arn"]
    author = as_role("sagemaker", make_role(OWNER, "Author", may("sagemaker:*")))
    card = {"ModelCardName": "churn", "Content": CONTENT, "ModelCardStatus": "Draft"}
    assert "kms:GenerateDataKey" in message_of(author.create_model_card, **card, SecurityConfig={"KmsKeyId": key})
    assert code_of(author.create_model_card, **card) == ""


def test_the_card_of_a_package_needs_the_package_s_key(owner: Any) -> None:
    key = client("kms", OWNER).create_key(Policy=document(OWN))["KeyMetadata"]["Arn"]
    owner.create_model_package_group(ModelPackageGroupName="churn")
    card = {"ModelCardContent": CONTENT, "ModelCardStatus": "Draft"}
    with_card, without = (
        owner.create_model_package(ModelPackageGroupName="churn", SecurityConfig={"KmsKeyId": key}, **more)
        for more in ({"ModelCard": card}, {})
    )
    reader = as_role("sagemaker", make_role(OWNER, "Reader", may("sagemaker:DescribeModelPackage")))
    named = {"ModelPackageName": with_card["ModelPackageArn"]}
    assert "kms:Decrypt" in message_of(reader.describe_model_package, **named)
    assert code_of(reader.describe_model_package, **named, IncludedData="MetadataOnly") == ""
    assert code_of(reader.describe_model_package, ModelPackageName=without["ModelPackageArn"]) == ""
    allow(OWNER, "Reader", may("sagemaker:DescribeModelPackage"), may("kms:Decrypt", key))
    assert code_of(reader.describe_model_package, **named) == ""
