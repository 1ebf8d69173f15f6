"""An organization with one model package in it, and whoever looks at it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from sandbox.kernel.spelling import Spelling
from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.stagegate.organization import ROOT, Organization
from tests.support.shipped import by_approval_alone

SHIPPED = ROOT / "layers" / "settings" / "governance.toml"
GROUP, BUCKET, REPOSITORY = "customer-churn", "model-artifacts-churn", "serving/churn"
TESTS_BUCKET = "model-artifacts-tests"
OBSERVER = "stagegate-member-observe"
DATA, OTHER_DATA = "churn/1/model.tar.gz", "churn/2/model.tar.gz"
LAYER = "sha256:" + "1" * 64
MANIFEST = json.dumps(
    {"mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [{"digest": LAYER, "size": 7}]}
)
ALL = frozenset({"describe group", "describe package", "list packages", "get data", "decrypt", "pull"})


@dataclass
class Registry:
    """The organization with one package in it, and whoever looks at it."""

    organization: Organization
    key: str
    ciphertext: bytes
    package: str = ""
    name: str = GROUP

    @property
    def group(self) -> str:
        """The group's ARN, as SageMaker writes it."""
        found = self.organization.admin("sagemaker", "governance").describe_model_package_group(
            ModelPackageGroupName=self.name
        )
        return str(found["ModelPackageGroupArn"])

    def may(self, profile: str, role: str | None = None) -> frozenset[str]:
        """What a role can do with the package, found out by doing it."""

        def client(service: str) -> Any:
            return self.organization.client(service, profile, role)

        image = {"registryId": self.organization.accounts["governance"], "repositoryName": REPOSITORY}
        attempts = {
            "describe group": lambda: client("sagemaker").describe_model_package_group(
                ModelPackageGroupName=self.group
            ),
            "describe package": lambda: client("sagemaker").describe_model_package(ModelPackageName=self.package),
            "list packages": lambda: client("sagemaker").list_model_packages(ModelPackageGroupName=self.group),
            "approve": lambda: client("sagemaker").update_model_package(
                ModelPackageArn=self.package, ApprovalDescription="by whoever"
            ),
            "get data": lambda: client("s3").get_object(Bucket=BUCKET, Key=DATA),
            "get other data": lambda: client("s3").get_object(Bucket=BUCKET, Key=OTHER_DATA),
            "decrypt": lambda: client("kms").decrypt(KeyId=self.key, CiphertextBlob=self.ciphertext),
            "pull": lambda: client("ecr").batch_get_image(**image, imageIds=[{"imageTag": "v1"}]),
        }
        return frozenset(name for name, attempt in attempts.items() if works(attempt))

    def sets(self, profile: str, status: str) -> None:
        """Somebody sets the approval status, in a second of their own; everything that follows has happened then."""
        self.organization.clock.next_second()
        sagemaker = self.organization.client("sagemaker", profile)
        sagemaker.update_model_package(ModelPackageArn=self.package, ModelApprovalStatus=status)
        assert self.organization.settle()

    def sweeps(self, given: dict[str, Any] | None = None) -> Execution:
        """A sweep that a person starts, once it and all that it has started is over."""
        started = self.organization.client("stepfunctions", "governance").start_execution(
            stateMachineArn=self.organization.outputs["SweepStateMachine"], input=json.dumps(given or {})
        )
        assert self.organization.settle()
        (run,) = [e for e in self.organization.executions() if e.execution_arn == started["executionArn"]]
        return run

    def alarm(self, name: str) -> str:
        """An alarm's state, by the end of its name."""
        alarms = self.admin("cloudwatch").describe_alarms()["MetricAlarms"]
        return str(next(each["StateValue"] for each in alarms if each["AlarmName"].endswith(name)))

    def admin(self, service: str, account: str = "governance") -> Any:
        return self.organization.admin(service, account)

    def manual_run(self, subject: str = "", **given: str) -> Execution:
        """A run that a person starts, about the package unless told otherwise, once it is over."""
        started = self.organization.client("stepfunctions", "governance").start_execution(
            stateMachineArn=self.organization.outputs["GovernStateMachine"],
            input=json.dumps({"subject": subject or self.package, **given}),
        )
        assert self.organization.settle()
        (run,) = [e for e in self.organization.executions() if e.execution_arn == started["executionArn"]]
        return run

    def changed_by_manual_run(self, subject: str = "") -> str:
        """The outcome of a run that a person starts, which must succeed."""
        run = self.manual_run(subject)
        assert run.status == "SUCCEEDED", (run.error, run.cause)
        return str(json.loads(run.output or "{}")["outcome"])

    def sids(self, which: str) -> list[str]:
        """The Sids of a shared document that aren't ours."""
        if which == "bucket":
            text = self.organization.admin("s3", "dev").get_bucket_policy(Bucket=BUCKET)["Policy"]
        else:
            ecr = self.organization.admin("ecr", "governance")
            text = ecr.get_repository_policy(repositoryName=REPOSITORY)["policyText"]
        return [each["Sid"] for each in json.loads(text)["Statement"]]


def works(attempt: Any) -> bool:
    """Tell whether a call is let through. One that is refused for another reason fails the test."""
    try:
        attempt()
    except ClientError as error:
        if error.response["Error"]["Code"].startswith("AccessDenied"):
            return False
        raise
    return True


@contextmanager
def registry(
    folder: Path,
    delays: Delays,
    more_rules: str = "",
    rules: str = "",
    spelling: Spelling = Spelling.GIVEN,
    name: str = GROUP,
) -> Iterator[Registry]:
    """By the shipped rules, but that cards have no say, or by others that end with the bucket, and what more there is;
    with a key of the bucket's account for what lies in it. The group has that name, and ARNs have it in that spelling.
    """
    with Organization.start(SHIPPED, delays=delays, spelling=spelling) as organization:
        kms = organization.admin("kms", "dev")
        key = kms.create_key()["KeyMetadata"]["Arn"]
        settings = folder / "governance.toml"
        settings.write_text(f'{(rules or by_approval_alone()).rstrip()}\nkey = "{key}"\n{more_rules}')
        organization.update_settings(settings)
        ciphertext = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
        environment = Registry(organization, key, ciphertext, name=name)
        _make_artifacts(organization, key)
        environment.package = _register(organization, name)
        assert organization.settle()
        yield environment


@contextmanager
def two_accounts(folder: Path, delays: Delays) -> Iterator[Registry]:
    """By the same rules, with a package that has data in two accounts, and its image in a third."""
    shipped = by_approval_alone().rstrip()
    account = "333344445555"
    entry = f'[[buckets]]\nname = "{TESTS_BUCKET}"\naccount = "{account}"\n\n[[buckets]]\nname = "model-artifacts-*"'
    rules = shipped.replace('[[buckets]]\nname = "model-artifacts-*"', entry)
    with registry(folder, delays, rules=rules) as found:
        assert found.organization.accounts["test"] == account
        s3 = found.admin("s3", "test")
        s3.create_bucket(Bucket=TESTS_BUCKET)
        s3.put_object(Bucket=TESTS_BUCKET, Key=DATA, Body=b"weights")
        containers = [
            {"Image": image(found.organization), "ModelDataUrl": f"s3://{bucket}/{DATA}"}
            for bucket in (BUCKET, TESTS_BUCKET)
        ]
        found.package = a_version(found.organization, *containers)
        assert found.organization.settle()
        yield found


@contextmanager
def trusting_nobody(
    registry: Registry, account: str, roles: tuple[str, ...] = ("stagegate-member-policy", OBSERVER)
) -> Iterator[None]:
    """A member account whose roles let nobody in, neither who looks nor who writes."""
    iam = registry.admin("iam", account)
    trusts = {role: iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"] for role in roles}
    for role, trust in trusts.items():
        denied = [{**each, "Effect": "Deny"} for each in trust["Statement"]]
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps({**trust, "Statement": denied}))
    yield
    for role, trust in trusts.items():
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))


def _make_artifacts(organization: Organization, key: str) -> None:
    s3, ecr = organization.admin("s3", "dev"), organization.admin("ecr", "governance")
    s3.create_bucket(Bucket=BUCKET)
    for name in (DATA, OTHER_DATA):
        s3.put_object(Bucket=BUCKET, Key=name, Body=b"weights", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    ecr.create_repository(repositoryName=REPOSITORY)
    ecr.put_image(repositoryName=REPOSITORY, imageManifest=MANIFEST, imageTag="v1")
    auditors = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{organization.accounts['hosting']}:root"}}
    objects = {"Sid": "Auditors", **auditors, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/audit/*"}
    images = {"Sid": "Auditors", **auditors, "Action": "ecr:DescribeImages"}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=_policy(objects))
    ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=_policy(images))


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _register(organization: Organization, name: str) -> str:
    organization.client("sagemaker", "governance").create_model_package_group(ModelPackageGroupName=name)
    return a_version(organization, {"Image": image(organization), "ModelDataUrl": f"s3://{BUCKET}/{DATA}"}, group=name)


def image(organization: Organization, tag: str = "v1") -> str:
    """The address of an image in the governance account's repository."""
    return f"{organization.accounts['governance']}.dkr.ecr.us-east-1.amazonaws.com/{REPOSITORY}:{tag}"


def a_version(organization: Organization, *containers: dict[str, Any], group: str = GROUP) -> str:
    """The ARN of a new version of the group, made of these containers."""
    made = organization.client("sagemaker", "governance").create_model_package(
        ModelPackageGroupName=group,
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": list(containers),
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )
    return str(made["ModelPackageArn"])
