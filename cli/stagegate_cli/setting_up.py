"""The commands for setting Stagegate up. What they need is loaded when they are called."""

import re
from pathlib import Path
from typing import Annotated

import typer

from stagegate_cli.ending import finish
from stagegate_cli.options import PREFIX, Json, Prefix, Profile, Region
from stagegate_cli.policies import Person
from stagegate_cli.problems import wrong


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The governance.toml to check.")] = Path(
        "governance.toml"
    ),
    partition: Annotated[
        str | None, typer.Option(metavar="PARTITION", help='The partition that it is for, as "aws-cn".')
    ] = None,
    account: Annotated[str | None, typer.Option(metavar="ID", help="The governance account's id.")] = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Check a governance.toml: its keys and values, AWS's quotas, and what its documents weigh. Calls nobody.

    \b
    Examples:
      stagegate check
      stagegate check rules/governance.toml --account 111122223333
      stagegate check governance.toml --partition aws-us-gov
    """
    if account is not None and not re.fullmatch("[0-9]{12}", account):
        raise wrong("--account", account, "an account id, 12 digits")
    from stagegate_cli.commands import check as checking

    found = checking.check(file, partition=partition, account=account, prefix=prefix)
    finish(found, checking.show, json=json)


def policy(
    person: Annotated[Person, typer.Argument(metavar="PERSON", help="reader, operator or approver.")],
    account: Annotated[
        str | None, typer.Option(metavar="ID", help="The governance account; that of the credentials unless given.")
    ] = None,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
) -> None:
    """Print the IAM policy that such a person needs in the governance account for this command, and no more.

    A reader looks (status, access, why, history), an operator lets it do something, too (plan, run, sweep), and an
    approver decides. With --account and --region nobody is called.

    \b
    Examples:
      stagegate policy operator --profile governance
      stagegate policy approver --account 111122223333 --region eu-west-1
    """
    import json

    from stagegate_cli.connection import connect, partition_of_region
    from stagegate_cli.policies import Place
    from stagegate_cli.policies import policy as policy_of

    if account is not None and not re.fullmatch("[0-9]{12}", account):
        raise wrong("--account", account, "an account id, 12 digits")
    if account and region:
        place = Place(partition=partition_of_region(region), region=region, account=account, prefix=prefix)
    else:
        found = connect(profile, region, prefix)
        place = Place(
            partition=found.partition, region=found.region, account=account or found.account, prefix=found.prefix
        )
    typer.echo(json.dumps(policy_of(person, place), indent=2))
