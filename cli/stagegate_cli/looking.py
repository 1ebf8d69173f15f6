"""The commands that look at what there is. What they need is loaded when they are called."""

from typing import Annotated

import typer

from stagegate_cli.ending import finish
from stagegate_cli.options import PREFIX, Json, Prefix, Profile, Region


def status(
    hours: Annotated[int, typer.Option("--hours", min=1, max=2160, help="How far back failures are listed.")] = 24,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Show how Stagegate is: the last sweep, alarms, queues, failures, what runs now.

    Exit code 1 where an alarm stands or something lies in a queue.

    \b
    Examples:
      stagegate status
      stagegate status --hours 168 --profile governance
    """
    from stagegate_cli.commands import status as page
    from stagegate_cli.connection import connect

    found = page.status(connect(profile, region, prefix), hours)
    finish(found, page.show, json=json)
