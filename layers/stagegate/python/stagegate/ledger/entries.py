"""Change records: who set which status, and who edited the content. Written once."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from stagegate.approvals.fingerprints import Fingerprints
from stagegate.approvals.records import AuditRecord
from stagegate.aws.errors import code_of, translated
from stagegate.ledger import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = frozenset({"dynamodb:PutItem"})


def audit_item(arn: str, record: AuditRecord) -> dict[str, Any]:
    """Return a change record as the item that it is stored as."""
    return items.item(
        items.subject_key(arn),
        f"{items.AUDIT}{items.text_of(record.at)}#{record.id}",
        {
            "id": record.id,
            "at": items.text_of(record.at),
            "actor": record.actor.arn,
            "role_arn": record.actor.role_arn,
            "source_identity": record.actor.source_identity,
            "status": str(record.status) if record.status else None,
            "version": record.version,
            "content_hash": record.content_hash,
            "metadata_only": record.metadata_only or None,
            "fingerprints": _fingerprints(record.fingerprints) if record.fingerprints else None,
            "not_fingerprinted": record.not_fingerprinted or None,
            "risk": record.risk.value if record.risk else None,
        },
    )


def _fingerprints(fingerprints: Fingerprints) -> dict[str, Any]:
    named = {fingerprint.name: fingerprint.digest for fingerprint in fingerprints.named}
    return {
        "digest": fingerprints.digest,
        "count": fingerprints.count,
        "named": named,
        **({"data": fingerprints.data} if fingerprints.data else {}),
    }


def record_once(dynamodb: "DynamoDBClient", table: str, arn: str, record: AuditRecord) -> bool:
    """Put a record down unless it is there already; tell whether it was new. What is on record is never changed."""
    with translated(f"record a change of {arn}"):
        try:
            dynamodb.put_item(
                TableName=table, Item=audit_item(arn, record), ConditionExpression="attribute_not_exists(pk)"
            )
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return False
            raise
    return True
