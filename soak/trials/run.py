"""Takes the steps with their faults and stops, each in a copy of the process, and says what became of each."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from sandbox.kernel.clock import clock
from soak.histories.cards import Card
from soak.histories.packages import Package
from soak.histories.world import World
from soak.simulation import organization
from soak.simulation.copies import Report, beside, copied
from soak.trials import between
from soak.trials.calls import Fault, Made, Watch, faults_of
from soak.trials.stops import Stops
from soak.trials.stories import STORIES, Story, is_right
from soak.trials.table import ABSORBED, EVENT, NOT, SWEEP, Table

_Trials = Callable[[World, Story, "Limits"], Iterator[Report]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is tried: until when (epoch seconds), of which stories (of all if none is named), how many in each, and
    of those only where the call or the state, with the kind, has that text.
    """

    until: float
    stories: tuple[str, ...] = ()
    trials: int = sys.maxsize
    only: str = ""

    def of(self, name: str) -> bool:
        """Whether what is called so is among those that are tried."""
        return self.only in name


def faults(world: World, limits: Limits, *, at_once: int) -> Table:
    """Let every call of each step meet every fault; a sample of them where there isn't time for all."""
    return _each_story(_faults_of_one, world, limits, at_once)


def stops(world: World, limits: Limits, *, at_once: int) -> Table:
    """Stop an execution before each state of each step: once and twice, with and without the event that tells of it."""
    return _each_story(_stops_of_one, world, limits, at_once)


def _each_story(trials: _Trials, world: World, limits: Limits, at_once: int) -> Table:
    began, table = time.time(), Table()
    stories = [story for story in STORIES if not limits.stories or story.name in limits.stories]

    def works() -> Iterator[partial[Iterator[Report]]]:
        for number, story in enumerate(stories):
            # The time that is left is the same for each story that is left.
            time_s = (limits.until - time.time()) * min(1.0, at_once / (len(stories) - number))
            yield partial(trials, world, story, replace(limits, until=time.time() + time_s))

    for report in beside(works(), at_once):
        table.add(report)
    table.took_s = time.time() - began
    return table


def _faults_of_one(world: World, story: Story, limits: Limits) -> Iterator[Report]:
    if time.time() > limits.until:
        return
    organization.seed(1)
    subject = story.prepare(world)
    world.heard = len(world.organization.executions())
    (first,) = copied(partial(_calls, world, story, subject))
    if "died" in first:
        yield first
        return
    made = [Made(**each) for each in first["made"]]
    cells = [(each, fault) for each in made for fault in faults_of(each) if limits.of(f"{each}: {fault.kind}")]
    yield {"calls": len(made), "of": len(cells)}
    random.Random(story.name).shuffle(cells)
    for each, fault in cells[: limits.trials]:
        if time.time() > limits.until:
            return
        yield from copied(partial(_cell, world, story, subject, each, fault))


def _calls(world: World, story: Story, subject: Card | Package) -> Iterator[Report]:
    with Watch().on() as watch:
        story.act(subject)
        world.rest()
    if wrong := is_right(world, subject):
        raise AssertionError(f"{story.name}: wrong without any fault: {wrong}")
    yield {"made": [{name: getattr(each, name) for name in Made.__slots__} for each in watch.made]}


def _stops_of_one(world: World, story: Story, limits: Limits) -> Iterator[Report]:
    if time.time() > limits.until:
        return
    organization.seed(1)
    subject = story.prepare(world)
    world.heard = len(world.organization.executions())
    (first,) = copied(partial(_states, world, story, subject))
    if "died" in first:
        yield first
        return
    entered = first["entered"]
    ways = [
        (number, twice, lost)
        for number in range(len(entered))
        for twice in (False, True)
        for lost in (False, True)
        if limits.of(f"{entered[number]}: {kind_of(twice=twice, lost=lost)}")
    ]
    yield {"calls": len(entered), "of": len(ways)}
    random.Random(story.name).shuffle(ways)
    for number, twice, lost in ways[: limits.trials]:
        if time.time() > limits.until:
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
    was = between.before(world, subject)
    world.events.loses_stops = lost
    with Stops(number, twice=twice).on() as seen:
        story.act(subject)
        wrong = between.rest(world, subject, was)
    world.events.loses_stops = False
    if wrong:
        yield {"kind": kind_of(twice=twice, lost=lost), "end": NOT, "why": wrong}
        return
    end, why = became(world, subject, by_person=lost)
    if not seen.stopped:
        yield {"missed": True}
        return
    is_twice = seen.stopped > 1
    if end == SWEEP and (lost or not is_twice):
        who = "a person's run" if lost else "the run that the event of the stop started"
        end, why = NOT, f"{who} should have mended it, and the sweep had to: {why}"
    yield {"kind": kind_of(twice=is_twice, lost=lost), "end": end, "why": why}


def kind_of(*, twice: bool, lost: bool) -> str:
    """How the table calls such a stop."""
    after = "its event lost: a person starts a run" if lost else "with its event"
    return f"{'twice' if twice else 'once'}, {after}"


def _cell(world: World, story: Story, subject: Card | Package, made: Made, fault: Fault) -> Iterator[Report]:
    was = between.before(world, subject)
    with Watch(made, fault).on() as watch:
        story.act(subject)
        # Whoever may not give the claim back has failed with that, and the event of it starts another run.
        gives_back = made.operation != "UpdateItem"
        wrong = between.rest(world, subject, was, claims_are_given_back=gives_back)
    if not wrong and gives_back and between.keeps_its_claim(world):
        wrong = "the run has ended, and keeps its claim"
    if not wrong and made.operation not in ("Invoke", "Publish") and (name := between.unheard(world, was)):
        wrong = f"nobody was told that {name} has failed"
    if wrong:
        yield {"story": story.name, "call": str(made), "kind": fault.kind, "end": NOT, "why": wrong}
        return
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
