"""What a pull asks for beside the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.ecr.models import EcrBackend
from sandbox.services.ecr.policies import registry


def get_download_url_for_layer(backend: EcrBackend, request: Mapping[str, Any]) -> Json:
    """GetDownloadUrlForLayer: an address that nothing listens on; the sandbox has no content of layers."""
    owner = registry(backend, request)
    repository, digest = owner.repository(request["repositoryName"]), request["layerDigest"]
    if digest not in repository.layers:
        problem = f"The layer {digest} is not in the repository {repository.name} of registry {owner.account_id}."
        raise aws_error("LayersNotFoundException", problem)
    url = f"https://layers.invalid/{owner.account_id}/{repository.name}/{digest}"
    return {"downloadUrl": url, "layerDigest": digest}
