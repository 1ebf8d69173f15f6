"""Inference specifications: what is wrong with one, and the image digests that SageMaker adds."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any  # a specification is checked against botocore's model before it gets here

from sandbox.kernel.place import URL_SUFFIX
from sandbox.kernel.wire.protocol import Json
from sandbox.services.ecr.models import find_digest

MAX_ADDITIONAL = 15
_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\." + re.escape(URL_SUFFIX) + "/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


def problem(specification: Mapping[str, Any]) -> str | None:
    """Why SageMaker doesn't take a specification that fits its shape; None if it does."""
    for container in specification["Containers"]:
        if "ModelDataUrl" in container and "ModelDataSource" in container:
            return "A container can't have both ModelDataUrl and ModelDataSource."
        source = container.get("ModelDataSource", {}).get("S3DataSource", {})
        if source.get("S3DataType") == "S3Prefix" and not source["S3Uri"].endswith("/"):
            return f"The S3Uri of an S3Prefix ends with a slash: {source['S3Uri']}"
    return None


def additional_problem(specifications: Iterable[Mapping[str, Any]]) -> str | None:
    """Why SageMaker doesn't take these additional specifications together; None if it does."""
    given = list(specifications)
    names = [each["Name"] for each in given]
    if len(set(names)) != len(names):
        return "AdditionalInferenceSpecifications have to have different names."
    if len(given) > MAX_ADDITIONAL:
        return f"A model package has at most {MAX_ADDITIONAL} additional inference specifications."
    return next((found for each in given if (found := problem(each))), None)


def with_digests(specification: Mapping[str, Any]) -> Json:
    """A copy in which each image that is in an ECR repository of the organization has its ImageDigest.

    The digest is that of the moment: a tag that is moved later doesn't change it. That AWS resolves it once, at
    registration, has not been seen documented.
    """
    resolved: Json = copy.deepcopy(dict(specification))
    for container in resolved["Containers"]:
        digest = _digest(container.get("Image", ""))
        if digest is not None:
            container["ImageDigest"] = digest
    return resolved


def _digest(image: str) -> str | None:
    found = _IMAGE.fullmatch(image)
    if found is None:
        return None
    named = found["digest"]
    return named or find_digest(found["account"], found["region"], found["repository"], found["tag"] or "latest")
