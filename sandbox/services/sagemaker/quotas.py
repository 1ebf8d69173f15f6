"""How much of a thing an account may have, where a test may want less: the real numbers are in no public document."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Quotas:
    """Per account and Region. What comes on top is ResourceLimitExceeded."""

    hubs: int = 50
    hub_contents: int = 10_000
    """References and imported contents together, in each hub."""

    def reset(self) -> None:
        """Back to the defaults."""
        for field in fields(self):
            setattr(self, field.name, field.default)


quotas = Quotas()
"""Those of this process."""
