"""Models that an import has made.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-customization-import-model.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.kernel.paging import InvalidTokenError, page
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.bedrock.models import BedrockBackend, ImportedModel

_PAGE = 100


def get_imported_model(backend: BedrockBackend, request: Mapping[str, Any]) -> Json:
    """GetImportedModel, by name or ARN."""
    model = found(backend, request["modelIdentifier"])
    return {
        "modelArn": model.arn,
        "modelName": model.name,
        "jobName": model.job_name,
        "jobArn": model.job_arn,
        "modelDataSource": {"s3DataSource": {"s3Uri": model.s3_uri}},
        "creationTime": datetime.fromtimestamp(model.created_at, UTC),
        "modelArchitecture": model.architecture,
        "modelKmsKeyArn": model.key_arn,
        "instructSupported": False,
    }


def list_imported_models(backend: BedrockBackend, request: Mapping[str, Any]) -> Json:
    """ListImportedModels in pages, oldest first, filtered by a part of the name."""
    named = request.get("nameContains", "")
    models = sorted((m for m in backend.imported.values() if named in m.name), key=lambda m: (m.created_at, m.arn))
    filters = {name: value for name, value in request.items() if name not in ("maxResults", "nextToken")}
    try:
        shown, token = page(models, request.get("maxResults", _PAGE), request.get("nextToken"), filters)
    except InvalidTokenError as error:
        raise aws_error("ValidationException", "The nextToken is not valid.") from error
    return {
        "modelSummaries": [
            {
                "modelArn": model.arn,
                "modelName": model.name,
                "creationTime": datetime.fromtimestamp(model.created_at, UTC),
                "instructSupported": False,
                "modelArchitecture": model.architecture,
            }
            for model in shown
        ],
        "nextToken": token,
    }


def delete_imported_model(backend: BedrockBackend, request: Mapping[str, Any]) -> Json:
    """DeleteImportedModel: at once."""
    model = found(backend, request["modelIdentifier"])
    del backend.imported[model.arn]
    backend.tags.pop(model.arn, None)
    return {}


def found(backend: BedrockBackend, identifier: str) -> ImportedModel:
    """Return the model of a name or an ARN; ResourceNotFoundException for none."""
    for model in backend.imported.values():
        if identifier in (model.arn, model.name):
            return model
    raise aws_error("ResourceNotFoundException", f"The imported model {identifier} was not found.")
