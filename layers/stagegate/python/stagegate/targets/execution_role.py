"""The role that an import job reads the weights with: who may take it, and what it may do.

One role for a package and a hosting account, so that taking one back takes nothing from another. Its trust is fenced by
the hosting account twice, as source account and as the source ARN's account: AWS's own page mixes two accounts there
("Create a service role for model import", Amazon Bedrock user guide; docs/corrections.md).
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from stagegate.core.addresses import S3Uri
from stagegate.core.untrusted import word
from stagegate.iam.documents import canonical
from stagegate.iam.statements import exactly

PATH = "/stagegate/"
_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRole:
    """The role of one import: in `account`, the hosting one, reading `source` of `source_account`.

    `source_key` is the key that the weights are encrypted with, `model_key` the one that the model is to be.
    """

    account: str
    region: str
    partition: str
    name: str
    source: S3Uri
    source_account: str
    source_key: str | None = None
    model_key: str | None = None

    @property
    def arn(self) -> str:
        """The role's ARN: under our path, where the member stack's boundary and permissions know it."""
        return f"arn:{self.partition}:iam::{self.account}:role{PATH}{self.name}"

    def trust(self) -> str:
        """Return the trust policy: Bedrock, for import jobs of this account and Region."""
        jobs = f"arn:{self.partition}:bedrock:{self.region}:{self.account}:model-import-job/*"
        return _document(
            {
                "Sid": "StagegateImportJobs",
                "Effect": "Allow",
                "Principal": {"Service": "bedrock.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnLike": {"aws:SourceArn": jobs},
                    "StringEquals": {"aws:SourceAccount": self.account},
                },
            }
        )

    def permissions(self) -> str:
        """Return the role's own policy: list and get these weights, of this owner's bucket, and use their key."""
        bucket = f"arn:{self.partition}:s3:::{self.source.bucket}"
        below = f"{exactly(self.source.key)}*"
        owner = {"StringEquals": {"aws:ResourceAccount": self.source_account}}
        return _document(
            {
                "Sid": "StagegateGetWeights",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": [f"{bucket}/{below}"],
                "Condition": owner,
            },
            {
                "Sid": "StagegateListWeights",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [bucket],
                "Condition": {**owner, "StringLike": {"s3:prefix": [below]}},
            },
            *([_read_key(self.source_key)] if self.source_key else []),
            *(_model_key(self.model_key, self.region) if self.model_key else []),
        )

    def __str__(self) -> str:
        """A line that a person can read."""
        return f"{self.name} may read {word(f'{self.source}*')} of {self.source_account}, for Bedrock alone"

    @property
    def said(self) -> str:
        """Everything that the role says, as text: equal for equal roles."""
        return canonical({"role": self.arn, "trust": self.trust(), "permissions": self.permissions()})


def role_name(prefix: str, package_arn: str) -> str:
    """Return the name of a package's execution role: the same each time, and no other package's."""
    digest = hashlib.sha256(package_arn.encode()).hexdigest()[:_DIGITS]
    return f"{prefix}-import-{digest}"


def is_role_name(prefix: str, name: str) -> bool:
    """Tell whether a role may be some package's, by its name. What else begins so, as a function's, has no digest."""
    return re.fullmatch(rf"{re.escape(prefix)}-import-[0-9a-f]{{{_DIGITS}}}", name) is not None


def _read_key(key: str) -> dict[str, Any]:
    return {
        "Sid": "StagegateReadWeights",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:DescribeKey"],
        "Resource": [key],
    }


def _model_key(key: str, region: str) -> list[dict[str, Any]]:
    """What Bedrock does with the model's key: by itself, and through a grant that it makes for itself ("Encryption of
    imported models", Amazon Bedrock user guide). The published recipe leaves CreateGrant out.
    """
    via = {"StringEquals": {"kms:ViaService": f"bedrock.{region}.amazonaws.com"}}
    return [
        {
            "Sid": "StagegateKeepModel",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
            "Resource": [key],
            "Condition": via,
        },
        {
            "Sid": "StagegateLetBedrockKeepModel",
            "Effect": "Allow",
            "Action": ["kms:CreateGrant"],
            "Resource": [key],
            "Condition": {**via, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]


def _document(*statements: dict[str, Any]) -> str:
    return canonical({"Version": "2012-10-17", "Statement": list(statements)})
