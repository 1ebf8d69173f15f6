"""Where the weights lie: a bucket and a key of the training team, and the versions that are registered of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.imports.rules import BUCKET, GROUP
from sandbox.kernel.place import PARTITION, REGION, URL_SUFFIX, located
from sandbox.stagegate import tiny_model
from sandbox.stagegate.members import GOVERNANCE, HOSTING

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

WEIGHTS = "model.safetensors"
_GROUP_ARN = f"arn:{PARTITION}:sagemaker:{REGION}:{GOVERNANCE}:model-package-group/{GROUP}"
_IMAGE = f"763104351884.dkr.ecr.{REGION}.{URL_SUFFIX}/djl-inference:0.27.0"
_OBJECTS = f"arn:{PARTITION}:s3:::{BUCKET}/*"
_ENCRYPTED_ONLY = {
    "Sid": "EncryptedOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [f"arn:{PARTITION}:s3:::{BUCKET}", _OBJECTS],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@dataclass(frozen=True, slots=True)
class ImportEnvironment:
    """The bucket is of the account `owner`, and its objects are encrypted with `key`; `ciphertext` was made with it."""

    organization: Organization
    owner: str
    key: str
    ciphertext: bytes

    def registration(self, number: int) -> dict[str, Any]:
        """The request that registers a version, of the folder with its weights."""
        uri = f"s3://{BUCKET}/{folder(number)}"
        source = {"S3Uri": uri, "S3DataType": "S3Prefix", "CompressionType": "None"}
        return {
            "ModelPackageGroupName": _GROUP_ARN,
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": {
                "Containers": [{"Image": _IMAGE, "ModelDataSource": {"S3DataSource": source}}],
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
        }

    def put(self, number: int, files: Mapping[str, bytes]) -> None:
        """The training team saves what a version is made of."""
        s3 = self.organization.admin("s3", self.owner)
        for name, body in files.items():
            s3.put_object(Bucket=BUCKET, Key=f"{folder(number)}{name}", Body=body)

    def theirs(self, *, denied: bool) -> list[dict[str, Any]]:
        """What another team has in the bucket's policy. `denied`: also that it denies all other accounts."""
        outsiders = {"StringNotEquals": {"aws:PrincipalAccount": self.owner}}
        what = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": _OBJECTS}
        denial = {"Sid": "OursAlone", **what, "Condition": outsiders}
        return [_ENCRYPTED_ONLY, denial] if denied else [_ENCRYPTED_ONLY]

    def statements(self) -> list[dict[str, Any]]:
        """Everything in the bucket's policy."""
        text = self.organization.admin("s3", self.owner).get_bucket_policy(Bucket=BUCKET)["Policy"]
        found: list[dict[str, Any]] = json.loads(text)["Statement"]
        return found

    def ours(self) -> list[dict[str, Any]]:
        """What the policy lets the account that hosts models do."""
        return [each for each in self.statements() if each["Effect"] == "Allow" and HOSTING in json.dumps(each)]

    def grants(self) -> list[str]:
        """Whom of the account that hosts models a grant lets use the key."""
        found = self.organization.admin("kms", self.owner).list_grants(KeyId=self.key)["Grants"]
        return [grant["GranteePrincipal"] for grant in found if f":{HOSTING}:" in grant["GranteePrincipal"]]

    def deny(self) -> None:
        """The other team denies all other accounts the bucket's objects."""
        self._write(*self.statements(), self.theirs(denied=True)[-1])

    def deny_no_more(self) -> None:
        """It takes that back."""
        denial = self.theirs(denied=True)[-1]
        self._write(*(each for each in self.statements() if each != denial))

    def _write(self, *statements: Mapping[str, Any]) -> None:
        self.organization.admin("s3", self.owner).put_bucket_policy(Bucket=BUCKET, Policy=document(*statements))


def seed(organization: Organization, owner: str) -> ImportEnvironment:
    """Make the bucket, whose default key is its owner's own, with a model's files in the folder of version 1, and the
    group. Another team has a statement on the bucket.
    """
    kms, s3 = (organization.admin(service, owner) for service in ("kms", "s3"))
    key = kms.create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket=BUCKET, **located())
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [default]})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(_ENCRYPTED_ONLY))
    organization.admin("sagemaker", GOVERNANCE).create_model_package_group(ModelPackageGroupName=GROUP)
    organization.settle()
    environment = ImportEnvironment(
        organization, owner, key, kms.encrypt(KeyId=key, Plaintext=b"the weights")["CiphertextBlob"]
    )
    environment.put(1, tiny_model.files())
    return environment


def version(number: int) -> str:
    """Return the ARN of a version, also of one that isn't there."""
    return f"arn:{PARTITION}:sagemaker:{REGION}:{GOVERNANCE}:model-package/{GROUP}/{number}"


def folder(number: int) -> str:
    """Return the key of the folder with a version's weights, with its last /."""
    return f"{GROUP}/{number}/"


def document(*statements: Mapping[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
