"""`python -m tools.deploy.adopt --env prod --region eu-west-1`: begin a new stack with what an earlier one has left.

A template's retained resources stay when their stack is deleted, and their names are fixed: a new stack can't make
them, but it can begin by importing them ("Creating a stack from existing resources", CloudFormation user guide).
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError
from samcli.yamlhelper import yaml_parse

from tools.deploy import parameters, samconfig
from tools.deploy.credentials import account_of, check_region
from tools.deploy.failed_creation import is_there, status_of
from tools.deploy.retained import only_retained, retained_ids

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_logs import CloudWatchLogsClient

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / ".aws-sam" / "build" / "template.yaml"
CHANGE_SET = "adopt"
_NO_STACK = (None, "REVIEW_IN_PROGRESS")


def main(arguments: list[str] | None = None) -> int:
    """Return 0 once there is nothing left to adopt; 1 with what keeps it from going, a line each."""
    parser = argparse.ArgumentParser(prog="python -m tools.deploy.adopt", description=__doc__)
    parser.add_argument("--env", required=True, help="a table of the configuration: default, dev, prod")
    parser.add_argument("--region", required=True, help='the Region, as "eu-west-1"')
    parser.add_argument("--config", type=Path, default=ROOT / "samconfig.toml", help="the samconfig.toml to read")
    parser.add_argument("--account", help="the governance account's id, which the credentials have to be of")
    given = parser.parse_args(arguments)
    try:
        for line in _adopted(given):
            print(line, flush=True)
    except (ValueError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _adopted(given: argparse.Namespace) -> Iterator[str]:
    check_region(given.region)
    environment = samconfig.read(given.config, given.env)
    account_of(given.account, given.region)
    template = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    resolved = parameters.resolve(template, environment.parameters)
    if resolved.problems:
        raise ValueError("\n".join(resolved.problems))
    session = boto3.Session(region_name=given.region)
    yield from adopt(
        session.client("cloudformation"),
        session.client("dynamodb"),
        session.client("logs"),
        template=template,
        values=resolved.values,
        stack=environment.stack,
    )


def adopt(
    cloudformation: "CloudFormationClient",
    dynamodb: "DynamoDBClient",
    logs: "CloudWatchLogsClient",
    *,
    template: Mapping[str, Any],
    values: Mapping[str, str],
    stack: str,
) -> Iterator[str]:
    """Import what an earlier installation has left into a new stack; yield what is done, a line each.

    With a stack, or without a ledger, there is nothing to do. Running it twice, or after half of it, does what is left.
    Raises ValueError where CloudFormation doesn't take it, naming why.
    """
    table = f"{values['Prefix']}-ledger"
    if status_of(cloudformation, stack) not in _NO_STACK:
        yield f"stack {stack} is there: nothing to adopt"
        return
    if not is_there(dynamodb, table):
        yield f"table {table} isn't there: nothing to adopt"
        return
    found = dict(identified(dynamodb, logs, template, values, table))
    yield f"stack {stack}: importing {', '.join(sorted(found))} of an earlier installation"
    _drop_change_set(cloudformation, stack)
    cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName=CHANGE_SET,
        ChangeSetType="IMPORT",
        TemplateBody=only_retained(template, found),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
        ResourcesToImport=[
            {
                "ResourceType": template["Resources"][id_]["Type"],
                "LogicalResourceId": id_,
                "ResourceIdentifier": identifier,
            }
            for id_, identifier in found.items()
        ],
    )
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(StackName=stack, ChangeSetName=CHANGE_SET)
        cloudformation.execute_change_set(StackName=stack, ChangeSetName=CHANGE_SET)
        cloudformation.get_waiter("stack_import_complete").wait(StackName=stack)
    except WaiterError as error:
        last: Any = error.last_response
        why = last.get("StatusReason") or last.get("Stacks", [{}])[0].get("StackStatusReason", "")
        raise ValueError(f"stack {stack}: CloudFormation doesn't import it: {why or error}") from None


def identified(
    dynamodb: "DynamoDBClient",
    logs: "CloudWatchLogsClient",
    template: Mapping[str, Any],
    values: Mapping[str, str],
    table: str,
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the logical id of each retained resource that is there, with what identifies it to CloudFormation."""
    for id_ in retained_ids(template):
        resource = template["Resources"][id_]
        match resource["Type"]:
            case "AWS::DynamoDB::Table":
                yield id_, {"TableName": table}
            case "AWS::KMS::Key":
                described = dynamodb.describe_table(TableName=table)["Table"]
                yield id_, {"KeyId": described["SSEDescription"]["KMSMasterKeyArn"].rpartition("/")[2]}
            case "AWS::S3::Bucket" | "AWS::S3::BucketPolicy":
                pass  # its name is CloudFormation's own: the new stack has another one, and what was kept stays
            case "AWS::Logs::LogGroup":
                name = _name(resource["Properties"]["LogGroupName"], values)
                there = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
                if any(group["logGroupName"] == name for group in there):
                    yield id_, {"LogGroupName": name}
            case type_:
                raise ValueError(f"{id_}: found {type_} among what is retained; allowed: what this knows how to import")


def _name(written: Any, values: Mapping[str, str]) -> str:
    """Return a name that may be a Fn::Sub of parameters."""
    text = str(written["Fn::Sub"] if isinstance(written, Mapping) else written)
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def _drop_change_set(cloudformation: "CloudFormationClient", stack: str) -> None:
    """An earlier try may have made it and died."""
    try:
        cloudformation.delete_change_set(StackName=stack, ChangeSetName=CHANGE_SET)
    except ClientError as error:
        if "does not exist" not in error.response["Error"]["Message"]:
            raise
