"""What counts of a subject's tags, by the records of who set them and by what SageMaker shows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from stagegate.approvals.principals import is_one_of
from stagegate.approvals.tags.record import TagRecord
from stagegate.core.untrusted import quoted, word


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """The tags of one subject that count, by their keys: the value, None for a tag that isn't there. Of what is
    `unsettled`, it says why nothing counts.
    """

    values: Mapping[str, str | None] = field(default_factory=dict)
    unsettled: Mapping[str, str] = field(default_factory=dict)


def tags_of(
    records: Collection[TagRecord], entitled: Mapping[str, Collection[str]], shown_tags: Mapping[str, str] | None
) -> Tags:
    """Return what counts of each key, by the principals who are entitled to set it.

    `shown_tags` are the tags that the subject has now, by SageMaker; None where it wasn't asked. Both have to agree.
    """
    values: dict[str, str | None] = {}
    unsettled: dict[str, str] = {}
    for key, principals in entitled.items():
        own = [record for record in records if record.key == key]
        why = _unsettled(own, principals)
        value = _last(own)[0].value if own else None
        if not why and shown_tags is not None and shown_tags.get(key) != value:
            now = _said(shown_tags.get(key))
            why = f"SageMaker shows {now}, and by the last record that is here it is {_said(value)}"
        if why:
            unsettled[key] = why
        else:
            values[key] = value
    return Tags(values=values, unsettled=unsettled)


def is_entitled(record: TagRecord, principals: Collection[str]) -> bool:
    """Tell whether one of these principals has touched the tag."""
    return record.actor is not None and is_one_of(record.actor, principals)


def says_more(
    record: TagRecord, kept: Collection[TagRecord], principals: Collection[str], created: datetime | None = None
) -> bool:
    """Tell whether a record can change what counts, by those that are kept already.

    While somebody who isn't entitled has touched a tag last, nothing counts of it, whoever else of them touches it, and
    however often: who may do nothing but tag would else have each run read ever more. Should the record of somebody
    entitled come late, of between the two, its value counts as soon as SageMaker shows it: as it did before the record
    of the second came. What was kept before the card was made (`created`, None where that isn't known) is another's.
    """
    if is_entitled(record, principals):
        return True
    before = [
        each for each in kept if each.key == record.key and each.at <= record.at and (not created or each.at >= created)
    ]
    return not before or any(is_entitled(each, principals) for each in _last(before))


def _unsettled(records: Collection[TagRecord], principals: Collection[str]) -> str:
    """Return why the last record doesn't decide, "" where it does, and where nobody has touched the tag: it isn't
    there then.
    """
    if not records:
        return ""
    last = _last(records)
    if len(last) > 1:
        return (
            f"{len(last)} calls of {last[0].at:%Y-%m-%d %H:%M:%S} UTC have touched it, and nobody knows which was last"
        )
    (record,) = last
    if not is_entitled(record, principals):
        who = word(record.actor.arn) if record.actor else "somebody whom the record doesn't name"
        return f"{who} touched it last, who may not set it by [[tags]]"
    return ""


def _last(records: Iterable[TagRecord]) -> list[TagRecord]:
    """Return the records of the latest second: CloudTrail's times are no finer, and say when calls were completed."""
    ordered = sorted(records, key=lambda record: record.at)
    return [record for record in ordered if record.at == ordered[-1].at]


def _said(value: str | None) -> str:
    return "nothing" if value is None else quoted(value)
