"""`sweep`: everything is looked at, and what has drifted is put right."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stagegate.ledger import sweeps, withdrawal
from stagegate_cli import codes, executions
from stagegate_cli.connection import Connection, calling, no_stack
from stagegate_cli.executions import Execution
from stagegate_cli.problems import wrong
from stagegate_cli.screen import Screen, some

_ASKS = ("TooMuchWouldCloseError", "AccountsUnseenError")
"""Errors by which a sweep asks a person to let it go on (statemachines/sweep.asl.yaml)."""
_COUNTED = ("subjects", "drifting", "failed", "open", "closes", "opens")


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """What a sweep came to. `outcome` is `nothing`, `started`, `shown`, `asks` or `failed`.

    `totals` counts subjects, those that drift or could not be planned (`failed`), the grants that are `open`, and how
    many of them putting right `closes` and `opens`.
    """

    sweep: str
    execution: str
    status: str
    outcome: str
    totals: dict[str, int]
    message: str
    error: str
    cause: str
    seconds: float

    @property
    def code(self) -> int:
        """The exit code."""
        return {"asks": codes.WAITS, "failed": codes.FAILED}.get(self.outcome, codes.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a sweep has shown, and letting it go on does: `withdraws` takes out all that Stagegate has opened."""

    sweep: str
    withdraws: bool
    drifting: int
    closes: int
    opens: int

    def says(self, account: str) -> str:
        """Return it in words."""
        did = f"{some(self.drifting, 'subject')}: {self.closes} grants close, {self.opens} open"
        if self.withdraws:
            return (
                f"Sweep {self.sweep} withdraws Stagegate from account {account}. EVERYTHING that it has opened closes,"
                f" and nothing opens any more ({did})."
            )
        return f"Sweep {self.sweep} starts a run for each subject that drifted when it looked ({did})."


def shown(connection: Connection, sweep: str) -> Shown:
    """Return what the sweep of that id has shown. Raises Problem for one that has found nothing, as a mistyped one."""
    dynamodb, table = connection.client("dynamodb"), connection.table
    with calling("read what the sweep has found", no_stack(connection)):
        withdraws = withdrawal.is_planned(dynamodb, table, sweep)
        pages = list(sweeps.pages(dynamodb, table, sweep))
    if not pages and not withdraws:
        raise wrong("--go-on", sweep, "the id of a sweep that has found something; nothing was started")
    drifting = [each for page in pages for each in page.drifting]
    return Shown(
        sweep=sweep,
        withdraws=withdraws,
        drifting=len(drifting),
        closes=sum(each.closes for each in drifting),
        opens=sum(each.opens for each in drifting),
    )


def start(connection: Connection, given: Mapping[str, Any]) -> str:
    """Start a sweep and return its execution's ARN."""
    return executions.start(connection, "sweep", given)


def follow(connection: Connection, arn: str, tell: Callable[[str], None] | None) -> Execution:
    """Return the execution in which a sweep ends: one hands over to the next before its history is full."""
    while True:
        found = executions.follow(connection, arn, tell)
        if found.status != "SUCCEEDED" or found.output.get("outcome") is None:
            return found
        after = _next(connection, found)
        if after is None:
            return found
        arn = after


def _next(connection: Connection, before: Execution) -> str | None:
    """Return the execution that this one has started. Its name begins with the id of the sweep and `-look-`, or with a
    digest of this one's ARN and `-start-` (statemachines/sweep.asl.yaml).
    """
    digest = hashlib.sha256(before.arn.encode()).hexdigest()[:8]
    names = (f"{before.output.get('sweep')}-look-", f"{digest}-start-")
    with calling("list the executions of sweep"):
        page = connection.client("stepfunctions").list_executions(
            stateMachineArn=connection.machine("sweep"), maxResults=100
        )
    later = [each for each in page["executions"] if each["name"].startswith(names)]
    return next((each["executionArn"] for each in later if each["startDate"] > before.started), None)


def result(found: Execution) -> SweepResult:
    """Return what an execution that has ended came to."""
    totals = {name: int(found.output.get("totals", {}).get(name, 0)) for name in _COUNTED}
    return SweepResult(
        sweep=str(found.output.get("sweep", "")),
        execution=found.arn,
        status=found.status,
        outcome=_outcome(found, totals),
        totals=totals,
        message=str(found.output.get("message") or ""),
        error=found.error,
        cause=found.cause,
        seconds=round(found.seconds, 1),
    )


def _outcome(found: Execution, totals: Mapping[str, int]) -> str:
    if found.status != "SUCCEEDED":
        return "asks" if found.error in _ASKS else "failed"
    if found.output.get("message"):
        return "shown"
    return "started" if totals["drifting"] else "nothing"


_MEANS = {
    "nothing": "everything is as it should be",
    "started": "a run was started for each subject that drifts",
    "shown": "nothing was changed; this is what would be",
    "asks": "it changed nothing, and asks a person to let it go on",
    "failed": "it failed: see docs/runbook.md, by the error's name",
}


def show(found: SweepResult, screen: Screen) -> None:
    """Print it for people."""
    screen.line(f"Sweep {found.sweep}".rstrip(), "head")
    style = {codes.OK: "good", codes.WAITS: "note"}.get(found.code, "bad")
    screen.line(f"{found.outcome}: {_MEANS[found.outcome]}", style)
    screen.line()
    if any(found.totals.values()):
        screen.prose(counted(found.totals, would=found.outcome == "shown"))
        screen.line()
    said = found.message or (f"{found.error}\n{found.cause}" if found.error else "")
    for line in said.splitlines():
        screen.line(f"  | {line}".rstrip())
    if said:
        screen.line()
    screen.line(f"  execution {found.execution}", "dim")


def counted(totals: Mapping[str, int], *, would: bool = False) -> str:
    """Return what a sweep has counted, in words."""
    said = f"{some(totals['subjects'], 'subject')}, {totals['drifting']} drifting, {totals['failed']} not planned;"
    said += f" {some(totals['open'], 'grant')} open"
    return f"{said}, of which {totals['closes']} would close; {totals['opens']} would open" if would else said
