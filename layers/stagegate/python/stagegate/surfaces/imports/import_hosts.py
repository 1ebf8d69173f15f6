"""What is in an account that models are imported into: the execution role, the model, its jobs."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.iam.documents import canonical_text

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

BedrockClient = object
"""Bedrock's stubs are not among the tools."""

ROLE_PERMISSIONS = frozenset({"iam:GetRole", "iam:GetRolePolicy"})
POLICY_NAME = "import"
"""What the execution role's one policy of its own is called."""


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
