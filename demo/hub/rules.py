"""The rules that the story adds to a governance.toml, and what follows from them, worked out without the product."""

from __future__ import annotations

from pathlib import Path

from demo.judge.expectations import Stage
from sandbox.kernel.place import PARTITION, REGION
from sandbox.services.sagemaker.hubs import catalogue
from sandbox.stagegate.members import GOVERNANCE

HUB = "allowed-models"
ARN = f"arn:{PARTITION}:sagemaker:{REGION}:{GOVERNANCE}:hub/{HUB}"
GUARDRAIL = "no-public-hub"
GUARDRAIL_SUBJECT = f"guardrail/{GUARDRAIL}"

CURATED = "meta-textgeneration-llama-3-1-8b-instruct"
NEWCOMER = "meta-textgeneration-llama-3-4-8b-instruct"
"""Not in the catalogue: AWS publishes it in the course of the story."""
OTHER = "huggingface-llm-mistral-7b-instruct"
_PREFIX = "meta-textgeneration-llama-3"
_KEPT_OUT = "405b"

_HUB_RULES = f"""
[[hubs]]
name = "{HUB}"
description = "Foundation models that have been looked at"
allow = [{{ filter = "framework == meta and model_id begins with {_PREFIX}" }}]
keep_out = [{{ names = ["*-{_KEPT_OUT}-*"] }}]
"""


def present(settings: Path, stage: Stage) -> str:
    """Return the file with a hub for a stage to use, and a guardrail that keeps its accounts from the public hub."""
    accounts = ", ".join(f'"{account}"' for account in stage.accounts)
    return (
        f"{settings.read_text()}{_HUB_RULES}"
        f'shares = [{{ stage = "{stage.name}", access = "use" }}]\n\n'
        f'[[guardrails]]\nname = "{GUARDRAIL}"\nby = "scp"\naccounts = [{accounts}]\npublic_hub = "deny"\n'
    )


def absent(settings: Path) -> str:
    """Return the file with a hub that is to be torn down, and without the guardrail."""
    return f'{settings.read_text()}{_HUB_RULES}state = "absent"\n'


def expected() -> frozenset[str]:
    """Return the models that the hub has to have of those that the catalogue has: what is deprecated stays out."""
    return frozenset(
        entry.id
        for entry in catalogue.published()
        if entry.framework == "meta"
        and entry.id.startswith(_PREFIX)
        and f"-{_KEPT_OUT}-" not in entry.id
        and entry.support == "Supported"
        and len(entry.id) <= catalogue.NAME_LENGTH
    )
