"""That a subject was seen in another status ends the approvals of before, though no record says who took it out.

CloudTrail's records arrive late, out of order, or not at all. Whoever sends a subject back takes its approval with it:
if that rested on the record alone, anybody who may set the status again could take up an approval of before.
"""

from collections.abc import Mapping
from datetime import datetime

from stagegate.approvals.principals import Actor
from stagegate.approvals.records import Approvable, AuditRecord

_STATUS, _SEEN, _LEFT, _FROM = "status", "seen", "left", "from"
_NOBODY = Actor(arn="seen by Stagegate")


def with_status_history(
    records: tuple[AuditRecord, ...], planner_state: Mapping[str, str], subject: Approvable | None
) -> tuple[AuditRecord, ...]:
    """Return the records, with one of nobody's for the last time that a run has seen the subject in another status.

    Its time is that of the subject's last modification then, in whole seconds: an approval of that second or before
    doesn't count, as with a record.
    """
    now = status_history(planner_state, subject)
    if _LEFT not in now:
        return records
    at = datetime.fromisoformat(now[_LEFT])
    seen = AuditRecord(id="seen", at=at, actor=_NOBODY, status=now[_FROM], version=None, content_hash=None)
    return (*records, seen)


def status_history(planner_state: Mapping[str, str], subject: Approvable | None) -> dict[str, str]:
    """Return what the next run has to know: the status and when it was seen, and when it was seen in another one.

    `planner_state` is what the last run on record has left. A subject that is gone leaves nothing.
    """
    if subject is None:
        return {}
    left = {name: planner_state[name] for name in (_LEFT, _FROM) if name in planner_state}
    if _STATUS in planner_state and planner_state[_STATUS] != subject.status:
        left = {_LEFT: planner_state[_SEEN], _FROM: planner_state[_STATUS]}
    seen = subject.last_modified.replace(microsecond=0)
    if left and datetime.fromisoformat(left[_LEFT]) < subject.created.replace(microsecond=0):
        left = {}  # that was another subject of the same name
    return {_STATUS: str(subject.status), _SEEN: seen.isoformat(), **left}


def is_elsewhere(planner_state: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Tell whether the subject is in another status than when it was recorded last: that has to be recorded."""
    return planner_state.get(_STATUS) != now.get(_STATUS)
