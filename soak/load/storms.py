"""Very many subjects that change in the same second, while services take few calls: all comes right by itself.

Each is a subject of its own, and all are written on the same target: cards into the shares of their stages, versions
into the policies of one bucket, one repository and one key. So these are as many writers of one target, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.services.events.deliveries import deliveries
from soak.histories import always, judge
from soak.histories.cards import Card
from soak.histories.documents import foreign_edit
from soak.histories.packages import Package
from soak.histories.world import World
from soak.histories.wrong import WrongError
from soak.load.rest import rest
from soak.load.traffic import Traffic
from soak.simulation import organization
from soak.simulation.copies import Report, copied

A_SECOND = 20.0
"""Calls a second that RAM, Organizations and SageMaker take here, each. AWS documents no rate of theirs."""
TEAMS = 5
"""Other teams' statements in the documents that are written."""
_A_WHILE_S = 200.0


@dataclass(frozen=True, slots=True)
class Storm:
    """What came of it: so many `right` after each change, of `of`; `wrong` says what isn't, `lines` what was seen."""

    name: str
    right: int
    of: int
    wrong: tuple[str, ...]
    lines: tuple[str, ...]


def cards(world: World, number: int) -> Storm:
    """So many cards are approved in the same second, and then withdrawn in the same second."""
    return _in_a_copy(f"{number} cards at once", partial(_cards, world, number))


def packages(world: World, number: int) -> Storm:
    """So many versions on one bucket are registered in the same second, then approved, then rejected."""
    return _in_a_copy(f"{number} packages on one bucket", partial(_packages, world, number))


def _in_a_copy(name: str, work: Callable[[], Iterator[Report]]) -> Storm:
    (report,) = copied(work)
    if "died" in report:
        return Storm(name, 0, 1, (report["died"],), ())
    return Storm(name, report["right"], report["of"], tuple(report["wrong"]), tuple(report["lines"]))


def _cards(world: World, number: int) -> Iterator[Report]:
    organization.seed(1)
    first = Card(world, "first")
    first.create("owner", "Approved", risk="Low", filled=True)
    world.rest()
    found = [Card(world, f"many-{each}") for each in range(number)]
    deliveries.hold()
    for card in found:
        card.create("owner", "Archived", risk="Low", filled=True)
    world.rest()
    deliveries.release(lambda _held: [])
    world.events.open()
    clock.advance(_A_WHILE_S)
    yield _all_at_once(world, found, [("approved", "Approved"), ("withdrawn", "Archived")], judge.card)


def _packages(world: World, number: int) -> Iterator[Report]:
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
    yield _all_at_once(world, found, [("approved", "Approved"), ("rejected", "Rejected")], judge.package)


def _all_at_once(
    world: World, subjects: Sequence[Card | Package], changes: Sequence[tuple[str, str]], look: Callable[..., None]
) -> Report:
    traffic = Traffic.of(A_SECOND)
    right, wrong, lines = 0, list[str](), list[str]()
    with traffic.limited():
        for what, status in changes:
            began, known = clock.now(), len(world.organization.executions())
            for each in subjects:
                each.set("approver", status)
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
