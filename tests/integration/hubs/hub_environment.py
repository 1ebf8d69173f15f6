"""An organization with one private hub by its settings, and whoever looks into it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from sandbox.services.sagemaker.hubs.catalogue import Entry
from sandbox.services.sagemaker.hubs.public_hub import PublicHub
from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.stagegate.organization import ROOT, Organization

SHIPPED = ROOT / "layers" / "settings" / "governance.toml"
HUB = "allowed-models"
RULES = """
[[hubs]]
name = "allowed-models"
description = "Looked at"
allow = [{ filter = "framework == meta" }, { ids = ["ai21-jamba-mini"], minimum = "1.1.0" }]
keep_out = [{ names = ["*-vision"] }]
shares = [{ stage = "dev", access = "use" }, { stage = "prod", access = "read" }]
most_removed_percent = 60
"""
MODELS = (
    Entry(id="meta-llm-small", version="1.0.0", framework="meta"),
    Entry(id="meta-llm-large", version="2.0.0", framework="meta"),
    Entry(id="meta-llm-old", version="1.0.0", framework="meta", support="Deprecated"),
    Entry(id="meta-llm-vision", version="1.0.0", framework="meta"),
    Entry(id="ai21-jamba-mini", version="1.2.0", framework="ai21"),
    Entry(id="hf-llm-other", version="1.0.0", framework="huggingface"),
)
ALLOWED = frozenset({"meta-llm-small", "meta-llm-large", "ai21-jamba-mini"})


@dataclass
class HubEnvironment:
    """The organization, and what can be found out about its hub."""

    organization: Organization
    folder: Path
    base: Path = SHIPPED
    """The settings that a hub's rules are added to."""
    deployed: str = ""

    @property
    def arn(self) -> str:
        return f"arn:aws:sagemaker:us-east-1:{self.organization.accounts['governance']}:hub/{HUB}"

    @property
    def public(self) -> PublicHub:
        """AWS's hand on the public hub."""
        return self.organization.public_hub

    def admin(self, service: str, account: str = "governance") -> Any:
        return self.organization.admin(service, account)

    def rules(self, text: str = RULES) -> None:
        """Deploy other rules for hubs, unless they are deployed already."""
        if text == self.deployed:
            return
        settings = self.folder / "governance.toml"
        settings.write_text(self.base.read_text() + text)
        self.organization.update_settings(settings)
        assert self.organization.settle(), "the sweep after a deployment is still going on"
        self.deployed = text

    def start(self, **more: Any) -> str:
        """Start a run; return its ARN."""
        stepfunctions = self.organization.client("stepfunctions", "governance")
        machine = self.organization.outputs["GovernStateMachine"]
        started = stepfunctions.start_execution(
            stateMachineArn=machine, input=json.dumps({"subject": self.arn, **more})
        )
        return str(started["executionArn"])

    def sync(self, **more: Any) -> Execution:
        """A run that a person starts, once it is over."""
        arn = self.start(**more)
        assert self.organization.settle(700), "a run ends by itself within ten minutes"
        return self.run(arn)

    def sweep(self) -> dict[str, Any]:
        """What a sweep has counted that begins as those on schedule do, once all that it has started is over."""
        due = (ROOT / "events" / "sweep_due.json").read_text()
        machine = self.organization.outputs["SweepStateMachine"]
        started = self.organization.client("stepfunctions", "governance").start_execution(
            stateMachineArn=machine, input=due
        )
        assert self.organization.settle()
        run = self.run(started["executionArn"])
        assert run.status == "SUCCEEDED", (run.error, run.cause)
        totals: dict[str, Any] = json.loads(run.output or "{}")["totals"]
        return totals

    def run(self, arn: str) -> Execution:
        (run,) = [each for each in self.organization.executions() if each.execution_arn == arn]
        return run

    def outcome(self, **more: Any) -> str:
        """The outcome of a run that must succeed."""
        run = self.sync(**more)
        assert run.status == "SUCCEEDED", (run.error, run.cause)
        return str(json.loads(run.output or "{}")["outcome"])

    def findings(self, **more: Any) -> list[str]:
        """The codes of what a run has found."""
        run = self.sync(**more)
        assert run.status == "SUCCEEDED", (run.error, run.cause)
        return [found["code"] for found in json.loads(run.output or "{}")["findings"]]

    def holds(self, profile: str | None = None) -> frozenset[str] | None:
        """The references in the hub, as an administrator of a stage finds by his own calls, or as they are.

        None where he may not look, or there is no hub.
        """
        sagemaker = self.admin("sagemaker")
        if profile:
            sagemaker = self.organization.client("sagemaker", profile, "Administrator")
        names: set[str] = set()
        request = {"HubName": self.arn, "HubContentType": "ModelReference"}
        try:
            while True:
                page = sagemaker.list_hub_contents(**request)
                live = (s for s in page["HubContentSummaries"] if s["HubContentStatus"] != "Deleting")
                names |= {summary["HubContentName"] for summary in live}
                if not page.get("NextToken"):
                    return frozenset(names)
                request["NextToken"] = page["NextToken"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ("AccessDeniedException", "ResourceNotFound"):
                return None
            raise

    def deploys(self, profile: str, name: str) -> bool:
        """Whether an administrator of a stage can make a model from the hub's reference to this one."""
        account = self.organization.accounts[profile]
        content = f"{self.arn.replace(':hub/', ':hub-content/')}/ModelReference/{name}"
        source = {
            "S3Uri": self.artifacts(name),
            "S3DataType": "S3Prefix",
            "CompressionType": "None",
            "HubAccessConfig": {"HubContentArn": content},
        }
        try:
            self.organization.client("sagemaker", profile, "Administrator").create_model(
                ModelName=f"made-of-{name}",
                ExecutionRoleArn=f"arn:aws:iam::{account}:role/Administrator",
                PrimaryContainer={
                    "Image": "763104351884.dkr.ecr.us-east-1.amazonaws.com/x:1",
                    "ModelDataSource": {"S3DataSource": source},
                },
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("AccessDeniedException", "ValidationException"):
                return False
            raise
        return True

    def artifacts(self, name: str) -> str:
        """Where the artifacts of a model of the public hub are."""
        describe = {"HubName": "SageMakerPublicHub", "HubContentType": "Model", "HubContentName": name}
        document = self.admin("sagemaker").describe_hub_content(**describe)["HubContentDocument"]
        return str(json.loads(document)["HostingArtifactUri"])

    def calls(self, since: int = 0) -> list[str]:
        """The calls to SageMaker and RAM that our functions have made since a mark."""
        return [
            call.operation
            for call in self.organization.calls.since(since)
            if call.service in ("sagemaker", "ram") and ":assumed-role/stagegate-" in call.principal_arn
        ]

    def writes(self, since: int = 0) -> list[str]:
        """Those of them that have changed something."""
        return [operation for operation in self.calls(since) if not operation.startswith(("Describe", "Get", "List"))]

    def position(self) -> int:
        """Where `calls` and `writes` begin to look from here on."""
        return len(self.organization.calls)


@contextmanager
def hub_environment(folder: Path, delays: Delays, rules: str = RULES, root: Path = ROOT) -> Iterator[HubEnvironment]:
    """By the shipped rules and a hub's, with a public hub of a few models; of the product that lies below `root`."""
    with Organization.start(SHIPPED, delays=delays, root=root) as organization:
        organization.public_hub.refill(MODELS)
        environment = HubEnvironment(organization, folder)
        environment.rules(rules)
        yield environment
