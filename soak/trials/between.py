"""What may not even be between a fault and what mends it: that too much is open, or that nobody hears of it.

What a fault keeps open, or shut, is mended by what comes next. What it opens is open meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.kernel.clock import clock
from soak.histories import always, judge
from soak.histories.cards import Card
from soak.histories.packages import Package
from soak.histories.world import MOST_S, World
from soak.histories.wrong import WrongError
from soak.oracle import cards as cards_oracle
from soak.oracle import packages as packages_oracle
from soak.oracle.verdict import Must

Access = frozenset[tuple[str, str, str, str]]
"""Stage, account, role, and what may be done."""


@dataclass(frozen=True, slots=True)
class Before:
    """What was so before a step: who had access, and how many messages and executions there were."""

    access: Access = frozenset()
    messages: int = 0
    executions: int = 0


def before(world: World, subject: Card | Package) -> Before:
    """Look at it."""
    return Before(
        frozenset(_access(world, subject)), len(world.organization.outbox), len(world.organization.executions())
    )


def too_much(world: World, subject: Card | Package, was: Before) -> str:
    """What has been opened that nobody may have, or while something is open that must be closed; "" for nothing."""
    now = frozenset(_access(world, subject))
    allowed = frozenset(_allowed(world, subject, now))
    new, left = now - was.access, now - allowed
    if wrong := new & left:
        return f"opened in between: {_said(wrong)}"
    if new and left:
        return f"opened while something is to be closed: {_said(new)}, and {_said(left)} is still open"
    return ""


def rest(world: World, subject: Card | Package, was: Before, *, claims_are_given_back: bool = False) -> str:
    """Let everything come to rest, and look after each execution that ends; what was wrong first, "" for nothing.

    `claims_are_given_back`: what is to be closed is closed when the last run of several has ended well. A run that is
    left to one that was stopped ends well, too.
    """
    wrong, ended = "", _ended(world)

    def is_at_rest() -> bool:
        nonlocal wrong, ended
        if (now := _ended(world)) > ended and not wrong:
            ended, wrong = now, too_much(world, subject, was)
            last = max(world.organization.executions(), key=lambda each: each.stop_date or each.start_date)
            if claims_are_given_back and not world.running and last.status == "SUCCEEDED":
                wrong = wrong or _still_open(world, subject)
        return world.organization.is_at_rest

    if not clock.until(is_at_rest, MOST_S):
        raise AssertionError(f"not at rest after {MOST_S:.0f} s: {world.running}")
    return wrong or too_much(world, subject, was)


def _still_open(world: World, subject: Card | Package) -> str:
    now = frozenset(_access(world, subject))
    left = now - frozenset(_allowed(world, subject, now))
    return f"the run has ended well, and {_said(left)} is still open" if left else ""


def _ended(world: World) -> int:
    return sum(each.status != "RUNNING" for each in world.organization.executions())


def keeps_its_claim(world: World) -> bool:
    """Whether a claim is held though all is at rest."""
    try:
        always.claims(world)
    except WrongError:
        return True
    return False


def unheard(world: World, was: Before) -> str:
    """The run that has failed since then without a message of its own, beside the alarm of all; "" for none."""
    told = [
        each.text for each in world.organization.outbox[was.messages :] if (each.subject or "").startswith("FAILED")
    ]
    failed = [each for each in world.organization.executions()[was.executions :] if each.status == "FAILED"]
    return next((each.name for each in failed if not any(each.execution_arn in text for text in told)), "")


def _access(world: World, subject: Card | Package) -> Iterator[tuple[str, str, str, str]]:
    for stage in world.rules.stages:
        for account in stage.accounts:
            for role in stage.roles:
                if isinstance(subject, Card):
                    if subject.may(account, role, "DescribeModelCard"):
                        yield stage.name, account, role, "see"
                        if subject.may(account, role, "UpdateModelCard"):
                            yield stage.name, account, role, "write"
                elif subject.history.changes:
                    for what, found in subject.may(account, role).items():
                        if found:
                            yield stage.name, account, role, what


def _allowed(world: World, subject: Card | Package, now: Access) -> Iterator[tuple[str, str, str, str]]:
    history = judge.as_if_known(subject.history, world.now())
    for each in now:
        stage, what = each[0], each[3]
        write = False
        if isinstance(subject, Card):
            verdict = cards_oracle.judge(history, world.rules, stage, was_open=False)
            write = bool(verdict.write)
        else:
            verdict = packages_oracle.judge(history, world.rules, stage, was_open=False)
        if verdict.must is not Must.CLOSED and (what != "write" or write or verdict.must is Must.EITHER):
            yield each


def _said(access: Access) -> str:
    return ", ".join(f"{role} of {stage} may {what}" for stage, _, role, what in sorted(access))
