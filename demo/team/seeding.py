"""Puts there what each team has before the story begins: weights under its key, an image, and a group."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from demo.team.teams import Team
from sandbox.kernel.place import PARTITION, REGION, URL_SUFFIX, located
from sandbox.stagegate import tiny_model
from sandbox.stagegate.members import GOVERNANCE

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

CONSUMER = "ModelOperator"
_MANIFEST = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []}


def seed(organization: Organization, teams: Iterable[Team]) -> Mapping[str, bytes]:
    """Make all of it in the governance account: so no stage has any of it by its own account's word. Return what was
    encrypted with each team's key, by its name.

    Each prod account's own administrator lets the consumer invoke what is imported; which models, nobody says.
    """
    s3, ecr, kms, sagemaker = (organization.admin(each, GOVERNANCE) for each in ("s3", "ecr", "kms", "sagemaker"))
    ciphertexts = {}
    for team in teams:
        sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": team.key}
        s3.create_bucket(Bucket=team.bucket, **located())
        default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": team.key}}
        s3.put_bucket_encryption(Bucket=team.bucket, ServerSideEncryptionConfiguration={"Rules": [default]})
        for name, body in tiny_model.files().items():
            s3.put_object(Bucket=team.bucket, Key=f"{team.folder}{name}", Body=body, **sealed)
        ecr.create_repository(repositoryName=team.repository)
        ecr.put_image(repositoryName=team.repository, imageManifest=json.dumps(_MANIFEST), imageTag="1")
        sagemaker.create_model_package_group(ModelPackageGroupName=team.model)
        ciphertexts[team.name] = kms.encrypt(KeyId=team.key, Plaintext=b"the weights")["CiphertextBlob"]
        statement = {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam = organization.admin("iam", team.stages["prod"])
        iam.put_role_policy(RoleName=CONSUMER, PolicyName="invoke", PolicyDocument=document)
    organization.settle()
    return ciphertexts


def registration(team: Team) -> dict[str, Any]:
    """The request that registers its package, of the folder with its weights."""
    image = f"{GOVERNANCE}.dkr.ecr.{REGION}.{URL_SUFFIX}/{team.repository}:1"
    source = {"S3Uri": f"s3://{team.bucket}/{team.folder}", "S3DataType": "S3Prefix", "CompressionType": "None"}
    return {
        "ModelPackageGroupName": team.group,
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {
            "Containers": [{"Image": image, "ModelDataSource": {"S3DataSource": source}}],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    }


def model_arn(organization: Organization, team: Team) -> str | None:
    """The ARN of its model in Bedrock, while there is one."""
    found = organization.admin("bedrock", team.stages["prod"]).list_imported_models()["modelSummaries"]
    return next((str(model["modelArn"]) for model in found if model["modelName"] == team.imported), None)


def no_model_arn(team: Team) -> str:
    """An ARN of a model in Bedrock that isn't there."""
    return f"arn:{PARTITION}:bedrock:{REGION}:{team.stages['prod']}:imported-model/{'0' * 12}"
