"""Downloads of layers: the address that GetLayerVersion answers with, from which anybody may fetch the archive.

Of AWS's it is a signed link that is good for ten minutes ("GetLayerVersion", API reference of Lambda). Here it is good
as long as this process.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote, unquote

from moto.awslambda.exceptions import UnknownLayerException, UnknownLayerVersionException
from moto.awslambda.models import LayerVersion, lambda_backends

from sandbox.services.lambda_.pool import pool

PATH = "/sandbox/layers/"
"""Where the endpoint serves them. No path of AWS's begins so."""
_TOKEN = secrets.token_hex(16)
_get_layer_version = LayerVersion.get_layer_version


def install() -> None:
    """Put ours in moto's place, in this process. Calling it again changes nothing."""
    LayerVersion.get_layer_version = _with_location


def _with_location(version: LayerVersion) -> dict[str, Any]:
    found: dict[str, Any] = _get_layer_version(version)
    address = f"{pool.endpoint_url}{PATH}{quote(version.arn, safe='')}?token={_TOKEN}"
    return {**found, "Content": {**found["Content"], "Location": address}}


def archive(path: str, token: str) -> bytes | None:
    """Return the archive that a path names, None for none, and for whoever hasn't been given the address."""
    if not secrets.compare_digest(token.encode(), _TOKEN.encode()):
        return None
    parts = unquote(path.removeprefix(PATH)).split(":")
    if len(parts) != len(["arn", "aws", "lambda", "region", "account", "layer", "name", "version"]):
        return None
    _, _, _, region, account, _, name, number = parts
    try:
        return bytes(lambda_backends[account][region].get_layer_version(name, number).code_bytes)
    except (KeyError, UnknownLayerException, UnknownLayerVersionException):
        return None
