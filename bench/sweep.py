"""What a sweep costs for each subject, in counts: `python -m bench.sweep [SUBJECTS ...]`.

The real functions and the real state machine look at cards that nobody sees, and that an earlier sweep has put on
record. A transition is a
state entered; a call is any API request of the functions and of the state machine's own integrations (STS and logs not
counted). Exits 1 if a subject costs more among many than among a hundred, or if an execution comes near a limit of
Step Functions (25,000 events in a history, 256 KiB in a state).
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.rows import Row, row
from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import ROOT, Organization

if TYPE_CHECKING:
    from sandbox.services.stepfunctions.executions.execution import Execution

SIZES = (10, 100, 1000)
GOAL = 2.2
"""Calls for each subject."""
MOST_EVENTS = 25_000
MOST_BYTES = 256 * 1024
PATIENCE_S = 900.0
_NOT_COUNTED = frozenset({"sts", "logs"})


@dataclass(frozen=True, slots=True)
class Cost:
    """One sweep's. `events` and `state_bytes` are the most of any of its executions."""

    subjects: int
    executions: int
    transitions: int
    calls: int
    events: int
    state_bytes: int

    @property
    def each(self) -> tuple[float, float]:
        """Transitions and calls for each subject."""
        return self.transitions / self.subjects, self.calls / self.subjects


def measured(subjects: int) -> Cost:
    """Sweep an organization with that many cards in it."""
    with Organization.start(ROOT / "layers" / "settings" / "governance.toml", delays=Delays(wait_factor=0.01)) as place:
        _make_cards(place, subjects)
        _sweep(place, subjects)  # it starts a run for each card, which puts its status on record
        calls = len(place.calls)
        executions = _sweep(place, subjects)
        totals = json.loads(executions[-1].output or "{}").get("totals", {})
        if (totals.get("subjects"), totals.get("drifting")) != (subjects, 0):
            raise RuntimeError(f"the sweep of {subjects} subjects has found {totals}: {executions[-1].cause}")
        made = [call for call in place.calls.since(calls) if call.service not in _NOT_COUNTED]
        by_functions = sum("assumed-role/stagegate-" in call.principal_arn for call in made)
        return _cost(place, subjects, executions, by_functions)


def _sweep(place: Organization, subjects: int) -> list[Execution]:
    """Sweep, and return the executions that it took, in order, once everything that it has started is over."""
    before = len(place.executions())
    place.client("stepfunctions", "governance").start_execution(
        stateMachineArn=place.outputs["SweepStateMachine"], input="{}"
    )
    if not place.settle(PATIENCE_S):
        raise TimeoutError(f"a sweep of {subjects} subjects is not over after {PATIENCE_S:.0f} s")
    machine = place.outputs["SweepStateMachine"]
    return [each for each in place.executions()[before:] if each.state_machine_arn == machine]


def _make_cards(place: Organization, subjects: int) -> None:
    """Archived cards, of which no event is delivered."""
    place.deliveries.hold()
    sagemaker = place.admin("sagemaker", "governance")
    for number in range(subjects):
        sagemaker.create_model_card(ModelCardName=f"card-{number}", Content="{}", ModelCardStatus="Archived")
    place.settle(PATIENCE_S)
    place.deliveries.release(lambda _held: [])


def _cost(place: Organization, subjects: int, executions: list[Execution], calls: int) -> Cost:
    histories = [place.history(execution.execution_arn) for execution in executions]
    entered = [event for history in histories for event in history if event["type"].endswith("StateEntered")]
    return Cost(
        subjects=subjects,
        executions=len(executions),
        transitions=len(entered),
        calls=calls,
        events=max(map(len, histories)),
        state_bytes=max(len(_input(event)) for event in entered),
    )


def _input(event: dict[str, Any]) -> str:
    return str(event["stateEnteredEventDetails"]["input"])


def rows(sizes: list[int]) -> tuple[list[Row], list[str]]:
    """Return a row for each size, beside the one read of each subject that nobody can do without, and what is wrong."""
    costs = [measured(size) for size in sizes]
    found = [
        row("sweep", f"{cost.subjects} subjects", ours=cost.each[1], beside=1.0, unit="calls each", goal=GOAL)
        for cost in costs
    ]
    return found, problems(costs)


def problems(costs: list[Cost]) -> list[str]:
    """What isn't as promised."""
    found = [
        f"{cost.subjects} subjects: {name} {value} of {most}"
        for cost in costs
        for name, value, most in (("events", cost.events, MOST_EVENTS), ("bytes", cost.state_bytes, MOST_BYTES))
        if value > most * 0.9
    ]
    reference = next((cost for cost in costs if cost.subjects >= 100), costs[0])  # below, the fixed part is most of it
    return found + [
        f"{cost.subjects} subjects cost more each than {reference.subjects} do"
        for cost in costs
        if cost.subjects > reference.subjects
        and any(mine > theirs * 1.05 for mine, theirs in zip(cost.each, reference.each, strict=True))
    ]


def main(sizes: list[int]) -> int:
    """Measure, print a table, and say what isn't as promised."""
    print("subjects executions transitions   each   calls   each  events   bytes")
    costs = []
    for size in sizes:
        cost = measured(size)
        costs.append(cost)
        transitions, calls = cost.each
        print(
            f"{cost.subjects:>8} {cost.executions:>10} {cost.transitions:>11} {transitions:>6.2f} {cost.calls:>7}"
            f" {calls:>6.2f} {cost.events:>7} {cost.state_bytes:>7}",
            flush=True,
        )
    found = problems(costs)
    for problem in found:
        print(problem, file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
