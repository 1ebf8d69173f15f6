"""Bedrock's operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.bedrock.models import bedrock_backends

from sandbox.kernel.wire.protocol import ServiceResponse
from sandbox.services.bedrock import imported, importing, jobs, tags


class BedrockResponse(ServiceResponse):
    """Jobs that invoke, customize or import a model, and the models that were imported."""

    service = "bedrock"
    backends = bedrock_backends
    operations: ClassVar = {
        "CreateModelCustomizationJob": jobs.create_model_customization_job,
        "CreateModelImportJob": importing.create_model_import_job,
        "CreateModelInvocationJob": jobs.create_model_invocation_job,
        "DeleteImportedModel": imported.delete_imported_model,
        "GetImportedModel": imported.get_imported_model,
        "GetModelImportJob": importing.get_model_import_job,
        "ListImportedModels": imported.list_imported_models,
        "ListModelImportJobs": importing.list_model_import_jobs,
        "ListTagsForResource": tags.list_tags_for_resource,
        "TagResource": tags.tag_resource,
        "UntagResource": tags.untag_resource,
    }

    def sent(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """As sent where there is a body; what is named in the path alone is as parsed."""
        return {**request, **super().sent(request)}
