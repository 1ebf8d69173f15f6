"""Who set a card's tags: CloudTrail's events of the calls, for the tags that decide whom a card is for."""
# ruff: noqa: N815 - members are spelled as CloudTrail spells them, so that an error names the member that is wrong

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stagegate.approvals.tags.record import TagRecord
from stagegate.aws.cloudtrail import Envelope, decoded
from stagegate.core.errors import InputError

CALLS = ("AddTags", "DeleteTags")


@dataclass(frozen=True)
class _Tag:
    key: str
    value: str = ""


@dataclass(frozen=True)
class _Request:
    resourceArn: str | None = None
    tags: list[_Tag] | None = None
    tagKeys: list[str] | None = None


@dataclass(frozen=True)
class _Response:
    pass


def is_tagging(event: Mapping[str, Any]) -> bool:
    """Tell whether an event is of a call that sets or removes tags, and does nothing else."""
    detail = event.get("detail")
    return isinstance(detail, Mapping) and detail.get("eventName") in CALLS


def tagged_by(event: Mapping[str, Any]) -> str:
    """Return the ARN of what the call of an event has tagged. Raises InputError."""
    request = _decoded(event).detail.requestParameters
    if request.resourceArn is None:
        raise InputError(
            "CloudTrail event: detail.requestParameters.resourceArn: found nothing; allowed: the ARN of a card"
        )
    return request.resourceArn


def sets_tags(event: Mapping[str, Any]) -> bool:
    """Tell whether a call has set tags, as a creation may. Raises InputError."""
    return bool(_decoded(event).detail.requestParameters.tags)


def records_of(event: Mapping[str, Any], keys: Collection[str]) -> Iterator[TagRecord]:
    """Yield what an event says of the tags with these keys. A creation touches those that it sets.

    Raises InputError for a record that contradicts itself.
    """
    envelope = _decoded(event)
    call, request = envelope.detail, envelope.detail.requestParameters
    actor = call.actor_in(envelope.account)
    set_ = {tag.key: tag.value for tag in request.tags or ()}
    for key in sorted({*set_, *(request.tagKeys or ())} & set(keys)):
        yield TagRecord(id=f"{call.id}-tag-{key}", at=call.at, actor=actor, key=key, value=set_.get(key))


def _decoded(event: Mapping[str, Any]) -> Envelope[_Request, _Response]:
    return decoded(Envelope[_Request, _Response], event, "CreateModelCard, AddTags or DeleteTags")
