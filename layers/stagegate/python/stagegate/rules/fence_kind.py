"""What a stage has beside its accounts: the kind of its fence, and the metrics that it asks for. By itself, for the
function that raises fences loads no other rule.
"""

from dataclasses import dataclass
from enum import StrEnum


class FenceKind(StrEnum):
    """How a stage that may only read is kept from writing (no RAM permission is read-only)."""

    SCP = "scp"
    """A service control policy on the stage's accounts: covers every role in them."""
    BOUNDARY = "boundary"
    """The permissions boundary of the stage's named roles: covers those and no others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric that a card has to say of its model before a stage opens, and its bounds, which are within."""

    name: str
    at_least: float | None = None
    at_most: float | None = None

    def lets(self, value: float) -> bool:
        """Tell whether a finite value is within the bounds."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        """What is asked for, for people."""
        bounds = (("at least", self.at_least), ("at most", self.at_most))
        return f"{self.name} of {' and '.join(f'{which} {bound}' for which, bound in bounds if bound is not None)}"
