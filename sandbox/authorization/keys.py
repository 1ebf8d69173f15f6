"""What a call on an encrypted resource also needs: its key, used by the service in the caller's name.

SNS: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
DynamoDB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
SageMaker: https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards-xaccount.html
"""

from __future__ import annotations

from typing import Any, NamedTuple  # moto's stores are untyped where they are read here

from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sandbox.authorization import stored
from sandbox.authorization.requests.mapping import Access, Context
from sandbox.authorization.requests.storage import encryption_context
from sandbox.kernel.identity import Principal

_WRITE = ("kms:GenerateDataKey", "kms:Decrypt")
_READ = ("kms:Decrypt",)

_ACTIONS = {
    "sns:Publish": _WRITE,
    "sqs:SendMessage": _WRITE,
    "sqs:ReceiveMessage": _READ,
    **dict.fromkeys(
        (
            f"dynamodb:{name}"
            for name in (
                "BatchGetItem",
                "BatchWriteItem",
                "ConditionCheckItem",
                "DeleteItem",
                "GetItem",
                "PutItem",
                "Query",
                "Scan",
                "UpdateItem",
            )
        ),
        _READ,
    ),
    "s3:GetObject": _READ,
    "s3:GetObjectVersion": _READ,
    "s3:PutObject": _WRITE,
    "sagemaker:CreateModelCard": _WRITE,
    "sagemaker:DescribeModelCard": _READ,
    "sagemaker:DescribeModelPackage": _READ,
    "sagemaker:UpdateModelCard": _WRITE,
}


def key_accesses(principal: Principal, access: Access) -> list[Access]:
    """The uses of a customer's or an AWS managed key that `access` brings; none if its resource isn't encrypted."""
    actions = _ACTIONS.get(access.action)
    fields = stored.split(access.resource)
    if actions is None or fields is None or not access.encrypted:
        return []
    service = fields.service
    if service == "s3":
        found = _object(access, fields.resource)
    elif service == "sagemaker":
        found = _card(access, fields)
    else:
        found = _READERS[service](fields.region, fields.account, fields.resource)
    if found is None:
        return []
    key, encrypted = found
    arn = stored.key_arn(key, encrypted.account, encrypted.region)
    context: Context = dict(encrypted.context)
    if not principal.is_service:
        # An AWS service that delivers with its own name isn't a caller through another service.
        context |= {"kms:ViaService": (f"{service}.{encrypted.region}.amazonaws.com",)}
        context |= {"kms:CallerAccount": (principal.account,)}
    return [Access(each, arn, context) for each in actions]


class _Encrypted:
    """Where a key's name is resolved, and the encryption context that the service uses."""

    def __init__(self, account: str, region: str, pairs: dict[str, str]) -> None:
        self.account, self.region, self.context = account, region, encryption_context(pairs)


_Found = tuple[str, _Encrypted] | None


def _topic(region: str, account: str, named: str) -> _Found:
    arn = f"arn:aws:sns:{region}:{account}:{named}"
    topic = sns_backends[account][region].topics.get(arn)
    key = topic.kms_master_key_id if topic else None
    return (key, _Encrypted(account, region, {"aws:sns:topicArn": arn})) if key else None


def _queue(region: str, account: str, named: str) -> _Found:
    queue: Any = sqs_backends[account][region].queues.get(named)
    key = queue.kms_master_key_id if queue else None
    pairs = {"aws:sqs:arn": f"arn:aws:sqs:{region}:{account}:{named}"}
    return (key, _Encrypted(account, region, pairs)) if key else None


def _table(region: str, account: str, named: str) -> _Found:
    name = named.split("/")[1]
    table = dynamodb_backends[account][region].tables.get(name)
    # Without a specification the table has the key that DynamoDB owns, which needs no permission.
    specification = (table.sse_specification if table else None) or {}
    key = specification.get("KMSMasterKeyId") if specification.get("Enabled", True) else None
    pairs = {"aws:dynamodb:tableName": name, "aws:dynamodb:subscriberId": account}
    if not key or "/alias/aws/" in f"/{key}" or _is_default(key, account, region):
        return None
    return key, _Encrypted(account, region, pairs)


def _is_default(key: str, account: str, region: str) -> bool:
    """Whether this is alias/aws/dynamodb, which moto makes as an ordinary key."""
    from moto.kms.models import kms_backends

    stored_key = kms_backends[account][region].keys.get(key.rsplit("/", 1)[-1])
    return bool(stored_key and "alias/aws/dynamodb" in stored_key.aliases)


def _object(access: Access, named: str) -> _Found:
    """For a read the key of the object itself, for a write the one asked for or else the bucket's default.

    With an S3 Bucket Key the encryption context names the bucket, otherwise the object:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    """
    bucket_name, _, key_name = named.partition("/")
    owner = stored.bucket_owner(bucket_name)
    bucket: Any = s3_backends[owner]["aws"].buckets.get(bucket_name) if owner else None
    if bucket is None:
        return None
    reads = access.action != "s3:PutObject"
    encryption = _of_object(bucket, key_name, access.context) if reads else _of_write(bucket, access.context)
    if encryption is None or encryption.algorithm != "aws:kms":
        return None
    arn = f"arn:aws:s3:::{bucket_name}" if encryption.bucket_key else f"arn:aws:s3:::{bucket_name}/{key_name}"
    return encryption.key or "alias/aws/s3", _Encrypted(owner or "", bucket.region_name, {"aws:s3:arn": arn})


def _card(access: Access, at: stored.Fields) -> _Found:
    """A model card's key, with the card in the encryption context; or that of the card in a model package.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards-xaccount.html. Whether SageMaker uses an encryption
    context for a package isn't documented; here it uses none.
    """
    key = access.key or stored.sagemaker_key(access.resource)
    pairs = {"aws:sagemaker:model-card-arn": access.resource} if at.resource.startswith("model-card/") else {}
    return (key, _Encrypted(at.account, at.region, pairs)) if key else None


class _Encryption(NamedTuple):
    algorithm: str | None
    key: str | None
    bucket_key: bool


def _of_object(bucket: Any, key_name: str, context: Context) -> _Encryption | None:
    version = context.get("s3:VersionId")
    stored_versions = bucket.keys.getlist(key_name, default=[])
    found = [each for each in stored_versions if version is None or (str(each.version_id),) == version]
    if not found:
        return None
    # A delete marker is a version without encryption.
    algorithm, key, bucket_key = (
        getattr(found[-1], name, None) for name in ("encryption", "kms_key_id", "bucket_key_enabled")
    )
    return _Encryption(algorithm, key, str(bucket_key).lower() == "true")


def _of_write(bucket: Any, context: Context) -> _Encryption:
    rule = bucket.encryption["Rule"] if bucket.encryption else {}
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    (algorithm,) = context.get("s3:x-amz-server-side-encryption") or (default.get("SSEAlgorithm"),)
    (key,) = context.get("s3:x-amz-server-side-encryption-aws-kms-key-id") or (default.get("KMSMasterKeyID"),)
    return _Encryption(algorithm, key, str(rule.get("BucketKeyEnabled")).lower() == "true")


_READERS = {"dynamodb": _table, "sns": _topic, "sqs": _queue}
