"""`python -m tools.deploy --env prod --region eu-west-1`: check everything, show it, and let `sam deploy` do it."""

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.deploy import concurrency, deployed, failed_creation, kept_logs, neighbours
from tools.deploy.command import sam_deploy
from tools.deploy.credentials import account_of, check_region
from tools.preflight import resolve
from tools.preflight.prepare import BUILT, prepared
from tools.preflight.replaced import replaced
from tools.preflight.run import ROOT, Given, checks


def main(arguments: list[str] | None = None) -> int:
    """Return what `sam deploy` returns; 1 if anything is wrong before, which is said a line each."""
    given = _arguments(arguments)
    try:
        planned = _checked(given)
        if not given.show:
            _unchanged(planned)
            _clear(planned)
    except (ValueError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        print("nothing was deployed", file=sys.stderr)
        return 1
    print(" \\\n    ".join(planned.command))
    if given.show:
        return 0
    status = subprocess.run(planned.command, cwd=ROOT, check=False).returncode  # noqa: S603  shown before
    return status or _protect(planned)


@dataclass(frozen=True, slots=True)
class Deployment:
    """What was checked: the command, and what it deploys where."""

    command: list[str]
    preflight: Given


def _protect(planned: Deployment) -> int:
    """Return 0 once nobody can delete the stack by mistake, and 1 where that can't be, which is said."""
    given = planned.preflight
    try:
        deployed.protect(boto3.client("cloudformation", region_name=given.region), given.stack)
    except ClientError as error:
        print(f"{given.stack}: termination protection could not be switched on: {error}", file=sys.stderr)
        return 1
    return 0


def _clear(planned: Deployment) -> None:
    session = boto3.Session(region_name=planned.preflight.region)
    cloudformation, dynamodb = session.client("cloudformation"), session.client("dynamodb")
    stack, prefix = planned.preflight.stack, planned.preflight.values["Prefix"]
    try:
        found = list(
            neighbours.problems(
                session.client("iam"), cloudformation, prefix=prefix, stack=stack, region=planned.preflight.region
            )
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        print(f"the account's other stacks weren't looked at: {error}")  # CloudFormation refuses a name that is taken
        found = []
    if found:
        raise ValueError("\n".join(found))
    for line in failed_creation.clear(cloudformation, dynamodb, stack=stack, prefix=prefix):
        print(line)


def _unchanged(planned: Deployment) -> None:
    """Compare with what is deployed, with the values that it has.

    Raises ValueError with all that would be lost, or that an earlier installation has left in the way.
    """
    given = planned.preflight
    session = boto3.Session(region_name=given.region)
    found = deployed.read(session.client("cloudformation"), given.stack)
    before = resolve.resources(found.template, found.values, given.where) if found else {}
    after = resolve.resources(given.template, given.values, given.where)
    problems = [*replaced("deployed", before, after, "the stack as it is").problems]
    if new := kept_logs.names(after) - kept_logs.names(before):
        problems += kept_logs.problems(session.client("logs"), new)
    if problems:
        raise ValueError("\n".join(problems))
    if warning := concurrency.warning(session.client("lambda")):
        print(warning)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.deploy", description=__doc__)
    parser.add_argument("--env", required=True, help="a table of the configuration: default, dev, prod")
    parser.add_argument("--region", required=True, help='the Region, as "eu-west-1"')
    parser.add_argument("--config", type=Path, default=ROOT / "samconfig.toml", help="the samconfig.toml to read")
    parser.add_argument("--account", help="the governance account's id, which the credentials have to be of")
    parser.add_argument("--show", action="store_true", help="check and show, and deploy nothing: no credentials needed")
    return parser.parse_args(arguments)


def _checked(given: argparse.Namespace) -> Deployment:
    """Return what to deploy. Raises ValueError with all that is wrong."""
    check_region(given.region)
    account = account_of(given.account, given.region, needs_credentials=not given.show)
    preflight = prepared(BUILT, given.config, given.env, region=given.region, account=account)
    if found := [line for check in checks(preflight) for line in check.problems]:
        raise ValueError("\n".join(found))
    command = sam_deploy(str(given.config), given.env, given.region, preflight.values)
    return Deployment(command, preflight)


if __name__ == "__main__":
    sys.exit(main())
