"""What can be wrong, by its kind."""

from __future__ import annotations

from enum import StrEnum


class Wrong(StrEnum):
    """How the page calls it."""

    TOO_MUCH = "too much"
    TOO_LITTLE = "too little"
    CLAIM_HELD = "claims held"
    FOREIGN_LOST = "foreign statements lost"
    UNHEARD = "failures unheard"
    UNASKED = "questions unasked"
    OTHER = "wrong otherwise"

    @classmethod
    def access(cls, *, found: bool) -> Wrong:
        """Somebody has what they must not have, or the other way round."""
        return cls.TOO_MUCH if found else cls.TOO_LITTLE


class WrongError(AssertionError):
    """The product did what the oracle says must not be. The text tells which, and why."""

    def __init__(self, kind: Wrong, text: str) -> None:
        super().__init__(text)
        self.kind = kind
