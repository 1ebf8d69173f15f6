"""What can be shared, and with which permissions: a table that grows with the sandbox.

Types: https://docs.aws.amazon.com/ram/latest/userguide/shareable.html. Permissions of model cards:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards-xaccount.html. Both include UpdateModelCard: a card can't
be shared read-only, and the type takes no customer-managed permissions. Permissions of hubs, of which none is said to
be the default: https://docs.aws.amazon.com/sagemaker/latest/dg/jumpstart-curated-hubs-ram.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.services.sagemaker.hubs.names import hub_exists
from sandbox.services.sagemaker.store.backend import card_exists


@dataclass(frozen=True, slots=True)
class ManagedPermission:
    """An AWS managed permission. `actions` are IAM actions."""

    name: str
    resource_type: str
    actions: frozenset[str]
    is_default: bool = False

    @property
    def arn(self) -> str:
        """Its ARN, the same in every account."""
        return f"arn:{PARTITION}:ram::aws:permission/{self.name}"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type that can be shared: its name in RAM, the ARNs it has, and how to see that one exists."""

    name: str
    arn: re.Pattern[str]
    exists: Callable[[str], bool]


_READ_HUB = frozenset(
    f"sagemaker:{name}" for name in ("DescribeHub", "DescribeHubContent", "ListHubContents", "ListHubContentVersions")
)
_WRITE_HUB = frozenset(
    f"sagemaker:{name}"
    for name in (
        "CreateHubContentReference",
        "DeleteHubContent",
        "DeleteHubContentReference",
        "ImportHubContent",
    )
)
_DEPLOY = frozenset({"sagemaker:DeployHubModel"})
_CARD_ACTIONS = frozenset(
    {"sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions", "sagemaker:UpdateModelCard"}
)
_CARD_EXPORT = frozenset({"sagemaker:CreateModelCardExportJob", "sagemaker:DescribeModelCardExportJob"})

RESOURCE_TYPES = (
    ResourceType(
        "sagemaker:ModelCard",
        re.compile(rf"arn:{PARTITION}:sagemaker:[a-z0-9-]+:\d{{12}}:model-card/[a-zA-Z0-9](-*[a-zA-Z0-9]){{0,62}}"),
        card_exists,
    ),
    ResourceType(
        "sagemaker:Hub",
        re.compile(rf"arn:{PARTITION}:sagemaker:[a-z0-9-]+:\d{{12}}:hub/[a-zA-Z0-9](-*[a-zA-Z0-9]){{0,62}}"),
        hub_exists,
    ),
)

PERMISSIONS = (
    ManagedPermission("AWSRAMPermissionSageMakerModelCards", "sagemaker:ModelCard", _CARD_ACTIONS, is_default=True),
    ManagedPermission(
        "AWSRAMPermissionSageMakerModelCardsAllowExport", "sagemaker:ModelCard", _CARD_ACTIONS | _CARD_EXPORT
    ),
    ManagedPermission("AWSRAMPermissionSageMakerHubRead", "sagemaker:Hub", _READ_HUB),
    ManagedPermission("AWSRAMPermissionSageMakerHubReadAndUse", "sagemaker:Hub", _READ_HUB | _DEPLOY),
    ManagedPermission(
        "AWSRAMPermissionSageMakerHubFullAccessPolicy", "sagemaker:Hub", _READ_HUB | _DEPLOY | _WRITE_HUB
    ),
)


def type_of(resource_arn: str) -> ResourceType:
    """The shareable type of a resource.

    Raises MalformedArnException for what isn't an ARN, NotInSandbox for a resource that isn't in the table.
    """
    if len(resource_arn.split(":", 5)) != 6 or not resource_arn.startswith("arn:aws"):
        raise aws_error("MalformedArnException", f"The specified resource ARN {resource_arn} is not valid.")
    found = next((kind for kind in RESOURCE_TYPES if kind.arn.fullmatch(resource_arn)), None)
    if found is None:
        raise NotInSandboxError(f"sharing {resource_arn}")
    return found


def permission(arn: str) -> ManagedPermission:
    """The managed permission of that ARN, or the error RAM gives for another."""
    if not arn.startswith(f"arn:{PARTITION}:ram:"):
        raise aws_error("MalformedArnException", f"The permission ARN {arn} is not valid.")
    found = next((candidate for candidate in PERMISSIONS if candidate.arn == arn), None)
    if found is None:
        raise aws_error("UnknownResourceException", f"The permission {arn} could not be found.")
    return found


def permission_named(name: str) -> ManagedPermission:
    """The managed permission of that name, which must exist."""
    return next(candidate for candidate in PERMISSIONS if candidate.name == name)


def default_permission(resource_type: str) -> ManagedPermission:
    """What RAM attaches when a share is made without a permission for this type; NotInSandbox where that is unknown."""
    found = next((each for each in PERMISSIONS if each.resource_type == resource_type and each.is_default), None)
    if found is None:
        raise NotInSandboxError(f"the permission that RAM gives {resource_type} by default (name one instead)")
    return found
