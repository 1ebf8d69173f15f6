"""How much an account may import in a Region ("Amazon Bedrock endpoints and quotas", AWS General Reference)."""

from __future__ import annotations

from dataclasses import dataclass, fields

JOBS = 1
"""Concurrent model import jobs: not adjustable."""


@dataclass(slots=True)
class Quotas:
    """What AWS raises on request."""

    imported_models: int = 3

    def reset(self) -> None:
        """Back to the defaults."""
        for field in fields(self):
            setattr(self, field.name, field.default)


quotas = Quotas()
"""Those of this process."""
