"""Where the versions of the story are registered, and where what they are made of lies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.content import customer_churn
from sandbox.kernel.place import PARTITION, REGION, URL_SUFFIX

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

GROUP = "customer-churn"
VERSIONS = (1, 2)
REPOSITORY = "serving/customer-churn"


@dataclass(frozen=True, slots=True)
class Registry:
    """The group, and the parts of its versions. `owner` is the account of the group, `holder` that of the bucket and of
    the repository. `key` encrypts the bucket's objects, or with `seals_packages` the packages themselves; `ciphertext`
    was made with it. `opens_whole_group`: the artifacts of all versions open with those of one.
    """

    organization: Organization
    owner: str
    holder: str
    bucket: str
    key: str
    seals_packages: bool
    ciphertext: bytes
    opens_whole_group: bool
    lifecycle: tuple[str, str] | None

    @property
    def group(self) -> str:
        """The ARN of the group."""
        return f"arn:{PARTITION}:sagemaker:{REGION}:{self.owner}:model-package-group/{GROUP}"

    @property
    def homes(self) -> dict[str, str]:
        """The account of what is opened on each surface."""
        return {"group": self.owner, "bucket": self.holder, "key": self.key.split(":")[4], "repository": self.holder}

    def name_of(self, account: str) -> str:
        """What the organization calls an account."""
        return next(name for name, each in self.organization.accounts.items() if each == account)

    def version(self, number: int) -> str:
        """The ARN of a version, also of one that isn't there."""
        return f"arn:{PARTITION}:sagemaker:{REGION}:{self.owner}:model-package/{GROUP}/{number}"

    def admin(self, surface: str, service: str) -> Any:
        """A client for the sandbox's own hand in the account of a surface: what type it has depends on the service."""
        return self.organization.admin(service, self.homes[surface])

    def registration(self, number: int) -> dict[str, Any]:
        """The request that registers a version; what it is made of is there already."""
        image = f"{self.holder}.dkr.ecr.{REGION}.{URL_SUFFIX}/{REPOSITORY}:{number}"
        request: dict[str, Any] = {
            "ModelPackageGroupName": self.group,
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": {
                "Containers": [{"Image": image, "ModelDataUrl": f"s3://{self.bucket}/{artifact(number)}"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            "ModelCard": {"ModelCardStatus": "PendingReview", "ModelCardContent": json.dumps(card())},
        }
        if self.seals_packages:
            request["SecurityConfig"] = {"KmsKeyId": self.key}
        if self.lifecycle:
            request["ModelLifeCycle"] = dict(zip(("Stage", "StageStatus"), self.lifecycle, strict=True))
        return request


def artifact(number: int) -> str:
    """Return the key of a version's artifact in the bucket."""
    return f"{GROUP}/{number}/model.tar.gz"


def card() -> dict[str, Any]:
    """Return the content of a version's own card, which has less of an overview than a model card has."""
    content = customer_churn()
    overview = content["model_overview"]
    content["model_overview"] = {name: overview[name] for name in ("model_creator", "model_artifact")}
    return content
