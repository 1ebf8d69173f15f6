"""S3, ECR and KMS.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html and its siblings; for S3,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html says what each API needs.
"""

from __future__ import annotations

from sandbox.authorization import stored
from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.requests.mapping import (
    Access,
    Call,
    Context,
    Row,
    anything,
    arn,
    needs,
    present,
    table,
)


def _bucket(call: Call) -> str:
    return f"arn:aws:s3:::{call.get('Bucket')}"


def _object(call: Call) -> str:
    return f"{_bucket(call)}/{call.get('Key')}"


def _listing(call: Call) -> Context:
    return present(s3__prefix=call.get("Prefix"), s3__delimiter=call.get("Delimiter")) | (
        {"s3:max-keys": (str(call.get("MaxKeys")),)} if call.get("MaxKeys") is not None else {}
    )


def _get(call: Call) -> list[Access]:
    version = call.get("VersionId")
    return [Access("s3:GetObjectVersion" if version else "s3:GetObject", _object(call), present(s3__VersionId=version))]


def _put(call: Call) -> list[Access]:
    for unsupported in ("Tagging", "ACL", "ObjectLockMode"):
        if call.get(unsupported):
            raise NotMapped(f"s3 {call.operation} with {unsupported} is not supported")
    encryption = {
        "s3:x-amz-server-side-encryption": call.get("ServerSideEncryption"),
        "s3:x-amz-server-side-encryption-aws-kms-key-id": call.get("SSEKMSKeyId"),
    }
    return [Access("s3:PutObject", _object(call), present(**encryption))]


def _delete(call: Call) -> list[Access]:
    return [Access("s3:DeleteObjectVersion" if call.get("VersionId") else "s3:DeleteObject", _object(call))]


def _delete_many(call: Call) -> list[Access]:
    return [
        Access(
            "s3:DeleteObjectVersion" if each.get("VersionId") else "s3:DeleteObject", f"{_bucket(call)}/{each['Key']}"
        )
        for each in call.parameters["Delete"]["Objects"]
    ]


_BUCKET_ACTIONS = {
    "CreateBucket": "CreateBucket",
    "DeleteBucket": "DeleteBucket",
    "DeleteBucketPolicy": "DeleteBucketPolicy",
    "GetBucketAcl": "GetBucketAcl",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLocation": "GetBucketLocation",
    "GetBucketPolicy": "GetBucketPolicy",
    "GetBucketVersioning": "GetBucketVersioning",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "PutBucketPolicy": "PutBucketPolicy",
}

S3: dict[str, Row] = {
    **{operation: needs(f"s3:{action}", _bucket) for operation, action in _BUCKET_ACTIONS.items()},
    "AbortMultipartUpload": needs("s3:AbortMultipartUpload", _object),
    "CompleteMultipartUpload": _put,
    "CreateMultipartUpload": _put,
    "DeleteObject": _delete,
    "DeleteObjects": _delete_many,
    "GetObject": _get,
    "GetObjectAcl": needs("s3:GetObjectAcl", _object),
    "GetObjectTagging": needs("s3:GetObjectTagging", _object),
    "HeadObject": _get,
    "ListBuckets": needs("s3:ListAllMyBuckets", anything),
    "ListObjectVersions": needs("s3:ListBucketVersions", _bucket, context=_listing),
    "ListObjects": needs("s3:ListBucket", _bucket, context=_listing),
    "ListObjectsV2": needs("s3:ListBucket", _bucket, context=_listing),
    "PutObject": _put,
    "UploadPart": _put,
}


def _repository(call: Call) -> str:
    return arn("ecr", call, f"repository/{call.get('repositoryName')}", account=call.get("registryId") or "")


def _repositories(call: Call) -> list[Access]:
    account = call.get("registryId") or ""
    resources = [
        arn("ecr", call, f"repository/{each}", account=account) for each in call.get("repositoryNames") or ["*"]
    ]
    return [Access("ecr:DescribeRepositories", each) for each in resources]


ECR: dict[str, Row] = table(
    "ecr",
    dict.fromkeys(
        (
            "BatchCheckLayerAvailability",
            "BatchGetImage",
            "DeleteRepositoryPolicy",
            "DescribeImages",
            "GetDownloadUrlForLayer",
            "GetRepositoryPolicy",
            "ListImages",
            "PutImage",
            "SetRepositoryPolicy",
        ),
        _repository,
    )
    | {"GetAuthorizationToken": None},
    DescribeRepositories=_repositories,
)


def _key(call: Call) -> str:
    if call.operation == "Decrypt" and not call.get("KeyId"):
        # A ciphertext knows its key. One that no key made is for KMS to refuse.
        return stored.key_of_ciphertext(call.parameters["CiphertextBlob"]) or arn("kms", call, "key/unknown")
    if not call.get("KeyId"):
        raise NotMapped(f"kms {call.operation} without KeyId is not supported")
    return stored.key_arn(str(call.get("KeyId")), call.account, call.region)


def encryption_context(pairs: dict[str, str]) -> Context:
    """kms:EncryptionContext:… and kms:EncryptionContextKeys; nothing for an empty encryption context."""
    if not pairs:
        return {}
    return {f"kms:EncryptionContext:{key}": (value,) for key, value in pairs.items()} | {
        "kms:EncryptionContextKeys": tuple(pairs)
    }


def _cryptography(call: Call) -> Context:
    return present(kms__CallerAccount=call.account) | encryption_context(call.get("EncryptionContext") or {})


def _grants(call: Call) -> Context:
    # A grant that a principal asks for by itself is not one for an AWS resource.
    return present(kms__CallerAccount=call.account, kms__GrantIsForAWSResource=False)


def _new_grant(call: Call) -> Context:
    """What is asked for; the encryption context is that of the grant's constraint.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    constraints = call.get("Constraints") or {}
    asked = next(iter(constraints.values()), None) or {}
    return (
        _grants(call)
        | present(
            kms__GranteePrincipal=call.get("GranteePrincipal"),
            kms__GrantOperations=call.get("Operations") or None,
            kms__GrantConstraintType=next(iter(constraints), None),
        )
        | encryption_context(asked)
    )


def _caller(call: Call) -> Context:
    return present(kms__CallerAccount=call.account)


KMS: dict[str, Row] = {
    **{
        name: needs(f"kms:{name}", _key, context=_cryptography)
        for name in ("Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext")
    },
    **{
        name: needs(f"kms:{name}", _key, context=_caller)
        for name in ("DescribeKey", "GetKeyPolicy", "ListKeyPolicies", "PutKeyPolicy")
    },
    "CreateGrant": needs("kms:CreateGrant", _key, context=_new_grant),
    "ListGrants": needs("kms:ListGrants", _key, context=_grants),
    "RevokeGrant": needs("kms:RevokeGrant", _key, context=_grants),
    "ListAliases": needs("kms:ListAliases", anything),
    "ListKeys": needs("kms:ListKeys", anything),
}
