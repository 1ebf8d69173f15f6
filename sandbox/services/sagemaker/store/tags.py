"""The tags of SageMaker's resources, by ARN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any  # a backend keeps each type under a name of its own

from moto.sagemaker.models import sagemaker_backends

from sandbox.kernel.arns import split


def tags_at(arn: str) -> Mapping[str, str]:
    """The tags of a SageMaker resource; a version of a group has the group's. Nothing for a type without tags here."""
    fields = split(arn)
    if fields is None:
        return {}
    kind, _, named = fields.resource.partition("/")
    backend: Any = sagemaker_backends[fields.account][fields.region]
    if kind == "model-card":
        found = backend.find_card(named)
    elif kind in ("model-package-group", "model-package"):
        found = backend.find_group(named.partition("/")[0])
    elif kind == "user-profile":
        domain, _, profile = named.partition("/")
        found = backend.domains[domain].profiles.get(profile) if domain in backend.domains else None
    elif kind == "hub-content":
        hub, _, content = named.partition("/")
        found = backend.hubs[hub].items.get(tuple(content.split("/")[:2])) if hub in backend.hubs else None
    elif kind in _TAGGED:
        found = getattr(backend, _TAGGED[kind]).get(named)
    else:
        return {}
    return dict(found.tags) if found else {}


_TAGGED = {
    "domain": "domains",
    "endpoint": "endpoints",
    "endpoint-config": "endpoint_configs",
    "hub": "hubs",
    "model": "models",
}
"""Resource type -> where the backend keeps them by name."""
