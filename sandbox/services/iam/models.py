"""IAM's backend of one account; moto finds it, and the `urls` beside it, by this module's name."""

from __future__ import annotations

from moto.iam.models import IAMBackend


class IamBackend(IAMBackend):
    """As moto's; what is added keeps nothing."""
