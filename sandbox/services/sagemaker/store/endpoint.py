"""An endpoint, or an endpoint configuration, as SageMaker keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.kernel.wire.protocol import Json


@dataclass(slots=True)
class Endpoint:
    """What was created. `created_at` is epoch seconds, `members` what it was given, as the API gives it back."""

    arn: str
    created_at: float
    members: Json
    tags: dict[str, str]
