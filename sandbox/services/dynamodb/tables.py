"""The keys of DynamoDB tables: which items a request is about.

The seam to moto's tables and to its parser of key conditions, which are untyped; hence the `Any`s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from moto.dynamodb.exceptions import KeyIsEmptyStringException, MockValidationException
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.parsing.key_condition_expression import parse_expression

from sandbox.kernel.arns import split


class KeySchema(NamedTuple):
    """The key of a table or of an index, as DynamoDB describes it."""

    elements: list[dict[str, str]]

    @property
    def partition_key(self) -> str:
        """The name of the attribute that is the partition key."""
        return next(each["AttributeName"] for each in self.elements if each["KeyType"] == "HASH")


def key_schema(table_arn: str, index: str | None = None) -> KeySchema | None:
    """The key of a table, or of one of its indexes; None for what doesn't exist, which the service then says."""
    fields = split(table_arn)
    if fields is None:
        return None
    table: Any = dynamodb_backends[fields.account][fields.region].tables.get(fields.resource.split("/")[1])
    if table is None:
        return None
    if index is None:
        return KeySchema(table.schema)
    return next((KeySchema(each.schema) for each in table.all_indexes() if each.name == index), None)


def queried_key(table_arn: str, query: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The partition key value that a Query asks for, with its type; None for a query that DynamoDB will refuse."""
    schema = key_schema(table_arn, query.get("IndexName"))
    if schema is None:
        return None
    try:
        conditions, _, _ = parse_expression(
            key_condition_expression=query.get("KeyConditionExpression") or "",
            expression_attribute_values=dict(query.get("ExpressionAttributeValues") or {}),
            expression_attribute_names=dict(query.get("ExpressionAttributeNames") or {}),
            schema=schema.elements,
        )
    except (MockValidationException, KeyIsEmptyStringException, KeyError):
        return None
    value: Mapping[str, Any] | None = conditions[0][1] if conditions else None
    return value
