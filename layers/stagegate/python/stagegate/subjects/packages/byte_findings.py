"""Whether an approval was about the bytes that are there now, and what is said where it wasn't."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from stagegate.approvals.fingerprints import Fingerprints, changed
from stagegate.approvals.records import AuditRecord
from stagegate.core.findings import Finding, blocked, warned

_SAID = 3
"""Addresses that a finding names; it counts the others."""
_OTHER_BYTES = "other bytes"
"""The content, for the gate, of a record that was about the same addresses when something else lay there."""


def about_these_bytes(
    records: Collection[AuditRecord], content_hash: str, fingerprints: Fingerprints | None
) -> tuple[AuditRecord, ...]:
    """Return the records with another content where they are about this one and other bytes. Without pins: as is."""
    return tuple(
        replace(record, content_hash=_OTHER_BYTES)
        if fingerprints and record.content_hash == content_hash and is_about_other_bytes(record, fingerprints)
        else record
        for record in records
    )


def is_about_other_bytes(record: AuditRecord, fingerprints: Fingerprints) -> bool:
    """Tell whether a record can't be said to be about exactly these bytes: then it approves nothing."""
    return record.fingerprints is None or record.fingerprints.digest != fingerprints.digest


def void(record: AuditRecord, fingerprints: Fingerprints, stage: str) -> Finding:
    """Return the finding that keeps a stage closed, or closes it, as its approval was about something else."""
    code, detail = _said(record, fingerprints)
    return blocked(code, f"{detail} An approver has to set {record.status} once more on what is there now.", stage)


def outdated(record: AuditRecord, fingerprints: Fingerprints, stage: str) -> Finding:
    """Return the finding of a stage that stays open by the rules on an approval that was about something else."""
    code, detail = _said(record, fingerprints)
    return warned(
        code,
        f'{detail} {stage} stays open (after_change = "ask"); please set {record.status} once more on what is there'
        " now, or take it back.",
        stage,
    )


def _said(record: AuditRecord, fingerprints: Fingerprints) -> tuple[str, str]:
    who = record.actor.arn
    if record.fingerprints is None:
        why = record.not_fingerprinted or "it was put down before anybody looked"
        return "BytesUnknown", f"Which bytes {who} approved isn't known: {why}."
    return "BytesChanged", f"Since {who} approved, {what_changed(record.fingerprints, fingerprints)}."


def what_changed(before: Fingerprints, now: Fingerprints) -> str:
    """Return what has become of the bytes, in words: which they are, as far as the pins tell."""
    names = changed(before, now)
    what = listed(names) if names else f"something of {before.count} objects and images, now {now.count},"
    return f"{what} has been written anew, moved or deleted"


def listed(names: Iterable[str]) -> str:
    """Return some addresses by name, and how many more there are."""
    found = list(names)
    more = f" and {len(found) - _SAID} more" if len(found) > _SAID else ""
    return f"{', '.join(found[:_SAID])}{more}"
