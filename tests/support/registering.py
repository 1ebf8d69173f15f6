"""A training account that registers versions in a group of the governance account, and what either may do with it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from tests.support.registry import BUCKET, DATA, LAYER, MANIFEST, OTHER_DATA, Registry, registry, works

TRAINING = "training/churn"
NOBODY: frozenset[str] = frozenset()
REGISTERS = frozenset({"describe group", "register as pending"})
READS = frozenset(
    {"get data", "object ACL", "bucket ACL", "location", "list", "decrypt", "data key", "pull", "layer", "image"}
)


@dataclass
class Training:
    """The registry, and the settings that let dev register in it or not."""

    registry: Registry
    settings: Path
    without: str

    def rule(self, **more: Any) -> None:
        """Let dev register in every group from one folder and one repository; `more` are further keys."""
        account = self.registry.organization.accounts["dev"]
        said = {
            "groups": ["*"],
            "data": [f"s3://{BUCKET}/{DATA.rpartition('/')[0]}/"],
            "repositories": [f"{account}.dkr.ecr.us-east-1.amazonaws.com/{TRAINING}"],
            **more,
        }
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in said.items())
        self._deploy(f'{self.without}\n[[registrations]]\nstage = "dev"\n{lines}')

    def no_rule(self) -> None:
        """Let nobody register."""
        self._deploy(self.without)

    def _deploy(self, text: str) -> None:
        if text != self.settings.read_text():
            self.settings.write_text(text)
            self.registry.organization.update_settings(self.settings)

    def registers(self, profile: str, role: str | None = None, group: str = "") -> frozenset[str]:
        """What a role can do with a group of the governance account, found out by asking for it.

        What would be registered is let in by the policies and then refused by SageMaker, as no version of a group can
        be certified for the Marketplace: so asking leaves nothing behind.
        """
        sagemaker = self.registry.organization.client("sagemaker", profile, role)
        in_group = {"ModelPackageGroupName": group or self.registry.group}
        version = {**in_group, "CertifyForMarketplace": True}
        return _of(
            {
                "describe group": lambda: sagemaker.describe_model_package_group(**in_group),
                "list packages": lambda: sagemaker.list_model_packages(**in_group),
                "describe package": lambda: sagemaker.describe_model_package(ModelPackageName=self.registry.package),
                "approve": lambda: sagemaker.update_model_package(
                    ModelPackageArn=self.registry.package, ModelApprovalStatus="Approved"
                ),
                "register unsaid": lambda: is_let_in(sagemaker, version),
                **{
                    f"register as {name}": lambda status=status: is_let_in(
                        sagemaker, {**version, "ModelApprovalStatus": status}
                    )
                    for name, status in (
                        ("pending", "PendingManualApproval"),
                        ("approved", "Approved"),
                        ("rejected", "Rejected"),
                    )
                },
            }
        )

    def reads(self, profile: str = "governance", role: str = "Administrator") -> frozenset[str]:
        """What a role can do with what is registered, found out by doing it."""

        def client(service: str) -> Any:
            return self.registry.organization.client(service, profile, role)

        bucket, key = {"Bucket": BUCKET}, self.registry.key
        image = {"registryId": self.registry.organization.accounts["dev"], "repositoryName": TRAINING}
        return _of(
            {
                "get data": lambda: client("s3").get_object(**bucket, Key=DATA),
                "get other data": lambda: client("s3").get_object(**bucket, Key=OTHER_DATA),
                "object ACL": lambda: client("s3").get_object_acl(**bucket, Key=DATA),
                "bucket ACL": lambda: client("s3").get_bucket_acl(**bucket),
                "location": lambda: client("s3").get_bucket_location(**bucket),
                "list": lambda: client("s3").list_objects_v2(**bucket, Prefix=DATA),
                "list all": lambda: client("s3").list_objects_v2(**bucket),
                "decrypt": lambda: client("kms").decrypt(KeyId=key, CiphertextBlob=self.registry.ciphertext),
                "data key": lambda: client("kms").generate_data_key(KeyId=key, KeySpec="AES_256"),
                "pull": lambda: client("ecr").batch_get_image(**image, imageIds=[{"imageTag": "v1"}]),
                "layer": lambda: client("ecr").get_download_url_for_layer(**image, layerDigest=LAYER),
                "image": lambda: client("ecr").describe_images(**image),
                "push": lambda: client("ecr").put_image(**image, imageManifest=MANIFEST, imageTag="v2"),
            }
        )

    def sids(self) -> list[list[str]]:
        """The Sids in the policies of bucket and repository."""
        bucket = self.registry.admin("s3", "dev").get_bucket_policy(Bucket=BUCKET)["Policy"]
        repository = self.registry.admin("ecr", "dev").get_repository_policy(repositoryName=TRAINING)["policyText"]
        return [[each["Sid"] for each in json.loads(text)["Statement"]] for text in (bucket, repository)]

    def grants(self) -> int:
        """How many grants the key has."""
        return len(self.registry.admin("kms", "dev").list_grants(KeyId=self.registry.key)["Grants"])

    def recorded(self, subject: str) -> set[str]:
        """What the ledger has of a subject: the targets that it may be on, and those that anybody keeps for it."""
        items = self.registry.admin("dynamodb").scan(TableName=self.registry.organization.outputs["LedgerTable"])
        keys = {(item["pk"]["S"], item["sk"]["S"]) for item in items["Items"]}
        return {sk for pk, sk in keys if pk == f"SUBJECT#{subject}" and sk.startswith("WRITTEN")} | {
            pk for pk, sk in keys if sk.endswith(subject) and pk.startswith("TARGET")
        }


def is_let_in(sagemaker: Any, version: dict[str, Any]) -> None:
    """Ask for a version that SageMaker refuses, and return if it was SageMaker that did."""
    with pytest.raises(ClientError) as refused:
        sagemaker.create_model_package(**version)
    if refused.value.response["Error"]["Code"] != "ValidationException":
        raise refused.value


def _of(attempts: dict[str, Any]) -> frozenset[str]:
    return frozenset(name for name, attempt in attempts.items() if works(attempt))


@contextmanager
def training(folder: Path, delays: Delays) -> Iterator[Training]:
    """A registry where nobody may register yet; dev has an image to register, beside a statement of somebody else's."""
    with registry(folder, delays) as environment:
        ecr = environment.admin("ecr", "dev")
        ecr.create_repository(repositoryName=TRAINING)
        ecr.put_image(repositoryName=TRAINING, imageManifest=MANIFEST, imageTag="v1")
        auditors = {"AWS": f"arn:aws:iam::{environment.organization.accounts['hosting']}:root"}
        statement = {"Sid": "Auditors", "Effect": "Allow", "Principal": auditors, "Action": "ecr:DescribeImages"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        ecr.set_repository_policy(repositoryName=TRAINING, policyText=json.dumps(policy))
        settings = folder / "governance.toml"
        shipped = '[[registrations]]\nstage = "dev"\ngroups = ["*"]\n'
        text = settings.read_text()
        assert shipped in text
        made = Training(environment, settings, text.replace(shipped, ""))
        made.no_rule()
        assert environment.changed_by_manual_run(environment.group) == "changes"
        yield made
