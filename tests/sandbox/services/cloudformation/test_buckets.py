"""Buckets of a template."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.services import cloudformation
from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.stacks import StackError

ACCOUNT, REGION = "111122223333", "us-east-1"
SETTINGS: dict[str, Any] = {
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [
            {"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
        ]
    },
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    },
    "VersioningConfiguration": {"Status": "Enabled"},
    "LifecycleConfiguration": {
        "Rules": [{"Id": "old", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}]
    },
}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [{"Fn::GetAtt": ["Reports", "Arn"]}]}


def deploy(**properties: Any) -> cloudformation.Stack:
    template = {
        "Resources": {
            "Reports": {"Type": "AWS::S3::Bucket", "Properties": properties},
            "Policy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {
                    "Bucket": {"Ref": "Reports"},
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": [DENY]},
                },
            },
        }
    }
    return cloudformation.stacks.deploy(ACCOUNT, REGION, "s", template, {})


def test_a_bucket_is_set_up_as_the_template_says(admin: Any) -> None:
    deploy(**SETTINGS)
    s3 = admin("s3")
    (name,) = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert name == "s-reports"
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert (rule["ApplyServerSideEncryptionByDefault"], rule["BucketKeyEnabled"]) == ({"SSEAlgorithm": "aws:kms"}, True)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert block == SETTINGS["PublicAccessBlockConfiguration"]
    lifecycle = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert lifecycle[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"][0]["Effect"] == "Deny"


def test_it_changes_in_place_keeps_its_name_and_goes_with_the_stack(admin: Any) -> None:
    deploy(BucketName="one")
    deploy(BucketName="one", VersioningConfiguration={"Status": "Enabled"})
    assert admin("s3").get_bucket_versioning(Bucket="one")["Status"] == "Enabled"
    with pytest.raises(TemplateError, match="name"):
        deploy(BucketName="two")
    with pytest.raises(TemplateError, match="unsupported removal of VersioningConfiguration"):
        deploy(BucketName="one")
    cloudformation.stacks.delete(ACCOUNT, REGION, "s")
    assert admin("s3").list_buckets()["Buckets"] == []


def test_one_that_has_something_in_it_stays(admin: Any) -> None:
    deploy(BucketName="full")
    admin("s3").put_object(Bucket="full", Key="k", Body=b"x")
    with pytest.raises((ClientError, StackError), match="BucketNotEmpty"):
        cloudformation.stacks.delete(ACCOUNT, REGION, "s")
