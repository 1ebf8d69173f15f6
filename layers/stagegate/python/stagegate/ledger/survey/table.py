"""Reading what the ledger says of all subjects, or of one, for reports, lists and histories.

It reads page after page and writes nothing. A scan is no snapshot: what is recorded while it goes on may be missing,
and each subject is as it was at one moment of it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from stagegate.access.model import SubjectRecord
from stagegate.aws.errors import translated
from stagegate.ledger import items, sweeps, units
from stagegate.ledger.survey.decode import Found, Raw, record_of
from stagegate.ledger.units import Units
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.units import with_units

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SURVEY_PERMISSIONS = frozenset({"dynamodb:Scan"})
"""What `survey` takes."""
PERMISSIONS = SURVEY_PERMISSIONS | {"dynamodb:Query"}

MOST_ENTRIES = 20
"""Entries of each subject's history that are kept, the newest: thousands of subjects have more than memory."""

_SUBJECT, _VIEW, _APPROVALS = items.subject_key(""), items.view_key(""), items.approvals_key("")
_HISTORY, _ENDED, _TARGET, _SWEEP = (
    items.history_key(""),
    items.ended_key(""),
    items.target_key(""),
    items.sweep_key(""),
)

_PARTS = (_SUBJECT, _VIEW, _APPROVALS, _HISTORY, _ENDED, _TARGET, _SWEEP, items.WITHDRAWAL, items.UNITS)
"""How the partitions begin that are read. The catalogue of a public hub and the queues aren't."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What the whole table says. `subjects` are in the order of their names; `desired` has what each subject wants of
    each target (see `targets.desired`), by the target's id; `is_withdrawn`: Stagegate is.

    `last_sweep` is the id of the newest sweep that has found anything ("" for none), and `sweep_pages` what that was:
    one that finds nothing leaves nothing. An id begins with the time when the sweep began.
    """

    subjects: tuple[SubjectRecord, ...]
    desired: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_withdrawn: bool = False
    last_sweep: str = ""
    sweep_pages: tuple[sweeps.Page, ...] = ()
    units: Units = field(default=Units(units={}))
    """Who was in the organizational units when a sweep has last heard."""
    began: datetime | None = None
    """The time of the first entry of any history, also of one that wasn't kept; None for none."""

    def settled(self, rules: Rules, account: str) -> Rules:
        """Return the rules with the accounts of their units, as runs have them; `account` is the governance account."""
        return with_units(rules, self.units.heard(rules.sweep.close_after_blind_sweeps, own=account))


def survey(
    dynamodb: "DynamoDBClient", table: str, *, until: datetime | None = None, most_entries: int = MOST_ENTRIES
) -> Survey:
    """Return what the whole table says. Reads all of it once.

    With `until`, the newest entries of each history up to that time are kept, for `access.as_of`; without, the newest.
    """
    found: dict[str, Found] = defaultdict(lambda: Found(most=most_entries))
    desired: dict[str, dict[str, str]] = defaultdict(dict)
    of_sweeps: dict[str, list[Raw]] = defaultdict(list)
    is_withdrawn, in_units, began = False, Units(units={}), ""
    for raw in _scan(dynamodb, table):
        pk = raw["pk"]["S"]
        if pk.startswith(_TARGET):
            if raw["sk"]["S"].startswith(items.DESIRED):
                text = raw.get("desired", {}).get("S", "")
                desired[pk.removeprefix(_TARGET)][raw["sk"]["S"].removeprefix(items.DESIRED)] = text
        elif pk.startswith(_SWEEP):
            of_sweeps[pk.removeprefix(_SWEEP)].append(raw)
        elif pk == items.WITHDRAWAL:
            is_withdrawn = True
        elif pk == items.UNITS:
            if raw["sk"]["S"] == items.CURRENT:  # beside it stands which accounts are outside, of whom nothing is shown
                in_units = units.decoded(items.values(raw))
        else:
            if pk.startswith(_HISTORY):
                at = raw["sk"]["S"].partition("#")[0]
                began = min(began or at, at)
            _sort(found, raw, items.text_of(until) if until else "")
    last = max(of_sweeps, default="")
    pages = [sweeps.page_of(raw) for raw in of_sweeps.get(last, ()) if raw["sk"]["S"].startswith(items.PAGE)]
    return Survey(
        subjects=tuple(record_of(named, found[named]) for named in sorted(found)),
        desired=desired,
        is_withdrawn=is_withdrawn,
        units=in_units,
        began=datetime.fromisoformat(began) if began else None,
        last_sweep=last,
        sweep_pages=tuple(sorted(pages, key=lambda page: page.number)),
    )


def survey_one(dynamodb: "DynamoDBClient", table: str, arn: str) -> SubjectRecord:
    """Return everything that the ledger says of one subject, with its whole history; strongly consistent."""
    found: dict[str, Found] = {arn: Found(most=1_000_000)}
    keys = (items.subject_key, items.view_key, items.approvals_key, items.history_key, items.ended_key)
    for key in keys:
        for raw in _query(dynamodb, table, key(arn)):
            _sort(found, raw, "")
    return record_of(arn, found[arn])


def _sort(found: dict[str, Found], raw: Raw, until: str) -> None:
    """Put an item to its subject's; the history only up to a time, "" for all of it."""
    pk, sk = raw["pk"]["S"], raw["sk"]["S"]
    if pk.startswith(_HISTORY):
        if not until or sk.partition("#")[0] <= until:
            found[pk.removeprefix(_HISTORY)].add_history(raw)
    elif pk.startswith(_APPROVALS):
        if sk != items.CURRENT:
            found[pk.removeprefix(_APPROVALS)].approvals.append(raw)
    elif pk.startswith(_ENDED):
        found[pk.removeprefix(_ENDED)].ended.append(raw)
    else:
        found[pk.removeprefix(_VIEW).removeprefix(_SUBJECT)].own.append(raw)


def _scan(dynamodb: "DynamoDBClient", table: str) -> Iterator[Raw]:
    names = [f":part{number}" for number in range(len(_PARTS))]
    with translated("read the ledger"):
        for page in dynamodb.get_paginator("scan").paginate(
            TableName=table,
            FilterExpression=" OR ".join(f"begins_with(pk, {name})" for name in names),
            ExpressionAttributeValues={name: {"S": part} for name, part in zip(names, _PARTS, strict=True)},
            ConsistentRead=True,
        ):
            yield from page["Items"]


def _query(dynamodb: "DynamoDBClient", table: str, pk: str) -> Iterator[Raw]:
    with translated("read what is recorded of a subject"):
        for page in dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        ):
            yield from page["Items"]
