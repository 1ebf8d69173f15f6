"""The commands that look at what there is. What they need is loaded when they are called."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from stagegate_cli.ending import finish
from stagegate_cli.options import PREFIX, Json, Prefix, Profile, Region, RulesFile, SubjectArgument
from stagegate_cli.problems import codes_of_looking, wrong


class Form(StrEnum):
    """What a report is written as."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"


def status(
    hours: Annotated[int, typer.Option("--hours", min=1, max=2160, help="How far back failures are listed.")] = 24,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Show how Stagegate is: decisions that wait, the last sweep, alarms, queues, failures.

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


def access(
    model: Annotated[
        str,
        typer.Option(metavar="NAME", help="One model, as SUBJECT elsewhere, or GROUP for all of a group."),
    ] = "",
    account: Annotated[str, typer.Option(metavar="ID", help="What this account can use.")] = "",
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="What this role can use: its ARN, ACCOUNT/NAME, or a name of the rules.")
    ] = "",
    audience: Annotated[str, typer.Option(metavar="NAME", help="Models that are for this audience.")] = "",
    as_of: Annotated[
        str | None, typer.Option(metavar="TIME", help='As it was then: "2026-03-31" (its end), or "2026-03-31T12:00".')
    ] = None,
    rules: RulesFile = None,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Show who can use what, since when, on whose approval, and through what.

    It is what the ledger has, and says what the ledger can't say. It reads the whole table.

    \b
    Examples:
      stagegate access --model my-card
      stagegate access --account 444455556666 --as-of 2026-03-31
      stagegate access --role arn:aws:iam::444455556666:role/ModelOperator --json
    """
    from datetime import UTC, datetime

    if account and not re.fullmatch("[0-9]{12}", account):
        raise wrong("--account", account, "an account id, 12 digits")
    from stagegate.access.who import Asked
    from stagegate_cli import deployed_rules
    from stagegate_cli.commands import access as who
    from stagegate_cli.connection import connect
    from stagegate_cli.times import moment

    at = moment(as_of, "--as-of", datetime.now(UTC)) if as_of else None
    connection = connect(profile, region, prefix)
    asked = Asked(model=model, account=account, role=role, audience=audience)
    finish(who.access(connection, deployed_rules.rules(connection, rules), asked, at), who.show, json=json)


def why(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A role: its ARN, ACCOUNT/NAME, or a name of the rules.")],
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help="read, write, deploy, register, see; or AWS's name of such a call.")
    ],
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A card, package, group or hub, as SUBJECT elsewhere.")],
    rules: RulesFile = None,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Show why a role may do something with a model: every link, or the first that doesn't hold.

    Exit code 1 where it may not, and 5 where that couldn't be looked up.

    \b
    Examples:
      stagegate why ModelOperator read my-card
      stagegate why 444455556666/ModelOperator sagemaker:UpdateModelCard my-card
      stagegate why ModelOperator deploy churn/7
    """
    from stagegate_cli import deployed_rules, directory
    from stagegate_cli.commands import why as chain
    from stagegate_cli.connection import connect

    with codes_of_looking():
        connection = connect(profile, region, prefix)
        known = deployed_rules.rules(connection, rules)
        chain.principal(known, role)
        found = chain.why(connection, known, role, action, directory.subject(connection, model))
    finish(found, chain.show, json=json)


def history(
    subject: SubjectArgument,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many events, the latest first.")] = 20,
    changes: Annotated[bool, typer.Option("--changes", help="Leave out runs that opened and closed nothing.")] = False,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Show what has happened to a subject: runs, who set which status, questions, imports.

    \b
    Examples:
      stagegate history my-card
      stagegate history model-package/churn/7 --changes --limit 100
    """
    from stagegate_cli import directory
    from stagegate_cli.commands import history as what
    from stagegate_cli.connection import connect

    connection = connect(profile, region, prefix)
    found = what.history(connection, directory.subject(connection, subject), limit, changes=changes)
    finish(found, what.show, json=json)


def report(
    form: Annotated[Form, typer.Option("--format", metavar="FORMAT", help="html, json or csv.")] = Form.HTML,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it; stagegate-report.html, .json or .csv.")
    ] = None,
    rules: RulesFile = None,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Write the report of who can use what: one page that needs no network, JSON, or CSV.

    \b
    Examples:
      stagegate report
      stagegate report --format csv --output access.csv --profile governance
    """
    from stagegate_cli import deployed_rules
    from stagegate_cli.commands import report as reporting
    from stagegate_cli.connection import connect

    connection = connect(profile, region, prefix)
    file = output or Path(f"stagegate-report.{form.value}")
    found = reporting.report(connection, deployed_rules.rules(connection, rules), form.value, file)
    finish(found, reporting.show, json=json)
