"""Which own events a record makes: of access by what was and is on record, of others by what people were told.

Nothing is said of what was only planned: it is on record, or it isn't said.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stagegate.core.findings import Severity
from stagegate.core.messages.kinds import MessageKind
from stagegate.core.messages.mail import Labels
from stagegate.core.own_events import OwnEvent, OwnEventKind
from stagegate.plans.grants import Grant
from stagegate.plans.record import RECORD_MISSING, Outcome, Record

_TOLD = {
    MessageKind.DECIDE: OwnEventKind.DECISION_NEEDED,
    MessageKind.BLOCKED: OwnEventKind.PROMOTION_BLOCKED,
    MessageKind.DRIFT: OwnEventKind.DRIFT_FOUND,
}
_OF_CONTENTS = {MessageKind.CLOSED: OwnEventKind.ACCESS_REMOVED, MessageKind.OPENED: OwnEventKind.ACCESS_OPENED}
_ID_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a run says of itself: its `execution`, the number of its `round`, `at` when it was planned, the `labels` of
    its message, and whether people are `told` it. `sequence` is that of the subject's last event, 0 for none.
    """

    execution: str
    round: int
    at: str
    labels: Labels
    told: bool
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """An event before it has a number."""

    kind: OwnEventKind
    audience: str
    stages: tuple[str, ...]
    accounts: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def own_events(before: Sequence[Grant], found: Record, said: Said) -> tuple[OwnEvent, ...]:
    """Return the events of what goes on record. Of the same record they are the same, to the id."""
    news = [*_of_access(before, found, said), *_of_messages(found, said)]
    return tuple(_numbered(each, number, found, said) for number, each in enumerate(news, said.sequence + 1))


def _numbered(news: _News, number: int, found: Record, said: Said) -> OwnEvent:
    made_of = f"{found.subject.arn}#{number}#{said.execution}#{said.round}"
    return OwnEvent(
        kind=news.kind,
        id=hashlib.sha256(made_of.encode()).hexdigest()[:_ID_DIGITS],
        sequence=number,
        at=said.at,
        execution=said.execution,
        subject=found.subject.arn,
        subject_type=found.subject.kind,
        status=found.status,
        version=found.version,
        audience=news.audience,
        risk=said.labels.risk,
        outcome=found.outcome.value,
        stages=news.stages,
        accounts=news.accounts,
        partly=news.partly,
        codes=news.codes,
    )


def _of_access(before: Sequence[Grant], found: Record, said: Said) -> list[_News]:
    """Return who has lost access, and then who has got some.

    Where only the contents of a hub change, which no grant tells, it is each stage that has it.
    """
    if not found.subject.arn.startswith("arn:"):  # a guardrail and an account have grants that are no access
        return []
    then, now = _access(before), _access(found.grants)
    news = [
        *_differences(OwnEventKind.ACCESS_REMOVED, then, now, before),
        *_differences(OwnEventKind.ACCESS_OPENED, now, then, found.grants),
    ]
    if news or found.subject.kind != "hub":
        return news
    kinds = [kind for said_as, kind in _OF_CONTENTS.items() if said_as in _kinds(found, said)]
    return [
        _News(
            kind=kind,
            audience=_audience(stage, found.grants),
            stages=(stage,),
            accounts=tuple(sorted(access)),
            partly=tuple(sorted(access)) if kind is OwnEventKind.ACCESS_REMOVED else (),
        )
        for kind in kinds
        for stage, access in now.items()
    ]


def _of_messages(found: Record, said: Said) -> list[_News]:
    return [
        _News(
            kind=_TOLD[kind],
            audience=said.labels.audience,
            stages=said.labels.stages,
            codes=_blocks(found) if kind is MessageKind.BLOCKED else (),
        )
        for kind in _kinds(found, said)
        if kind in _TOLD
    ]


def _kinds(found: Record, said: Said) -> tuple[MessageKind, ...]:
    """Return what people were told. A round with more to come tells nobody, nor does one that has left things open."""
    tells = said.told and found.outcome not in (Outcome.MORE, Outcome.STILL_OPEN)
    return said.labels.kind if tells else ()


_Access = Mapping[str, Mapping[str, set[tuple[str, str]]]]
"""By stage, and by account: where it has access, and which."""


def _access(grants: Iterable[Grant]) -> _Access:
    found: dict[str, dict[str, set[tuple[str, str]]]] = {}
    for grant in grants:
        has = {(grant.target, "reads"), *([(grant.target, "writes")] if grant.write else [])}
        for account in grant.accounts:
            found.setdefault(grant.stage, {}).setdefault(account, set()).update(has)
    return found


def _differences(kind: OwnEventKind, of: _Access, other: _Access, grants: Sequence[Grant]) -> Iterable[_News]:
    """Return an event for each stage with accounts that have something in `of` which they haven't in the `other`."""
    for stage, accounts in of.items():
        there = other.get(stage, {})
        missing = tuple(sorted(each for each, has in accounts.items() if has - there.get(each, set())))
        keep = tuple(each for each in missing if there.get(each)) if kind is OwnEventKind.ACCESS_REMOVED else ()
        if missing:
            yield _News(kind=kind, audience=_audience(stage, grants), stages=(stage,), accounts=missing, partly=keep)


def _audience(stage: str, grants: Iterable[Grant]) -> str:
    return next(grant.audience for grant in grants if grant.stage == stage)


def _blocks(found: Record) -> tuple[str, ...]:
    codes = [each.code for each in found.findings if each.severity is Severity.BLOCK and each.code != RECORD_MISSING]
    return tuple(dict.fromkeys(codes))
