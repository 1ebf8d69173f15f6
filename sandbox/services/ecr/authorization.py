"""What the operations of ECR need, and the policies on repositories.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

from moto.ecr.models import ecr_backends

from sandbox.authorization.accesses import Access, Call, arn, table
from sandbox.authorization.principal_ids import shown_form
from sandbox.authorization.registry import Api, Registry, Resources, policy_at
from sandbox.kernel.arns import Fields


def _repository(call: Call) -> str:
    return arn("ecr", call, f"repository/{call.get('repositoryName')}", account=call.get("registryId") or "")


def _repositories(call: Call) -> list[Access]:
    account = call.get("registryId") or ""
    resources = [
        arn("ecr", call, f"repository/{each}", account=account) for each in call.get("repositoryNames") or ["*"]
    ]
    return [Access("ecr:DescribeRepositories", each) for each in resources]


ROWS = table(
    "ecr",
    dict.fromkeys(
        (
            "BatchCheckLayerAvailability",
            "BatchGetImage",
            "DeleteRepositoryPolicy",
            "DescribeImages",
            "GetDownloadUrlForLayer",
            "GetRepositoryPolicy",
            "ListImages",
            "PutImage",
            "SetRepositoryPolicy",
        ),
        _repository,
    )
    | {"GetAuthorizationToken": None},
    DescribeRepositories=_repositories,
)


def _policy(at: Fields) -> str | None:
    repository = ecr_backends[at.account][at.region].repositories.get(at.resource.removeprefix("repository/"))
    return shown_form(repository.policy) if repository and repository.policy else None


def register(registry: Registry) -> None:
    """Add this service's entries."""
    registry.add(Api(service="ecr", rows=ROWS), Resources(prefix="ecr", policy=policy_at("ecr", _policy)))
