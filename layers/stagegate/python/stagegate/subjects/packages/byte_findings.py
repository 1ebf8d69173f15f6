"""Whether an approval was about the bytes that are there now, and what is said where it wasn't."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from stagegate.approvals.fingerprints import Pins, changed
from stagegate.approvals.records import ChangeRecord
from stagegate.core.findings import Finding, blocked, warned

_SAID = 3
"""Addresses that a finding names; it counts the others."""
_OTHER_BYTES = "other bytes"
"""The content, for the gate, of a record that was about the same addresses when something else lay there."""


def about_these_bytes(
    records: Collection[ChangeRecord], content_hash: str, pins: Pins | None
) -> tuple[ChangeRecord, ...]:
    """Return the records with another content where they are about this one and other bytes. Without pins: as is."""
    return tuple(
        replace(record, content_hash=_OTHER_BYTES)
        if pins and record.content_hash == content_hash and is_about_other_bytes(record, pins)
        else record
        for record in records
    )


def is_about_other_bytes(record: ChangeRecord, pins: Pins) -> bool:
    """Tell whether a record can't be said to be about exactly these bytes: then it approves nothing."""
    return record.pins is None or record.pins.digest != pins.digest


def void(record: ChangeRecord, pins: Pins, stage: str) -> Finding:
    """Return the finding that keeps a stage closed, or closes it, as its approval was about something else."""
    code, detail = _said(record, pins)
    return blocked(code, f"{detail} An approver has to set {record.status} once more on what is there now.", stage)


def outdated(record: ChangeRecord, pins: Pins, stage: str) -> Finding:
    """Return the finding of a stage that stays open by the rules on an approval that was about something else."""
    code, detail = _said(record, pins)
    return warned(
        code,
        f'{detail} {stage} stays open (after_change = "ask"); please set {record.status} once more on what is there'
        " now, or take it back.",
        stage,
    )


def _said(record: ChangeRecord, pins: Pins) -> tuple[str, str]:
    who = record.actor.arn
    if record.pins is None:
        why = record.unpinned or "it was put down before anybody looked"
        return "BytesUnknown", f"Which bytes {who} approved isn't known: {why}."
    return "BytesChanged", f"Since {who} approved, {what_changed(record.pins, pins)}."


def what_changed(before: Pins, now: Pins) -> str:
    """Return what has become of the bytes, in words: which they are, as far as the pins tell."""
    names = changed(before, now)
    what = listed(names) if names else f"something of {before.count} objects and images, now {now.count},"
    return f"{what} has been written anew, moved or deleted"


def listed(names: Iterable[str]) -> str:
    """Return some addresses by name, and how many more there are."""
    found = list(names)
    more = f" and {len(found) - _SAID} more" if len(found) > _SAID else ""
    return f"{', '.join(found[:_SAID])}{more}"
