"""How SageMaker spells what was seen in more than one way, or isn't documented to the end.

The names of model package groups in ARNs: both small letters and the caller's own were seen.
AWS's guide shows small letters for a group with capitals, others' threads show capitals that were kept. Where ARNs have
small letters, names that differ in capitals alone are one. Times in the events of packages: whole seconds in AWS's
example, and nothing says that they never have fractions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Spelling(StrEnum):
    """Which ARNs have a name in small letters."""

    GIVEN = "given"
    """None: as its creator gave it."""
    MIXED = "mixed"
    """Those of packages, and not those of groups."""
    SMALL = "small"
    """All."""


class TimeSpelling(StrEnum):
    """How exact the times in the events of packages are."""

    SECONDS = "seconds"
    """As AWS's example has them."""
    MILLISECONDS = "milliseconds"
    """As descriptions have them."""


@dataclass(slots=True)
class Spellings:
    """What holds in this process."""

    arns: Spelling = Spelling.GIVEN
    times: TimeSpelling = TimeSpelling.SECONDS

    def of_group(self, name: str) -> str:
        """A group's name as its own ARN has it."""
        return name.lower() if self.arns is Spelling.SMALL else name

    def of_package(self, name: str) -> str:
        """A group's name as the ARNs of its versions have it."""
        return name if self.arns is Spelling.GIVEN else name.lower()

    def same(self, name: str, other: str) -> bool:
        """Whether two names are one group's."""
        return name == other or (self.arns is not Spelling.GIVEN and name.lower() == other.lower())


spellings = Spellings()
"""The spellings of this process."""
