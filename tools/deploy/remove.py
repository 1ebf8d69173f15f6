"""`python -m tools.deploy.remove --env prod --region eu-west-1`: delete the governance stack, once nothing is open.

It says what stays, with the commands that delete each of it.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError
from samcli.yamlhelper import yaml_parse

from tools.deploy import samconfig
from tools.deploy.credentials import account_of, check_region
from tools.deploy.failed_creation import is_there, status_of
from tools.deploy.ledger import standing
from tools.deploy.retained import Retained, retained_ids, ways_to_delete

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

ROOT = Path(__file__).parents[2]
_BUSY = "_IN_PROGRESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Which stack is deleted where; `keeps_open`: whatever is open. `shows`: nothing is."""

    stack: str
    prefix: str
    region: str
    keeps_open: bool = False
    shows: bool = False


def main(arguments: list[str] | None = None) -> int:
    """Return 0 once the stack is gone; 1 with what keeps it from going, a line each."""
    given = _arguments(arguments)
    try:
        for line in remove(_removal(given), boto3.Session(region_name=given.region)):
            print(line, flush=True)
    except (ValueError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def remove(what: Removal, session: boto3.Session) -> Iterator[str]:
    """Delete the stack; yield what is done and what stays, a line each.

    Running it twice, or after half of it, does what is left. Raises ValueError where something is open or under way,
    and where CloudFormation could not delete a resource.
    """
    cloudformation = session.client("cloudformation")
    status = status_of(cloudformation, what.stack)
    if status is None:
        yield f"stack {what.stack}: there is none in {what.region}"
        return
    if status.endswith(_BUSY) and status != "DELETE_IN_PROGRESS":
        raise ValueError(f"stack {what.stack}: found {status}; allowed: a stack at rest. Try again when it is done")
    described = cloudformation.describe_stacks(StackName=what.stack)["Stacks"][0]
    id_ = described.get("StackId", what.stack)
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    if problems := [*_open(what, session, outputs), *_under_way(session, outputs)]:
        raise ValueError("\n".join([*problems, "nothing was deleted"]))
    stays = _stays(cloudformation, id_)
    if what.shows:
        yield f"stack {what.stack} would be deleted. These would stay:"
    else:
        cloudformation.update_termination_protection(StackName=id_, EnableTerminationProtection=False)
        yield f"stack {what.stack}: deleting it, which takes a few minutes"
        cloudformation.delete_stack(StackName=id_)
        _wait(cloudformation, what.stack, id_)
        yield f"stack {what.stack} is deleted. These stay:"
    yield from (f"- {each.type} {each.name}" for each in stays)
    yield "Keep them to install again with what is on record (`make deploy ... ADOPT=1`), or delete them:"
    yield from ways_to_delete(stays, what.region)
    yield "docs/remove.md says what else there is: member stacks, the organization's policies, uploaded code."


def _open(what: Removal, session: boto3.Session, outputs: dict[str, str]) -> Iterator[str]:
    """Yield why the stack can't go yet: what is open would stay so, and nobody would watch it."""
    dynamodb, table = session.client("dynamodb"), f"{what.prefix}-ledger"
    if what.keeps_open or not is_there(dynamodb, table):
        return
    found = standing(dynamodb, table)
    machine = outputs.get("SweepStateMachine", "SWEEP")
    start = f"aws stepfunctions start-execution --region {what.region} --state-machine-arn {machine} --input"
    if not found.is_closed:
        yield (
            f"table {table}: found {found.subjects} subjects with something open, and {found.targets} targets that"
            " something of ours may stand on; allowed: none, and a withdrawal. What is open when the stack is deleted"
            " stays open (KEEP_OPEN=1 leaves it so)"
        )
    if not found.is_withdrawn:
        yield f'Stagegate isn\'t withdrawn. What that would close: {start} \'{{"mode": "withdraw"}}\''
    elif not found.is_closed:
        yield f"Stagegate is withdrawn, and not all has closed. Try again what is left: {start} '{{}}'"


def _under_way(session: boto3.Session, outputs: dict[str, str]) -> Iterator[str]:
    """Yield the state machines that have a run: half of what it does would be left."""
    client = session.client("stepfunctions")
    for machine in sorted(arn for name, arn in outputs.items() if name.endswith("StateMachine")):
        try:
            running = client.list_executions(stateMachineArn=machine, statusFilter="RUNNING", maxResults=1)
        except client.exceptions.StateMachineDoesNotExist:  # half of it is deleted already
            continue
        if running["executions"]:
            yield f"{machine}: found a run under way; allowed: none. Try again when it is over"


def _stays(cloudformation: "CloudFormationClient", stack: str) -> list[Retained]:
    body: Any = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    # boto3 has parsed a template in JSON, and leaves one in YAML as it is.
    retained = retained_ids(yaml_parse(body) if isinstance(body, str) else body)
    return [
        Retained(each["LogicalResourceId"], each["ResourceType"], each["PhysicalResourceId"])
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        for each in page["StackResourceSummaries"]
        if each["LogicalResourceId"] in retained
    ]


def _wait(cloudformation: "CloudFormationClient", stack: str, id_: str) -> None:
    """Wait until the stack is gone. Raises ValueError, which names what CloudFormation could not delete, and why."""
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=id_)
    except WaiterError:
        left = [
            f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason', each['ResourceStatus'])}"
            for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=id_)
            for each in page["StackResourceSummaries"]
            if each["ResourceStatus"] == "DELETE_FAILED"
        ]
        left.append(f"stack {stack} isn't deleted; run this again once that is mended")
        raise ValueError("\n".join(left)) from None


def _removal(given: argparse.Namespace) -> Removal:
    """Return what to delete. Raises ValueError with what is wrong with an argument."""
    check_region(given.region)
    environment = samconfig.read(given.config, given.env)
    account_of(given.account, given.region)
    return Removal(
        stack=environment.stack,
        prefix=environment.parameters.get("Prefix", "stagegate"),
        region=given.region,
        keeps_open=given.keep_open,
        shows=given.show,
    )


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.deploy.remove", description=__doc__)
    parser.add_argument("--env", required=True, help="a table of the configuration: default, dev, prod")
    parser.add_argument("--region", required=True, help='the Region, as "eu-west-1"')
    parser.add_argument("--config", type=Path, default=ROOT / "samconfig.toml", help="the samconfig.toml to read")
    parser.add_argument("--account", help="the governance account's id, which the credentials have to be of")
    parser.add_argument("--show", action="store_true", help="check and say what would stay, and delete nothing")
    parser.add_argument("--keep-open", action="store_true", help="delete it whatever is open, and leave that so")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
