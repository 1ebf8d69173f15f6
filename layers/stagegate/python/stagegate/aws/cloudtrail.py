"""CloudTrail's events: what is the same in all of them, decoded where they come in."""
# ruff: noqa: N815 - members are spelled as CloudTrail spells them, so that an error names the member that is wrong

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

import dacite

from stagegate.approvals.principals import Actor, is_issued_by
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
class OnBehalfOf:
    """The user of IAM Identity Center for whom a call was made, where AWS itself has that from there."""

    userId: str | None = None
    identityStoreArn: str | None = None


@dataclass(frozen=True)
class UserIdentity:
    """Who made a call. The copy that the owner's trail has of another account's call names nobody."""

    arn: str | None = None
    accountId: str | None = None
    onBehalfOf: OnBehalfOf | None = None
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
        """When the call was completed, in whole seconds. Raises InputError, also for the calendar's first and last
        year, from which nothing can be counted back or on.
        """
        try:
            at = datetime.fromisoformat(self.eventTime)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None or not MINYEAR < at.year < MAXYEAR:
            raise InputError(
                f"CloudTrail event: detail.eventTime: found {self.eventTime!r}; allowed: a time such as"
                " 2025-01-01T00:00:00Z"
            )
        return at.astimezone(UTC)

    def actor_in(self, account: str) -> Actor | None:
        """Return who made the call, where the record says so. Raises InputError for anybody of another account than
        that whose event bus the record came from: a caller's own account has the record that names them. So it does for
        a record that contradicts itself: all that it says of the caller is of that account, and a session is of the
        role that it says was assumed.
        """
        who = self.userIdentity
        if who.arn is None:
            return None
        context = who.sessionContext or SessionContext()
        issuer = context.sessionIssuer.arn if context.sessionIssuer else None
        for member, found in (("arn", who.arn), ("sessionContext.sessionIssuer.arn", issuer)):
            if found is not None and found.split(":")[4:5] != [account]:
                raise _contradiction(member, f"{word(found)} in a record of {account}", "somebody of that account")
        if who.accountId not in (None, account):
            raise _contradiction("accountId", f"{word(who.accountId)} in a record of {account}", account)
        if issuer is not None and not is_issued_by(who.arn, issuer):
            raise _contradiction(
                "sessionContext.sessionIssuer.arn", f"{word(issuer)} beside {word(who.arn)}", "what made it"
            )
        user = who.onBehalfOf
        return Actor(
            arn=who.arn,
            role_arn=issuer,
            source_identity=context.sourceIdentity,
            on_behalf_of=f"{user.identityStoreArn}/{user.userId}" if user and user.userId else None,
        )


def _contradiction(member: str, found: str, allowed: str) -> InputError:
    return InputError(f"CloudTrail event: detail.userIdentity.{member}: found {found}; allowed: {allowed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that created or updated a subject: which, when it was completed (whole seconds), by whom, and what it set.

    `status` is the one that it set, None for none, in the words of the subject's kind. `edits` tells whether it could
    change the content, `links` whether it could move a package to another card; `creates` tells a creation apart, which
    sets a status and edits. `reason` is what the caller has said of why. `actor` is None in the copy that the owner's
    trail has of another account's call: it names that account and nobody in it.
    """

    id: str
    arn: str
    at: datetime
    actor: Actor | None
    status: StrEnum | None
    creates: bool
    edits: bool
    links: bool = False
    reason: str = ""


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
