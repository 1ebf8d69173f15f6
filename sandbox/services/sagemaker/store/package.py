"""Model package groups and model packages as SageMaker keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.kernel.place import PARTITION
from sandbox.kernel.spelling import spellings
from sandbox.kernel.wire.protocol import Json

PENDING = "PendingManualApproval"
"""The approval status of a version whose creator gave none."""


@dataclass(slots=True)
class ModelPackage:
    """A version in a group. Times are epoch seconds; `members` is what it was given, as the API gives it back.

    `modified_at` and `modified_by` (a UserContext) are None until the first update.
    """

    arn: str
    group: str
    version: int
    created_at: float
    created_by: Json
    members: Json
    modified_at: float | None = None
    modified_by: Json | None = None

    @property
    def approval(self) -> str:
        """Its ModelApprovalStatus."""
        return str(self.members["ModelApprovalStatus"])


@dataclass(slots=True)
class ModelPackageGroup:
    """A group with its versions by number; numbers are never given twice. `policy` has principals by unique id."""

    arn: str
    name: str
    account: str
    region: str
    description: str | None
    tags: dict[str, str]
    created_at: float
    created_by: Json
    policy: str | None = None
    packages: dict[int, ModelPackage] = field(default_factory=dict)
    last_version: int = 0

    def next_arn(self) -> str:
        """The ARN of the version that will be created next."""
        return f"{self.versions}/{self.last_version + 1}"

    @property
    def versions(self) -> str:
        """What the ARNs of all versions start with, up to the last slash."""
        return f"arn:{PARTITION}:sagemaker:{self.region}:{self.account}:model-package/{spellings.of_package(self.name)}"

    def add(self, package: ModelPackage) -> None:
        """Keep the next version."""
        self.last_version = package.version
        self.packages[package.version] = package
