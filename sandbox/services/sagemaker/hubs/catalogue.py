"""The models of the public hub: the committed catalogue, and made-up ones for measurements.

`public_hub.json` beside it is written by tools/catalogue.py: ids, versions, frameworks, tasks, providers and
addresses as published, with nothing where nothing was known; licences, support statuses, gating and the number of
languages are made up there. A document's `Provider` is the best published hint, not the live hub's own field.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sandbox.services.sagemaker.store.hub import Version

CACHE_BUCKET = "jumpstart-cache-prod-{region}"
GATED_BUCKET = "jumpstart-private-cache-prod-{region}"
"""Where the artifacts of models are: https://github.com/aws/sagemaker-python-sdk, jumpstart/region_config.json."""

NAME_LENGTH = 63
"""Characters of a HubContentName. 45 published ids are longer; whether the live hub has them, and how, is unknown."""

MAX_KEYWORDS = 50

_FILE = Path(__file__).with_name("public_hub.json")
_SEMANTIC = re.compile(r"\d{1,4}\.\d{1,4}\.\d{1,4}", re.ASCII)
_FALLBACK_VERSION = "1.0.0"
"""Where the published version is none of a hub's (a vendor's, `v2`) or unknown: a hub content always has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A published model; None is unknown. `type` is open_weights or proprietary."""

    id: str
    version: str | None = None
    type: str | None = "open_weights"
    framework: str | None = None
    task: str | None = None
    provider: str | None = None
    fine_tunable: bool | None = None
    min_sdk: str | None = None
    url: str | None = None
    license: str | None = None
    support: str = "Supported"
    gated: bool = False
    languages: int = 1

    @property
    def number(self) -> str:
        """The version of the hub content, which is not the vendor's."""
        return self.version if self.version and _SEMANTIC.fullmatch(self.version) else _FALLBACK_VERSION


@lru_cache(maxsize=1)
def published() -> tuple[Entry, ...]:
    """Every model of the catalogue, also those whose id is too long for a hub."""
    read = json.loads(_FILE.read_text())
    return tuple(Entry(**dict(zip(read["columns"], row, strict=True))) for row in read["models"])


def synthetic(count: int, seed: int = 1) -> Iterator[Entry]:
    """`count` made-up open-weight models, the same for the same seed, for measurements at any size."""
    drawn = random.Random(seed)
    for number in range(count):
        framework = drawn.choice(("huggingface", "meta", "pytorch", "tensorflow"))
        task = drawn.choice(("Text Generation", "Image Classification", "Text Embedding", None))
        yield Entry(
            id=f"{framework}-synthetic-{number:05d}",
            version=f"{drawn.randint(1, 4)}.{drawn.randint(0, 9)}.{drawn.randint(0, 9)}",
            framework=framework,
            task=task,
            provider=drawn.choice(("meta", "google", None)),
            license=drawn.choice(("Apache 2.0", "MIT", None)),
            support=drawn.choices(("Supported", "Deprecated", "Restricted"), (93, 5, 2))[0],
            gated=drawn.random() < 0.05,
        )


def version_of(entry: Entry, region: str, created_at: float) -> Version:
    """The hub's version of a published model: its document, and the keywords made from it."""
    document = _document(entry, region)
    return Version(
        number=entry.number,
        document=json.dumps(document),
        created_at=created_at,
        display_name=entry.id,
        description=f"{entry.id}, of the sandbox's catalogue",
        keywords=_keywords(entry, document),
        support=entry.support,
    )


def _document(entry: Entry, region: str) -> dict[str, Any]:
    """The members that curation and deployment read; what is unknown is absent."""
    spelling = random.Random(entry.id)  # the same model is always spelt the same way
    is_open = entry.type == "open_weights"
    bucket = (GATED_BUCKET if entry.gated else CACHE_BUCKET).format(region=region)
    artifacts = f"s3://{bucket}/{entry.framework or 'model'}/{entry.id}/artifacts/inference/{entry.number}/"
    members = {
        "Url": entry.url or "",
        "Provider": _spelt(entry.provider, spelling),
        "Framework": _spelt(entry.framework, spelling),
        "Task": _spelt(entry.task, spelling),
        "License": entry.license,
        "ModelTypes": [entry.type.upper()] if entry.type else None,
        "MinSdkVersion": entry.min_sdk,
        "ResourceNameBase": entry.id[:NAME_LENGTH],
        "TrainingSupported": bool(entry.fine_tunable),
        "IncrementalTrainingSupported": False,
        "FineTuningSupported": entry.fine_tunable,
        "GatedBucket": entry.gated if is_open else None,
        "HostingEulaUri": f"s3://{bucket}/{entry.framework}/{entry.id}/eula.txt" if entry.gated else None,
        "HostingArtifactUri": artifacts if is_open else None,
        "HostingArtifactS3DataType": "S3Prefix" if is_open else None,
        "HostingArtifactCompressionType": "None" if is_open else None,
        "MarketplaceVersion": None if is_open else entry.version,
        "ModelSubscriptionLink": None if is_open else entry.url,
    }
    return {name: value for name, value in members.items() if value is not None}


def _spelt(value: str | None, spelling: random.Random) -> str | None:
    """One of the ways in which the live hub is inconsistent: `text generation` beside `Text Generation`."""
    if value is None:
        return None
    return spelling.choice((value, value, value.lower(), value[:1].upper() + value[1:]))


def _keywords(entry: Entry, document: dict[str, Any]) -> tuple[str, ...]:
    """`@tag:value` in lower case, of which a hub keeps the first 50: many languages push out what comes after them."""
    pairs = [
        ("task", document.get("Task")),
        ("framework", document.get("Framework")),
        *(("language", f"l{number:02d}") for number in range(entry.languages)),
        ("model-type", entry.type),
        ("provider", document.get("Provider")),
        ("license", document.get("License")),
        ("marketplace-version", document.get("MarketplaceVersion")),
    ]
    return tuple(f"@{tag}:{value}".lower() for tag, value in pairs if value)[:MAX_KEYWORDS]
