"""What the table, or a copy of it, has of each subject's chain. Of an entry it keeps what counts for the chain."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from stagegate.approvals.kept import Head
from stagegate.aws.errors import translated
from stagegate.evidence import chain
from stagegate.evidence.model import Link, Trail
from stagegate.ledger import entries, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = frozenset({"dynamodb:Query", "dynamodb:Scan"})

_SAID = ("status", "version", "content_hash", "outcome", "grants", "findings", "execution", "at")
"""What a run's entry and the view of what is open then both have (see `write.record`)."""
_HISTORY, _ENDED, _CHAIN, _VIEW, _SUBJECT, _APPROVALS = (
    of("")
    for of in (
        items.history_key,
        items.ended_key,
        items.chain_key,
        items.view_key,
        items.subject_key,
        items.approvals_key,
    )
)
_KEYS = (_HISTORY, _ENDED, _CHAIN, _VIEW, _SUBJECT, _APPROVALS)


@dataclass(slots=True)
class _Found:
    history: list[Link] = field(default_factory=list)
    head: Head | None = None
    views: list[Mapping[str, Any]] = field(default_factory=list)
    approvals: list[Link] = field(default_factory=list)
    counts: Head | None = None
    counted: list[str] | None = None

    def trail(self, subject: str) -> Trail:
        ours = [view for view in self.views if view["pk"] == items.view_key(subject)]
        # As `read` has it: the one beside the claim counts where it is newer, or alone.
        views = sorted(
            [*(view for view in self.views if view not in ours), *ours], key=lambda view: str(view.get("at"))
        )
        return Trail(
            subject=subject,
            history=self.history,
            head=self.head,
            view=_said(views[-1]) if views else "",
            whole=chain.view_digest_of(views[-1]) if views else "",
            approvals=self.approvals,
            counts=self.counts,
            counted=self.counted,
        )


def trails_of(found: Iterable[Mapping[str, Any]]) -> dict[str, Trail]:
    """Return the trail of each subject by the table's items, whoever has read or exported them, in any order."""
    by_subject: dict[str, _Found] = {}
    for item in found:
        part = next((part for part in _KEYS if str(item["pk"]).startswith(part)), None)
        if part is not None and (part != _SUBJECT or item["sk"] == items.VIEW):
            _sort(by_subject.setdefault(str(item["pk"]).removeprefix(part), _Found()), part, item)
    return {subject: found.trail(subject) for subject, found in by_subject.items()}


def trails(dynamodb: "DynamoDBClient", table: str) -> dict[str, Trail]:
    """Return the trails of all subjects. A scan is no snapshot: what a flaw is found in has to be looked at again."""
    names = [f":part{number}" for number in range(len(_KEYS))]
    with translated("read the ledger"):
        return trails_of(
            items.values(raw)
            for page in dynamodb.get_paginator("scan").paginate(
                TableName=table,
                FilterExpression=" OR ".join(f"begins_with(pk, {name})" for name in names),
                ExpressionAttributeValues={name: {"S": part} for name, part in zip(names, _KEYS, strict=True)},
                ConsistentRead=True,
            )
            for raw in page["Items"]
        )


def trail(dynamodb: "DynamoDBClient", table: str, subject: str) -> Trail:
    """Return the trail of one subject, strongly consistent. An entry may come between two of its reads."""
    return trails_of(_one(dynamodb, table, subject)).get(subject, Trail(subject=subject))


def _one(dynamodb: "DynamoDBClient", table: str, subject: str) -> Iterator[Mapping[str, Any]]:
    for part in (_CHAIN, _APPROVALS, _VIEW, _SUBJECT, _HISTORY, _ENDED):
        with translated(f"read what is recorded of {subject}"):
            for page in dynamodb.get_paginator("query").paginate(
                TableName=table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": f"{part}{subject}"}},
                ConsistentRead=True,
            ):
                yield from map(items.values, page["Items"])


def _sort(found: _Found, part: str, item: Mapping[str, Any]) -> None:
    if part == _CHAIN:
        found.head = _head(item, "digest")
    elif part in (_VIEW, _SUBJECT):
        found.views.append(item)
    elif part != _APPROVALS:
        found.history.append(_link(item, said=_said(item) if part == _HISTORY else ""))
    elif item["sk"] == items.CURRENT:
        found.counts = _head(item, "head")
        listed = item.get("entries")
        found.counted = [entries.digest_of(each) for each in listed] if isinstance(listed, list) else None
    else:
        found.approvals.append(_approval(item))


def _link(item: Mapping[str, Any], *, said: str = "", leaving_out: frozenset[str] = frozenset({chain.DIGEST})) -> Link:
    digest = str(item.get(chain.DIGEST, ""))
    return Link(
        key=f"{item['pk']} {item['sk']}",
        at=str(item.get("at", "")),
        number=_number(item.get(chain.NUMBER)) if digest else 0,
        previous=str(item.get(chain.PREVIOUS) or ""),
        digest=digest,
        is_sound=chain.digest_of(item, leaving_out) == digest,
        begins=item.get(chain.BEGINS) is True,
        said=said,
        view=str(item.get(chain.VIEW, "")) if said else "",
        noted=_head(item.get("approvals"), "digest"),
    )


def _approval(item: Mapping[str, Any]) -> Link:
    """Return an entry of the approvals, whose digest isn't about where it lies: what it says has to say that."""
    link = _link(item, leaving_out=entries.NOT_IN_DIGEST)
    lies = str(item["sk"]).endswith(f"#{item.get('at')}#{item.get('id')}")
    return link if lies else replace(link, is_sound=False)


def _head(found: object, digest: str) -> Head:
    """Return the end that an item names; one that names none is that of an empty chain."""
    said = found if isinstance(found, Mapping) else {}
    return Head(number=_number(said.get(chain.NUMBER)), digest=str(said.get(digest, "")))


def _number(found: object) -> int:
    return int(found) if isinstance(found, Decimal | int) and found == int(found) and found > 0 else 0


def _said(item: Mapping[str, Any]) -> str:
    return chain.digest_of({name: item[name] for name in _SAID if name in item})
