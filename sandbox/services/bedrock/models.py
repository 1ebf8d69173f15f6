"""Bedrock's backend of one account and Region; moto finds it, and the `urls` beside it, by this module's name."""

from __future__ import annotations

from moto.core.base_backend import BaseBackend

from sandbox.services.bedrock.imported import ImportedModel
from sandbox.services.bedrock.importing import ImportJob


class BedrockBackend(BaseBackend):
    """The jobs and the imported models of one account and Region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.jobs: dict[str, str] = {}
        """Job name -> ARN, of jobs that never do anything."""
        self.imports: dict[str, ImportJob] = {}
        """Job ARN -> import job."""
        self.imported: dict[str, ImportedModel] = {}
        """Model ARN -> imported model."""
        self.tags: dict[str, dict[str, str]] = {}
        """ARN -> tags."""
