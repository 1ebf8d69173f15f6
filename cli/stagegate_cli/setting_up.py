"""The commands for setting Stagegate up. What they need is loaded when they are called."""

import re
from pathlib import Path
from typing import Annotated

import typer

from stagegate_cli.ending import finish
from stagegate_cli.options import PREFIX, Json, Prefix, Profile, Region, RulesFile
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


def doctor(
    before: Annotated[
        bool, typer.Option("--before", help="Before a deployment: only what Stagegate stands on; give --rules.")
    ] = False,
    member: Annotated[
        list[str] | None, typer.Option("--member", metavar="NAME", help="A profile of a member account; repeatable.")
    ] = None,
    management: Annotated[
        str | None, typer.Option("--management", metavar="NAME", help="A profile of the management account.")
    ] = None,
    stack: Annotated[str, typer.Option(metavar="NAME", help="What the CloudFormation stack is called.")] = "stagegate",
    rules: RulesFile = None,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Look whether everything is there that Stagegate needs, and say how to mend what isn't. It only reads.

    Exit code 1 where something is wrong, 3 where something could not be looked at.

    \b
    Examples:
      stagegate doctor --before --rules governance.toml
      stagegate doctor --profile governance
      stagegate doctor --member dev --member prod --management root
    """
    if before and rules is None:
        raise wrong("--rules", "nothing", "with --before, the governance.toml that is to be deployed")
    from stagegate_cli.commands import doctor as examining
    from stagegate_cli.connection import connect
    from stagegate_cli.doctor.check import Visit

    connection = connect(profile, region, prefix)
    others = [connect(name, region, prefix) for name in member or ()]
    managing = connect(management, region, prefix) if management else None
    visit = Visit(connection, None, stack, rules, managing)
    found = examining.doctor(visit, others, before=before)
    finish(found, examining.show, json=json)


def policy(
    person: Annotated[Person, typer.Argument(metavar="PERSON", help="reader, operator, approver or doctor.")],
    account: Annotated[
        str | None, typer.Option(metavar="ID", help="The governance account; that of the credentials unless given.")
    ] = None,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
) -> None:
    """Print the IAM policy that such a person needs in the governance account for this command, and no more.

    A reader looks (status, access, why, history, verify), an operator lets it do something, too (plan, run, sweep), and
    an approver decides. What `doctor` reads is a policy of its own. With --account and --region nobody is called.

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


def consumer_policy(
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="A stage of the rules.")],
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The governance account's id.")],
    consumer: Annotated[
        str | None, typer.Option("--for", metavar="ID", help="One of the stage's accounts; all of them unless given.")
    ] = None,
    region: Annotated[str, typer.Option(metavar="REGION", help='A Region, or "*" for any.')] = "*",
    partition: Annotated[
        str | None, typer.Option(metavar="PARTITION", help="The partition; the Region's unless given.")
    ] = None,
    rules: Annotated[Path, typer.Option(metavar="FILE", help="The governance.toml to go by.")] = Path(
        "governance.toml"
    ),
) -> None:
    """Print the IAM policy that a stage's roles need in their own account. Calls nobody.

    RAM and the policies that Stagegate writes let the account in; this lets the role.

    \b
    Examples:
      stagegate consumer-policy prod 111122223333
      stagegate consumer-policy prod 111122223333 --for 444455556666
    """
    from stagegate_cli.consumer import Asked, policy_text

    asked = Asked(stage=stage, account=account, consumer=consumer, region=region, partition=partition, settings=rules)
    typer.echo(policy_text(asked))
