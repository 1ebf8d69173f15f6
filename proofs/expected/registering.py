"""Registering versions in groups of the governance account, and reading what was registered."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from proofs.expected.facts import HOME, SAGEMAKER, Grant, Settings, bucket_of, roles, stage_of
from proofs.expected.packages import PULL


def pending(settings: Settings) -> dict[str, list[Any]]:
    """Return what the request has to say: that the version waits for approval, and nothing of where in its life it is
    if that opens something.
    """
    said: dict[str, list[Any]] = {"sagemaker:ModelApprovalStatus": ["PendingManualApproval"]}
    return {**said, "sagemaker:ModelLifeCycle:stage": [None]} if settings["packages"].get("lifecycle") else said


def on_group(settings: Settings, group: str) -> list[Grant]:
    """Whoever registers in a group may look at it and make versions that wait for approval, in whichever letters."""
    found: list[Grant] = []
    for entry in _entries(settings, group):
        stage = stage_of(settings, entry["stage"])
        who = [arn for account in stage["accounts"] for arn in roles(account, entry.get("roles", stage["roles"]))]
        versions = [{"start": f"{SAGEMAKER}:model-package/{each}/"} for each in (group, group.lower())]
        found += [
            {
                "who": who,
                "may": ["sagemaker:DescribeModelPackageGroup"],
                "on": [f"{SAGEMAKER}:model-package-group/{group}"],
            },
            {"who": who, "may": ["sagemaker:CreateModelPackage"], "on": versions, "where": pending(settings)},
        ]
    return found


def on_bucket(settings: Settings, group: str, bucket: str) -> list[Grant]:
    """The governance account, or its readers, may read the folders that registrations name, with the access lists."""
    arn = f"arn:aws:s3:::{bucket}"
    found: list[Grant] = []
    for entry in _entries(settings, group):
        for folder in _folders(entry, bucket):
            who = _readers(entry)
            found += [
                {"who": who, "may": ["s3:GetBucketAcl", "s3:GetBucketLocation"], "on": [arn]},
                {"who": who, "may": ["s3:GetObject", "s3:GetObjectAcl"], "on": [{"start": f"{arn}/{folder}"}]},
                {"who": who, "may": ["s3:ListBucket"], "on": [arn], "where": {"s3:prefix": [{"start": folder}]}},
            ]
    return found


def on_key(settings: Settings, group: str, key: str) -> list[Grant]:
    """They may use the keys of those buckets, to write the same as well (AWS's page asks for it)."""
    may = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    return [
        {"who": _readers(entry), "may": may, "on": [key], "directly": bool(entry.get("readers"))}
        for entry in _entries(settings, group)
        if key in {bucket_of(settings, uri.split("/")[2]).get("key") for uri in entry.get("data", ())}
    ]


def on_repository(settings: Settings, group: str, address: str) -> list[Grant]:
    """They may pull images of the repositories that registrations name, and look at them."""
    may = [*PULL, "ecr:DescribeImages", "ecr:DescribeRepositories"]
    return [
        {"who": _readers(entry), "may": may}
        for entry in _entries(settings, group)
        if address in entry.get("repositories", ())
    ]


def _entries(settings: Settings, group: str) -> Iterator[Mapping[str, Any]]:
    for entry in settings.get("registrations", ()):
        if any(fnmatchcase(group, pattern) for pattern in entry["groups"]):
            yield entry


def _folders(entry: Mapping[str, Any], bucket: str) -> list[str]:
    start = f"s3://{bucket}/"
    return [uri.removeprefix(start) for uri in entry.get("data", ()) if uri.startswith(start)]


def _readers(entry: Mapping[str, Any]) -> list[str]:
    return roles(HOME, entry["readers"]) if entry.get("readers") else [HOME]
