"""The other teams, who have statements of their own in the documents that Stagegate writes."""

from __future__ import annotations

import json
from typing import Any  # statements are JSON

from demo.package.registry import GROUP, REPOSITORY, Registry
from demo.story import Aftermath, Check, Finding
from sandbox.kernel.place import PARTITION
from sandbox.stagegate.members import HOSTING

_DOCUMENTS = ("group", "bucket", "repository")


def take_part(registry: Registry, *documents: str) -> None:
    """Put their statements there, the first of each document."""
    for document in documents:
        _put(registry, document, _theirs(registry)[document])


def remove_stagegates(registry: Registry, document: str) -> None:
    """Take everything that isn't theirs out of a document, by an administrator's hand."""
    _put(registry, document, _theirs(registry)[document])


def sids(registry: Registry) -> dict[str, list[str]]:
    """Return the Sids of their statements, by document."""
    return {document: [each["Sid"] for each in found] for document, found in _theirs(registry).items()}


def stay(registry: Registry) -> Check:
    """Check that their statements are there, as they put them."""

    def check(_: Aftermath) -> Finding:
        theirs = _theirs(registry)
        there = {document: statements_on(registry, document) for document in _DOCUMENTS}
        lost = [f"{each['Sid']} of the {doc}" for doc in _DOCUMENTS for each in theirs[doc] if each not in there[doc]]
        named = "; ".join(f"{document}: {', '.join(names)}" for document, names in sids(registry).items())
        observed = f"lost: {', '.join(lost)}" if lost else f"other teams' statements stay ({named})"
        return Finding("other teams' statements stay", observed, ok=not lost)

    return check


def statements_on(registry: Registry, document: str) -> list[Any]:
    """Return every statement of a document as it is now."""
    match document:
        case "group":
            sagemaker = registry.admin("group", "sagemaker")
            text = sagemaker.get_model_package_group_policy(ModelPackageGroupName=GROUP)["ResourcePolicy"]
        case "bucket":
            text = registry.admin("bucket", "s3").get_bucket_policy(Bucket=registry.bucket)["Policy"]
        case _:
            ecr = registry.admin("repository", "ecr")
            text = ecr.get_repository_policy(repositoryName=REPOSITORY)["policyText"]
    found: list[Any] = json.loads(text)["Statement"]
    return found


def _theirs(registry: Registry) -> dict[str, list[dict[str, Any]]]:
    auditors = {"Effect": "Allow", "Principal": {"AWS": f"arn:{PARTITION}:iam::{HOSTING}:root"}}
    bucket = f"arn:{PARTITION}:s3:::{registry.bucket}"
    describe = "sagemaker:DescribeModelPackageGroup"
    plain = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    return {
        "group": [{"Sid": "Catalogue", **auditors, "Action": describe, "Resource": registry.group}],
        "bucket": [
            {"Sid": "Auditors", **auditors, "Action": "s3:GetObject", "Resource": f"{bucket}/audit/*"},
            {
                "Sid": "EncryptedOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket, f"{bucket}/*"],
                **plain,
            },
        ],
        "repository": [{"Sid": "Scanners", **auditors, "Action": "ecr:DescribeImages"}],
    }


def _put(registry: Registry, document: str, statements: list[dict[str, Any]]) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    match document:
        case "group":
            sagemaker = registry.admin("group", "sagemaker")
            sagemaker.put_model_package_group_policy(ModelPackageGroupName=GROUP, ResourcePolicy=text)
        case "bucket":
            registry.admin("bucket", "s3").put_bucket_policy(Bucket=registry.bucket, Policy=text)
        case _:
            ecr = registry.admin("repository", "ecr")
            ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=text)
