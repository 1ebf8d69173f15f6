"""Where a function's or layer's code comes from."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.resource_types import Slot


def content(slot: Slot, source: dict[str, Any]) -> dict[str, Any]:
    """`Code` or `Content` as the Lambda API takes it: an S3 location, or inline source as the zip it stands for."""
    if set(source) == {"ZipFile"}:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr(zipfile.ZipInfo("index.py"), source["ZipFile"])
        return {"ZipFile": archive.getvalue()}
    if set(source) == {"S3Bucket", "S3Key"}:
        body = slot.client("s3").get_object(Bucket=source["S3Bucket"], Key=source["S3Key"])["Body"].read()
        return {"ZipFile": body}
    raise TemplateError(f"{slot.logical_id}: unsupported code location {sorted(source)}")
