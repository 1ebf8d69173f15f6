"""The runtime's backend; moto finds it, and the `urls` beside it, by this module's name."""

from __future__ import annotations

from moto.core.base_backend import BaseBackend


class BedrockRuntimeBackend(BaseBackend):
    """Keeps nothing: an answer depends on nothing."""
