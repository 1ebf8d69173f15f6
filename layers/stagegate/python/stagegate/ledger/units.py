"""Who was in the organizational units of the rules, as the last sweep has heard."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stagegate.aws.errors import translated
from stagegate.ledger import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = frozenset({"dynamodb:GetItem", "dynamodb:PutItem"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The accounts of one unit, and how many sweeps in a row could not ask since they were heard."""

    accounts: tuple[str, ...]
    unheard: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The units by their ids, and the sweep that has asked about all of them last ("" for none)."""

    units: Mapping[str, Unit]
    sweep: str = ""


def read(dynamodb: "DynamoDBClient", table: str) -> Units:
    """Return what is on record, strongly consistent; nothing before the first sweep or run that asked."""
    with translated("read who is in the units"):
        found = dynamodb.get_item(TableName=table, Key=items.key(items.UNITS, items.CURRENT), ConsistentRead=True)
    if "Item" not in found:
        return Units(units={})
    values = items.values(found["Item"])
    return Units(
        units={
            name: Unit(accounts=tuple(each["accounts"]), unheard=int(each["unheard"]))
            for name, each in values["units"].items()
        },
        sweep=values["sweep"],
    )


def write(dynamodb: "DynamoDBClient", table: str, units: Units) -> None:
    """Record what was heard in place of what is on record. Plans that ask at once hear the same."""
    values = {
        "sweep": units.sweep,
        "units": {
            name: {"accounts": list(each.accounts), "unheard": each.unheard} for name, each in units.units.items()
        },
    }
    item = items.item(items.UNITS, items.CURRENT, values)
    with translated("record who is in the units"):
        dynamodb.put_item(TableName=table, Item=item)
