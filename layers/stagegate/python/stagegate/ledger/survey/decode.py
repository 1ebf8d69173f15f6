"""A subject's items, as they come out of the table, and what they say together."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stagegate.access.model import Entry, ImportEnd, SubjectRecord, recorded_subject
from stagegate.approvals.kept import Head
from stagegate.core.findings import Finding, Severity
from stagegate.ledger import entries, items
from stagegate.ledger.read import grants_of
from stagegate.links.recorded import CARD
from stagegate.links.word import contents_of
from stagegate.plans.grants import FailedImport

Raw = Mapping[str, Any]
"""An item as the low-level client gives it. It is decoded only if it is kept: that is what takes the time."""


@dataclass(slots=True)
class Found:
    """The items of one subject, as they come."""

    most: int
    own: list[Raw] = field(default_factory=list)
    approvals: list[Raw] = field(default_factory=list)
    ended: list[Raw] = field(default_factory=list)
    history: deque[Raw] = field(default_factory=deque)
    is_cut: bool = False

    def add_history(self, raw: Raw) -> None:
        """Add an entry: they come from the oldest on, and the oldest go."""
        self.history.append(raw)
        if len(self.history) > self.most:
            self.history.popleft()
            self.is_cut = True


def record_of(named: str, found: Found) -> SubjectRecord:
    """Return what a subject's items say."""
    history = tuple(map(_entry, map(items.values, found.history)))
    own = [items.values(raw) for raw in found.own]
    claim = next((each for each in own if each["sk"] == items.CLAIM), {})
    kept = entries.kept_of([items.values(raw) for raw in found.approvals], Head())
    view = _view(named, own, history)
    state = (view or {}).get("planner_state") or {}
    return SubjectRecord(
        subject=recorded_subject(named),
        now=_entry(view) if view else None,
        history=history,
        is_cut=found.is_cut,
        records=kept.records,
        questions=kept.questions,
        tags=kept.tags,
        imports=tuple(map(_end, sorted(map(items.values, found.ended), key=lambda each: str(each["at"])))),
        failed={
            each["sk"].removeprefix(items.FAILED): FailedImport(
                digest=each["digest"], approval=each["approval"], detail=each["detail"]
            )
            for each in own
            if each["sk"].startswith(items.FAILED)
        },
        is_behind=int(claim.get("wanted", 0)) > int(claim.get("done", 0)),
        card=state.get(CARD, ""),
        names=contents_of(state) if named.partition(":model-card/")[1] else (),
    )


def _view(named: str, own: Iterable[Mapping[str, Any]], history: Iterable[Entry]) -> Mapping[str, Any] | None:
    """Return the view of what a subject was recorded as last.

    A view beside the claim, where others may write, too, counts only if the history has the same (see `read`).
    """
    views = {each["pk"]: each for each in own if each["sk"] == items.VIEW}
    ours, beside = views.get(items.view_key(named)), views.get(items.subject_key(named))
    if beside is None or (ours and ours["at"] >= beside["at"]):
        return ours
    said = _entry(beside)
    is_known = any(
        (entry.execution, entry.at, entry.status, entry.grants) == (said.execution, said.at, said.status, said.grants)
        for entry in history
    )
    return beside if is_known else ours


def _entry(found: Mapping[str, Any]) -> Entry:
    sk, version = found["sk"], found.get("version")
    return Entry(
        at=datetime.fromisoformat(found["at"]),
        execution=found.get("execution", ""),
        round=int(sk.rpartition("#")[2]) if sk != items.VIEW else 0,
        outcome=found.get("outcome", ""),
        status=found.get("status", ""),
        version=int(version) if version is not None else None,
        content_hash=found.get("content_hash"),
        grants=grants_of(found),
        findings=tuple(
            Finding(code=code, severity=Severity(each["severity"]), detail=each["detail"])
            for each in found.get("findings", ())
            for code in (each["code"],)
        ),
        changes=tuple(found.get("changes", ())),
        models={each: tuple(names) for each, names in found.get("models", {}).items()},
    )


def _end(found: Mapping[str, Any]) -> ImportEnd:
    return ImportEnd(
        at=datetime.fromisoformat(found["at"]),
        execution=found["execution"],
        outcome=found["outcome"],
        lines=tuple(found.get("changes", ())),
    )
