"""A package of weights that is imported into Amazon Bedrock, and one whose model goes again."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.clock import clock
from sandbox.stagegate import tiny_model
from sandbox.stagegate.members import HOSTING
from soak.histories.world import DEV, KEY, World
from soak.trials.stories.story import GOVERNED, Story

_BUCKET, _GROUP = "soak-artifacts", "weights"
_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/djl-inference:0.27"
_WHAT = ("a model", "a role", "a statement on the bucket", "a grant on the key")


class _OfAnImport(Story):
    rules = GOVERNED
    sweeps_after_s = 1500.0  # a place in the queue is held for 20 minutes (runbook)
    is_open = True
    """Whether it has to be imported after the step."""

    def __init__(self, world: World, subject: str = "tried") -> None:
        super().__init__(world, subject)
        self.arn = ""

    @property
    def subject(self) -> str:
        return self.arn

    def prepare(self) -> None:
        s3, sagemaker = self.world.admin("s3", DEV), self.world.person("owner")
        for name, body in tiny_model.files().items():
            s3.put_object(Bucket=_BUCKET, Key=f"{_GROUP}/{self.called}/{name}", Body=body, **self.world.encryption)
        groups = self.world.admin("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"]
        if not groups:
            sagemaker.create_model_package_group(ModelPackageGroupName=_GROUP)
        source = {
            "S3Uri": f"s3://{_BUCKET}/{_GROUP}/{self.called}/",
            "S3DataType": "S3Prefix",
            "CompressionType": "None",
        }
        made = sagemaker.create_model_package(
            ModelPackageGroupName=_GROUP,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": _IMAGE, "ModelDataSource": {"S3DataSource": source}}],
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
        )
        self.arn = str(made["ModelPackageArn"])
        self.rest_a_while()

    def sets(self, status: str) -> None:
        """An approver sets the version's status."""
        clock.next_second()
        self.world.person("approver").update_model_package(ModelPackageArn=self.arn, ModelApprovalStatus=status)

    def next_run(self, *, by_person: bool) -> None:
        """An import that has failed for good waits for a person, who was told (runbook): then that is what comes."""
        super().next_run(by_person=by_person)
        told = [each for each in self.world.organization.outbox if (each.subject or "").startswith("FAILED import")]
        if told and self.wrong() is not None:
            super().next_run(by_person=True)

    def wrong(self) -> str | None:
        found = self._found()
        if any(each != self.is_open for each in found):
            there = ", ".join(what for what, is_there in zip(_WHAT, found, strict=True) if is_there) or "nothing"
            return f"{self.arn}: found {there}, must be {', '.join(_WHAT) if self.is_open else 'nothing'}"
        return self.what_is_wrong_of_all()

    def _found(self) -> tuple[bool, ...]:
        models = self.world.admin("bedrock", HOSTING).list_imported_models()["modelSummaries"]
        roles = self.world.admin("iam", HOSTING).list_roles(PathPrefix="/stagegate/")["Roles"]
        grants = self.world.admin("kms", DEV).list_grants(KeyId=KEY)["Grants"]
        ours = [role["RoleName"] for role in roles if "import-" in role["RoleName"]]
        return (
            bool(models),
            bool(ours),
            any(HOSTING in json.dumps(each) and f"{_GROUP}/" in json.dumps(each) for each in self._statements()),
            any(HOSTING in grant["GranteePrincipal"] for grant in grants),
        )

    def _statements(self) -> list[dict[str, Any]]:
        try:
            text = self.world.admin("s3", DEV).get_bucket_policy(Bucket=_BUCKET)["Policy"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
                return []
            raise
        found: list[dict[str, Any]] = json.loads(text)["Statement"]
        return found


class Import(_OfAnImport):
    """An approver approves it."""

    name = "import"

    def act(self) -> None:
        """Its status is set."""
        self.sets("Approved")


class ImportsEnd(_OfAnImport):
    """An approver rejects what was imported."""

    name = "import's end"
    is_open = False

    def prepare(self) -> None:
        """It was imported."""
        super().prepare()
        self.sets("Approved")
        self.rest_a_while()
        if not all(self._found()):
            raise AssertionError(f"{self.arn} was not imported")

    def act(self) -> None:
        """Its status is set."""
        self.sets("Rejected")


STORIES = (Import, ImportsEnd)
