"""What histories came to: how many were right, which steps they had, and each kind of what could be wrong."""

from __future__ import annotations

from soak.histories.run import Outcome
from soak.histories.steps import KINDS
from soak.histories.wrong import Wrong
from soak.page import Figure

FEWEST_SHARE = 0.01
"""Each kind of action makes up at least this share of the steps."""
FEWEST_STEPS = 2_000
"""With fewer steps, a share says more of chance than of the choice of actions, and there is no such figure."""


def figures(outcome: Outcome) -> list[Figure]:
    """How many were right of how many there had to be, the share of the least frequent kind of action, and what was
    wrong.
    """
    right, wanted = outcome.histories - len(outcome.wrong), max(outcome.histories, outcome.wanted)
    found = [Figure("histories", right, wanted, not outcome.wrong and 0 < wanted == outcome.histories)]
    if sum(outcome.steps.values()) >= FEWEST_STEPS:
        _, least = _shares(outcome)[-1]
        found.append(Figure("actions' shares", round(least, 4), FEWEST_SHARE, least >= FEWEST_SHARE))
    return [*found, *_wrong(outcome)]


def _shares(outcome: Outcome) -> list[tuple[str, float]]:
    """The share of each kind of action, the most frequent first. One that never came has none."""
    steps = max(1, sum(outcome.steps.values()))
    found = [(what, outcome.steps[what] / steps) for what in {*KINDS, *outcome.steps}]
    return sorted(found, key=lambda each: (-each[1], each[0]))


def _wrong(outcome: Outcome) -> list[Figure]:
    """How many batches show each kind, of how many judgments there were; and for how many steps access was wrong at
    most.

    Of access there is a judgment for each account of each stage of what a step was about; of the others, for each step.
    """
    access, steps = sum(outcome.verdicts.values()), sum(outcome.steps.values())
    made = [
        Figure(
            kind.value,
            outcome.kinds[kind],
            access if kind in (Wrong.TOO_MUCH, Wrong.TOO_LITTLE) else steps,
            not outcome.kinds[kind],
        )
        for kind in Wrong
    ]
    return [*made, Figure("longest time access was wrong, in steps", outcome.wrong_for, outcome.wrong_for, ok=True)]


def show(outcome: Outcome) -> list[str]:
    """Its lines."""
    steps = sum(outcome.steps.values())
    shares = [f"{what} {100 * share:.1f} %" for what, share in _shares(outcome)]
    news = [f"{count} {what}" for what, count in outcome.events.items()]
    verdicts = [f"{count} {what}" for what, count in outcome.verdicts.items()]
    rate = outcome.histories / outcome.took_s if outcome.took_s else 0.0
    each = max(1, outcome.histories)
    return [
        f"Histories: {outcome.histories} of {outcome.wanted} in {outcome.took_s:.0f} s ({rate:.1f} a second), {steps}"
        f" steps, {outcome.runs} executions; wrong: {len(outcome.wrong)}",
        f"  a history: {steps / each:.1f} steps, {outcome.processor_s / each:.2f} s of the processor",
        f"  the longest time that access was wrong, for want of news: {outcome.wrong_for} steps",
        f"  events: {', '.join(news)}",
        f"  judged: {', '.join(verdicts)}",
        f"  steps of each kind: {', '.join(shares)}",
        f"  {outcome.idle.total()} more in which there was nothing to do count for no kind: "
        + ", ".join(f"{count} {what}" for what, count in outcome.idle.most_common()),
        *outcome.wrong,
    ]
