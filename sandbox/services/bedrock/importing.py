"""Import jobs: one at a time, that read the weights with their role and make a model of them, or fail.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_CreateModelImportJob.html
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.authorization import service_roles
from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.paging import InvalidTokenError, page
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json, lock
from sandbox.services.bedrock.faults import faults
from sandbox.services.bedrock.models import BedrockBackend, ImportedModel, ImportJob
from sandbox.services.bedrock.quotas import JOBS, quotas
from sandbox.services.bedrock.weights import ImportFailed, read
from sandbox.services.iam import identities
from sandbox.services.kms.keys import key_arn

_PAGE = 100
_SERVICE = "bedrock.amazonaws.com"


def create_model_import_job(backend: BedrockBackend, request: Mapping[str, Any]) -> Json:
    """CreateModelImportJob: a client token that was used before gets its job, whatever else is asked.

    "If this token matches a previous request, Amazon Bedrock ignores the request, but does not return an error."
    ValidationException for a role that Bedrock can't take, also for a while after it was made (IAM takes its time);
    ServiceQuotaExceededException while another job is running, and once the account has all the models it may have.
    Which error AWS gives for a taken name isn't documented: ConflictException here.
    """
    if "vpcConfig" in request:
        raise NotInSandboxError("CreateModelImportJob with vpcConfig")
    token = request.get("clientRequestToken")
    earlier = next((job for job in backend.imports.values() if token and job.token == token), None)
    if earlier is not None:
        return {"jobArn": earlier.arn}
    name, model_name = request["jobName"], request["importedModelName"]
    if any(job.name == name for job in backend.imports.values()):
        raise aws_error("ConflictException", f"The job name {name} is already in use.")
    if any(model.name == model_name for model in backend.imported.values()):
        raise aws_error("ConflictException", f"The model name {model_name} is already in use.")
    _require_room(backend)
    arn = f"arn:{PARTITION}:bedrock:{backend.region_name}:{backend.account_id}:model-import-job/{_id()}"
    _require_role(backend, arn, request["roleArn"])
    key = request.get("importedModelKmsKeyId")
    job = ImportJob(
        arn=arn,
        name=name,
        model_name=model_name,
        role_arn=request["roleArn"],
        s3_uri=request["modelDataSource"]["s3DataSource"]["s3Uri"],
        created_at=clock.now(),
        token=token,
        key_arn=key_arn(key, backend.account_id, backend.region_name) if key else None,
    )
    backend.imports[arn] = job
    for resource, tags in ((arn, "jobTags"), (_model_tags(arn), "importedModelTags")):
        backend.tags[resource] = {tag["key"]: tag["value"] for tag in request.get(tags, [])}
    clock.call_later(delays.model_import * faults.slowness, lambda: _finish(backend, job))
    return {"jobArn": arn}


def get_model_import_job(backend: BedrockBackend, request: Mapping[str, Any]) -> Json:
    """GetModelImportJob, by name or ARN."""
    identifier = request["jobIdentifier"]
    job = next((job for job in backend.imports.values() if identifier in (job.arn, job.name)), None)
    if job is None:
        raise aws_error("ResourceNotFoundException", f"The import job {identifier} was not found.")
    return {
        "jobArn": job.arn,
        "jobName": job.name,
        "importedModelName": job.model_name,
        "importedModelArn": job.model_arn,
        "roleArn": job.role_arn,
        "modelDataSource": {"s3DataSource": {"s3Uri": job.s3_uri}},
        "status": job.status,
        "failureMessage": job.failure,
        "creationTime": _time(job.created_at),
        "lastModifiedTime": _time(job.ended_at or job.created_at),
        "endTime": _time(job.ended_at) if job.ended_at else None,
        "importedModelKmsKeyArn": job.key_arn,
    }


def list_model_import_jobs(backend: BedrockBackend, request: Mapping[str, Any]) -> Json:
    """ListModelImportJobs in pages, oldest first, by status and a part of the name."""
    wanted, named = request.get("statusEquals"), request.get("nameContains", "")
    jobs = [job for job in backend.imports.values() if wanted in (None, job.status) and named in job.name]
    filters = {name: value for name, value in request.items() if name not in ("maxResults", "nextToken")}
    try:
        shown, token = page(jobs, request.get("maxResults", _PAGE), request.get("nextToken"), filters)
    except InvalidTokenError as error:
        raise aws_error("ValidationException", "The nextToken is not valid.") from error
    return {
        "modelImportJobSummaries": [
            {
                "jobArn": job.arn,
                "jobName": job.name,
                "status": job.status,
                "creationTime": _time(job.created_at),
                "lastModifiedTime": _time(job.ended_at or job.created_at),
                "endTime": _time(job.ended_at) if job.ended_at else None,
                "importedModelArn": job.model_arn,
                "importedModelName": job.model_name,
            }
            for job in shown
        ],
        "nextToken": token,
    }


def _require_room(backend: BedrockBackend) -> None:
    running = [job for job in backend.imports.values() if job.status == "InProgress"]
    if len(running) >= JOBS:
        raise aws_error("ServiceQuotaExceededException", "Too many concurrent model import jobs for this account.")
    if len(backend.imported) + len(running) >= quotas.imported_models:
        raise aws_error("ServiceQuotaExceededException", "The account has reached its limit of imported models.")


def _require_role(backend: BedrockBackend, job_arn: str, role_arn: str) -> None:
    """Refuse a role that Bedrock can't take for this job: missing, of another trust, or not believed yet."""
    role = identities.role(role_arn)
    is_believed = role is not None and clock.now() >= role.created_at + delays.iam
    if not is_believed or not service_roles.may_assume(_SERVICE, role_arn, backend.account_id, job_arn):
        raise aws_error(
            "ValidationException",
            f"Could not assume provided IAM role {role_arn}. Please ensure that the role exists, that Amazon Bedrock"
            " is in its trust policy, and try again.",
        )


def _finish(backend: BedrockBackend, job: ImportJob) -> None:
    with lock:
        job.ended_at = clock.now()
        try:
            architecture = read(job.role_arn, job.s3_uri, job.key_arn, backend.region_name)
        except ImportFailed as failed:
            job.status, job.failure = "Failed", str(failed)
            return
        model = ImportedModel(
            arn=f"arn:{PARTITION}:bedrock:{backend.region_name}:{backend.account_id}:imported-model/{_id()}",
            name=job.model_name,
            job_arn=job.arn,
            job_name=job.name,
            s3_uri=job.s3_uri,
            architecture=architecture,
            created_at=job.ended_at,
            key_arn=job.key_arn,
        )
        backend.imported[model.arn] = model
        backend.tags[model.arn] = backend.tags.pop(_model_tags(job.arn), {})
        job.model_arn, job.status = model.arn, "Completed"


def _model_tags(job_arn: str) -> str:
    """Where the tags of a model are kept that isn't there yet."""
    return f"{job_arn}/model"


def _id() -> str:
    return secrets.token_hex(6)


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
