"""`doctor`: whether everything is there that Stagegate needs, before and after a deployment. It only reads."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from stagegate_cli import codes, deployed_rules
from stagegate_cli.connection import Connection
from stagegate_cli.doctor import members, running, stack, surroundings
from stagegate_cli.doctor.check import OK, UNKNOWN, WRONG, Examined, Look, Visit, examined
from stagegate_cli.problems import Problem
from stagegate_cli.screen import Screen

BEFORE: tuple[Look, ...] = (
    surroundings.rules,
    surroundings.organization,
    surroundings.sharing,
    surroundings.trail,
    surroundings.concurrency,
)
"""What can be looked at before there is a stack."""
AFTER: tuple[Look, ...] = (
    stack.caller,
    stack.stack,
    stack.functions,
    stack.ledger,
    stack.key,
    running.event_rules,
    running.topics,
    running.lost_events,
    running.standing_alarms,
    running.sweeps,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Every check, in the order in which it was made."""

    checks: list[Examined]

    @property
    def code(self) -> int:
        """The exit code: 1 where something is wrong, 3 where something could not be looked at."""
        states = {check.state for check in self.checks}
        return codes.FAILED if WRONG in states else codes.WAITS if UNKNOWN in states else codes.OK


def doctor(visit: Visit, member_accounts: Iterable[Connection], *, before: bool) -> Diagnosis:
    """Return what all checks come to, of the governance account and of each member that there is a profile of."""
    with suppress(Problem):  # the check of the rules says why
        visit = replace(visit, rules=deployed_rules.rules(visit.connection, visit.file))
    found = list(examined(visit, (*BEFORE, *(() if before else AFTER))))
    for connection in member_accounts:
        there = replace(visit, connection=connection)

        def member(each: Visit) -> Iterable[Examined]:
            return members.member(each, visit.connection.account)

        found += examined(there, [member])
    return Diagnosis(checks=found)


def show(found: Diagnosis, screen: Screen) -> None:
    """Print it for people: what is wrong, and how to mend it, under its check."""
    styles = {OK: "good", WRONG: "bad", UNKNOWN: "note"}
    for account in dict.fromkeys(check.account for check in found.checks):
        screen.line(f"Account {account}", "head")
        for check in (each for each in found.checks if each.account == account):
            mark = {OK: "ok     ", WRONG: "WRONG  ", UNKNOWN: "unknown"}[check.state]
            screen.prose(f"{check.name}: {check.found}", first=f"{mark}  ", indent=" " * 11, style=styles[check.state])
            if check.mend:
                screen.prose(check.mend, first=" " * 9 + "-> ", indent=" " * 12)
        screen.line()
    counted = [sum(check.state == state for check in found.checks) for state in (WRONG, UNKNOWN)]
    screen.line(f"{len(found.checks)} checks, {counted[0]} wrong, {counted[1]} unknown")
