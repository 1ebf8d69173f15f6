"""`status`: how Stagegate is, on one page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from stagegate.access.waiting import Waiting, decisions_waiting
from stagegate.ledger.survey.table import survey
from stagegate_cli import codes, deployed_rules, executions
from stagegate_cli.commands import sweep as sweeps
from stagegate_cli.connection import Connection, calling, no_stack
from stagegate_cli.names import shortened
from stagegate_cli.screen import Screen, ago, listed, when

QUEUES = ("undelivered-events", "failed-records")
_BAD = ("FAILED", "TIMED_OUT", "ABORTED")
MOST = 10
"""Failures and running executions that are named; the rest is left to `aws stepfunctions list-executions`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSweep:
    """The last sweep that has ended, but those that only show. `outcome` is as in `stagegate sweep`.

    `unseen` are the accounts that it could not look into.
    """

    at: datetime
    outcome: str
    totals: dict[str, int]
    unseen: list[str]
    execution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A run or a sweep that ended otherwise than well. `subject` is "" where its input names none."""

    at: datetime
    machine: str
    subject: str
    status: str
    error: str
    cause: str
    execution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue of what could not be delivered or recorded, and how many messages wait in it."""

    name: str
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm of the stack that stands now."""

    name: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A question that waits for an answer: what it is about, since when, and who may answer."""

    subject: str
    version: int
    risk: str
    asked_at: datetime
    approvers: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a stack is: `paused`, nothing changes; `withdrawn`, everything closes. `failures` are the latest ones since
    `failures_since`.
    """

    account: str
    region: str
    prefix: str
    at: datetime
    paused: bool
    withdrawn: bool
    decisions: list[Decision]
    last_sweep: LastSweep | None
    running: list[str]
    failures_since: datetime
    failures: list[Failed]
    queues: list[Queue]
    alarms: list[Alarm]

    @property
    def code(self) -> int:
        """The exit code: something is wrong where an alarm stands, or something lies in a queue."""
        return codes.FAILED if self.alarms or any(queue.messages for queue in self.queues) else codes.OK


def status(connection: Connection, hours: int) -> Status:
    """Return how the stack is, with the failures of so many hours."""
    now = datetime.now(UTC)
    since = now - timedelta(hours=hours)
    rules = deployed_rules.rules(connection)
    with calling("read the ledger", no_stack(connection)):
        found = survey(connection.client("dynamodb"), connection.table)
    return Status(
        account=connection.account,
        region=connection.region,
        prefix=connection.prefix,
        at=now,
        paused=rules.paused,
        withdrawn=found.is_withdrawn,
        decisions=[_decision(each) for each in decisions_waiting(found.subjects, rules)],
        last_sweep=last_sweep(connection),
        running=[each["executionArn"] for each in _listed(connection, "govern", "RUNNING")][:MOST],
        failures_since=since,
        failures=_failures(connection, since),
        queues=queues(connection),
        alarms=alarms(connection),
    )


def _decision(found: Waiting) -> Decision:
    asked = found.question.asked
    return Decision(
        subject=found.record.subject.arn,
        version=asked.version,
        risk=str(asked.risk),
        asked_at=found.question.at,
        approvers=list(found.approvers),
    )


def _listed(connection: Connection, machine: str, state: str | None = None) -> Iterable[dict[str, Any]]:
    asked = {"statusFilter": state} if state else {}
    with calling(f"list the executions of {machine}", no_stack(connection)):
        page = connection.client("stepfunctions").list_executions(
            stateMachineArn=connection.machine(machine), maxResults=50, **asked
        )
    found: list[dict[str, Any]] = page["executions"]
    return found


def last_sweep(connection: Connection) -> LastSweep | None:
    """Return the last sweep that has ended and puts something right; None for none."""
    for each in _listed(connection, "sweep"):
        if each["status"] not in executions.ENDED:
            continue
        found = executions.describe(connection, each["executionArn"])
        # One that hands over isn't over, and one that only shows puts nothing right.
        if found.output.get("outcome") or found.input.get("mode") in ("plan", "withdraw"):
            continue
        said = sweeps.result(found)
        unseen = [str(account) for account in listed(found.output.get("totals", {}).get("unseen"))]
        return LastSweep(
            at=each["stopDate"], outcome=said.outcome, totals=said.totals, unseen=unseen, execution=found.arn
        )
    return None


def _failures(connection: Connection, since: datetime) -> list[Failed]:
    listed = [
        (machine, each)
        for machine in ("govern", "sweep", "import-model")
        for state in _BAD
        for each in _listed(connection, machine, state)
        if each["stopDate"] >= since
    ]
    listed.sort(key=lambda each: each[1]["stopDate"], reverse=True)
    return [_failed(connection, machine, each["executionArn"]) for machine, each in listed[:MOST]]


def _failed(connection: Connection, machine: str, arn: str) -> Failed:
    found = executions.describe(connection, arn)
    return Failed(
        at=found.stopped or found.started,
        machine=machine,
        subject=_subject(found.input),
        status=found.status,
        error=found.error,
        cause=found.cause,
        execution=arn,
    )


def _subject(given: Any) -> str:
    """Return the subject that an input names: a manual one, or an event of SageMaker."""
    named = given.get("subject") or next(iter(given.get("resources") or ()), "")
    return named if isinstance(named, str) else ""


def queues(connection: Connection) -> list[Queue]:
    """Return the queues of what was lost."""
    return [_queue(connection, name) for name in QUEUES]


def _queue(connection: Connection, name: str) -> Queue:
    sqs = connection.client("sqs")
    with calling(f"look into the queue {name}", no_stack(connection)):
        url = sqs.get_queue_url(QueueName=f"{connection.prefix}-{name}")["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return Queue(name=f"{connection.prefix}-{name}", messages=int(found["Attributes"]["ApproximateNumberOfMessages"]))


def alarms(connection: Connection) -> list[Alarm]:
    """Return the alarms of the stack that stand now."""
    found: list[Any] = []
    with calling("list the alarms"):
        pages = connection.client("cloudwatch").get_paginator("describe_alarms")
        for page in pages.paginate(AlarmNamePrefix=f"{connection.prefix}-"):
            found += [each for each in page["MetricAlarms"] if each["StateValue"] == "ALARM"]
    return [Alarm(name=each["AlarmName"], since=each["StateUpdatedTimestamp"]) for each in found]


def show(found: Status, screen: Screen) -> None:
    """Print it for people."""
    screen.line(f"Stagegate in account {found.account}, {found.region}, prefix {found.prefix}", "head")
    screen.line()
    if found.paused or found.withdrawn:
        why = "it is withdrawn: everything closes" if found.withdrawn else "the rules are paused: nothing is changed"
        screen.line(f"NOTE         {why}", "note")
    _show_sweep(found, screen)
    screen.line(f"decisions    {len(found.decisions) or 'none waits'}", "note" if found.decisions else "")
    for asked in found.decisions:
        what = f"{shortened(asked.subject)} version {asked.version}, risk {asked.risk}, asked {when(asked.asked_at)}"
        screen.prose(what, first="  - ", indent="    ")
    waiting = [f"{queue.name}: {queue.messages}" for queue in found.queues if queue.messages]
    screen.line(f"queues       {', '.join(waiting) or 'empty'}", "bad" if waiting else "")
    screen.line(f"alarms       {len(found.alarms) or 'none stands'}", "bad" if found.alarms else "")
    for alarm in found.alarms:
        screen.prose(f"{alarm.name} since {when(alarm.since)}", first="  - ", indent="    ")
    screen.line(f"running      {len(found.running) or 'nothing'}")
    hours = int((found.at - found.failures_since).total_seconds() // 3600)
    count = f"{len(found.failures)}{' or more' if len(found.failures) == MOST else ''}" if found.failures else "none"
    screen.line(f"failed       {count} in the last {hours} hours", "note" if found.failures else "")
    for each in found.failures:
        what = shortened(each.subject) or each.machine
        screen.prose(f"{when(each.at)}  {what}: {each.error or each.status}", first="  - ", indent="    ")
        screen.prose(each.cause[:300], indent="    ")
    if found.code:
        screen.line()
        screen.prose("What each alarm and error means, and what to do: docs/runbook.md.", indent="")


def _show_sweep(found: Status, screen: Screen) -> None:
    last = found.last_sweep
    if last is None:
        screen.line("last sweep   never", "note")
        return
    counted = last.totals
    screen.line(
        f"last sweep   {ago(last.at, found.at)} ({when(last.at)}): {last.outcome}",
        {"asks": "note", "failed": "bad"}.get(last.outcome, ""),
    )
    if counted["subjects"]:
        screen.line(f"             {sweeps.counted(counted)}", "dim")
    if last.unseen:
        screen.line(f"             it could not look into {', '.join(last.unseen)}", "bad")
