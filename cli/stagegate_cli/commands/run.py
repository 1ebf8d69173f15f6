"""`plan` and `run`: one subject's run, followed to its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stagegate_cli import codes, executions
from stagegate_cli.connection import Connection
from stagegate_cli.names import titled
from stagegate_cli.screen import Screen, listed

LEFT_TO_ANOTHER = "left to the run that holds the claim"
HANDED_OVER = "handed over to a fresh run"
MEANS = {
    "changes": "access changes as listed",
    "unchanged": "access is what the rules say; nothing to do",
    "waiting": "it waits for a record or a decision",
    "blocked": "something blocks it: see the findings",
    "paused": "the rules are paused: nothing is changed",
    "still open": "something that should be closed could not be closed",
    LEFT_TO_ANOTHER: "another run works on this subject, and sees to it",
    HANDED_OVER: "a fresh run goes on with it",
    "not governed": "Stagegate governs nothing of that name",
}
"""What a run comes to, in words."""
_NOTHING = ("NoSuchSubject", "NotInRules", "HubNotInRules")
_CODES = {
    "changes": codes.OK,
    "unchanged": codes.OK,
    "waiting": codes.WAITS,
    "blocked": codes.WAITS,
    "paused": codes.WAITS,
    "not governed": codes.WAITS,
    LEFT_TO_ANOTHER: codes.LEFT,
    HANDED_OVER: codes.LEFT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Who has access through one surface. `target` names the policy or key, "" for a share."""

    stage: str
    audience: str
    accounts: list[str]
    write: bool
    since: str
    target: str
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found. `severity` is `block` or `warn`."""

    code: str
    severity: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run came to. `mode` is `plan` or `apply`; `outcome` is "" unless `status` is SUCCEEDED.

    `changes` are done, or would be. `access` is who has access afterwards. `message` is what the approvers would get of
    a plan.
    """

    subject: str
    mode: str
    execution: str
    status: str
    outcome: str
    changes: list[str]
    access: list[Opened]
    findings: list[Finding]
    waiting: list[str]
    message: str
    holder: str
    error: str
    cause: str
    seconds: float

    @property
    def code(self) -> int:
        """The exit code."""
        return _CODES.get(self.outcome, codes.FAILED)


def start(connection: Connection, subject: str, mode: str, *, force: bool = False) -> str:
    """Start a run and return its execution's ARN."""
    given = {"subject": subject, "mode": mode, **({"force": True} if force else {})}
    return executions.start(connection, "govern", given)


def result(subject: str, mode: str, found: executions.Execution) -> RunResult:
    """Return what an execution that has ended came to."""
    said = found.output
    return RunResult(
        subject=subject,
        mode=mode,
        execution=found.arn,
        status=found.status,
        outcome=str(said.get("outcome", "")),
        changes=[str(line) for line in listed(said.get("would_change", said.get("changed")))],
        access=[_opened(grant) for grant in listed(said.get("access_after", said.get("access")))],
        findings=[_finding(each) for each in listed(said.get("findings"))],
        waiting=[str(each) for each in listed(said.get("waiting"))],
        message=str(said.get("message", "")),
        holder=str(said.get("holder", "")),
        error=found.error,
        cause=found.cause,
        seconds=round(found.seconds, 1),
    )


def _opened(grant: Mapping[str, Any]) -> Opened:
    return Opened(
        stage=str(grant["stage"]),
        audience=str(grant.get("audience") or ""),
        accounts=[str(account) for account in listed(grant["accounts"])],
        write=bool(grant["write"]),
        since=str(grant["since"])[:19],
        target=str(grant.get("target") or ""),
        approved_by=str(grant.get("approved_by") or ""),
    )


def _finding(found: Mapping[str, Any]) -> Finding:
    return Finding(code=str(found["code"]), severity=str(found["severity"]), detail=str(found["detail"]))


def nothing_of(found: RunResult) -> str:
    """Return what a plan says of a name that neither AWS nor the rules have, "" for what one of them has."""
    if found.changes:
        return ""
    return next((each.detail for each in found.findings if each.code in _NOTHING), "")


def show(found: RunResult, screen: Screen, *, message: bool = False) -> None:
    """Print it for people."""
    planned = found.mode == "plan"
    screen.line(f"{'Plan' if planned else 'Run'} of {_lower(titled(found.subject))}", "head")
    screen.line(found.subject, "dim")
    screen.line()
    if found.status != "SUCCEEDED":
        screen.line(f"{found.status}  {found.error}", "bad")
        screen.prose(found.cause)
        screen.prose("What it means and what to do: docs/runbook.md, by the error's name.")
        screen.line(f"  execution {found.execution}", "dim")
        return
    style = {codes.OK: "good", codes.FAILED: "bad"}.get(found.code, "note")
    screen.line(f"{found.outcome}: {MEANS.get(found.outcome, 'see docs/runbook.md')}", style)
    if found.holder:
        screen.line(f"  execution {found.holder}", "dim")
    _lists(found, screen, planned=planned)
    if planned:
        screen.line()
        screen.line("Nothing was changed.")
    if message and found.message:
        screen.head("What the approvers would get")
        for line in found.message.splitlines():
            screen.line(f"  | {line}".rstrip())


def _lists(found: RunResult, screen: Screen, *, planned: bool) -> None:
    if found.changes:
        screen.head("What would change" if planned else "What was changed")
        screen.items(found.changes)
    if found.findings:
        screen.head("Findings")
        screen.items(f"{each.severity} {each.code}: {each.detail}" for each in found.findings)
    if found.waiting:
        screen.head("It waits for")
        screen.items(found.waiting)
    if found.outcome in (LEFT_TO_ANOTHER, HANDED_OVER, "not governed"):
        return
    screen.head("Who has access then" if planned else "Who has access now")
    if found.access:
        screen.table(
            ("stage", "accounts", "may", "through", "since"),
            (
                (
                    f"{each.stage} ({each.audience})" if each.audience else each.stage,
                    " ".join(each.accounts),
                    "write" if each.write else "read",
                    each.target or "a share",
                    each.since.replace("T", " ")[:16],
                )
                for each in found.access
            ),
        )
    else:
        screen.line("  nobody")
    for words in dict.fromkeys(each.approved_by for each in found.access if each.approved_by):
        screen.prose(f"approved by {words}")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
