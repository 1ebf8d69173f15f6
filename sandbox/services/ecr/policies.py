"""Repository policies: what ECR refuses, and how it shows them.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html. The API has no condition on what is
replaced: of two writers that read the same policy, the later one wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.ecr.models import Repository, ecr_backends

from sandbox.authorization.principal_ids import shown_form
from sandbox.authorization.resource_policies import PolicyProblem, accept
from sandbox.kernel.stale_reads import stale_reads
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.ecr.models import EcrBackend

SIZE_LIMIT = 10_240
"""Characters of a policy, as botocore bounds the text."""


def set_repository_policy(backend: EcrBackend, request: Mapping[str, Any]) -> Json:
    """SetRepositoryPolicy: replaces the whole policy. Its length is the API's limit of 10,240 characters.

    ECR would refuse a policy that keeps its caller from setting another, unless `force` is set; this isn't checked,
    so `force` is not supported.
    """
    if request.get("force"):
        raise NotInSandboxError("SetRepositoryPolicy with force")
    repository = _repository(backend, request)
    try:
        policy = accept(repository.arn, request["policyText"])
        _require_no_resource(policy)
    except PolicyProblem as problem:
        invalid = "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'"
        raise aws_error("InvalidParameterException", f"{invalid}: {problem}") from problem
    stale_reads.written(repository.arn, repository.policy)
    repository.policy = policy
    return _answer(repository, policy)


def get_repository_policy(backend: EcrBackend, request: Mapping[str, Any]) -> Json:
    """GetRepositoryPolicy: ECR shows a policy in its own layout, whatever the layout it was given in."""
    repository = _repository(backend, request)
    policy = stale_reads.read(repository.arn, repository.policy)
    if policy is None:
        raise _missing(repository)
    return _answer(repository, policy)


def delete_repository_policy(backend: EcrBackend, request: Mapping[str, Any]) -> Json:
    """DeleteRepositoryPolicy: answers with the policy that was there."""
    repository = _repository(backend, request)
    policy = repository.policy
    if policy is None:
        raise _missing(repository)
    stale_reads.written(repository.arn, policy)
    repository.policy = None
    return _answer(repository, policy)


def registry(backend: EcrBackend, request: Mapping[str, Any]) -> EcrBackend:
    """The registry that the request names, or the caller's own."""
    found = ecr_backends[request.get("registryId") or backend.account_id][backend.region_name]
    if not isinstance(found, EcrBackend):
        raise TypeError("sandbox.services.boot.install() has not run")
    return found


def _repository(backend: EcrBackend, request: Mapping[str, Any]) -> Repository:
    return registry(backend, request).repository(request["repositoryName"])


def _require_no_resource(policy: str) -> None:
    statements = json.loads(policy)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        if "Resource" in statement or "NotResource" in statement:
            raise PolicyProblem("a repository policy has no Resource")


def _missing(repository: Repository) -> Exception:
    problem = f"Repository policy does not exist for the repository with name '{repository.name}'"
    return aws_error("RepositoryPolicyNotFoundException", f"{problem} in the registry '{repository.registry_id}'")


def _answer(repository: Repository, policy: str) -> Json:
    shown = shown_form(policy)
    spread = json.dumps(json.loads(shown), indent=2, separators=(",", " : "))
    return {
        "registryId": repository.registry_id,
        "repositoryName": repository.name,
        # The shape of the answer has the limit of the request.
        "policyText": spread if len(spread) <= SIZE_LIMIT else shown,
    }
