"""Bedrock's backend of one account and Region; moto finds it, and the `urls` beside it, by this module's name."""

from __future__ import annotations

from moto.core.base_backend import BaseBackend


class BedrockBackend(BaseBackend):
    """The jobs of one account and Region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.jobs: dict[str, str] = {}
        """Job name -> ARN."""
