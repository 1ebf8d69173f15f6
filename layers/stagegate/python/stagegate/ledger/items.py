"""Keys and values of the table's items."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

CLAIM = "CLAIM"
VIEW = "VIEW"
CURRENT = "CURRENT"
RECORD = "RECORD#"
QUESTION = "QUESTION#"
TAG = "TAG#"
LEASE = "LEASE"
DESIRED = "DESIRED#"
WRITTEN = "WRITTEN#"
FAILED = "FAILED#"
TICKET = "TICKET#"
SLOT = "SLOT"
PAGE = "PAGE#"
WITHDRAWAL = "WITHDRAWAL"
CARDS = "CARDS"
UNITS = "UNITS"
OUTSIDE = "OUTSIDE"
ACCOUNTS = "ACCOUNTS"
HEAD = "HEAD"

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def subject_key(arn: str) -> str:
    """Return the partition of everything that belongs to one subject."""
    return f"SUBJECT#{arn}"


def ended_key(arn: str) -> str:
    """Return the partition of how a package's imports ended, apart from the history of runs. `record` alone writes that
    one: a view that an earlier release has left counts by it.
    """
    return f"ENDED#{arn}"


def view_key(arn: str) -> str:
    """Return the partition of what is open of a subject that somebody approves, which `record` alone writes: those who
    write notes and marks beside a claim could keep open there what nobody was asked about.
    """
    return f"VIEW#{arn}"


def approvals_key(arn: str) -> str:
    """Return the partition of a subject's approvals, which `record_approval` alone writes."""
    return f"APPROVALS#{arn}"


def naming_key(package: str) -> str:
    """Return the partition of the cards that name a package, however its group is spelled. `record` alone writes it."""
    return f"NAMED#{package.lower()}"


def following_key(card: str) -> str:
    """Return the partition of the packages whose runs a card starts. `record` alone writes it."""
    return f"FOLLOWED#{card}"


def history_key(arn: str) -> str:
    """Return the partition of a subject's history, which grows and is never read by a run."""
    return f"HISTORY#{arn}"


def chain_key(arn: str) -> str:
    """Return the partition of where the chain of a subject's history ends: of its runs and of its imports' ends. Only
    those who write these write it, in the same transaction.
    """
    return f"CHAIN#{arn}"


def target_key(target: str) -> str:
    """Return the partition of everything that is wanted of one target."""
    return f"TARGET#{target}"


def catalogue_key(region: str) -> str:
    """Return the partition of what is on record of a Region's public hub."""
    return f"PUBLIC#{region}"


def queue_key(queue: str) -> str:
    """Return the partition of the imports into one Region of an account: who waits, and whose turn it is."""
    return f"QUEUE#{queue}"


def imported_key(queue: str, group: str) -> str:
    """Return the partition of the versions of one group that have been imported there."""
    return f"IMPORTED#{queue}/{group}"


def sweep_key(sweep: str) -> str:
    """Return the partition of what one sweep has found."""
    return f"SWEEP#{sweep}"


def key(pk: str, sk: str) -> dict[str, Any]:
    """Return a primary key as the low-level client takes it."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def item(pk: str, sk: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item as the low-level client takes it. Absent values (None) are left out."""
    return {**key(pk, sk), **attributes(values)}


def attributes(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as an item's attributes. Absent ones (None) are left out."""
    return {name: _serialize(value) for name, value in values.items() if value is not None}


def values(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item's attributes as Python values."""
    return {name: _deserialize(value) for name, value in found.items()}


def text_of(moment: datetime) -> str:
    """Return a time as it is stored: ISO 8601 in UTC with microseconds, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
