"""What SageMaker accepts as the Content of a model card.

`model_card_schema.json` is the draft-07 schema that the SageMaker Python SDK v3 carries. It calls itself "without
model_package_details" and lacks what SDK v2 writes and the API returns (`model_id`, `model_name`, `model_version`,
`inference_environment`), so those are let through; everything else is as strict as the schema.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

_ALSO_IN_OVERVIEW = ("model_id", "model_name", "model_version", "inference_environment")
_PACKAGE_OVERVIEW = ("model_creator", "model_artifact")

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelCard.html, IncludedData=MetadataOnly
_METADATA = (
    ("model_overview", "model_id"),
    ("model_overview", "model_name"),
    ("intended_uses", "risk_rating"),
    ("model_package_details", "model_package_group_name"),
    ("model_package_details", "model_package_arn"),
)


def content_problem(content: str) -> str | None:
    """Why this is not the content of a model card, naming the path; None if it is."""
    try:
        document = json.loads(content)
    except ValueError as error:
        return f"Content is not valid JSON: {error}"
    errors = sorted(_validator().iter_errors(document), key=lambda error: list(map(str, error.absolute_path)))
    if not errors:
        return None
    path = "/".join(map(str, errors[0].absolute_path)) or "(root)"
    return f"Content does not fit the model card schema at {path}: {errors[0].message}"


def package_content_problem(content: str) -> str | None:
    """Why this is not the content of a model package's own card; None if it is.

    "The ModelPackageModelCard schema does not include model_package_details, and model_overview is composed of the
    model_creator and model_artifact properties" (API_ModelPackageModelCard).
    """
    if (found := content_problem(content)) is not None:
        return found
    document = json.loads(content)
    sections = ["model_package_details"] if "model_package_details" in document else []
    overview = [
        f"model_overview/{name}" for name in document.get("model_overview", {}) if name not in _PACKAGE_OVERVIEW
    ]
    odd = [*sections, *overview]
    return f"Content does not fit the model package model card schema: {', '.join(odd)}" if odd else None


def metadata_only(content: str) -> str:
    """The content with only the members that SageMaker keeps outside of the encrypted part, where present."""
    document = json.loads(content)
    kept: dict[str, dict[str, Any]] = {}
    for section, member in _METADATA:
        value = document.get(section, {}).get(member)
        if value is not None:
            kept.setdefault(section, {})[member] = value
    return json.dumps(kept)


@cache
def _validator() -> jsonschema.Draft7Validator:
    schema = json.loads(Path(__file__).with_name("model_card_schema.json").read_text())
    schema["properties"]["model_package_details"] = {"type": "object"}
    schema["properties"]["model_overview"]["properties"] |= {name: {} for name in _ALSO_IN_OVERVIEW}
    return jsonschema.Draft7Validator(schema)
