"""What the operations of DynamoDB need, and the keys of tables.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any  # items and keys are as botocore's model decodes them

from moto.dynamodb.models import dynamodb_backends
from moto.kms.models import kms_backends

from sandbox.authorization.accesses import Access, Call, Context, arn, table
from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.registry import READ_KEY, Api, Encryption, Registry, Resources
from sandbox.kernel.arns import Fields
from sandbox.services.dynamodb import tables


def _named(call: Call, name: str) -> str:
    return name if name.startswith("arn:") else arn("dynamodb", call, f"table/{name}")


def _table(call: Call) -> str:
    return _named(call, str(call.get("TableName")))


def _leading(resource: str, items: Iterable[Mapping[str, Any]]) -> Context:
    """dynamodb:LeadingKeys: the partition keys of some items or keys of the table `resource`.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    schema = tables.key_schema(resource)
    values = [_plain(item[schema.partition_key]) for item in items if schema and schema.partition_key in item]
    return {"dynamodb:LeadingKeys": tuple(dict.fromkeys(values))} if values else {}


def _plain(value: Mapping[str, Any]) -> str:
    """The value without its type: `{"S": "a"}` is `a`."""
    return str(next(iter(value.values())))


def _item(call: Call) -> list[Access]:
    item = call.get("Item") or call.get("Key") or {}
    return [Access(f"dynamodb:{call.operation}", _table(call), _leading(_table(call), [item]))]


def _scan(call: Call) -> list[Access]:
    return [Access(f"dynamodb:{call.operation}", _indexed(call))]


def _query(call: Call) -> list[Access]:
    if call.get("KeyConditions"):
        raise NotMapped("dynamodb Query with KeyConditions is not supported: use KeyConditionExpression")
    value = tables.queried_key(_table(call), call.parameters)
    context: Context = {"dynamodb:LeadingKeys": (_plain(value),)} if value else {}
    return [Access("dynamodb:Query", _indexed(call), context)]


def _indexed(call: Call) -> str:
    """The table, or the index of it that is read."""
    index = call.get("IndexName")
    return f"{_table(call)}/index/{index}" if index else _table(call)


def _batch(call: Call) -> list[Access]:
    accesses = []
    for name, requests in call.parameters["RequestItems"].items():
        if call.operation == "BatchGetItem":
            items = list(requests["Keys"])
        else:
            items = [write.get("Item") or write.get("Key") or {} for each in requests for write in each.values()]
        resource = _named(call, name)
        accesses.append(Access(f"dynamodb:{call.operation}", resource, _leading(resource, items)))
    return accesses


_ACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}


def _transaction(call: Call) -> list[Access]:
    """A transaction has no action of its own: each item needs its own.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    """
    accesses = []
    for entry in call.parameters["TransactItems"]:
        for kind, item in entry.items():
            resource = _named(call, item["TableName"])
            context = _leading(resource, [item.get("Item") or item.get("Key") or {}])
            context["dynamodb:EnclosingOperation"] = (call.operation,)
            accesses.append(Access(f"dynamodb:{_ACTIONS[kind]}", resource, context))
    return accesses


ROWS = table(
    "dynamodb",
    dict.fromkeys(("DescribeContinuousBackups", "DescribeTable", "DescribeTimeToLive"), _table) | {"ListTables": None},
    BatchGetItem=_batch,
    BatchWriteItem=_batch,
    DeleteItem=_item,
    GetItem=_item,
    PutItem=_item,
    Query=_query,
    Scan=_scan,
    TransactGetItems=_transaction,
    TransactWriteItems=_transaction,
    UpdateItem=_item,
)


def _encryption(_access: Access, at: Fields) -> Encryption | None:
    name = at.resource.split("/")[1]
    found = dynamodb_backends[at.account][at.region].tables.get(name)
    # Without a specification the table has the key that DynamoDB owns, which needs no permission.
    specification = (found.sse_specification if found else None) or {}
    key = specification.get("KMSMasterKeyId") if specification.get("Enabled", True) else None
    if not key or "/alias/aws/" in f"/{key}" or _is_default(key, at):
        return None
    pairs = {"aws:dynamodb:tableName": name, "aws:dynamodb:subscriberId": at.account}
    return Encryption(key, at.account, at.region, pairs)


def _is_default(key: str, at: Fields) -> bool:
    """Whether this is alias/aws/dynamodb, which moto makes as an ordinary key."""
    found = kms_backends[at.account][at.region].keys.get(key.rsplit("/", 1)[-1])
    return bool(found and "alias/aws/dynamodb" in found.aliases)


_ENCRYPTED = (
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
"""What reads or writes items."""


def register(registry: Registry) -> None:
    """Add this service's entries."""
    registry.add(
        Api(service="dynamodb", rows=ROWS),
        Resources(
            prefix="dynamodb",
            condition_keys=frozenset(("dynamodb:EnclosingOperation", "dynamodb:LeadingKeys")),
            key_uses={f"dynamodb:{name}": READ_KEY for name in _ENCRYPTED},
            encryption=_encryption,
        ),
    )
