"""Plays the steps with their faults, each in a copy of the process, and says what became of each fault."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from sandbox.kernel.clock import clock
from soak.histories.cards import Card
from soak.histories.packages import Package
from soak.histories.world import World
from soak.stage import played
from soak.stage.copies import Report, beside, copied
from soak.trials.calls import Fault, Made, Watch, faults_of
from soak.trials.stops import Stops
from soak.trials.stories import STORIES, Story, is_right

ABSORBED, EVENT, SWEEP, NOT = "absorbed", "mended by the next event", "mended by the sweep", "not"


@dataclass(slots=True)
class Table:
    """What became of all faults, by their kind; in words where it was bad. `of` is how many there would be."""

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    calls: int = 0
    of: int = 0
    missed: int = 0
    """How many met nothing: the step went another way this time, and didn't come to that call or state."""
    took_s: float = 0.0

    @property
    def tried(self) -> int:
        """How many were tried."""
        return sum(self.cells.values())

    def add(self, report: Report) -> None:
        """Note what became of one."""
        if "died" in report:
            self.bad.append(report["died"])
        elif "missed" in report:
            self.missed += 1
        elif "calls" in report:
            self.calls += report["calls"]
            self.of += report["of"]
        else:
            self.cells[report["kind"], report["end"]] += 1
            self.rows[report["call"], report["end"]] += 1
            if report["end"] == NOT:
                self.bad.append(f"{report['story']}: {report['call']}: {report['kind']}: {report['why']}")


def faults(world: World, share: float, *, until: float, at_once: int, only: str = "") -> Table:
    """Try that share of all faults of all steps, while there is time (epoch seconds)."""
    began, table = time.time(), Table()
    told = [partial(_tried, world, story, share, until) for story in STORIES if only in story.name]
    for report in beside(told, at_once):
        table.add(report)
    table.took_s = time.time() - began
    return table


def stops(world: World, share: float, *, until: float, at_once: int, only: str = "") -> Table:
    """Stop an execution before each state of each step: once and twice, with and without the event that tells of it."""
    began, table = time.time(), Table()
    told = [partial(_stopped, world, story, share, until) for story in STORIES if only in story.name]
    for report in beside(told, at_once):
        table.add(report)
    table.took_s = time.time() - began
    return table


def _tried(world: World, story: Story, share: float, until: float) -> Iterator[Report]:
    if time.time() > until:
        return
    played.seed(1)
    subject = story.prepare(world)
    world.heard = len(world.organization.executions())
    made = [Made(**each) for report in copied(partial(_calls, world, story, subject)) for each in report["made"]]
    cells = [(each, fault) for each in made for fault in faults_of(each)]
    yield {"calls": len(made), "of": len(cells)}
    chosen = [cell for cell in cells if random.Random(f"{story.name} {cell}").random() < share]
    random.Random(story.name).shuffle(chosen)
    for each, fault in chosen:
        if time.time() > until:
            return
        yield from copied(partial(_cell, world, story, subject, each, fault))


def _calls(world: World, story: Story, subject: Card | Package) -> Iterator[Report]:
    with Watch().on() as watch:
        story.act(subject)
        world.rest()
    if wrong := is_right(world, subject):
        raise AssertionError(f"{story.name}: wrong without any fault: {wrong}")
    yield {"made": [{name: getattr(each, name) for name in Made.__slots__} for each in watch.made]}


def _stopped(world: World, story: Story, share: float, until: float) -> Iterator[Report]:
    if time.time() > until:
        return
    played.seed(1)
    subject = story.prepare(world)
    world.heard = len(world.organization.executions())
    entered = next(iter(copied(partial(_states, world, story, subject))))["entered"]
    ways = [
        (number, twice, lost) for number in range(len(entered)) for twice in (False, True) for lost in (False, True)
    ]
    yield {"calls": len(entered), "of": len(ways)}
    chosen = [way for way in ways if random.Random(f"{story.name} {way}").random() < share]
    for number, twice, lost in chosen:
        if time.time() > until:
            return
        for report in copied(partial(_stop, world, story, subject, number, twice=twice, lost=lost)):
            yield {"story": story.name, "call": entered[number], **report}


def _states(world: World, story: Story, subject: Card | Package) -> Iterator[Report]:
    with Stops().on() as seen:
        story.act(subject)
        world.rest()
    yield {"entered": [str(each) for each in seen.entered]}


def _stop(
    world: World, story: Story, subject: Card | Package, number: int, *, twice: bool, lost: bool
) -> Iterator[Report]:
    world.office.loses_stops = lost
    with Stops(number, twice=twice).on() as seen:
        story.act(subject)
        world.rest()
    world.office.loses_stops = False
    end, why = became(world, subject, by_person=lost)
    if not seen.stopped:
        yield {"missed": True}
        return
    if end == SWEEP and (lost or not twice):
        who = "a person's run" if lost else "the run that the event of the stop started"
        end, why = NOT, f"{who} should have mended it, and the sweep had to: {why}"
    kind = f"{'twice' if twice else 'once'}, {'the event lost, then a person starts a run' if lost else 'with the event'}"
    yield {"kind": kind, "end": end, "why": why}


def _cell(world: World, story: Story, subject: Card | Package, made: Made, fault: Fault) -> Iterator[Report]:
    with Watch(made, fault).on() as watch:
        story.act(subject)
        world.rest()
    end, why = became(world, subject)
    if not watch.has_met:
        yield {"missed": True}
        return
    yield {"story": story.name, "call": str(made), "kind": fault.kind, "end": end, "why": why}


def became(world: World, subject: Card | Package, *, by_person: bool = False) -> tuple[str, str]:
    """What has become of a fault, now that all is at rest; and what was wrong last.

    `by_person`: the next run is one that a person starts. It takes over the claim of a run that is over, which an
    event's run leaves alone until the claim has run out.
    """
    why = is_right(world, subject)
    if why is None:
        return ABSORBED, ""
    clock.advance(1.0)
    trigger = {} if by_person else {"trigger": "an event"}
    world.start("GovernStateMachine", {"subject": subject.arn, **trigger})
    world.rest()
    if is_right(world, subject) is None:
        return EVENT, why
    clock.advance(1000.0)
    world.sweep()
    if (still := is_right(world, subject)) is None:
        return SWEEP, why
    return NOT, still
