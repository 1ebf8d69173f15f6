"""The condition keys that requests of this sandbox carry; a policy that asks for another one is an error, not a no.

Names: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and each service's page
of https://docs.aws.amazon.com/service-authorization/latest/reference/.
A name that ends in `/` or `:` stands for every key that begins with it.
"""

from __future__ import annotations

from sandbox.authorization.evaluator.errors import UnknownConditionKey

GLOBAL = frozenset(
    (
        "aws:CurrentTime",
        "aws:EpochTime",
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalIsAWSService",
        "aws:PrincipalOrgID",
        "aws:PrincipalServiceName",
        "aws:PrincipalType",
        "aws:RequestedRegion",
        "aws:ResourceAccount",
        "aws:ResourceOrgID",
        "aws:SecureTransport",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceOrgID",
        "aws:SourceOwner",
        "aws:ViaAWSService",
    )
)

_REQUEST_TAGS = ("aws:RequestTag/", "aws:TagKeys")

SERVICES: dict[str, frozenset[str]] = {
    "bedrock": frozenset(("bedrock:InferenceProfileArn", *_REQUEST_TAGS, "aws:ResourceTag/")),
    "cloudformation": frozenset(),
    "cloudwatch": frozenset(("cloudwatch:namespace",)),
    "dynamodb": frozenset(("dynamodb:EnclosingOperation", "dynamodb:LeadingKeys")),
    "ecr": frozenset(),
    "events": frozenset(("events:detail-type", "events:source")),
    "iam": frozenset(("iam:PassedToService", "iam:PermissionsBoundary", "iam:PolicyARN")),
    "kms": frozenset(
        (
            "kms:CallerAccount",
            "kms:EncryptionContext:",
            "kms:EncryptionContextKeys",
            "kms:GrantConstraintType",
            "kms:GrantIsForAWSResource",
            "kms:GrantOperations",
            "kms:GranteePrincipal",
            "kms:ViaService",
        )
    ),
    "lambda": frozenset(("lambda:FunctionArn", "lambda:SourceFunctionArn")),
    "logs": frozenset(),
    "organizations": frozenset(("organizations:PolicyType", *_REQUEST_TAGS, "aws:ResourceTag/")),
    "ram": frozenset(
        (
            *_REQUEST_TAGS,
            "aws:ResourceTag/",
            "ram:AllowsExternalPrincipals",
            "ram:PermissionArn",
            "ram:PermissionResourceType",
            "ram:Principal",
            "ram:RequestedAllowsExternalPrincipals",
            "ram:RequestedResourceType",
            "ram:ResourceArn",
            "ram:ResourceShareName",
            "ram:ResourceTag/",
            "ram:ShareOwnerAccountId",
        )
    ),
    "s3": frozenset(
        (
            "s3:delimiter",
            "s3:max-keys",
            "s3:prefix",
            "s3:ResourceAccount",
            "s3:VersionId",
            "s3:x-amz-server-side-encryption",
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
        )
    ),
    "sagemaker": frozenset(
        (
            *_REQUEST_TAGS,
            "aws:ResourceTag/",
            "sagemaker:CustomerMetadataProperties/",
            "sagemaker:CustomerMetadataPropertiesToRemove",
            "sagemaker:ModelApprovalStatus",
            "sagemaker:ModelLifeCycle:stage",
            "sagemaker:ModelLifeCycle:stageStatus",
            "sagemaker:ResourceTag/",
        )
    ),
    "sns": frozenset(("sns:Endpoint", "sns:Protocol")),
    "sqs": frozenset(),
    "states": frozenset(("states:StateMachineQualifier",)),
    "sts": frozenset(("sts:ExternalId", "sts:RoleSessionName", "sts:SourceIdentity")),
}
"""IAM service prefix -> the keys its requests may carry, beside the global ones."""


def check(key: str, service: str, where: str) -> None:
    """Raise UnknownConditionKey unless a request of `service` may carry `key`, or `key` is another service's own.

    AWS treats a key that a request doesn't carry as absent: for another service's known key that is the rule here too.
    """
    wanted = key.lower()
    if _in(wanted, GLOBAL) or _in(wanted, SERVICES.get(service, frozenset())):
        return
    owner = wanted.split(":", 1)[0]
    if owner != service and owner in SERVICES and _in(wanted, SERVICES[owner]):
        return
    raise UnknownConditionKey(f"{where}: condition key {key} is not supported for {service}")


def _in(wanted: str, keys: frozenset[str]) -> bool:
    return any(wanted.startswith(key.lower()) if key.endswith(("/", ":")) else wanted == key.lower() for key in keys)
