"""The commands for setting Stagegate up. What they need is loaded when they are called."""

import re
from pathlib import Path
from typing import Annotated

import typer

from stagegate_cli.ending import finish
from stagegate_cli.options import PREFIX, Json, Prefix
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
