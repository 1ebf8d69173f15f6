"""The resource policy of a model package group: by the group's name, so by its owner alone.

The API has no condition on what is replaced: of two writers that read the same policy, the later one wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.authorization.principal_ids import shown_form
from sandbox.authorization.resource_policies import PolicyProblem, accept
from sandbox.kernel.place import PARTITION
from sandbox.kernel.stale_reads import stale_reads
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.recording import recorded
from sandbox.services.sagemaker.store.backend import SageMakerBackend
from sandbox.services.sagemaker.store.package import ModelPackageGroup


def put_model_package_group_policy(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """PutModelPackageGroupPolicy: replaces the whole policy. Its length is the API's limit of 20,480 characters."""
    with recorded(backend, "PutModelPackageGroupPolicy", request) as record:
        group = _group(backend, request)
        try:
            policy = accept(group.arn, request["ResourcePolicy"])
        except PolicyProblem as problem:
            raise aws_error("ValidationException", f"Invalid resource policy: {problem}") from problem
        stale_reads.written(group.arn, group.policy)
        group.policy = policy
        record.response = {"ModelPackageGroupArn": group.arn}
    return record.response


def get_model_package_group_policy(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """GetModelPackageGroupPolicy: the policy as it reads now, ValidationException if there is none."""
    group = _group(backend, request)
    policy = stale_reads.read(group.arn, group.policy)
    if policy is None:
        raise _missing(group)
    return {"ResourcePolicy": shown_form(policy)}


def delete_model_package_group_policy(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DeleteModelPackageGroupPolicy: ValidationException if there is none."""
    with recorded(backend, "DeleteModelPackageGroupPolicy", request) as record:
        group = _group(backend, request)
        if group.policy is None:
            raise _missing(group)
        stale_reads.written(group.arn, group.policy)
        group.policy = None
    return record.response


def _missing(group: ModelPackageGroup) -> Exception:
    return aws_error("ValidationException", f"Cannot find resource policy for: {group.arn}")


def _group(backend: SageMakerBackend, request: Mapping[str, Any]) -> ModelPackageGroup:
    """These three operations word a missing group in their own way, as AWS's own resource provider expects it."""
    name = request["ModelPackageGroupName"]
    group = backend.find_group(name)
    if group is None:
        arn = f"arn:{PARTITION}:sagemaker:{backend.region_name}:{backend.account_id}:model-package-group/{name}"
        raise aws_error("ValidationException", f"Cannot find Model Package Group: {arn}")
    return group
