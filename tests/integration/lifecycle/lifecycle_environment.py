"""An organization in which something of every kind is open, and all that is ours in it, wherever it lies."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from sandbox.services.sagemaker.hubs.catalogue import Entry
from stagegate.ledger import items
from tests.support.registry import BUCKET, REPOSITORY, Registry, registry, works
from tests.support.shipped import by_approval_alone, reading_in_test
from tests.support.sweeps import output

GOVERNANCE, DEV, TEST, PROD = "111122223333", "222233334444", "333344445555", "444455556666"
CARD, HUB = "churn", "allowed-models"
LEFT = "nobodys-artifacts"
RULES = f"""
[[buckets]]
name = "{LEFT}"
account = "{TEST}"

[[hubs]]
name = "{HUB}"
description = "Looked at"
allow = [{{ filter = "framework == meta" }}]
shares = [{{ stage = "dev", access = "use" }}]

[[guardrails]]
name = "canvas"
by = "scp"
accounts = ["{PROD}"]
public_hub = "deny"

[[guardrails]]
name = "testers"
by = "boundary"
roles = ["arn:aws:iam::{TEST}:role/ModelTester"]
public_hub = "deny"
"""
ENCRYPTED = {"model_overview": {"model_description": "said"}}


@dataclass
class Lifecycle:
    """The organization with a package, a card, a group, a hub and two guardrails."""

    registry: Registry

    def admin(self, service: str, account: str = "governance") -> Any:
        return self.registry.admin(service, account)

    @property
    def card(self) -> str:
        return f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-card/{CARD}"

    @property
    def hub(self) -> str:
        return f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:hub/{HUB}"

    def opens_everything(self) -> None:
        """Something of every kind is open."""
        self.registry.sets("approver", "Approved")
        sagemaker = self.admin("sagemaker")
        sagemaker.create_model_card(ModelCardName=CARD, Content=json.dumps(ENCRYPTED), ModelCardStatus="Draft")
        sagemaker.update_model_card(ModelCardName=CARD, ModelCardStatus="PendingReview")
        assert self.registry.organization.settle()
        for subject in (self.hub, "guardrail/canvas", "guardrail/testers"):
            self.registry.changed_by_manual_run(subject)

    def access(self) -> frozenset[str]:
        """Who can do what by Stagegate's doing, found out by doing it."""
        client = self.registry.organization.client
        attempts = {
            "dev sees the card": lambda: client("sagemaker", "dev").describe_model_card(ModelCardName=self.card),
            "test sees the card": lambda: client("sagemaker", "test").describe_model_card(ModelCardName=self.card),
            "dev sees the hub": lambda: client("sagemaker", "dev").describe_hub(HubName=self.hub),
            "dev registers": lambda: client("sagemaker", "dev").list_model_packages(
                ModelPackageGroupName=self.registry.group
            ),
            "prod lists the public hub": lambda: client("sagemaker", "prod").list_hub_contents(
                HubName="SageMakerPublicHub", HubContentType="Model"
            ),
            "test lists the public hub": lambda: client("sagemaker", "test").list_hub_contents(
                HubName="SageMakerPublicHub", HubContentType="Model"
            ),
        }
        found = {f"prod may {each}" for each in self.registry.may("prod")}
        return frozenset(found | {name for name, attempt in attempts.items() if works(attempt)})

    def ours(self) -> list[str]:
        """Everything of ours that grants or denies anything, in every account, wherever it could lie."""
        return sorted(
            [
                *self._shares(),
                *self._statements(),
                *self._key_grants(),
                *self._policies(),
                *(f"hub {hub['HubName']}" for hub in self.admin("sagemaker").list_hubs()["HubSummaries"]),
            ]
        )

    def withdraws(self) -> None:
        """Everything of ours closes, as docs/remove.md says it."""
        shown = output(self.registry.sweeps({"mode": "withdraw"}))
        output(self.registry.sweeps({"sweep": shown["sweep"]}))
        assert self.registry.organization.settle(60)
        output(self.registry.sweeps())
        assert self.registry.organization.settle(60)

    def takes_the_withdrawal_back(self) -> None:
        """An administrator deletes the item, and a sweep opens what is entitled."""
        key = items.key(items.WITHDRAWAL, items.CURRENT)
        self.admin("dynamodb").delete_item(TableName=self.registry.organization.outputs["LedgerTable"], Key=key)
        output(self.registry.sweeps({"mode": "apply"}))
        assert self.registry.organization.settle(60)

    def stacks_made(self) -> list[str]:
        """Everything in any account that a stack of ours has made, and that is there."""
        found: list[str] = []
        for account in dict.fromkeys(self.registry.organization.accounts.values()):
            of = self.registry.organization.admin

            def named(kind: str, names: Iterable[str], account: str = account) -> None:
                found.extend(f"{kind} {name}" for name in names if "stagegate" in name and account)

            named("table", of("dynamodb", account).list_tables()["TableNames"])
            functions = of("lambda", account).list_functions()["Functions"]
            named("function", (each["FunctionName"] for each in functions))
            machines = of("stepfunctions", account).list_state_machines()["stateMachines"]
            named("state machine", (each["name"] for each in machines))
            named("role", (each["RoleName"] for each in of("iam", account).list_roles()["Roles"]))
            policies = of("iam", account).list_policies(Scope="Local")["Policies"]
            named("policy", (each["PolicyName"] for each in policies))
            events = of("events", account)
            named("bus", (each["Name"] for each in events.list_event_buses()["EventBuses"]))
            named("rule", (each["Name"] for each in events.list_rules()["Rules"]))
            named("queue", of("sqs", account).list_queues().get("QueueUrls", []))
            named("topic", (each["TopicArn"] for each in of("sns", account).list_topics()["Topics"]))
            alarms = of("cloudwatch", account).describe_alarms()["MetricAlarms"]
            named("alarm", (each["AlarmName"] for each in alarms))
            groups = of("logs", account).describe_log_groups()["logGroups"]
            named("log group", (each["logGroupName"] for each in groups))
            kms = of("kms", account)
            named("alias", (each["AliasName"] for each in kms.list_aliases()["Aliases"]))
            keys = [kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"] for each in kms.list_keys()["Keys"]]
            named("key", (each["Description"] for each in keys if each["KeyState"] == "Enabled"))
        return found

    def open_in_the_ledger(self) -> list[str]:
        """The subjects that have grants on record, and what is wanted of targets."""
        table = self.registry.organization.outputs["LedgerTable"]
        found = [items.values(each) for each in self.admin("dynamodb").scan(TableName=table)["Items"]]
        return sorted(
            each["pk"]
            for each in found
            if (each["sk"] == items.VIEW and each["grants"]) or each["sk"].startswith((items.DESIRED, items.WRITTEN))
        )

    def _shares(self) -> Iterator[str]:
        ram = self.admin("ram")
        for share in ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]:
            if share["status"] == "ACTIVE" and share["name"].startswith("stagegate"):
                yield f"share {share['name']}"

    def _statements(self) -> Iterator[str]:
        texts: dict[str, Callable[[], str]] = {
            f"bucket {BUCKET}": lambda: str(self.admin("s3", "dev").get_bucket_policy(Bucket=BUCKET)["Policy"]),
            f"repository {REPOSITORY}": lambda: self.admin("ecr").get_repository_policy(repositoryName=REPOSITORY)[
                "policyText"
            ],
            "group": lambda: self.admin("sagemaker").get_model_package_group_policy(
                ModelPackageGroupName=self.registry.name
            )["ResourcePolicy"],
        }
        for name, read in texts.items():
            try:
                statements = json.loads(read())["Statement"]
            except ClientError:
                continue
            yield from (f"{name}: a statement" for each in statements if each["Sid"].startswith("Stagegate"))

    def sids_of_ours(self) -> list[str]:
        """The Sids of ours on the package's bucket."""
        return [sid for sid in self.registry.sids("bucket") if sid.startswith("Stagegate")]

    def _key_grants(self) -> Iterator[str]:
        grants = self.admin("kms", "dev").list_grants(KeyId=self.registry.key)["Grants"]
        yield from (f"key: grant {grant['Name']}" for grant in grants)

    def _policies(self) -> Iterator[str]:
        organizations = self.registry.organization.admin("organizations", "management")
        for policy in organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]:
            if policy["Name"].startswith("stagegate"):
                yield f"service control policy {policy['Name']}"
        for account in self.registry.organization.accounts.values():
            iam = self.registry.organization.admin("iam", account)
            for role in iam.list_roles()["Roles"]:
                boundary = iam.get_role(RoleName=role["RoleName"])["Role"].get("PermissionsBoundary", {})
                arn = boundary.get("PermissionsBoundaryArn", "")
                if "/stagegate" in arn and not role["RoleName"].startswith("stagegate"):
                    yield f"boundary of {role['RoleName']}"
            for found in iam.list_policies(Scope="Local")["Policies"]:
                if "guardrail" in found["PolicyName"] or "import-" in found["PolicyName"]:
                    yield f"policy {found['PolicyName']} in {account}"


@contextmanager
def lifecycle(folder: Path) -> Iterator[Lifecycle]:
    delays = Delays(cloudtrail=0.1, wait_factor=0.02)
    with registry(folder, delays, more_rules=RULES, rules=reading_in_test(by_approval_alone())) as found:
        found.organization.public_hub.publish(Entry(id="meta-llm-small", version="1.0.0", framework="meta"))
        yield Lifecycle(found)
