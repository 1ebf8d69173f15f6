"""The claim on a subject, in every order of what several runs do, with the product's own expressions and its own check.

The conditions and updates are read from `govern.asl.yaml` and evaluated on one item; the check before a write is
`ledger/claims.py`, on a client that reads that item. What comes next in a run is written here as the machine has it.
Faults: runs are stopped anywhere, with and without the event that tells of it; functions outlive their runs; answers
are lost after the write was made, which is then made again; events come at any time.

What must hold: who writes holds the claim; and in the end nobody holds it, and what was written is the truth. Time is
in two guarantees, which `tests/contract/test_models.py` holds to the templates: a claim runs out when its run is over
and its functions are, and who takes over by the event of a stop waits for the function of the stopped run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from stagegate.core.errors import ClaimLostError
from stagegate.ledger import claims

_GOVERN = Path(__file__).parents[2] / "statemachines" / "govern.asl.yaml"
_RUNS_OUT = 900
Item = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """How often each may still happen. `events` change the truth and start a run."""

    events: int = 2
    stops: int = 1
    unheard: int = 1
    lost: int = 1
    sweeps: int = 2
    people: int = 0
    """Runs that somebody starts once the claim's holder is over: they take it over at once (LookAtHolder)."""
    transacts: bool = False
    """Whether functions write in one transaction with the check. The others ask, and then write."""


@dataclass(frozen=True, slots=True)
class Lacks:
    """What is taken away from the protocol, to see that its lack is found."""

    check: bool = False
    wait: bool = False
    takeover: bool = False
    compare: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A run: what it does `next`, the claim's count when it took it, and whom it takes over from after a stop."""

    next: str = "wait"
    seen: int = 0
    gone: int = 0
    rounds: int = 0


@dataclass(frozen=True, slots=True)
class Function:
    """The function of a run: which truth it has read, and whether it has asked for the claim."""

    run: int
    version: int
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything there is. Runs are numbered from 1; `tick` counts how often a claim's time has passed."""

    left: Budget
    item: Item = ()
    runs: tuple[Run, ...] = ()
    functions: tuple[Function, ...] = ()
    truth: int = 0
    applied: int = 0
    tick: int = 0
    wrong: str = ""


@dataclass(slots=True)
class Found:
    """How many moments there are, how many ends, and a way to each kind of what is wrong."""

    moments: int = 0
    ends: int = 0
    wrong: dict[str, list[str]] = field(default_factory=dict)


def explore(budget: Budget, lacks: Lacks | None = None) -> Found:
    """Look at every moment that can be reached, once each."""
    protocol, found, first = _Protocol(lacks or Lacks()), Found(), Moment(budget)
    seen = {first}
    stack: list[tuple[Moment, tuple[Any, ...]]] = [(first, ())]
    while stack:
        moment, way = stack.pop()
        found.moments += 1
        following = [] if moment.wrong else list(protocol.following(moment))
        if not following:
            found.ends += 1
            if what := moment.wrong or _wrong_at_the_end(moment):
                found.wrong.setdefault(what, _steps(way))
        for what, then in following:
            if then not in seen:
                seen.add(then)
                stack.append((then, (way, what)))
    return found


def _steps(way: tuple[Any, ...]) -> list[str]:
    steps: list[str] = []
    while way:
        way, what = way
        steps.insert(0, what)
    return steps


def _wrong_at_the_end(moment: Moment) -> str:
    if "holder" in dict(moment.item):
        return "the claim is held for ever"
    return "" if moment.applied == moment.truth else "what was written is not the truth"


@dataclass(frozen=True, slots=True)
class _Protocol:
    lacks: Lacks

    def following(self, moment: Moment) -> Iterator[tuple[str, Moment]]:
        """Every moment that can come next, and what happens."""
        left = moment.left
        if left.events:
            then = replace(moment, left=replace(left, events=left.events - 1), truth=moment.truth + 1)
            yield "an event", _started(then)
        for number, run in enumerate(moment.runs, 1):
            if run.next != "over":
                yield from self._goes_on(moment, number, run)
                if left.stops:
                    yield from _stopped(moment, number, run)
        for place, function in enumerate(moment.functions):
            yield self._works(moment, place, function)
        holder = dict(moment.item).get("holder", 0)
        if left.people and holder and moment.runs[holder - 1].next == "over":
            then = replace(moment, left=replace(left, people=left.people - 1))
            yield "a person's run", replace(then, runs=(*then.runs, Run("Take", gone=holder)))
        if not left.events and not moment.functions and all(run.next == "over" for run in moment.runs):
            is_right = not _wrong_at_the_end(moment)
            if left.sweeps and not is_right:
                yield (
                    "a sweep",
                    _started(replace(moment, left=replace(left, sweeps=left.sweeps - 1), tick=moment.tick + 1)),
                )

    def _goes_on(self, moment: Moment, number: int, run: Run) -> Iterator[tuple[str, Moment]]:
        match run.next:
            case "wait":
                if self.lacks.wait or not any(each.run == run.gone for each in moment.functions):
                    yield f"{number} begins", _with(moment, number, replace(run, next="Take"))
            case "plan":
                then = _with(moment, number, replace(run, next="works"))
                yield f"{number} plans", replace(then, functions=(*then.functions, Function(number, moment.truth)))
            case "works":
                if not any(each.run == number for each in moment.functions):
                    yield f"{number} is done", _with(moment, number, replace(run, next="Release"))
            case call:
                made = self._called(moment, number, run, call)
                yield f"{number} {call}", self._answered(made, number, run, call, changed=made is not moment)
                if moment.left.lost and made is not moment:
                    less = replace(made, left=replace(moment.left, lost=moment.left.lost - 1))
                    yield f"{number} {call}, unheard", less

    def _called(self, moment: Moment, number: int, run: Run, call: str) -> Moment:
        """The moment after a call of the claim; the same one where its condition doesn't hold."""
        condition, update = _expressions()[call]
        if self.lacks.takeover and call == "Take":
            condition = "attribute_not_exists(holder) OR holder = :me"
        if self.lacks.compare and call == "Release":
            condition = "holder = :me"
        now = moment.tick * _RUNS_OUT
        values = {":me": number, ":over": run.gone or None, ":one": 1, ":seen": run.seen, ":subject": "subject"}
        values |= {":now": now, ":expires": now + _RUNS_OUT - 1}
        item = dict(moment.item)
        if not holds(condition, item, values):
            return moment
        return replace(moment, item=tuple(sorted(updated(update, item, values).items())))

    def _answered(self, moment: Moment, number: int, run: Run, call: str, *, changed: bool) -> Moment:
        item = dict(moment.item)
        match call, changed:
            case "Take", True:
                then = replace(run, next="plan", seen=item["wanted"])
            case "Take", False:
                then = replace(run, next="Mark")
            case "Mark", True:
                goes_on = item["holder"] == run.gone and not self.lacks.takeover
                then = replace(run, next="Take" if goes_on else "over")
            case "Mark", False:
                then = replace(run, next="Take")
            case "Release", False:
                again = run.rounds < 1
                then = replace(run, next="Take" if again else "GiveUpTheClaim", rounds=run.rounds + again)
            case "GiveUpTheClaim", True if item["wanted"] != run.seen:
                return _started(_with(moment, number, replace(run, next="over")))
            case _:
                then = replace(run, next="over")
        return _with(moment, number, then)

    def _works(self, moment: Moment, place: int, function: Function) -> tuple[str, Moment]:
        """It asks for the claim, by the product's own check; then it writes, if it was told that it may."""
        rest = (*moment.functions[:place], *moment.functions[place + 1 :])
        if moment.left.transacts:
            if not self.lacks.check and not may_transact(moment.item, function.run):
                return f"{function.run}'s transaction is cancelled", replace(moment, functions=rest)
        elif not function.asked:
            if not self.lacks.check and not may_write(moment.item, function.run):
                return f"{function.run}'s function has lost the claim", replace(moment, functions=rest)
            asked = replace(function, asked=True)
            others = tuple(sorted((*rest, asked), key=str))
            return f"{function.run}'s function has asked", replace(moment, functions=others)
        holder = dict(moment.item).get("holder")
        wrong = "" if holder == function.run else "somebody else writes than the claim's holder"
        then = replace(moment, functions=rest, applied=function.version, wrong=wrong)
        return f"{function.run}'s function writes", then


def _with(moment: Moment, number: int, run: Run) -> Moment:
    return replace(moment, runs=(*moment.runs[: number - 1], run, *moment.runs[number:]))


def _started(moment: Moment, gone: int = 0) -> Moment:
    return replace(moment, runs=(*moment.runs, Run(gone=gone)))


def _stopped(moment: Moment, number: int, run: Run) -> Iterator[tuple[str, Moment]]:
    left = replace(moment.left, stops=moment.left.stops - 1)
    then = replace(_with(moment, number, replace(run, next="over")), left=left)
    yield f"{number} is stopped", _started(then, gone=number)
    if left.unheard:
        yield (
            f"{number} is stopped, and nobody hears of it",
            replace(then, left=replace(left, unheard=left.unheard - 1)),
        )


def may_write(item: Item, run: int) -> bool:
    """What `claims.ask` says to a function of that run. Close and open are asked the same."""
    found = dict(item)
    held = {"holder": {"S": str(found["holder"])}} if "holder" in found else {}
    client = cast("Any", _Reads({"Item": held}))
    try:
        claims.ask(client, "ledger", "subject", str(run), closes=False)
    except ClaimLostError:
        return False
    return True


def may_transact(item: Item, run: int) -> bool:
    """Whether the part of a transaction that `claims.held_by` makes lets it through."""
    check = claims.held_by("ledger", "subject", str(run))["ConditionCheck"]
    ((name, value),) = check["ExpressionAttributeValues"].items()
    asked = {name: cast("Any", value)["S"]}
    return holds(check["ConditionExpression"], {name: str(found) for name, found in item}, asked)


@dataclass(frozen=True, slots=True)
class _Reads:
    answer: Mapping[str, Any]

    def get_item(self, **_: Any) -> Mapping[str, Any]:
        return self.answer


@cache
def _expressions() -> Mapping[str, tuple[str, str]]:
    """The condition and the update of each state that writes the claim, as Step Functions makes them."""
    states = yaml.safe_load(_GOVERN.read_text())["States"]
    named = {name: states[name]["Arguments"] for name in ("Take", "Mark", "Release", "GiveUpTheClaim")}
    return {name: (each["ConditionExpression"], each["UpdateExpression"]) for name, each in named.items()}


_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda found, asked: bool(found == asked),
    "<": lambda found, asked: bool(found < asked),
    ">=": lambda found, asked: bool(found >= asked),
}


def holds(condition: str, item: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a condition holds: alternatives of what must hold together. ValueError for what isn't known here."""
    return any(all(_holds(part, item, values) for part in each.split(" AND ")) for each in condition.split(" OR "))


def _holds(part: str, item: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    if found := re.fullmatch(r"attribute_(not_)?exists\((\w+)\)", part.strip()):
        return (found[2] in item) != bool(found[1])
    name, test, value = part.split()
    return name in item and _TESTS[test](item[name], values[value])


def updated(expression: str, item: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """An item after an update of the forms `ADD a :x`, `SET a = :x, b = if_not_exists(b, :y)` and `REMOVE a, b`."""
    made = dict(item)
    clauses = re.split(r"\b(ADD|SET|REMOVE)\b", " ".join(expression.split()))[1:]
    for verb, text in zip(clauses[::2], clauses[1::2], strict=True):
        for part in re.split(r",(?![^(]*\))", text):
            if verb == "REMOVE":
                made.pop(part.strip(), None)
            elif verb == "ADD":
                name, value = part.split()
                made[name] = item.get(name, 0) + values[value]
            else:
                name, _, value = part.strip().partition(" = ")
                kept = re.fullmatch(r"if_not_exists\((\w+), (:\w+)\)", value)
                made[name] = item.get(kept[1], values[kept[2]]) if kept else values[value]
    return made


_ALONE = Budget(unheard=0, lost=0, sweeps=0)
HOLDS = {
    "functions that ask, and then write": Budget(stops=2, lost=2),
    "functions that write in one transaction, and a person who takes over": Budget(transacts=True, people=1),
    "three events": Budget(events=3),
    "two stops that nobody hears of": Budget(stops=2, unheard=2, lost=0),
    "events alone, while none is lost": _ALONE,
    "events alone, though an answer is lost": replace(_ALONE, lost=1),
}
"""What must hold."""
CONTROLS = {
    "no check": (Budget(transacts=True, people=1), Lacks(check=True)),
    "a takeover that doesn't wait for the function": (Budget(), Lacks(wait=True)),
    "nobody takes over": (_ALONE, Lacks(takeover=True)),
    "given back whatever came in": (_ALONE, Lacks(compare=True)),
}
"""What is taken away, and has to be found."""
