"""The stack as it is deployed now: what a deployment would change, and that nobody deletes it by mistake."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

from tools.deploy.failed_creation import NEVER_WAS

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


@dataclass(frozen=True, slots=True)
class Deployed:
    """The template of a stack as somebody has sent it, and the values of its parameters."""

    template: Mapping[str, Any]
    values: Mapping[str, str]


def read(cloudformation: "CloudFormationClient", stack: str) -> Deployed | None:
    """Return what is deployed, or None where there is no stack, or one that never was."""
    try:
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        # It has no code of its own for a stack that isn't there ("DescribeStacks", API reference).
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    if found["StackStatus"] in (*NEVER_WAS, "REVIEW_IN_PROGRESS"):
        return None
    body: Any = cloudformation.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
    # boto3 has parsed a template in JSON, and leaves one in YAML as it is.
    template = yaml_parse(body) if isinstance(body, str) else body
    values = {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", ())}
    return Deployed(template, values)


def protect(cloudformation: "CloudFormationClient", stack: str) -> None:
    """Let nobody delete the stack before they have switched this off: `sam deploy` has no option for it."""
    cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=True)
