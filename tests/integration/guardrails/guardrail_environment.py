"""An organization in which people use Canvas, and whoever looks at what they may do."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from sandbox.kernel.identity import session
from sandbox.kernel.wire.transport import client
from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.stagegate import studio
from sandbox.stagegate.organization import ROOT, Organization
from sandbox.stagegate.studio import Studio
from stagegate.subjects.guardrails.denials.jumpstart import TAG

SHIPPED = ROOT / "layers" / "settings" / "governance.toml"
GOVERNANCE, DEV, TEST, PROD = "111122223333", "222233334444", "333344445555", "444455556666"
BESIDE, LIVE = f"arn:aws:iam::{DEV}:role/Beside-other", f"arn:aws:iam::{PROD}:role/Live"
TESTER = f"arn:aws:iam::{TEST}:role/ModelTester"
CLAUDE, TITAN = "anthropic.claude-3-haiku-20240307-v1:0", "amazon.titan-text-express-v1"
JUMPSTART = [{"Key": TAG.split("/", 1)[1], "Value": "huggingface-text2text-flan-t5-xl"}]
ALL = frozenset({"Claude", "Titan", "deploy JumpStart", "deploy own", "list public hub", "read weights"})
CANVAS_SETTINGS = {
    "WorkspaceSettings": {"S3ArtifactPath": "s3://canvas/"},
    "DirectDeploySettings": {"Status": "ENABLED"},
}

_numbers = itertools.count()


@dataclass
class GuardrailEnvironment:
    """The organization, its settings file, and two Studio domains of the dev account."""

    organization: Organization
    settings: Path
    canvas: Studio
    beside: Studio

    def admin(self, service: str, account: str = "governance") -> Any:
        return self.organization.admin(service, account)

    def rules(self, *guardrails: str) -> None:
        """Deploy the shipped rules with these guardrails, and with no others."""
        self.settings.write_text("\n".join((SHIPPED.read_text(), *guardrails)))
        self.organization.update_settings(self.settings)
        assert self.organization.settle()

    def run(self, name: str = "", **more: str) -> Execution:
        """A run that a person starts, once it is over; the whole of its input may be given by name."""
        started = self.organization.client("stepfunctions", "governance").start_execution(
            stateMachineArn=self.organization.outputs["GovernStateMachine"],
            input=json.dumps({"subject": f"guardrail/{name}"} | more),
        )
        assert self.organization.settle()
        (run,) = [e for e in self.organization.executions() if e.execution_arn == started["executionArn"]]
        return run

    def governs(self, name: str = "", **more: str) -> dict[str, Any]:
        """What a run that must succeed has to say."""
        run = self.run(name, **more)
        assert run.status == "SUCCEEDED", (run.error, run.cause)
        said: dict[str, Any] = json.loads(run.output or "{}")
        return said

    def may(self, role: str) -> frozenset[str]:
        """What a role can do, found out by doing it."""

        def of(service: str) -> Any:
            return client(service, role.split(":")[4], session(role, "canvas"))

        number = next(_numbers)
        variants = [{"VariantName": "all", "ModelName": "own"}]
        attempts = {
            "Claude": lambda: of("bedrock-runtime").invoke_model(modelId=CLAUDE, body=b"{}"),
            "Titan": lambda: of("bedrock-runtime").invoke_model(modelId=TITAN, body=b"{}"),
            "deploy own": lambda: of("sagemaker").create_endpoint_config(
                EndpointConfigName=f"own-{number}", ProductionVariants=variants
            ),
            "deploy JumpStart": lambda: of("sagemaker").create_endpoint_config(
                EndpointConfigName=f"jumpstart-{number}", ProductionVariants=variants, Tags=JUMPSTART
            ),
            "list public hub": lambda: of("sagemaker").list_hub_contents(
                HubName="SageMakerPublicHub", HubContentType="Model", MaxResults=1
            ),
            "read weights": lambda: of("s3").get_object(
                Bucket="jumpstart-cache-prod-us-east-1", Key="models_manifest.json"
            ),
        }
        return frozenset(name for name, attempt in attempts.items() if _works(attempt))

    def boundary(self, name: str, account: str = "dev") -> str:
        """The name of the policy that is a role's boundary, or nothing."""
        role = self.admin("iam", account).get_role(RoleName=name)["Role"]
        arn: str = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
        return arn.rsplit("/", 1)[-1]

    def standing(self) -> set[str]:
        """The names of all guardrails' policies, of both kinds."""
        local = [self.admin("iam", account).list_policies(Scope="Local")["Policies"] for account in ("dev", "test")]
        organizations = self.admin("organizations", "management")
        scps = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
        names = [policy["PolicyName"] for found in local for policy in found] + [policy["Name"] for policy in scps]
        return {name for name in names if "-guardrail-" in name}

    def marks(self) -> list[str]:
        """What the ledger has of accounts where a guardrail was begun to be put on, and not taken off."""
        found = self.admin("dynamodb").scan(TableName=self.organization.outputs["LedgerTable"])["Items"]
        return [item["sk"]["S"] for item in found if item["sk"]["S"].startswith("WRITTEN#")]

    def clear(self, name: str) -> None:
        """Take a guardrail away by the administrator's hand, with all that is on record of it."""
        self._clear_boundaries(f"stagegate-guardrail-{name}")
        organizations = self.admin("organizations", "management")
        for policy in organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]:
            if policy["Name"] == f"stagegate-guardrail-{name}":
                for target in organizations.list_targets_for_policy(PolicyId=policy["Id"])["Targets"]:
                    organizations.detach_policy(PolicyId=policy["Id"], TargetId=target["TargetId"])
                organizations.delete_policy(PolicyId=policy["Id"])
        if name == "canvas":
            sagemaker = self.admin("sagemaker", "dev")
            here, settings = {"DomainId": self.canvas.domain_id}, {"CanvasAppSettings": CANVAS_SETTINGS}
            sagemaker.update_domain(**here, DefaultUserSettings=settings)
            for user in ("analyst", "tester"):
                sagemaker.update_user_profile(**here, UserProfileName=user, UserSettings=settings)
        table, dynamodb = self.organization.outputs["LedgerTable"], self.admin("dynamodb")
        for item in dynamodb.scan(TableName=table)["Items"]:
            if item["pk"]["S"] == f"SUBJECT#guardrail/{name}":
                dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})

    def _clear_boundaries(self, policy: str) -> None:
        iam, arn = self.admin("iam", "dev"), f"arn:aws:iam::{DEV}:policy/stagegate/{policy}"
        if policy not in {each["PolicyName"] for each in iam.list_policies(Scope="Local")["Policies"]}:
            return
        requested = {"EntityFilter": "Role", "PolicyUsageFilter": "PermissionsBoundary"}
        for role in iam.list_entities_for_policy(PolicyArn=arn, **requested)["PolicyRoles"]:
            iam.delete_role_permissions_boundary(RoleName=role["RoleName"])
        for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=arn)


def _works(attempt: Any) -> bool:
    try:
        attempt()
    except ClientError as error:
        if error.response["Error"]["Code"].startswith("AccessDenied"):
            return False
        raise
    return True


NO_CLAUDE = 'bedrock = { deny = ["anthropic.claude-*"] }'


def boundary(name: str, *, domain: str = "", roles: str = "", takes: str = NO_CLAUDE) -> str:
    """A guardrail by boundary, on a domain of the dev account or on roles."""
    on = f"roles = [{roles}]" if roles else f'domains = [{{ account = "{DEV}", id = "{domain}" }}]'
    return f'[[guardrails]]\nname = "{name}"\nby = "boundary"\n{on}\n{takes}\n'


def scp(name: str, *accounts: str, takes: str = NO_CLAUDE) -> str:
    """A guardrail by service control policy."""
    on = ", ".join(f'"{account}"' for account in accounts)
    return f'[[guardrails]]\nname = "{name}"\nby = "scp"\naccounts = [{on}]\n{takes}\n'


@contextmanager
def environment(
    folder: Path, rules: Callable[[GuardrailEnvironment], tuple[str, ...]]
) -> Iterator[GuardrailEnvironment]:
    """Two domains in the dev account, of which one has a user without settings of their own; and a user of prod."""
    settings = folder / "governance.toml"
    settings.write_text(SHIPPED.read_text())
    with Organization.start(settings, delays=Delays(delivery_retry=0.01, wait_factor=0.02)) as found:
        canvas = studio.build(DEV, "Canvas", ["analyst", "tester"], without_role=["guest"])
        beside = studio.build(DEV, "Beside", ["other"])
        studio.build(PROD, "Live", [])
        for account, role in ((DEV, "Canvas"), (PROD, "Live")):
            image = {"Image": "763104351884.dkr.ecr.us-east-1.amazonaws.com/x:1"}
            found.admin("sagemaker", account).create_model(
                ModelName="own",
                PrimaryContainer=image,
                ExecutionRoleArn=f"arn:aws:iam::{account}:role/{role}",
            )
        made = GuardrailEnvironment(found, settings, canvas, beside)
        made.rules(*rules(made))
        yield made
