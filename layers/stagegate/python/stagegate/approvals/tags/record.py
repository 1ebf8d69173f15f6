"""Who set a tag, or took it off: what is recorded once."""

from dataclasses import dataclass
from datetime import datetime

from stagegate.approvals.principals import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRecord:
    """One API call that has set a tag, or taken it off (`value` None): recorded once, and never changed.

    `at` is when the call was completed, in whole seconds. `actor` is None in a record that names nobody.
    """

    id: str
    at: datetime
    actor: Actor | None
    key: str
    value: str | None
