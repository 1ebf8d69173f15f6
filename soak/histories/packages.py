"""One model package group with one version in it: what people do to them, and who is let at them.

All versions lie in one bucket and one repository, so that their statements meet in the same documents.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.delays import delays
from sandbox.kernel.place import REGION
from sandbox.stagegate import tiny_model
from sandbox.stagegate.members import GOVERNANCE, HOSTING
from soak.histories.documents import AUDITORS, BUCKET, REPOSITORY, foreign_edit
from soak.histories.events import SubjectEvents, Unrecorded
from soak.histories.world import DEV, PEOPLE, World, is_let
from soak.oracle.facts import Deleted, History, Set, Wrote
from soak.oracle.verdict import Known

_IMAGE = f"{GOVERNANCE}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}:1"
_WEIGHTS = tiny_model.files()
_REFUSED = ("AccessDenied", "AccessDeniedException", "ConflictException", "ResourceNotFound", "ValidationException")


def make_artifacts(world: World) -> None:
    """Make what all versions are made of, with another team's statements in the documents."""
    s3, ecr = world.admin("s3", DEV), world.admin("ecr")
    s3.create_bucket(Bucket=BUCKET)
    ecr.create_repository(repositoryName=REPOSITORY)
    layer = {"digest": "sha256:" + "1" * 64, "size": 7}
    manifest = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [layer]}
    ecr.put_image(repositoryName=REPOSITORY, imageManifest=json.dumps(manifest), imageTag="1")
    foreign_edit(world, AUDITORS)


@dataclass(slots=True)
class Package:
    """A group, and the version of it that is there now. Each new version is another subject."""

    world: World
    group: str
    is_weights: bool = False
    """Whether its versions are weights, which Bedrock can import."""
    number: int = 0
    contents: int = 0
    history: History = field(default_factory=History)
    group_history: History = field(default_factory=History)
    open: dict[str, Known] = field(default_factory=dict)
    """Whether each stage is open, as far as the oracle knows."""
    seen: dict[str, bool] = field(default_factory=dict)
    """Which stages were open when all was at rest last."""
    parts: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Which part of it was open for which stage then: somebody may have taken one of them alone off."""
    may_be_registered: bool = False
    """Whether the training account might register versions then."""
    shut: set[str] = field(default_factory=set)
    """The stages for which nothing of it may be open, as it was judged last."""
    events: SubjectEvents | None = None
    unheard: float = 0.0
    """When a version was registered in place of one whose deletion nobody had heard of."""
    lost_model: float = 0.0
    """When somebody last deleted its model in Bedrock."""
    _known: int = 0

    group_events: SubjectEvents = field(init=False)

    def __post_init__(self) -> None:
        self.group_events = self.world.events.register(self.group_arn, self.group_history)

    @property
    def group_arn(self) -> str:
        """The group's ARN."""
        return f"arn:aws:sagemaker:{REGION}:{GOVERNANCE}:model-package-group/{self.group}"

    @property
    def arn(self) -> str:
        """The version's ARN."""
        return f"arn:aws:sagemaker:{REGION}:{GOVERNANCE}:model-package/{self.group}/{self.number}"

    @property
    def name(self) -> str:
        """What mails call it."""
        return f"{self.group}/{self.number}"

    @property
    def artifact(self) -> str:
        """The key of its artifact."""
        return f"{self._folder}{'config.json' if self.is_weights else 'model.tar.gz'}"

    @property
    def _folder(self) -> str:
        return f"{self.group}/{self.number}/"

    def is_shut(self, stage: str) -> bool:
        """Whether nothing of it may be open for a stage, nor of a version before it that nobody knows to be gone."""
        return stage in self.shut and self.unheard <= self.history.last_sweep

    def make_group(self, who: str) -> None:
        """Somebody makes the group."""
        if not self.group_history.exists and self._lets(
            who, "create_model_package_group", ModelPackageGroupName=self.group
        ):
            now = self.world.now()
            self.group_history.changes += [Wrote(now, PEOPLE[who], 1), Set(now, PEOPLE[who], "made", 1)]

    def delete_group(self, who: str) -> None:
        """Somebody deletes the group, which has to be empty."""
        if self.group_history.exists and not self.history.exists:
            admin = self.world.admin("sagemaker")
            with suppress(ClientError):  # it may have none
                admin.delete_model_package_group_policy(ModelPackageGroupName=self.group)
            if self._lets(who, "delete_model_package_group", ModelPackageGroupName=self.group):
                self.group_history.changes.append(Deleted(self.world.now(), PEOPLE[who]))
                self.number = 0

    def register(self, who: str, status: str) -> None:
        """Somebody registers a version, once what it is made of is there."""
        if not self.group_history.exists or self.history.exists:
            return
        before = self.number, self.history, self.events
        self.number += 1
        self.history = History()
        # What lay there when a record came can't be told while nobody can look: it counts for nothing (decision 10).
        self.events = self.world.events.register(self.arn, self.history, lambda: self.world.is_blind(DEV))
        self._put()
        where: dict[str, Any] = {"ModelDataUrl": f"s3://{BUCKET}/{self.artifact}"}
        if self.is_weights:
            source = {"S3Uri": f"s3://{BUCKET}/{self._folder}", "S3DataType": "S3Prefix", "CompressionType": "None"}
            where = {"ModelDataSource": {"S3DataSource": source}}
        request = {
            "ModelPackageGroupName": self.group_arn,
            "ModelApprovalStatus": status,
            "InferenceSpecification": {
                "Containers": [{"Image": _IMAGE, **where}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        }
        if not self._lets(who, "create_model_package", **request):
            self.number, self.history, self.events = before
            return
        if before[1].changes and not before[1].is_looked_at:
            self.unheard = self.world.now()
        self.open, self.seen, self.parts, self.lost_model, self._known = {}, {}, {}, 0.0, 0
        now = self.world.now()
        wrote, first = Wrote(now, PEOPLE[who], self.contents), Set(now, PEOPLE[who], status, self.contents)
        self.history.changes += [wrote, first]
        self.events.unrecorded.append(Unrecorded(PEOPLE[who], status, [wrote, first]))

    def set(self, who: str, status: str) -> None:
        """Somebody sets a status."""
        at = self.world.now()  # its event may arrive before the call has answered
        if self.history.exists and self._lets(
            who, "update_model_package", ModelPackageArn=self.arn, ModelApprovalStatus=status
        ):
            change = Set(at, PEOPLE[who], status, self.contents, took=delays.completion)
            self.history.changes.append(change)
            if self.events is not None:
                self.events.unrecorded.append(Unrecorded(PEOPLE[who], status, [change]))

    def overwrite(self) -> None:
        """Somebody writes the artifact anew. No event tells of it."""
        if self.history.exists:
            looks = list(self.history.looks)
            self._put()
            self.history.changes.append(
                Wrote(self.world.now(), f"arn:aws:iam::{DEV}:role/Trainer", self.contents, recorded=True)
            )
            self.history.looks[:] = looks
            self.world.happened()

    def delete(self, who: str) -> None:
        """Somebody deletes the version."""
        if self.history.exists and self._lets(who, "delete_model_package", ModelPackageName=self.arn):
            self.history.changes.append(Deleted(self.world.now(), PEOPLE[who]))

    def moments(self) -> int:
        """How many times it was changed since this was asked last."""
        found, self._known = {each.at for each in self.history.changes[self._known :]}, len(self.history.changes)
        return len(found)

    def may(self, account: str, role: str) -> dict[str, bool]:
        """Which of the calls that deploying it takes get through. What is the account's own isn't asked about."""

        def let(service: str, operation: str, **request: Any) -> bool:
            return is_let(f"arn:aws:iam::{account}:role/{role}", service, operation, request)

        is_there = self._is_there()
        found = {"describe": is_there and let("sagemaker", "DescribeModelPackage", ModelPackageName=self.arn)}
        if account != DEV:
            # The artifacts are never taken away.
            found["artifact"] = let("s3", "GetObject", Bucket=BUCKET, Key=self.artifact)
        found["approve"] = is_there and let("sagemaker", "UpdateModelPackage", ModelPackageArn=self.arn)
        ids = {"registryId": GOVERNANCE, "repositoryName": REPOSITORY, "imageIds": [{"imageTag": "1"}]}
        found["image"] = let("ecr", "BatchGetImage", **ids)
        return found

    @property
    def model(self) -> str | None:
        """The ARN of its model in Bedrock, if there is one."""
        models = self.world.admin("bedrock", HOSTING).list_imported_models()["modelSummaries"]
        return next((m["modelArn"] for m in models if m["modelName"] == f"{self.group}-{self.number}"), None)

    def lose_model(self) -> None:
        """Somebody deletes its model."""
        if model := self.model:
            self.world.admin("bedrock", HOSTING).delete_imported_model(modelIdentifier=model)
            self.lost_model = self.world.now()
            self.world.happened()

    def may_register(self, status: str, role: str = "ModelDeveloper") -> bool:
        """Whether a role of the training account may register a version of that status."""
        asked = {"ModelPackageGroupName": self.group_arn, "CertifyForMarketplace": True, "ModelApprovalStatus": status}
        who = f"arn:aws:iam::{DEV}:role/{role}"
        return self.group_history.exists and is_let(who, "sagemaker", "CreateModelPackage", asked)

    def _is_there(self) -> bool:
        try:
            self.world.admin("sagemaker").describe_model_package(ModelPackageName=self.arn)
        except ClientError as error:
            if "does not exist" in str(error):
                return False
            raise
        return True

    def _put(self) -> None:
        self.contents += 1
        files = {self.artifact: f"model {self.contents}".encode()}
        if self.is_weights:
            files = {f"{self._folder}{name}": body for name, body in _WEIGHTS.items()}
            configuration = json.loads(files[self.artifact]) | {"written": self.contents}
            files[self.artifact] = json.dumps(configuration).encode()
        for key, body in files.items():
            self.world.admin("s3", DEV).put_object(Bucket=BUCKET, Key=key, Body=body, **self.world.encryption)

    def _lets(self, who: str, operation: str, **request: Any) -> bool:
        try:
            getattr(self.world.person(who), operation)(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] in _REFUSED:
                return False
            raise
        self.world.happened()
        return True
