"""What a sweep of very many subjects costs, for each of them."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.services.events.deliveries import deliveries
from soak.histories.world import World
from soak.simulation import organization
from soak.simulation.copies import Report

MOST_MORE = 1.05
"""A subject among many costs at most so much of what it costs among few."""
_NOT_COUNTED = frozenset({"sts", "logs"})


@dataclass(frozen=True, slots=True)
class Cost:
    """One sweep: of how many subjects, in how many executions, with how many states and calls of functions."""

    subjects: int
    executions: int
    states: int
    calls: int
    took_s: float
    """Of the processor."""
    services: dict[str, int]
    failed: int

    @property
    def each(self) -> float:
        """Calls for one subject."""
        return self.calls / self.subjects


def cost_of(report: Report) -> Cost:
    """What a sweep has reported. Raises RuntimeError if it broke."""
    if "died" in report:
        raise RuntimeError(report["died"])
    return Cost(**report)


def is_linear(found: list[Cost]) -> bool:
    """Whether a subject costs the same among many as among few, and none couldn't be looked at."""
    few = found[0]
    return all(each.each <= few.each * MOST_MORE and not each.failed for each in found)


def lines(found: list[Cost]) -> list[str]:
    """A line for each size."""
    few = found[0]
    return [
        f"  a sweep of {each.subjects:>6}: {each.states / each.subjects:.2f} states and {each.each:.2f} calls each"
        f" ({each.each / few.each:.2f} of {few.subjects}'s), {1000 * each.took_s / each.subjects:.1f} ms of the"
        f" processor each, {each.executions} executions; "
        + ", ".join(f"{name} {count / each.subjects:.2f}" for name, count in sorted(each.services.items()))
        for each in found
    ]


def sweep(world: World, size: int) -> Iterator[Report]:
    """A sweep of so many cards, which only shows: it looks at everything, as each sweep does, and starts no run."""
    organization.seed(1)
    sagemaker, stopped = world.admin("sagemaker"), world.events
    deliveries.hold()
    for number in range(size):
        sagemaker.create_model_card(ModelCardName=f"many-{number}", Content="{}", ModelCardStatus="Archived")
    world.rest()
    deliveries.release(lambda _held: [])
    stopped.open()
    calls, runs, began = len(world.organization.calls), len(world.organization.executions()), time.process_time()
    world.start("SweepStateMachine", {"mode": "plan"})
    world.rest()
    took_s = time.process_time() - began
    executions = world.organization.executions()[runs:]
    last = executions[-1]
    totals = json.loads(last.output or "{}").get("totals", {})
    if last.status != "SUCCEEDED" or totals["subjects"] < size:
        raise RuntimeError(f"the sweep of {size} subjects: {last.status} {last.error} {last.cause} {totals}")
    made = [each for each in world.organization.calls.since(calls) if each.service not in _NOT_COUNTED]
    ours = [each for each in made if "assumed-role/stagegate-" in each.principal_arn]
    entered = sum(
        event["type"].endswith("StateEntered")
        for run in executions
        for event in world.organization.history(run.execution_arn)
    )
    yield {
        "subjects": size,
        "executions": len(executions),
        "states": entered,
        "calls": len(ours),
        "took_s": took_s,
        "services": dict(Counter(each.service for each in ours)),
        "failed": totals["failed"],
    }
