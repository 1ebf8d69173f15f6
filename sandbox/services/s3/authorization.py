"""What the operations of S3 need, the policies and owners of buckets, and the keys of objects.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html;
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html says what each API needs.
"""

from __future__ import annotations

from typing import Any  # moto's store is untyped where it is read here

from moto.s3.models import s3_backends

from sandbox.authorization.accesses import Access, Call, Context, Row, anything, needs, present
from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.principal_ids import shown_form
from sandbox.authorization.registry import READ_KEY, WRITE_KEY, Api, ErrorCodes, Registry, Resources, policy_at
from sandbox.kernel.arns import Fields
from sandbox.kernel.place import PARTITION
from sandbox.services.s3.encryption import encryption
from sandbox.services.s3.owners import bucket_owner
from sandbox.services.s3.public_access import restricted


def _bucket(call: Call) -> str:
    return f"arn:{PARTITION}:s3:::{call.get('Bucket')}"


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
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    conditional = {"s3:if-none-match": call.get("IfNoneMatch"), "s3:if-match": call.get("IfMatch")}
    return [Access("s3:PutObject", _object(call), present(**encryption, **conditional))]


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
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "PutBucketPolicy": "PutBucketPolicy",
}

ROWS: dict[str, Row] = {
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


def _owner(at: Fields) -> str:
    return bucket_owner(at.resource.split("/", 1)[0]) or ""


def _policy(at: Fields) -> str | None:
    name = at.resource.split("/", 1)[0]
    owner = bucket_owner(name)
    backend: Any = s3_backends[owner][PARTITION] if owner else None
    kept = backend.policies.get(name) if backend else None
    if not kept:
        return None
    block = backend.get_bucket(name).public_access_block
    text = shown_form(kept)
    return restricted(text, str(owner)) if block and block.restrict_public_buckets else text


CONDITION_KEYS = frozenset(
    (
        "s3:authType",
        "s3:DataAccessPointAccount",
        "s3:DataAccessPointArn",
        "s3:delimiter",
        "s3:ExistingObjectTag/",
        "s3:max-keys",
        "s3:if-match",
        "s3:if-none-match",
        "s3:object-lock-mode",
        "s3:prefix",
        "s3:ResourceAccount",
        "s3:signatureAge",
        "s3:signatureversion",
        "s3:TlsVersion",
        "s3:VersionId",
        "s3:x-amz-acl",
        "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    )
)
"""What people's policies ask for. Of an object's tags, locks and ACLs there are none here, and nobody comes through an
access point: these keys are absent."""


def register(registry: Registry) -> None:
    """Add this service's entries."""
    registry.add(
        Api(
            service="s3",
            rows=ROWS,
            errors=ErrorCodes(
                denied="AccessDenied", missing="AccessDenied", unknown="InvalidAccessKeyId", expired="ExpiredToken"
            ),
            # An object's content is none of our business, and may be large; only this body names what is touched.
            bodies=frozenset(("DeleteObjects",)),
        ),
        Resources(
            prefix="s3",
            condition_keys=CONDITION_KEYS,
            owner=_owner,
            policy=policy_at("s3", _policy),
            key_uses={"s3:GetObject": READ_KEY, "s3:GetObjectVersion": READ_KEY, "s3:PutObject": WRITE_KEY},
            encryption=encryption,
        ),
    )
