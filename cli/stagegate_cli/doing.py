"""The commands that let Stagegate do something. What they need is loaded when they are called."""

import re
from enum import StrEnum
from functools import partial
from typing import Annotated, Any

import typer

from stagegate_cli import codes
from stagegate_cli.ending import finish
from stagegate_cli.options import PREFIX, Json, Prefix, Profile, Region, SubjectArgument
from stagegate_cli.problems import Problem, wrong


def plan(
    subject: SubjectArgument,
    message: Annotated[bool, typer.Option("--message", help="Show the message that approvers would get, too.")] = False,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Show what a run would change of a subject, and change nothing.

    \b
    Examples:
      stagegate plan my-card
      stagegate plan model-package/churn/7 --profile governance
      stagegate plan arn:aws:sagemaker:eu-west-1:111122223333:hub/allowed --json
    """
    _run(subject, "plan", (profile, region, prefix), json=json, message=message)


def run(
    subject: SubjectArgument,
    force: Annotated[
        bool, typer.Option("--force", help="Let a hub's run remove more models than the rules allow.")
    ] = False,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Bring a subject's access in line with the rules now, and wait for it.

    It reads everything again, whatever is recorded. Running it twice changes nothing the second time.

    \b
    Examples:
      stagegate run my-card
      stagegate run guardrail/canvas
    """
    _run(subject, "apply", (profile, region, prefix), json=json, force=force)


def _run(
    named: str, mode: str, where: tuple[Any, ...], *, json: bool, message: bool = False, force: bool = False
) -> None:
    from stagegate_cli import directory, executions
    from stagegate_cli.commands import run
    from stagegate_cli.connection import connect
    from stagegate_cli.progress import progress

    connection = connect(*where)
    subject = directory.subject(connection, named)
    if mode == "apply" and not directory.is_recorded(connection, subject):
        # A run leaves every name that it was given on record, and mails that there is nothing of it.
        with progress(f"plan {named}", quiet=json) as tell:
            first = executions.follow(connection, run.start(connection, subject, "plan"), tell)
        if nothing := run.nothing_of(run.result(subject, "plan", first)):
            raise wrong("SUBJECT", named, f"what there is, or what is recorded; nothing was changed. {nothing}")
    execution = run.start(connection, subject, mode, force=force)
    with progress(f"{mode} {named}", quiet=json) as tell:
        found = run.result(subject, mode, executions.follow(connection, execution, tell))
    finish(found, partial(run.show, message=message), json=json)


def sweep(
    plan: Annotated[bool, typer.Option("--plan", help="Show what has drifted, and change nothing.")] = False,
    go_on: Annotated[
        str | None, typer.Option("--go-on", metavar="ID", help="Let a sweep go on that has asked, by its id.")
    ] = None,
    withdraw: Annotated[
        bool,
        typer.Option("--withdraw", help="Show what withdrawing Stagegate would close; --go-on then closes it all."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --go-on: don't ask whether it may.")] = False,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Look at everything that is governed, and put right what has drifted.

    A sweep that would close much changes nothing and asks: exit code 3. What it says has the id for --go-on.

    \b
    Examples:
      stagegate sweep --plan
      stagegate sweep
      stagegate sweep --go-on 2026-12-01T010237-87cf14c9
    """
    if sum((plan, go_on is not None, withdraw)) > 1:
        raise Problem("--plan, --go-on, --withdraw: found more than one; allowed: one of them", codes.USAGE)
    if go_on is not None and not re.fullmatch("[0-9T-]{17}-[0-9a-f]{8}", go_on):
        raise wrong("--go-on", go_on, "the id of a sweep, as 2026-12-01T010237-87cf14c9")
    from stagegate_cli.commands import sweep as sweeps
    from stagegate_cli.connection import connect
    from stagegate_cli.progress import progress

    if json and go_on is not None and not yes:
        raise wrong("--json", "no --yes", "--json with --yes: there is nobody to ask")
    connection = connect(profile, region, prefix)
    if go_on is not None:
        _let_go_on(sweeps.shown(connection, go_on), connection.account, yes=yes)
    mode = "plan" if plan else "withdraw" if withdraw else "apply"
    execution = sweeps.start(connection, {"sweep": go_on} if go_on else {"mode": mode})
    with progress("sweep", quiet=json) as tell:
        found = sweeps.result(sweeps.follow(connection, execution, tell))
    finish(found, sweeps.show, json=json)


def _let_go_on(found: Any, account: str, *, yes: bool) -> None:
    """Say what going on comes to, and ask. What closes everything takes more than a key."""
    typer.echo(found.says(account), err=True)
    if yes:
        return
    if not found.withdraws:
        typer.confirm(f"Let it go on, in account {account}?", abort=True, err=True)
    elif (said := typer.prompt(f"Type {account} to close everything", err=True)) != account:
        raise wrong("The account", said, f"{account}; nothing was started")


class Decision(StrEnum):
    """What somebody can answer."""

    APPROVE = "approve"
    SEND_BACK = "send-back"
    REJECT = "reject"


def decide(
    subject: SubjectArgument,
    decision: Annotated[Decision, typer.Argument(metavar="DECISION", help="approve, send-back or reject.")],
    reason: Annotated[
        str,
        typer.Option(metavar="TEXT", help="Why: a package's ApprovalDescription, a card's tag stagegate:reason."),
    ] = "",
    version: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Decide only if this is the version that is asked about.")
    ] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Approve though it opens nothing as it is now.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether you are sure.")] = False,
    reader: Annotated[
        str | None,
        typer.Option(
            "--reader", metavar="NAME", help="Read the stack as this profile, if yours is of another account."
        ),
    ] = None,
    profile: Profile = None,
    region: Region = None,
    prefix: Prefix = PREFIX,
    json: Json = False,
) -> None:
    """Show what is asked about a card or a package, and answer it by your own call.

    The call is yours, and so is the record. None is made where you aren't asked, where nothing is asked, or where what
    is there isn't what was asked about and shown: exit code 3. A card becomes Approved, Draft or Archived, a package
    Approved, PendingManualApproval or Rejected.

    \b
    Examples:
      stagegate decide my-card approve --profile approver
      stagegate decide churn/7 reject --reason "drifts on the holdout" --version 7
      stagegate decide my-card send-back --yes --json
    """
    from stagegate_cli import deployed_rules, directory
    from stagegate_cli.commands import decide as desk
    from stagegate_cli.connection import connect
    from stagegate_cli.question import STATUSES
    from stagegate_cli.screen import Screen

    if json and not yes:
        raise wrong("--json", "no --yes", "--json with --yes: there is nobody to ask")
    mine = connect(profile, region, prefix)
    reading = connect(reader, region, prefix) if reader else mine
    at = desk.Desk(mine, reading, deployed_rules.rules(reading))
    found = at.subject(directory.subject(reading, subject))
    desk.refuse_reason(reason, found.kind)
    question = at.question(found)
    screen = Screen()
    if not json:
        desk.show_question(question, decision.value, screen)
    if version not in (None, question.version):
        raise wrong("--version", version, f"{question.version}, which is asked about; nothing was called")
    if decision is Decision.SEND_BACK and question.status == STATUSES[found.kind][decision.value]:
        raise wrong("DECISION", decision.value, f"approve or reject: it is {question.status} already")
    if decision is Decision.APPROVE and question.asks_reason and not reason and not anyway:
        raise wrong("--reason", "nothing", "why: the rules ask for a reason; nothing was called")
    if decision is Decision.APPROVE and question.blocks and not anyway:
        said = "; ".join(question.blocks)
        raise Problem(f"Yes would open nothing now: {said}. Nothing was called; --anyway approves it.", codes.WAITS)
    if not yes:
        typer.confirm("Are you sure?", abort=True, err=True)
    finish(desk.decide(at, found, decision.value, question, reason), desk.show, json=json)
