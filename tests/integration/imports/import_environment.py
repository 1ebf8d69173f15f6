"""An organization with one model's weights, a package of them, and an account that imports it into Bedrock."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.stagegate import tiny_model
from sandbox.stagegate.deployment import Company
from sandbox.stagegate.organization import Organization
from stagegate.ledger import items
from tests.support.printed import has_what_is_printed
from tests.support.shipped import by_approval_alone, changed

BASE = changed(('opens = ["prod"]', "opens = []"), text=by_approval_alone())
"""Nobody deploys packages."""
GROUP, BUCKET, HOSTING = "mistral", "model-artifacts-weights", "777788889999"
FILES: Mapping[str, bytes] = tiny_model.files()
RULES = """
[[imports]]
groups = ["mistral*"]
stage = "hosting"
consumer = "ModelConsumer"
"""
STAGE = """[[stages]]
name = "hosting"
accounts = ["777788889999"]
roles = ["ModelConsumer"]

[cards]
"""
APPROVERS = """
[[approvers]]
stage = "hosting"
principals = ["arn:aws:iam::111122223333:role/ModelApprover"]

[packages]
"""


@dataclass
class Hosted:
    """The organization, and what is in its hosting account."""

    organization: Organization
    settings: Path
    key: str
    packages: dict[int, str]

    def sets(self, profile: str, status: str, version: int = 1) -> None:
        """Somebody sets a version's approval status, in a second of their own; all that follows has happened then.

        Of bytes that were written since anybody was asked, an approval asks, and its repeat is the answer.
        """
        heard = len(self.organization.outbox)
        self._sets(profile, status, version)
        assert self.organization.settle()
        if self._is_asked_anew(heard):
            self._sets(profile, status, version)
            assert self.organization.settle()

    def _is_asked_anew(self, heard: int) -> bool:
        """Whether an approval of something else than was asked about has been answered by a question."""
        return any(
            str(message.subject).startswith("DECIDE ") and ": Approved" in str(message.subject)
            for message in self.organization.outbox[heard:]
        )

    def _sets(self, profile: str, status: str, version: int) -> None:
        self.organization.clock.next_second()
        sagemaker = self.organization.client("sagemaker", profile)
        sagemaker.update_model_package(ModelPackageArn=self.packages[version], ModelApprovalStatus=status)

    def approved(self) -> list[int]:
        """The versions that aren't rejected."""
        sagemaker = self.admin("sagemaker", "governance")
        return [
            version
            for version, arn in self.packages.items()
            if sagemaker.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"] != "Rejected"
        ]

    def follows(self, rules: str, key: str | None = None) -> None:
        """The same organization, with other imports in its rules, and perhaps another key of the weights ("": none)."""
        folder = self.settings.with_name("other")
        folder.mkdir(exist_ok=True)
        self.organization.update_settings(settings(folder, self.key if key is None else key, rules))

    def admin(self, service: str, account: str = "hosting") -> Any:
        return self.organization.admin(service, account)

    def models(self) -> list[str]:
        return [str(model["modelName"]) for model in self.admin("bedrock").list_imported_models()["modelSummaries"]]

    def roles(self) -> list[str]:
        found = self.admin("iam").list_roles(PathPrefix="/stagegate/")["Roles"]
        return [str(role["RoleName"]) for role in found if "import-" in role["RoleName"]]

    def grants(self) -> list[str]:
        found = self.admin("kms", "dev").list_grants(KeyId=self.key)["Grants"]
        return [str(grant["GranteePrincipal"]) for grant in found]

    def statements(self) -> list[dict[str, Any]]:
        """Our statements on the weights' bucket."""
        try:
            text = self.admin("s3", "dev").get_bucket_policy(Bucket=BUCKET)["Policy"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
                return []
            raise
        return [each for each in json.loads(text)["Statement"] if each["Sid"].startswith("Stagegate")]

    def recorded(self) -> list[int]:
        """The versions that the ledger has as imported."""
        found = self.admin("dynamodb", "governance").query(
            TableName=self.organization.outputs["LedgerTable"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": items.imported_key(f"{HOSTING}/us-east-1", GROUP)}},
        )
        return [int(item["sk"]["S"]) for item in found["Items"]]

    def is_open(self) -> tuple[bool, ...]:
        """Whether there is a model, a role, a statement and a grant."""
        return tuple(map(bool, (self.models(), self.roles(), self.statements(), self.grants())))

    def starts_manually(self, version: int = 1, **more: str) -> str:
        """A person starts a run, and doesn't wait for it."""
        started = self.organization.client("stepfunctions", "governance").start_execution(
            stateMachineArn=self.organization.outputs["GovernStateMachine"],
            input=json.dumps({"subject": self.packages[version], **more}),
        )
        return str(started["executionArn"])

    def manual_run(self, version: int = 1, **more: str) -> Execution:
        """A run that a person starts, once it is over."""
        started = self.starts_manually(version, **more)
        assert self.organization.settle()
        (run,) = [e for e in self.organization.executions() if e.execution_arn == started]
        return run

    def begins(self, version: int = 1) -> None:
        """A version is approved, and its import's job is running when this returns."""
        heard = len(self.organization.outbox)

        self._sets("approver", "Approved", version)
        self.until(lambda: self.jobs() or self._is_asked_anew(heard))
        if not self.jobs():
            self._sets("approver", "Approved", version)
        self.until(self.jobs)

    def jobs(self) -> list[dict[str, Any]]:
        """The import jobs that are running."""
        found = self.admin("bedrock").list_model_import_jobs(statusEquals="InProgress")
        return list(found["modelImportJobSummaries"])

    def stops(self, run: Execution) -> None:
        """A person stops a run where it is, once everything else is over."""
        self.until(self.runs_over)
        self.admin("stepfunctions", "governance").stop_execution(
            executionArn=run.execution_arn, error="Stopped", cause="by hand"
        )

    def runs_over(self) -> bool:
        """Whether nothing but imports is running."""
        imports = {run.execution_arn for run in self.imports()}
        return all(run.status != "RUNNING" or run.execution_arn in imports for run in self.organization.executions())

    def until(self, is_so: Callable[[], object]) -> None:
        """Wait for it, for some seconds."""
        assert self.organization.clock.until(is_so), "it has not come to that"

    def sweeps(self, **given: str) -> Execution:
        """A sweep, once it and all that it has started is over."""
        started = self.organization.client("stepfunctions", "governance").start_execution(
            stateMachineArn=self.organization.outputs["SweepStateMachine"], input=json.dumps(given)
        )
        assert self.organization.settle(60)
        (run,) = [e for e in self.organization.executions() if e.execution_arn == started["executionArn"]]
        return run

    def imports(self) -> list[Execution]:
        """Every run of the import state machine, in the order of their starts."""
        machine = self.organization.outputs["ImportStateMachine"].rpartition(":")[2]
        return [run for run in self.organization.executions() if f":{machine}:" in run.execution_arn]

    def heard(self) -> list[str]:
        return [f"{message.subject}\n{message.text}" for message in self.organization.outbox]

    def puts(self, version: int, files: Mapping[str, bytes], key: str | None = None) -> None:
        """Put a version's files there, encrypted with a key, by default the owner's; "" for S3's own."""
        s3 = self.admin("s3", "dev")
        key = self.key if key is None else key
        sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}
        for name, body in files.items():
            s3.put_object(Bucket=BUCKET, Key=f"{GROUP}/{version}/{name}", Body=body, **sealed)

    def registers(self, version: int, files: Mapping[str, bytes] = FILES, key: str | None = None) -> str:
        """A further version of the model, waiting to be approved; for its files see `puts`."""
        self.puts(version, files, key)
        self.organization.clock.next_second()
        uri = f"s3://{BUCKET}/{GROUP}/{version}/"
        source = {"S3Uri": uri, "S3DataType": "S3Prefix", "CompressionType": "None"}
        image = "763104351884.dkr.ecr.us-east-1.amazonaws.com/djl-inference:0.27"
        made = self.organization.client("sagemaker", "governance").create_model_package(
            ModelPackageGroupName=GROUP,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": image, "ModelDataSource": {"S3DataSource": source}}],
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
        )
        self.packages[version] = str(made["ModelPackageArn"])
        assert self.organization.settle()
        return self.packages[version]


def settings(folder: Path, key: str, rules: str = RULES) -> Path:
    """The shipped rules, with a stage that hosts, approvers of it, and imports; cards have no say."""
    text = BASE.replace("[cards]\n", STAGE, 1).replace("\n[packages]\n", APPROVERS, 1)
    path = folder / "governance.toml"
    path.write_text(f'{text.rstrip()}\nkey = "{key}"\n{rules}' if key else f"{text}{rules}")
    return path


@contextmanager
def hosted(folder: Path, delays: Delays, rules: str = RULES, company: Company | None = None) -> Iterator[Hosted]:
    """One version is registered. Its weights are encrypted with a key of their owner."""
    with Organization.start(settings(folder, "", rules), delays=delays, company=company) as organization:
        key = organization.admin("kms", "dev").create_key()["KeyMetadata"]["Arn"]
        path = settings(folder, key, rules)
        organization.update_settings(path)
        organization.admin("s3", "dev").create_bucket(Bucket=BUCKET)
        if "consumer = " in rules:
            has_what_is_printed(organization, path, "hosting", "ModelConsumer", "invoke")
        environment = Hosted(organization, path, key, {})
        sagemaker = organization.client("sagemaker", "governance")
        sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
        environment.registers(1)
        yield environment
