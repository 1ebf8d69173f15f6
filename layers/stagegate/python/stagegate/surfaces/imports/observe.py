"""What is in an account that models are imported into: the execution role, the models, their jobs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import RefusedError
from stagegate.iam.documents import canonical_text
from stagegate.targets.model_import import CONTENT_TAG, PACKAGE_TAG

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

BedrockClient = Any
"""Bedrock's stubs are not among the tools."""

PERMISSIONS = frozenset({"bedrock:ListImportedModels", "bedrock:ListTagsForResource"})
ROLE_PERMISSIONS = frozenset({"iam:GetRole", "iam:GetRolePolicy"})
POLICY_NAME = "import"
"""What the execution role's one policy of its own is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """An imported model. `package` and `content` are what its tags say, "" where it has none."""

    arn: str
    name: str
    package: str = ""
    content: str = ""

    def is_of(self, package: str, known: str) -> bool:
        """Tell whether it is a package's: by its tag, which somebody may have taken off, or as the model whose ARN is
        `known` to be the package's, "" for none.
        """
        return package == self.package or (bool(known) and self.arn == known)


def model(bedrock: BedrockClient, name: str) -> Imported | None:
    """Return the model of that name, or None where there is none. Raises RefusedError.

    From the list: on which resource AWS authorizes a look at a model by its name, of which there may be none, it
    doesn't say.
    """
    return next((found for found in _listed(bedrock, nameContains=name) if found.name == name), None)


def models(bedrock: BedrockClient) -> tuple[Imported, ...]:
    """Return every model of the account. Raises RefusedError."""
    return tuple(_listed(bedrock))


def running(bedrock: BedrockClient) -> list[dict[str, str]]:
    """Return the import jobs that are running, of whomever, each with `jobArn` and `importedModelName`."""
    with translated("list the import jobs"):
        return [
            found
            for page in bedrock.get_paginator("list_model_import_jobs").paginate(statusEquals="InProgress")
            for found in page["modelImportJobSummaries"]
        ]


def began(bedrock: BedrockClient, model_arn: str, named: str) -> datetime:
    """Return when the job that made a model was created: one of those whose names have `named`.

    Raises RefusedError, also where Bedrock has no such job any more.
    """
    with translated("list the import jobs"):
        for page in bedrock.get_paginator("list_model_import_jobs").paginate(
            statusEquals="Completed", nameContains=named
        ):
            for found in page["modelImportJobSummaries"]:
                if found.get("importedModelArn") == model_arn:
                    created: datetime = found["creationTime"]
                    return created
    raise RefusedError(f"look for the job that made {model_arn}: Bedrock lists none")


def _listed(bedrock: BedrockClient, **only: str) -> Iterator[Imported]:
    with translated("list the imported models"):
        for page in bedrock.get_paginator("list_imported_models").paginate(**only):
            for found in page["modelSummaries"]:
                listed = bedrock.list_tags_for_resource(resourceARN=found["modelArn"])["tags"]
                tags = {tag["key"]: tag["value"] for tag in listed}
                yield Imported(
                    arn=found["modelArn"],
                    name=found["modelName"],
                    package=tags.get(PACKAGE_TAG, ""),
                    content=tags.get(CONTENT_TAG, ""),
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedRole:
    """An execution role as it stands: its documents in canonical form, and its boundary's ARN, "" for none."""

    trust: str
    permissions: str
    boundary: str


def role(iam: "IAMClient", name: str) -> ObservedRole | None:
    """Return the role of that name, or None where there is none. Raises RefusedError."""
    with translated(f"read the role {name}"):
        try:
            found = iam.get_role(RoleName=name)["Role"]
        except ClientError as error:
            if code_of(error) == "NoSuchEntity":
                return None
            raise
        try:
            permissions = _text(iam.get_role_policy(RoleName=name, PolicyName=POLICY_NAME)["PolicyDocument"])
        except ClientError as error:
            if code_of(error) != "NoSuchEntity":
                raise
            permissions = ""
    return ObservedRole(
        trust=_text(found["AssumeRolePolicyDocument"]),
        permissions=permissions,
        boundary=found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
    )


def _text(document: object) -> str:
    """IAM's documents come as objects from boto3, and as percent-encoded text from elsewhere."""
    return canonical_text(unquote(document) if isinstance(document, str) else json.dumps(document))
