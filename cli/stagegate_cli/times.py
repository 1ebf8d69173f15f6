"""Times that people write. Pure."""

import re
from datetime import UTC, datetime, time

from stagegate_cli.problems import wrong

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
ALLOWED = '"2026-03-31" for the end of that day, or a time as "2026-03-31T12:00" (UTC) or "2026-03-31T12:00+01:00"'


def moment(said: str, option: str, now: datetime) -> datetime:
    """Return the time that somebody means: a day is its last moment, and a time without its zone is UTC.

    Raises Problem for anything else, and for what is yet to come.
    """
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        raise wrong(option, said, ALLOWED) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    if found > now:
        raise wrong(option, said, f"a time before now, {now:%Y-%m-%dT%H:%M} UTC")
    return min(datetime.combine(found.date(), time.max, UTC), now) if _DAY.fullmatch(said) else found.astimezone(UTC)
