"""Who was in the organizational units of the rules, who isn't in the organization, and who was in any stage before."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import ThrottledError
from stagegate.ledger import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SWEEP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}-[0-9a-f]{8}")
"""A sweep's id (`sweep.asl.yaml`)."""

_SECOND = len("2026-03-02T120000")
"""What of an id is the time at which the sweep has begun."""
_AHEAD = timedelta(minutes=1)
"""How far another clock may be ahead."""

READ_PERMISSIONS = frozenset({"dynamodb:GetItem"})
PERMISSIONS = READ_PERMISSIONS | {"dynamodb:PutItem"}
KNOWN_PERMISSIONS = frozenset({"dynamodb:BatchGetItem", "dynamodb:UpdateItem"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The accounts of one unit, and how many sweeps in a row could not ask since they were heard."""

    accounts: tuple[str, ...]
    unheard: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsiders:
    """The accounts of the rules that aren't in the organization, as a sweep has heard ("": none has asked yet)."""

    accounts: frozenset[str] = frozenset()
    sweep: str = ""

    def is_of(self, sweep: str) -> bool:
        """Tell whether they were heard in a sweep, or after it has begun. Of two that began in one second, nobody
        knows which was later.
        """
        return self.sweep == sweep or self.sweep[:_SECOND] > sweep[:_SECOND]


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The units by their ids, and the sweep that has asked about all of them last ("" for none)."""

    units: Mapping[str, Unit]
    sweep: str = ""

    def is_before(self, sweep: str) -> bool:
        """Tell whether a sweep has yet to ask; "" is none. The id of one starts with the time when it has started, and
        one that started earlier asks nobody anew: it would count as one more that could not ask.
        """
        if not sweep or sweep == self.sweep:
            return False
        return not (_SWEEP.fullmatch(sweep) and _SWEEP.fullmatch(self.sweep) and sweep[:_SECOND] < self.sweep[:_SECOND])

    def heard(self, within: int, *, own: str) -> dict[str, tuple[str, ...]]:
        """Return the accounts of each unit that fewer sweeps than that could not ask.

        The account `own` isn't among them: it owns the models and sees them anyway, and a unit, or the root, may well
        contain it.
        """
        return {
            name: tuple(account for account in unit.accounts if account != own)
            for name, unit in self.units.items()
            if unit.unheard < within
        }


def is_sweep(id_: str, now: datetime) -> bool:
    """Tell whether an id can be that of a sweep that has begun. Whoever starts a run can give it any id: what is heard
    under one of the future, or of no time, would be the newest for ever, and no sweep would ask again.
    """
    if not _SWEEP.fullmatch(id_):
        return False
    try:
        return datetime.strptime(f"{id_[:_SECOND]}+0000", "%Y-%m-%dT%H%M%S%z") <= now + _AHEAD
    except ValueError:
        return False


def read(dynamodb: "DynamoDBClient", table: str) -> Units:
    """Return what is on record, strongly consistent; nothing before the first sweep or run that asked."""
    with translated("read who is in the units"):
        found = dynamodb.get_item(TableName=table, Key=items.key(items.UNITS, items.CURRENT), ConsistentRead=True)
    if "Item" not in found:
        return Units(units={})
    return decoded(items.values(found["Item"]))


def write(dynamodb: "DynamoDBClient", table: str, units: Units, over: Units | None = None) -> bool:
    """Record what was heard in place of what is on record; with `over`, only where that is what stands there still.
    Tell whether it was written. DynamoDB compares maps as a whole ("Condition", API reference: EQ is for all types).
    """
    values = {"sweep": units.sweep, "units": _units(units)}
    conditions: dict[str, Any] = {}
    if over is not None:
        before = items.item("", "", {":sweep": over.sweep, ":units": _units(over)})
        conditions = {
            "ConditionExpression": "attribute_not_exists(pk) OR (sweep = :sweep AND #units = :units)",
            "ExpressionAttributeNames": {"#units": "units"},
            "ExpressionAttributeValues": {name: before[name] for name in (":sweep", ":units")},
        }
    with translated("record who is in the units"):
        try:
            dynamodb.put_item(TableName=table, Item=items.item(items.UNITS, items.CURRENT, values), **conditions)
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return False
    return True


def outsiders_key() -> dict[str, Any]:
    """Return the key of the accounts of the rules that aren't in the organization."""
    return items.key(items.UNITS, items.OUTSIDE)


def outsiders_of(values: Mapping[str, Any] | None) -> Outsiders:
    """Return what the item's values say; nobody where there is none yet."""
    return Outsiders(accounts=frozenset(values["accounts"]), sweep=values["sweep"]) if values else Outsiders()


def read_outsiders(dynamodb: "DynamoDBClient", table: str) -> Outsiders:
    """Return who isn't in the organization, as the last sweep has heard, strongly consistent.

    Raises ThrottledError if DynamoDB leaves the key unanswered.
    """
    with translated("read who isn't in the organization"):
        answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": [outsiders_key()], "ConsistentRead": True}})
    if answer.get("UnprocessedKeys"):
        raise ThrottledError("read who isn't in the organization: DynamoDB has left the key unanswered")
    return outsiders_of(next(map(items.values, answer["Responses"].get(table, ())), None))


def write_outsiders(dynamodb: "DynamoDBClient", table: str, outsiders: Outsiders) -> None:
    """Record what a sweep has heard, unless a later one has been there. Doing it twice is doing it once."""
    values = {"sweep": outsiders.sweep, "accounts": sorted(outsiders.accounts)}
    with translated("record who isn't in the organization"):
        try:
            dynamodb.put_item(
                TableName=table,
                Item=items.item(items.UNITS, items.OUTSIDE, values),
                ConditionExpression="attribute_not_exists(pk) OR sweep <= :sweep OR begins_with(sweep, :second)",
                ExpressionAttributeValues={
                    ":sweep": {"S": outsiders.sweep},
                    ":second": {"S": outsiders.sweep[:_SECOND]},
                },
            )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise


def known_accounts(dynamodb: "DynamoDBClient", table: str) -> tuple[frozenset[str], dict[str, tuple[str, ...]]]:
    """Return the accounts that any stage has had, as sweeps have seen them, and those of each unit as they were last
    heard; one call, strongly consistent. Something of ours may still lie in one that neither rules nor units name.

    Raises ThrottledError if DynamoDB leaves a key unanswered.
    """
    keys = [items.key(partition, items.CURRENT) for partition in (items.ACCOUNTS, items.UNITS)]
    with translated("read the accounts of all sweeps"):
        answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    if answer.get("UnprocessedKeys"):
        raise ThrottledError("read the accounts of all sweeps: DynamoDB has left a key unanswered")
    found = {values["pk"]: values for values in map(items.values, answer["Responses"].get(table, ()))}
    known = frozenset(found.get(items.ACCOUNTS, {}).get("accounts", ()))
    in_units = decoded(found[items.UNITS]).units if items.UNITS in found else {}
    return known, {name: unit.accounts for name, unit in in_units.items()}


def know(dynamodb: "DynamoDBClient", table: str, accounts: Collection[str]) -> None:
    """Put accounts of stages on record beside those that are there. Doing it twice is doing it once."""
    with translated("record the accounts of a sweep"):
        dynamodb.update_item(
            TableName=table,
            Key=items.key(items.ACCOUNTS, items.CURRENT),
            UpdateExpression="ADD accounts :accounts",
            ExpressionAttributeValues={":accounts": {"SS": sorted(accounts)}},
        )


def _units(units: Units) -> dict[str, Any]:
    return {name: {"accounts": list(each.accounts), "unheard": each.unheard} for name, each in units.units.items()}


def decoded(values: Mapping[str, Any]) -> Units:
    """Return what the item's values say."""
    return Units(
        units={
            name: Unit(accounts=tuple(each["accounts"]), unheard=int(each["unheard"]))
            for name, each in values["units"].items()
        },
        sweep=values["sweep"],
    )
