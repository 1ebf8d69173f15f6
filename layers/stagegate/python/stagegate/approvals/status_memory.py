"""That a subject was seen in another status ends the approvals of before, though no record says who took it out.

CloudTrail's records arrive late, out of order, or not at all. Whoever sends a subject back takes its approval with it:
if that rested on the record alone, anybody who may set the status again could take up an approval of before.
"""

from collections.abc import Mapping
from datetime import datetime

from stagegate.approvals.principals import Actor
from stagegate.approvals.records import Approvable, ChangeRecord

_STATUS, _SEEN, _LEFT, _FROM = "status", "seen", "left", "from"
_NOBODY = Actor(arn="seen by Stagegate")


def with_departure(
    records: tuple[ChangeRecord, ...], memory: Mapping[str, str], subject: Approvable | None
) -> tuple[ChangeRecord, ...]:
    """Return the records, with one of nobody's for the last time that a run has seen the subject in another status.

    Its time is that of the subject's last modification then, in whole seconds: an approval of that second or before
    doesn't count, as with a record.
    """
    now = remembered(memory, subject)
    if _LEFT not in now:
        return records
    at = datetime.fromisoformat(now[_LEFT])
    seen = ChangeRecord(id="seen", at=at, actor=_NOBODY, status=now[_FROM], version=None, content_hash=None)
    return (*records, seen)


def remembered(memory: Mapping[str, str], subject: Approvable | None) -> dict[str, str]:
    """Return what the next run has to know: the status and when it was seen, and when it was seen in another one.

    `memory` is what the last run that was put down has left. A subject that is gone leaves nothing.
    """
    if subject is None:
        return {}
    left = {name: memory[name] for name in (_LEFT, _FROM) if name in memory}
    if _STATUS in memory and memory[_STATUS] != subject.status:
        left = {_LEFT: memory[_SEEN], _FROM: memory[_STATUS]}
    seen = subject.last_modified.replace(microsecond=0)
    if left and datetime.fromisoformat(left[_LEFT]) < subject.created.replace(microsecond=0):
        left = {}  # that was another subject of the same name
    return {_STATUS: str(subject.status), _SEEN: seen.isoformat(), **left}


def is_elsewhere(memory: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Tell whether the subject is in another status than when it was put down last: that has to be put down."""
    return memory.get(_STATUS) != now.get(_STATUS)
