"""Very many subjects that change in the same second, while services take few calls: all comes right by itself.

Each is a subject of its own, and all are written on the same target: cards into the shares of their stages, versions
into the policies of one bucket, one repository and one key. So these are as many writers of one target, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.kernel.clock import clock
from soak.histories import always, judge
from soak.histories.cards import Card
from soak.histories.documents import foreign_edit
from soak.histories.packages import Package
from soak.histories.world import World
from soak.histories.wrong import WrongError
from soak.load.rest import rest
from soak.load.traffic import Traffic
from soak.simulation import organization
from soak.simulation.copies import Report

A_SECOND = 20.0
"""Calls a second that RAM, Organizations and SageMaker take here, each. AWS documents no rate of theirs."""
TEAMS = 5
"""Other teams' statements in the documents that are written."""
_A_WHILE_S = 200.0

Subject = TypeVar("Subject", Card, Package)
Change = tuple[str, Callable[[Subject], None]]
"""What happens to each, and what that is called."""


@dataclass(frozen=True, slots=True)
class Storm:
    """What came of it: so many `right` after each change, of `of`; `wrong` says what isn't, `lines` what was seen."""

    name: str
    right: int
    of: int
    wrong: tuple[str, ...]
    lines: tuple[str, ...]


def storm_of(name: str, report: Report) -> Storm:
    """What a storm has reported; all is wrong where it has died."""
    if "died" in report:
        return Storm(name, 0, 1, (report["died"],), ())
    return Storm(name, report["right"], report["of"], tuple(report["wrong"]), tuple(report["lines"]))


def cards(world: World, number: int) -> Iterator[Report]:
    """So many cards are made in the same second, then approved, which opens the gated stage, then withdrawn."""
    organization.seed(1)
    found = [Card(world, f"many-{each}") for each in range(number)]
    changes: list[Change[Card]] = [
        ("made", lambda card: card.create("owner", "PendingReview", risk="Low", filled=True)),
        ("approved", lambda card: card.set("approver", "Approved")),
        ("withdrawn", lambda card: card.set("approver", "Archived")),
    ]
    yield _all_at_once(world, found, changes, judge.card)


def packages(world: World, number: int) -> Iterator[Report]:
    """So many versions on one bucket, which are registered, are approved in the same second, then rejected."""
    organization.seed(1)
    for team in range(TEAMS):
        foreign_edit(world, team)
    found = [Package(world, f"soak-many{each}") for each in range(number)]
    for package in found:
        package.make_group("owner")
    rest(world)
    for package in found:
        package.register("developer", "PendingManualApproval")
    rest(world)
    clock.advance(_A_WHILE_S)
    changes: list[Change[Package]] = [
        ("approved", lambda package: package.set("approver", "Approved")),
        ("rejected", lambda package: package.set("approver", "Rejected")),
    ]
    yield _all_at_once(world, found, changes, judge.package)


def _all_at_once(
    world: World, subjects: Sequence[Subject], changes: Sequence[Change[Subject]], look: Callable[..., None]
) -> Report:
    traffic = Traffic.of(A_SECOND)
    right, wrong, lines = 0, list[str](), list[str]()
    with traffic.limited():
        for what, act in changes:
            began, known = clock.now(), len(world.organization.executions())
            for each in subjects:
                act(each)
            rest(world)
            runs = world.organization.executions()[known:]
            ended = max((run.stop_date.timestamp() for run in runs if run.stop_date), default=began)
            clock.advance(_A_WHILE_S)
            said = [text for each in subjects if (text := _said(look, world, each, judge.Counts()))]
            said += [text for check in (always.claims, always.foreign, always.heard) if (text := _said(check, world))]
            right += len(subjects) - min(len(said), len(subjects))
            wrong += said
            ends = Counter(run.status if not run.error else run.error for run in runs)
            took = ", ".join(f"{end} {count}" for end, count in ends.most_common())
            lines.append(f"  {what}: at rest after {ended - began:.0f} s; {len(runs)} executions: {took}")
    for name, service in traffic.services.items():
        calls = service.taken.total()
        lines.append(
            f"  {name}: {service.most} calls in the busiest second, {service.a_second:g} a second allowed and"
            f" {service.at_once:g} at once; {calls / len(subjects) / len(changes):.1f} calls for each change,"
            f" {service.refused} refused"
        )
    return {"right": right, "of": len(changes) * len(subjects), "wrong": wrong, "lines": lines}


def _said(check: Callable[..., None], world: World, *about: Any) -> str:  # Any: what that check looks at
    try:
        check(world, *about)
    except WrongError as wrong:
        return str(wrong)
    return ""
