"""Own events: what Stagegate puts on EventBridge for programs. `docs/event.schema.json` has their shape for readers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

SOURCE = "stagegate"
"""The `source` of every own event, and of nothing else that Stagegate puts anywhere."""
SCHEMA = "1"
MOST_UNTOLD, MOST_UNTOLD_BYTES = 20, 16 * 1024
"""What is kept to be told another time: so little that no plan and no item of the ledger gets too large by it."""
_RECORDED = ("sequence", "own_events")
"""Where a subject's view has its own events."""


class OwnEventKind(StrEnum):
    """What has happened, as `detail-type` says it."""

    ACCESS_OPENED = "Access Opened"
    """Accounts of a stage have access that they hadn't, or more of it."""
    ACCESS_REMOVED = "Access Removed"
    """Accounts of a stage have lost access, or some of it."""
    DECISION_NEEDED = "Decision Needed"
    """Somebody is asked for a decision."""
    PROMOTION_BLOCKED = "Promotion Blocked"
    """A finding keeps something closed that would be open."""
    DRIFT_FOUND = "Drift Found"
    """Something was otherwise than it was left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEvent:
    """One event. Put twice, it has the same `id` and the same `sequence`, by which whoever hears it drops a copy.

    `sequence` grows by one from event to event of a subject. `at` is when the run planned, in ISO 8601. `subject` is an
    ARN, or the name of what has none; `outcome` what the run came to. `stages` are those that it is about. Of access,
    that is one; `accounts` are those of it that gain or lose, and `partly` those among them that keep some of what they
    had. `codes` are the findings that block. What is "" or () isn't known, or isn't there: no text of others is in it.
    """

    kind: OwnEventKind
    id: str
    sequence: int
    at: str
    execution: str
    subject: str
    subject_type: str
    status: str
    version: int | None
    audience: str
    risk: str
    outcome: str
    stages: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def detail(self) -> Mapping[str, object]:
        """Return the event's `detail`, as JSON values."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            "sequence": self.sequence,
            "at": self.at,
            "execution": self.execution,
            "subject": self.subject,
            "subject_type": self.subject_type,
            "status": self.status,
            "version": self.version,
            "audience": self.audience,
            "risk": self.risk,
            "outcome": self.outcome,
            "stages": list(self.stages),
            "accounts": list(self.accounts),
            "partly": list(self.partly),
            "codes": list(self.codes),
        }

    def as_values(self) -> Mapping[str, object]:
        """Return the event as the ledger keeps it, and as the steps of a run hand it on."""
        return {"kind": self.kind.value, **self.detail()}

    def for_account(self, account: str) -> "OwnEvent":
        """Return the event as an account's own bus gets it: of other accounts it learns nothing."""
        return replace(self, accounts=(account,), partly=tuple(each for each in self.partly if each == account))


def own_event(found: Mapping[str, Any]) -> OwnEvent:
    """Return the event that `as_values` has made. Numbers may be decimals. Raises KeyError, ValueError."""
    return OwnEvent(
        kind=OwnEventKind(found["kind"]),
        id=found["id"],
        sequence=int(found["sequence"]),
        at=found["at"],
        execution=found["execution"],
        subject=found["subject"],
        subject_type=found["subject_type"],
        status=found["status"],
        version=None if found.get("version") is None else int(found["version"]),
        audience=found["audience"],
        risk=found["risk"],
        outcome=found["outcome"],
        stages=tuple(found["stages"]),
        accounts=tuple(found["accounts"]),
        partly=tuple(found["partly"]),
        codes=tuple(found["codes"]),
    )


def own_events_in(found: Iterable[Mapping[str, Any]]) -> tuple[OwnEvent, ...]:
    """Return those that `as_values` has made, without what a later release may have put among them: nothing that is to
    be closed waits for an event.
    """
    events: list[OwnEvent] = []
    for each in found:
        try:
            events.append(own_event(each))
        except (KeyError, TypeError, ValueError):
            continue
    return tuple(events)


def with_own_events_of(ours: Mapping[str, Any] | None, earlier: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an earlier release has recorded, with what ours (None for none) says of own events.

    That release doesn't know of any, and numbers that began again would make whoever hears them drop what is new.
    """
    rest = {name: value for name, value in earlier.items() if name not in _RECORDED}
    return rest | {name: ours[name] for name in _RECORDED if ours and name in ours}


def to_tell_again(unsaid: Sequence[OwnEvent], news: Sequence[OwnEvent]) -> tuple[OwnEvent, ...]:
    """Return the events that the next run tells if this one can't: all its `news`, and as many of the last `unsaid` as
    `MOST_UNTOLD` and `MOST_UNTOLD_BYTES` leave beside them. While a bus refuses, there are ever more.
    """
    kept, size = list(news), sum(map(_size, news))
    for each in reversed(unsaid):
        size += _size(each)
        if len(kept) >= MOST_UNTOLD or size > MOST_UNTOLD_BYTES:
            break
        kept.insert(0, each)
    return tuple(kept)


def _size(event: OwnEvent) -> int:
    return len(json.dumps(event.as_values(), ensure_ascii=False).encode())
