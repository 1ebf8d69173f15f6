"""What the page's script reads: the models, as small as they go, so that thousands of them fit into one page.

Every text stands once in `strings`, and lists in between name it by its number; -1 is nothing. Times are seconds since
1970. `accounts` are all accounts, `sets` lists of them by number. A model is

    [name, kind, arn, status, version, audience, outcome, recorded, grants, findings, events, more]

with `more` events left out. A grant is `[stage, set, can, surface, through, since, approval, by, roles, outside]`, a
finding `[code, blocks, detail]`, and an event `[at, what, title, by, lines, changes access]`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stagegate.access.timeline import Event, Happening
from stagegate.core.untrusted import one_line
from stagegate.report.model import Model, OpenGrant, Report

LEVELS = ((40, True), (20, True), (10, True), (20, False), (10, False), (5, False), (2, False), (0, False))
"""How many events each model has, and whether their lines are there: the first that fits into a page."""
_OF_EVENT = 32
"""About as many bytes an event takes beside its texts."""

LONGEST = 600
"""Characters of a line that the page shows; the JSON beside it has all of it."""


@dataclass(slots=True)
class _Table:
    """Values by number, each once."""

    numbers: dict[Any, int] = field(default_factory=dict)

    def number(self, value: Any) -> int:
        """Return a value's number."""
        return self.numbers.setdefault(value, len(self.numbers))


@dataclass(slots=True)
class _Tables:
    strings: _Table = field(default_factory=_Table)
    accounts: _Table = field(default_factory=_Table)
    sets: _Table = field(default_factory=_Table)
    cleaned: dict[str, int] = field(default_factory=dict)
    listed: dict[tuple[str, ...], int] = field(default_factory=dict)

    def text(self, text: str | None) -> int:
        """Return the number of a text: one line of what can be seen of it."""
        if text is None:
            return -1
        known = self.cleaned.get(text)
        if known is None:
            known = self.cleaned[text] = self.strings.number(one_line(text, LONGEST))
        return known

    def accounts_of(self, accounts: tuple[str, ...]) -> int:
        """Return the number of a list of accounts."""
        known = self.listed.get(accounts)
        if known is None:
            known = self.listed[accounts] = self.sets.number(tuple(map(self.accounts.number, accounts)))
        return known


def page_data(report: Report, most: int) -> str:
    """Return the models as JSON that may stand within `<script>`: `<`, `>` and `&` are escaped, and it is ASCII.

    Where it would have more than `most` bytes with all events, each model keeps its latest. Without any it may still
    have more.
    """
    without = _written(report, 0, with_lines=False)
    for most_events, with_lines in LEVELS[:-1]:
        if len(without) + _about(report, most_events, with_lines=with_lines) <= most:
            text = _written(report, most_events, with_lines=with_lines)
            if len(text) <= most:
                return text
    return without


def in_script(value: Any) -> str:
    """Return a value as JSON that no HTML parser takes for the end of a script, or for a comment."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _about(report: Report, most_events: int, *, with_lines: bool) -> int:
    """Return about how many bytes the events take."""
    events = [event for model in report.models for event in model.events[:most_events]]
    texts = {text for event in events for text in (event.title, _by(event), *(event.lines if with_lines else ()))}
    return _OF_EVENT * len(events) + sum(min(len(text), LONGEST) + 3 for text in texts)


def _written(report: Report, most_events: int, *, with_lines: bool) -> str:
    tables = _Tables()
    models = [_model(model, tables, most_events, with_lines=with_lines) for model in report.models]
    audiences = [
        [
            tables.text(each.audience),
            [[tables.text(stage), tables.accounts_of(accounts)] for stage, accounts in each.stages.items()],
        ]
        for each in report.audiences
    ]
    said = {
        "made": _seconds(report.about.made),
        "audiences": audiences,
        "models": models,
        "strings": list(tables.strings.numbers),
        "accounts": list(tables.accounts.numbers),
        "sets": list(tables.sets.numbers),
    }
    return in_script(said)


def _model(model: Model, tables: _Tables, most_events: int, *, with_lines: bool) -> Sequence[Any]:
    subject, now = model.record.subject, model.record.now
    return [
        one_line(subject.name, LONGEST),
        tables.text(subject.kind),
        tables.text(subject.arn.removesuffix(subject.name)),
        tables.text(now.status if now else None),
        now.version if now and now.version is not None else -1,
        tables.text(model.audience),
        tables.text(now.outcome if now else None),
        _seconds(now.at) if now else -1,
        [_grant(grant, tables) for grant in model.grants],
        [
            [tables.text(each.code), int(each.severity == "block"), tables.text(each.detail)]
            for each in (now.findings if now else ())
        ],
        [_event(event, tables, with_lines=with_lines) for event in model.events[:most_events]],
        max(0, len(model.events) - most_events),
    ]


def _grant(found: OpenGrant, tables: _Tables) -> Sequence[Any]:
    grant = found.grant
    return [
        tables.text(grant.stage),
        tables.accounts_of(grant.accounts),
        tables.text(found.can),
        tables.text(found.surface),
        tables.text(grant.target or grant.share_arn),
        _seconds(grant.since),
        tables.text(grant.approval),
        tables.text(grant.approved_by or None),
        tables.text(", ".join(found.roles) or None),
        tables.accounts_of(found.outside) if found.outside else -1,
    ]


def _event(event: Event, tables: _Tables, *, with_lines: bool) -> Sequence[Any]:
    return [
        _seconds(event.at),
        tables.text(event.happening.value),
        tables.text(event.title),
        tables.text(_by(event)),
        [tables.text(line) for line in event.lines] if with_lines else [],
        int(event.changes_access),
    ]


def _by(event: Event) -> str:
    """Return who it was: of an execution its name alone, which is the longest that differs."""
    return event.by.rpartition(":")[2] if event.happening in (Happening.RUN, Happening.IMPORT) else event.by


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
