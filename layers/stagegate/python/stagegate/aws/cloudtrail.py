"""CloudTrail's events: what is the same in all of them, decoded where they come in."""
# ruff: noqa: N815 - members are spelled as CloudTrail spells them, so that an error names the member that is wrong

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

import dacite

from stagegate.approvals.principals import Actor
from stagegate.core.errors import InputError
from stagegate.core.untrusted import word

T = TypeVar("T")
S = TypeVar("S", bound=StrEnum)
Request = TypeVar("Request")
Response = TypeVar("Response")

# CloudTrail's own spelling, member by member; what isn't named here is CloudTrail's own business.


@dataclass(frozen=True)
class SessionIssuer:
    """The role behind a session."""

    arn: str | None = None


@dataclass(frozen=True)
class SessionContext:
    """What a session was made from."""

    sessionIssuer: SessionIssuer | None = None
    sourceIdentity: str | None = None


@dataclass(frozen=True)
class UserIdentity:
    """Who made a call. The copy that the owner's trail has of another account's call names nobody."""

    arn: str | None = None
    sessionContext: SessionContext | None = None


@dataclass(frozen=True, kw_only=True)
class CallRecord(Generic[Request, Response]):
    """The members of a record that say which call it was, of what, when, and whose."""

    eventID: str
    eventName: str
    eventTime: str
    awsRegion: str
    userIdentity: UserIdentity
    requestParameters: Request
    responseElements: Response | None = None
    sharedEventID: str | None = None

    @property
    def id(self) -> str:
        """A copy of the record in another account has its own id; `sharedEventID` is what the copies share."""
        return self.sharedEventID or self.eventID

    @property
    def at(self) -> datetime:
        """When the call was made, in whole seconds. Raises InputError."""
        try:
            at = datetime.fromisoformat(self.eventTime)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise InputError(
                f"CloudTrail event: detail.eventTime: found {self.eventTime!r}; allowed: a time such as"
                " 2025-01-01T00:00:00Z"
            )
        return at.astimezone(UTC)

    def actor_in(self, account: str) -> Actor | None:
        """Return who made the call, where the record says so. Raises InputError for anybody of another account than
        that whose event bus the record came from: a caller's own account has the record that names them.
        """
        arn = self.userIdentity.arn
        if arn is None:
            return None
        if arn.split(":")[4:5] != [account]:
            raise InputError(
                f"CloudTrail event: detail.userIdentity.arn: found {word(arn)} in a record of {account}; allowed:"
                " somebody of that account"
            )
        context = self.userIdentity.sessionContext or SessionContext()
        return Actor(
            arn=arn,
            role_arn=context.sessionIssuer.arn if context.sessionIssuer else None,
            source_identity=context.sourceIdentity,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that created or updated a subject: which, when (whole seconds), by whom, and what it set.

    `status` is the one that it set, None for none, in the words of the subject's kind. `edits` tells whether it could
    change the content; `creates` tells a creation apart, which does both. `actor` is None in the copy that the owner's
    trail has of another account's call: it names that account and nobody in it.
    """

    id: str
    arn: str
    at: datetime
    actor: Actor | None
    status: StrEnum | None
    creates: bool
    edits: bool


@dataclass(frozen=True)
class Envelope(Generic[Request, Response]):
    """A record as the event bus of an account delivers it."""

    account: str
    detail: CallRecord[Request, Response]

    def call(self, *, arn: str, status: StrEnum | None, creates: bool, edits: bool) -> Call:
        """Return the call that the record is of. Raises InputError for what no record of it can have."""
        record = self.detail
        return Call(
            id=record.id,
            arn=arn,
            at=record.at,
            actor=record.actor_in(self.account),
            status=status,
            creates=creates,
            edits=edits,
        )


def decoded(kind: type[T], event: Mapping[str, Any], calls: str) -> T:
    """Return an event as an envelope. Raises InputError, which names the member that is wrong and the `calls` meant."""
    try:
        return dacite.from_dict(kind, dict(event))
    except dacite.DaciteError as error:
        raise InputError(f"CloudTrail event: {error}; allowed: the record of a {calls} call") from error


def status_of(kind: type[S], found: str | None, member: str) -> S | None:
    """Return the status that a request sets, or None for none. Raises InputError, which names the `member`."""
    try:
        return kind(found) if found else None
    except ValueError:
        raise InputError(
            f"CloudTrail event: detail.requestParameters.{member}: found {found!r}; allowed: {', '.join(kind)}"
        ) from None
