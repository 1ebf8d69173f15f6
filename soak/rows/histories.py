"""What histories came to, by what could be wrong: each has a figure of its own, and 0 is right."""

from __future__ import annotations

from soak.histories.run import Outcome
from soak.histories.wrong import Wrong
from soak.page import Figure


def figures(outcome: Outcome) -> list[Figure]:
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
