"""What governance.toml says about sweeps and messages, as values."""

from dataclasses import dataclass
from enum import StrEnum


class AfterDeployment(StrEnum):
    """What the sweep that follows a deployment does with what it finds."""

    REPORT = "report"
    """Tell what would change, and how to let it go on."""
    APPLY = "apply"
    """Change it at once, as a sweep on schedule does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRules:
    """When a sweep asks before it closes: where it would close more grants than both of the first two say, or can't
    look into more than that share of the accounts. What sweeps in a row can't look at closes after so many of them.
    """

    ask_above_grants: int = 10
    ask_above_percent: int = 20
    close_after_blind_sweeps: int = 3
    ask_above_blind_percent: int = 50
    after_deployment: AfterDeployment = AfterDeployment.REPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRules:
    """What mails may say: of what is encrypted with a customer key, nothing of its content unless `quote_encrypted`."""

    quote_encrypted: bool = False
