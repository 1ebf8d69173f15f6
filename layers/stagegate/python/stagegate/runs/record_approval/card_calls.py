"""CloudTrail's events of calls that changed a model card."""
# ruff: noqa: N815 - members are spelled as CloudTrail spells them, so that an error names the member that is wrong

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stagegate.approvals.principals import Actor
from stagegate.core.arns import model_card_arn
from stagegate.core.statuses import CardStatus
from stagegate.runs.record_approval.cloudtrail import Record, decoded, status_of


@dataclass(frozen=True)
class _Request:
    modelCardName: str
    modelCardStatus: str | None = None


@dataclass(frozen=True)
class _Response:
    modelCardArn: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Record(Record):
    requestParameters: _Request
    responseElements: _Response | None = None


@dataclass(frozen=True)
class _Envelope:
    account: str
    detail: _Record


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCall:
    """A call that created or updated a model card: which, when (whole seconds), by whom, and what status it set.

    `status` is None for an update of the content. A creation sets both, and `creates` tells it apart. `actor` is None
    in the copy that the owner's trail has of another account's call: it names that account and nobody in it.
    """

    id: str
    arn: str
    at: datetime
    actor: Actor | None
    status: CardStatus | None
    creates: bool


def card_call(event: Mapping[str, Any], *, partition: str) -> CardCall:
    """Return the call that a CloudTrail event reports. Raises InputError, which names the field that is wrong."""
    envelope = decoded(_Envelope, event, "CreateModelCard or UpdateModelCard")
    record = envelope.detail
    named = record.responseElements.modelCardArn if record.responseElements else None
    return CardCall(
        id=record.id,
        arn=model_card_arn(
            named or record.requestParameters.modelCardName,
            partition=partition,
            region=record.awsRegion,
            account=envelope.account,
        ),
        at=record.at,
        actor=record.actor_in(envelope.account),
        status=status_of(CardStatus, record.requestParameters.modelCardStatus, "modelCardStatus"),
        creates=record.eventName == "CreateModelCard",
    )
