"""The command that compares what is recorded with what was recorded. What it needs is loaded when it is called."""

from typing import Annotated

import typer

from stagegate_cli.ending import finish
from stagegate_cli.options import PREFIX, Json, Prefix, Profile, Region


def verify(
    subject: Annotated[
        str,
        typer.Argument(metavar="[SUBJECT]", show_default=False, help="One subject alone, named as elsewhere."),
    ] = "",
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help='Leave out what was kept before: "2026-03-31", or "2026-03-31T12:00".'),
    ] = None,
    bucket: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A bucket of evidence of an earlier stack, too. May be given again."),
    ] = None,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Verify that the ledger is what was recorded: nothing changed, removed, inserted or computed anew.

    Each history is a chain of digests, and every hour the ends of all chains are kept in the bucket of evidence. It
    reads the whole table, and everything that was kept. Exit code 1 where anything doesn't fit.

    \b
    Examples:
      stagegate verify
      stagegate verify my-card --json
    """
    from datetime import UTC, datetime

    from stagegate_cli import directory
    from stagegate_cli.commands import verify as verifying
    from stagegate_cli.connection import connect
    from stagegate_cli.times import moment

    now = datetime.now(UTC)
    after = moment(since, "--since", now) if since else None
    connection = connect(profile, region, prefix)
    only = directory.subject(connection, subject) if subject else ""
    finish(verifying.verify(connection, only, after, bucket or []), verifying.show, json=json)
