"""CloudTrail's events of calls that changed a model card, decoded where they come in."""
# ruff: noqa: N815 - members are spelled as CloudTrail spells them, so that an error names the member that is wrong

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dacite

from stagegate.domain.arns import model_card_arn
from stagegate.domain.errors import InputError
from stagegate.domain.lifecycle import CardStatus
from stagegate.domain.principals import Actor

# CloudTrail's own spelling, member by member; what isn't named here is CloudTrail's own business.


@dataclass(frozen=True)
class _SessionIssuer:
    arn: str | None = None


@dataclass(frozen=True)
class _SessionContext:
    sessionIssuer: _SessionIssuer | None = None
    sourceIdentity: str | None = None


@dataclass(frozen=True)
class _UserIdentity:
    arn: str | None = None
    sessionContext: _SessionContext | None = None


@dataclass(frozen=True)
class _Request:
    modelCardName: str
    modelCardStatus: str | None = None


@dataclass(frozen=True)
class _Response:
    modelCardArn: str | None = None


@dataclass(frozen=True)
class _Record:
    eventID: str
    eventName: str
    eventTime: str
    awsRegion: str
    userIdentity: _UserIdentity
    requestParameters: _Request
    responseElements: _Response | None = None
    sharedEventID: str | None = None


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
    """Return the call that a CloudTrail event reports. Raises InputError, which names the field that is wrong.

    A copy of the record in another account has its own id; `sharedEventID` is what the copies have in common.
    """
    try:
        envelope = dacite.from_dict(_Envelope, dict(event))
    except dacite.DaciteError as error:
        raise InputError(
            f"CloudTrail event: {error}; allowed: the record of a CreateModelCard or UpdateModelCard call"
        ) from error
    record = envelope.detail
    named = record.responseElements.modelCardArn if record.responseElements else None
    return CardCall(
        id=record.sharedEventID or record.eventID,
        arn=model_card_arn(
            named or record.requestParameters.modelCardName,
            partition=partition,
            region=record.awsRegion,
            account=envelope.account,
        ),
        at=_time(record.eventTime),
        actor=_actor(record.userIdentity),
        status=_status(record.requestParameters.modelCardStatus),
        creates=record.eventName == "CreateModelCard",
    )


def _actor(identity: _UserIdentity) -> Actor | None:
    if identity.arn is None:
        return None
    context = identity.sessionContext or _SessionContext()
    return Actor(
        arn=identity.arn,
        role_arn=context.sessionIssuer.arn if context.sessionIssuer else None,
        source_identity=context.sourceIdentity,
    )


def _time(found: str) -> datetime:
    try:
        at = datetime.fromisoformat(found)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InputError(
            f"CloudTrail event: detail.eventTime: found {found!r}; allowed: a time such as 2025-01-01T00:00:00Z"
        )
    return at.astimezone(UTC)


def _status(found: str | None) -> CardStatus | None:
    try:
        return CardStatus(found) if found else None
    except ValueError:
        raise InputError(
            f"CloudTrail event: detail.requestParameters.modelCardStatus: found {found!r}; allowed:"
            f" {', '.join(CardStatus)}"
        ) from None
