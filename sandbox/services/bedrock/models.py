"""Bedrock's backend of one account and Region; moto finds it, and the `urls` beside it, by this module's name."""

from __future__ import annotations

from dataclasses import dataclass

from moto.core.base_backend import BaseBackend


@dataclass(slots=True, kw_only=True)
class ImportJob:
    """One import job; times are epoch seconds. `key_arn` is the key that the model is to be encrypted with."""

    arn: str
    name: str
    model_name: str
    role_arn: str
    s3_uri: str
    created_at: float
    token: str | None = None
    key_arn: str | None = None
    status: str = "InProgress"
    failure: str | None = None
    model_arn: str | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedModel:
    """One imported model. `created_at` is epoch seconds; `architecture` as config.json names it."""

    arn: str
    name: str
    job_arn: str
    job_name: str
    s3_uri: str
    architecture: str
    created_at: float
    key_arn: str | None


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
