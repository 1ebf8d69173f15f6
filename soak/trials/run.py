"""Takes the steps with their faults and stops, each in a copy of the process, and says what became of each.

A step is played once without any fault, which shows its calls and states. Then it is played again; and wherever
something is to be tried, a copy of the process goes on from there, and that becomes of it.
"""

from __future__ import annotations

import random
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from soak.histories.world import BASE, World
from soak.simulation import organization, processor
from soak.simulation.copies import Report, beside, copied
from soak.trials.branches import alone, branch, is_possible, together
from soak.trials.calls import Fault, Made, Watch
from soak.trials.choice import choose
from soak.trials.pace import Pace
from soak.trials.stops import WAYS, Entered, Stops, Way
from soak.trials.stories import STORIES
from soak.trials.stories.story import Story
from soak.trials.table import ABSORBED, EVENT, NOT, SWEEP, Table
from soak.trials.worlds import anew

Place = Made | Entered
What = Fault | Way
Cells = Mapping[Any, Sequence[Any]]
"""What is tried at each place: faults at calls, ways to be stopped at states."""
_TO_BEGIN_S = 600
"""Of the processor, for all steps once: some minutes at most."""
Meets = Callable[[Any], Any]
"""What is to become of a place, None for nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is tried: until when (epoch seconds), of which steps (of all if none is named), how many in each, and of
    those only where the call or the state, with the kind, has that text.

    `warms`: do the steps once before, in another organization. For a few trials that takes longer than it saves.
    """

    until: float
    stories: tuple[str, ...] = ()
    trials: int = sys.maxsize
    only: str = ""
    warms: bool = True


def faults(world: World, limits: Limits, *, at_once: int) -> Table:
    """Let every call of each step meet its faults; a sample of them where there isn't time for all."""
    return _tried(_Faults(), world, limits, at_once)


def stops(world: World, limits: Limits, *, at_once: int) -> Table:
    """Stop an execution before each state of each step: once and twice, with and without the event that tells of it."""
    return _tried(_Stops(), world, limits, at_once)


class _Kind(ABC):
    """What is tried."""

    place: type[Place]

    @abstractmethod
    def seen(self, meets: Meets) -> AbstractContextManager[object]:
        """Ask about each place from now on."""

    @abstractmethod
    def chosen(self, places: Mapping[str, list[Any]]) -> tuple[Mapping[str, Cells], int]:
        """What is tried of each step, and how much more would be the same."""

    @abstractmethod
    def became(self, story: Story, place: Any, what: Any) -> tuple[str, str]:
        """What has become of it, now that all is at rest; and what was wrong last."""

    @abstractmethod
    def begin(self, world: World, what: Any) -> None:
        """It is about to be tried."""


class _Faults(_Kind):
    place = Made

    def seen(self, meets: Meets) -> AbstractContextManager[object]:
        return Watch(meets).on()

    def chosen(self, places: Mapping[str, list[Any]]) -> tuple[Mapping[str, Cells], int]:
        found = choose(places)
        return found.cells, found.same

    def begin(self, world: World, what: Any) -> None:
        """The call meets it by itself."""

    def became(self, story: Story, place: Any, what: Any) -> tuple[str, str]:
        del place, what
        return _became(story, by_person=False)


class _Stops(_Kind):
    place = Entered

    def seen(self, meets: Meets) -> AbstractContextManager[object]:
        return Stops(meets).on()

    def chosen(self, places: Mapping[str, list[Any]]) -> tuple[Mapping[str, Cells], int]:
        return {story: dict.fromkeys(entered, WAYS) for story, entered in places.items()}, 0

    def begin(self, world: World, what: Any) -> None:
        world.events.loses_stops = what.lost

    def became(self, story: Story, place: Any, what: Any) -> tuple[str, str]:
        story.world.events.loses_stops = False
        end, why = _became(story, by_person=what.lost)
        # Nothing is started by itself for an import that was stopped: its turn ends later (runbook).
        if end == SWEEP and place.machine == story.govern and (what.lost or not what.twice):
            who = "a person's run" if what.lost else "the run that the event of the stop started"
            return NOT, f"{who} should have mended it, and the sweep had to: {why}"
        return end, why


def _tried(kind: _Kind, world: World, limits: Limits, at_once: int) -> Table:
    began, table = time.time(), Table()
    left = [each for each in STORIES if not limits.stories or each.name in limits.stories]
    while left:
        steps = [each for each in left if each.rules == left[0].rules]
        until = time.time() + (limits.until - time.time()) * len(steps) / len(left)
        left = [each for each in left if each not in steps]
        # In a copy, as it ends with another organization than the one that it begins with.
        work = partial(_under_the_same_rules, kind, world, steps, replace(limits, until=until), at_once)
        for report in copied(work, _TO_BEGIN_S):
            table.add(report)
    table.took_s = time.time() - began
    return table


def _under_the_same_rules(
    kind: _Kind, world: World, steps: list[type[Story]], limits: Limits, at_once: int
) -> Iterator[Report]:
    rules = steps[0].rules
    warm = world if rules == BASE else anew(world, rules)
    if limits.warms:
        warm = _warm(warm, steps)
    places: dict[str, list[Any]] = {}
    apart: dict[str, set[Any]] = {}
    for report in beside([partial(_places, kind, warm, step) for step in steps], at_once, processor.MOST_S):
        if "died" in report:
            yield report
            continue
        found = [(kind.place(**each), possible) for each, possible in report["places"]]
        places[report["story"]] = [place for place, _ in found]
        apart[report["story"]] = {place for place, possible in found if not possible}
    # In one order, so that the same is chosen each time.
    cells, same = kind.chosen({step.name: places[step.name] for step in steps if step.name in places})
    counts = {name: _count(each) for name, each in cells.items()}
    taken = {name: _taken(name, each, limits) for name, each in cells.items()}
    asked = sum(map(_count, taken.values()))
    yield {"places": sum(map(len, places.values())), "of": sum(counts.values()), "same": same, "asked": asked}
    # What takes longest begins first.
    order = sorted((each for each in steps if each.name in taken), key=lambda each: -counts[each.name])

    def works() -> Iterator[partial[Iterator[Report]]]:
        left = sum(counts.values())
        for step in order:
            time_s = (limits.until - time.time()) * min(1.0, at_once * counts[step.name] / left)
            left -= counts[step.name]
            yield partial(_of_one, kind, warm, step, taken[step.name], apart[step.name], time.time() + time_s)

    yield from beside(works(), at_once)


def _warm(world: World, steps: Sequence[type[Story]]) -> World:
    """A fresh organization in a process that has done all this before: no copy of it does the same for the first time.

    For most trials that would be most of their time: reading models, making clients, compiling expressions.
    """
    organization.seed(1)
    for number, step in enumerate(steps):
        story = step(world, f"warm-{number}")
        story.prepare()
        story.act()
        world.rest()
    return anew(world, steps[0].rules)


def _taken(name: str, cells: Cells, limits: Limits) -> Cells:
    """Those that are asked for, the same each time."""
    every = [(place, what) for place, whats in cells.items() for what in whats]
    every = [(place, what) for place, what in every if limits.only in f"{place}: {what.kind}"]
    if limits.trials < len(every):
        every = random.Random(name).sample(every, limits.trials)
    found: dict[Any, list[Any]] = {}
    for place, what in every:
        found.setdefault(place, []).append(what)
    return found


def _count(cells: Cells) -> int:
    return sum(map(len, cells.values()))


def _begun(world: World, step: type[Story]) -> Story:
    organization.seed(1)
    story = step(world)
    story.prepare()
    world.heard = len(world.organization.executions())
    story.begins()
    return story


def _places(kind: _Kind, world: World, step: type[Story]) -> Iterator[Report]:
    story = _begun(world, step)
    places: list[tuple[Any, bool]] = []

    def sees(place: Any) -> None:
        places.append((asdict(place), is_possible()))

    with alone(), kind.seen(sees):
        story.act()
        story.world.rest()
    if wrong := story.wrong():
        raise AssertionError(f"{story.name}: wrong without any fault: {wrong}")
    yield {"story": story.name, "places": places}


def _of_one(
    kind: _Kind, world: World, step: type[Story], cells: Cells, apart: set[Any], until: float
) -> Iterator[Report]:
    story, pace = _begun(world, step), Pace(until, _count(cells))
    found: list[Report] = []
    for place in apart & cells.keys():
        for what in cells[place]:
            if pace.lets():
                found += _of(place, what, copied(partial(_replayed, kind, story, place, what), processor.MOST_S))

    def meets(place: Any) -> Any:
        for what in cells.get(place, ()) if place not in apart else ():
            if pace.lets():
                reports = branch(partial(_end, kind, story, place, what))
                if reports is None:
                    kind.begin(story.world, what)
                    return what
                found.extend(_of(place, what, reports))
        return None

    with alone(), kind.seen(meets):
        story.act()
        story.world.rest()
    yield from found


def _of(place: Place, what: What, reports: Iterable[Report]) -> Iterator[Report]:
    """The same, and what has died says where."""
    for report in reports:
        yield {"died": f"{place}: {what.kind}: {report['died']}"} if "died" in report else report


def _replayed(kind: _Kind, story: Story, place: Place, what: What) -> Iterator[Report]:
    """The step up to a place from which no copy can go on, as another task is in the middle of something."""

    def meets(at: Place) -> What | None:
        if at != place:
            return None
        together()
        kind.begin(story.world, what)
        return what

    with alone(), kind.seen(meets):
        story.act()
        yield from _end(kind, story, place, what)


def _end(kind: _Kind, story: Story, place: Place, what: What) -> Iterator[Report]:
    wrong = story.comes_to_rest(place)
    end, why = (NOT, wrong) if wrong else kind.became(story, place, what)
    yield {"story": story.name, "call": place.call, "kind": what.kind, "end": end, "why": why, "at": str(place)}


def _became(story: Story, *, by_person: bool) -> tuple[str, str]:
    """`by_person`: the next run is one that a person starts. It takes over the claim of a run that is over, which an
    event's run leaves alone until the claim has run out.
    """
    why = story.wrong()
    if why is None:
        return ABSORBED, ""
    story.next_run(by_person=by_person)
    if story.wrong() is None:
        return EVENT, why
    story.next_sweep()
    if (still := story.wrong()) is None:
        return SWEEP, why
    return NOT, still
