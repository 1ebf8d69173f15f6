"""Putting own events on the buses: governance's own, and of each account that an event is about."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.errors import code_of, translated
from stagegate.aws.sessions import own_session
from stagegate.core.errors import RefusedError, ThrottledError
from stagegate.core.own_events import SOURCE, OwnEvent
from stagegate.core.untrusted import reason

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

PERMISSIONS = frozenset({"events:PutEvents"})

_MOST_ENTRIES = 10
"""Of a call ("PutEvents", EventBridge API reference)."""
MEMBERS_SECONDS = 10
"""How long members' copies may take, of the 30 that the function has. Accounts without a bus may cost a call each."""
_PASSING = frozenset({"InternalException", "InternalFailure", "ThrottlingException"})
"""Codes of entries that may be taken a little later ("PutEventsResultEntry", likewise)."""


@dataclass(frozen=True, slots=True)
class _Entry:
    account: str
    event: OwnEvent


@dataclass(frozen=True, slots=True)
class _Refusal:
    """An entry that a bus didn't take: AWS's code, and in words."""

    entry: _Entry
    code: str
    words: str


def bus_arn(here: Environment, partition: str, account: str) -> str:
    """Return the ARN of the bus for own events in an account, by either template."""
    name = "events" if account == here.account else "member-events"
    return f"arn:{partition}:events:{here.region}:{account}:event-bus/{here.prefix}-{name}"


def put(
    events: "Callable[[], EventBridgeClient]",
    here: Environment,
    partition: str,
    found: Sequence[OwnEvent],
    clock: Callable[[], float] = time.monotonic,
) -> tuple[str, ...]:
    """Put events on the buses, and return the accounts whose bus took one of them not: they have no member stack, or an
    older one. All that can be put is put, on governance's bus first. For members' copies there are `MEMBERS_SECONDS` by
    the clock; whose copies are left then is returned as well.

    Raises ThrottledError where a bus may take one a little later, and RefusedError where governance's own bus took one
    not. Put twice, events have the ids that they had.
    """
    entries = [_Entry(here.account, each) for each in found]
    entries += [
        _Entry(account, each.for_account(account))
        for each in found
        for account in each.accounts
        if account != here.account
    ]
    deadline = clock() + MEMBERS_SECONDS
    refusals: list[_Refusal] = []
    alone: list[_Entry] = []
    for first in range(0, len(entries), _MOST_ENTRIES):
        few = entries[first : first + _MOST_ENTRIES]
        if few[0].account != here.account and clock() > deadline:
            refusals += map(_too_late, few)
            continue
        answer = _put(events(), here, partition, few)
        refusals += answer or ()
        alone += few if answer is None else ()
    # Last, so that accounts without a bus keep nobody from hearing whose call was taken.
    for entry in alone:
        if entry.account != here.account and clock() > deadline:
            refusals.append(_too_late(entry))
        else:
            refusals += _put(events(), here, partition, [entry]) or ()
    for refusal in refusals:
        if refusal.code in _PASSING:
            raise ThrottledError(_said(refusal))
    for refusal in refusals:
        if refusal.entry.account == here.account:
            raise RefusedError(_said(refusal))
    return tuple(sorted({refusal.entry.account for refusal in refusals}))


def _put(
    events: "EventBridgeClient", here: Environment, partition: str, entries: Sequence[_Entry]
) -> list[_Refusal] | None:
    """Put entries in one call. None where AWS refuses the call for one of several: then each needs its own."""

    def of(entry: _Entry) -> "PutEventsRequestEntryTypeDef":
        about = entry.event.subject
        return {
            "EventBusName": bus_arn(here, partition, entry.account),
            "Source": SOURCE,
            "DetailType": entry.event.kind.value,
            "Resources": [about] if about.startswith("arn:") else [],
            "Detail": json.dumps(entry.event.detail()),
        }

    try:
        with translated("put own events"):
            answer = events.put_events(Entries=[of(entry) for entry in entries])
    except RefusedError as error:
        cause = error.__cause__
        if not isinstance(cause, ClientError):
            raise
        if len(entries) == 1:
            return [_Refusal(entries[0], code_of(cause), str(error))]
        return None
    return [
        _Refusal(entry, result["ErrorCode"], reason(result.get("ErrorMessage", "")))
        for entry, result in zip(entries, answer["Entries"], strict=True)
        if result.get("ErrorCode")
    ]


def _too_late(entry: _Entry) -> _Refusal:
    return _Refusal(entry, "", f"{MEMBERS_SECONDS} seconds are over")


def _said(refusal: _Refusal) -> str:
    entry = refusal.entry
    return (
        f"put own events: the bus of account {entry.account} did not take {entry.event.kind.value!r}: {refusal.code}:"
        f" {refusal.words}"
    )


@cache
def client() -> "EventBridgeClient":
    """Return the client that puts events, made for the first: most runs have none. An event put twice is one event."""
    return own_session().client("events", config=REPEATABLE)
