"""The pipeline of the account that deploys: a rule of its own on its bus for Stagegate's events, and a function."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from demo.package.expectations import Expectations
from demo.package.registry import GROUP, VERSIONS, Registry
from demo.story import Aftermath, Check, Finding
from sandbox.kernel.place import PARTITION, REGION
from sandbox.services.lambda_.code.dependencies import MARKER
from sandbox.stagegate.members import GOVERNANCE

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

_CODE = Path(__file__).with_name("pipeline_function.py")
_NAME, _BUS, _STAGE = "model-pipeline", "stagegate-member-events", "prod"
_ENDPOINTS = [
    f"sagemaker:{verb}{what}" for verb in ("Create", "Delete") for what in ("Endpoint", "EndpointConfig", "Model")
]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The endpoints of prod's account. Its role, which governance.toml lets deploy, is what makes them."""

    organization: Organization
    profile: str
    account: str
    role: str

    @classmethod
    def install(cls, organization: Organization, expectations: Expectations, registry: Registry) -> Pipeline | None:
        """Install it as prod's administrators would; None where governance.toml lets nobody of such an account deploy.

        The story's owner must be another account: what is its own, an account needs nobody's word for.
        """
        stage = next((each for each in expectations.stages if each.name == _STAGE), None)
        role = organization.profiles.get(_STAGE)
        if stage is None or role is None or role.account not in set(stage.accounts) - {registry.owner, GOVERNANCE}:
            return None
        if not expectations.to_accounts and role.name not in stage.roles:
            return None
        made = cls(organization, _STAGE, role.account, role.name)
        made._let_the_role_run()
        made._listen(made._function())
        return made

    def follows(self, deployable: Collection[int]) -> Check:
        """Check that there are endpoints of exactly these versions."""

        def check(_: Aftermath) -> Finding:
            running = self.endpoints()
            return Finding(self._said(deployable), self._said(running), ok=running == set(deployable))

        return check

    def endpoints(self) -> set[int]:
        """Return the versions that have an endpoint."""
        sagemaker = self.organization.admin("sagemaker", self.profile)
        return {number for number in VERSIONS if _is_there(sagemaker, f"{GROUP}-{number}")}

    def forge(self, kind: str, subject: str) -> None:
        """Somebody of the account puts an event that looks like one of Stagegate's, which only its own policies can
        keep them from.
        """
        entry = {"Source": "stagegate", "DetailType": kind, "EventBusName": _BUS}
        detail = json.dumps({"subject": subject, "subject_type": "model-package", "accounts": [self.account]})
        self.organization.admin("events", self.profile).put_events(Entries=[{**entry, "Detail": detail}])

    def _said(self, versions: Collection[int]) -> str:
        named = ", ".join(f"{GROUP}-{number}" for number in sorted(versions))
        return f"{self.profile}'s own pipeline has deployed {named or 'nothing'}"

    def _let_the_role_run(self) -> None:
        iam = self.organization.admin("iam", self.profile)
        trusts = iam.get_role(RoleName=self.role)["Role"]["AssumeRolePolicyDocument"]
        runs = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        iam.update_assume_role_policy(RoleName=self.role, PolicyDocument=_document(*trusts["Statement"], runs))
        own = f"arn:{PARTITION}:sagemaker:{REGION}:{self.account}:*"
        allow = {"Effect": "Allow", "Action": _ENDPOINTS, "Resource": own}
        iam.put_role_policy(RoleName=self.role, PolicyName=_NAME, PolicyDocument=_document(allow))

    def _function(self) -> str:
        functions = self.organization.admin("lambda", self.profile)
        # A runtime of AWS has boto3. The sandbox's has it for functions with a layer that says so.
        layer = functions.publish_layer_version(LayerName=_NAME, Content={"ZipFile": _zipped({MARKER: ""})})
        made = functions.create_function(
            FunctionName=_NAME,
            Runtime="python3.13",
            Handler="app.handler",
            Role=f"arn:{PARTITION}:iam::{self.account}:role/{self.role}",
            Code={"ZipFile": _zipped({"app.py": _CODE.read_text()})},
            Layers=[layer["LayerVersionArn"]],
            Timeout=60,
        )
        return str(made["FunctionArn"])

    def _listen(self, function: str) -> None:
        events, functions = (self.organization.admin(service, self.profile) for service in ("events", "lambda"))
        pattern = {
            "source": ["stagegate"],
            "detail-type": ["Access Opened", "Access Removed"],
            "detail": {"subject_type": ["model-package"]},
        }
        rule = events.put_rule(Name=_NAME, EventBusName=_BUS, EventPattern=json.dumps(pattern))["RuleArn"]
        functions.add_permission(
            FunctionName=_NAME,
            StatementId="rule",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=rule,
        )
        events.put_targets(Rule=_NAME, EventBusName=_BUS, Targets=[{"Id": "deploy", "Arn": function}])


def _is_there(sagemaker: Any, endpoint: str) -> bool:
    try:
        return bool(sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService")
    except ClientError as error:
        if "Could not find" in error.response["Error"]["Message"]:
            return False
        raise


def _document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _zipped(files: Mapping[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    return archive.getvalue()
