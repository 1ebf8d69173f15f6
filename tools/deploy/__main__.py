"""`python -m tools.deploy --env prod --region eu-west-1`: check everything, show it, and let `sam deploy` do it."""

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from samcli.yamlhelper import yaml_parse

from stagegate.core.errors import SettingsError
from stagegate.rules.load import load
from tools.deploy import expected, failed_creation, parameters, samconfig
from tools.deploy.command import sam_deploy
from tools.deploy.credentials import account_of

ROOT = Path(__file__).parents[2]
BUILT = ROOT / ".aws-sam" / "build"
REGION = r"[a-z]{2}(-[a-z]+)+-[0-9]+"


def main(arguments: list[str] | None = None) -> int:
    """Return what `sam deploy` returns; 1 if anything is wrong before, which is said a line each."""
    given = _arguments(arguments)
    try:
        planned = _checked(given)
        if not given.show:
            _clear(planned)
    except (ValueError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        print("nothing was deployed", file=sys.stderr)
        return 1
    print(" \\\n    ".join(planned.command))
    if given.show:
        return 0
    return subprocess.run(planned.command, cwd=ROOT, check=False).returncode  # noqa: S603  shown before


@dataclass(frozen=True, slots=True)
class Deployment:
    """What was checked: the command, and what it deploys where."""

    command: list[str]
    stack: str
    prefix: str
    region: str


def _clear(planned: Deployment) -> None:
    session = boto3.Session(region_name=planned.region)
    cloudformation, dynamodb = session.client("cloudformation"), session.client("dynamodb")
    for line in failed_creation.clear(cloudformation, dynamodb, stack=planned.stack, prefix=planned.prefix):
        print(line)


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
    if not re.fullmatch(REGION, given.region):
        raise ValueError(f'REGION: found {given.region!r}; allowed: a Region as "eu-west-1"')
    template, settings = BUILT / "template.yaml", BUILT / "SettingsLayer" / "governance.toml"
    if not settings.exists():
        raise ValueError(f"{settings}: found nothing; run `make build SETTINGS=...` first: what was built is deployed")
    environment = samconfig.read(given.config, given.env)
    resolved = parameters.resolve(yaml_parse(template.read_text(encoding="utf-8")), environment.parameters)
    if resolved.problems:
        raise ValueError("\n".join(resolved.problems))
    try:
        rules = load(settings)
    except SettingsError as error:
        raise ValueError(str(error)) from None
    if found := expected.problems(rules, resolved.values, _account(given)):
        raise ValueError("\n".join(found))
    command = sam_deploy(str(given.config), given.env, given.region, resolved.values)
    return Deployment(command, environment.stack, resolved.values["Prefix"], given.region)


def _account(given: argparse.Namespace) -> str:
    """Return the governance account's id: whose the credentials are. Raises ValueError if they are another's."""
    return account_of(given.account, given.region, needs_credentials=not given.show)


if __name__ == "__main__":
    sys.exit(main())
