"""What the containers of CreateModel name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def hub_sources(container: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The S3 data sources of a container of CreateModel that a hub gives access to."""
    sources = [container.get("ModelDataSource") or {}, *(container.get("AdditionalModelDataSources") or [])]
    found = [source.get("S3DataSource") or {} for source in sources]
    return [source for source in found if source.get("HubAccessConfig")]
