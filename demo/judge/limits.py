"""The most that a run of each kind may cost."""

from __future__ import annotations

from dataclasses import dataclass

from demo.judge.costs import Cost
from demo.story import Aftermath, Finding

NOTHING_TO_DO = 5
OPENS_ONE_STAGE = 12
OPENS_ONE_STAGE_WITH_FENCE = 13
CALLS_FOR_A_STAGE = 15
"""One of them asks whose claim it is, right before the share is changed, one whether a package follows the card, and
one puts own events.
"""
CALLS_WITH_FENCE = 18
"""Those three among them."""
CALLS_TO_ASK = 2
"""More, to record what the approvers were asked."""
OPENS_A_PACKAGE = 14
"""With its four surfaces."""
OPENS_AND_IMPORTS_A_PACKAGE = OPENS_A_PACKAGE + 2
"""With two more: the role that reads the weights, and the model."""
INTO_A_HUB = 1
"""States more for each hub that keeps it."""
STARTS_PACKAGES = 2
"""States that the run of a card enters more, where its word is another: it starts the runs of its packages."""
CALLS_FOR_ITS_CARD = 2
"""Those of a package's run: they read the card that it follows, and what that one's own run has recorded."""
STARTS_EACH, CALLS_TO_START_EACH = 6, 2
"""Those of the execution of `sweep` that starts them, beside one state and one call for each package."""
IMPORTS_A_MODEL = 16
ANOTHER_LOOK = 3
"""States that an import enters more each time that it finds the job not over yet."""
ANOTHER_ROUND = 7
"""States that a run may enter more (and calls that it may make) because another event came in while it was at work:
the wait, and what an event with nothing to do costs."""
ANOTHER_TAKE = 2
"""And because it found the claim held, and given back before it could leave word there: the mark, and the new take."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that a kind of run may enter states, and make calls; None: as many as it takes."""

    kind: str
    states: int
    calls: int | None

    def allows(self, cost: Cost) -> bool:
        """Whether a run has kept to it.

        One that has met another run is judged by its states alone: calls that they make at once are counted for both.
        """
        met = "LetTheBurstGather" in cost.states
        return cost.transitions <= self.states and (met or self.calls is None or cost.calls <= self.calls)

    def __str__(self) -> str:
        """As a table shows it."""
        if self.calls is None:
            return f"{self.states} states"
        return str(self.states) if self.calls == self.states else f"{self.states} and {self.calls}"


def limit_of(cost: Cost) -> Limit | None:
    """Return the limit that a run falls under; None for those without one: it closes, tells or opens several, or it
    looks for drift everywhere, as one does that a person started, every one about a group, and a sweep.
    """
    if "WaitForTurn" in cost.states:
        return _of_an_import(cost)
    if (count := cost.packages_started) is not None:
        return Limit(f"starts {count} of a card's packages", STARTS_EACH + count, CALLS_TO_START_EACH + count)
    rounds = ANOTHER_ROUND * cost.states.count("LetTheBurstGather")
    rounds += STARTS_PACKAGES * cost.states.count("StartPackages")
    if "Plan" in cost.states:
        rounds += ANOTHER_TAKE * cost.states.count("Mark")
    if cost.is_full_read or ":model-package-group/" in cost.subject or "Look" in cost.states:
        return None
    if not {"Close", "Open", "Record", "Shown", "NotifyFailure"} & set(cost.states):
        if ":model-package/" in cost.subject:
            calls = NOTHING_TO_DO + CALLS_FOR_ITS_CARD * (1 + cost.states.count("LetTheBurstGather"))
            return Limit("nothing to do with a package", NOTHING_TO_DO + rounds, calls + rounds)
        return Limit("nothing to do", NOTHING_TO_DO + rounds, NOTHING_TO_DO + rounds)
    if set(cost.changes) == {"OpenTarget"}:
        hubs = cost.targets.count(("OpenTarget", "hub"))
        rounds, also = rounds + hubs * INTO_A_HUB, ", into a hub" if hubs else ""
        if ("OpenTarget", "import") in cost.targets:
            return Limit(f"opens a package and imports it{also}", OPENS_AND_IMPORTS_A_PACKAGE + rounds, None)
        return Limit(f"opens a package{also}", OPENS_A_PACKAGE + rounds, None)
    return _of_a_stage(cost, rounds)


def _of_an_import(cost: Cost) -> Limit | None:
    """An import that has come to a model."""
    if not cost.output.get("model"):
        return None
    return Limit("imports a model", IMPORTS_A_MODEL + ANOTHER_LOOK * (cost.states.count("Look") - 1), None)


def _of_a_stage(cost: Cost, rounds: int) -> Limit | None:
    """A stage that may only read is opened behind a fence, which is looked at or put up first."""
    if cost.changes.count("OpenShare") != 1 or len(cost.opened) != 1 or "CloseShare" in cost.changes:
        return None
    (writes,) = cost.opened.values()
    asks = CALLS_TO_ASK if cost.asked else 0
    also = f"{', asks' if asks else ''}{', starts packages' if 'StartPackages' in cost.states else ''}"
    if writes:
        return Limit(f"opens one stage{also}", OPENS_ONE_STAGE + rounds, CALLS_FOR_A_STAGE + rounds + asks)
    calls = CALLS_WITH_FENCE + rounds + asks
    return Limit(f"opens one stage, fence{also}", OPENS_ONE_STAGE_WITH_FENCE + rounds, calls)


def within_limits(after: Aftermath) -> Finding:
    """Check every run against its limit. For the shipped rules only: others may rightly need more."""
    over = [(cost, limit) for cost in after.costs if (limit := limit_of(cost)) and not limit.allows(cost)]
    texts = (f"{cost.transitions} states and {cost.calls} calls, limit {limit} ({limit.kind})" for cost, limit in over)
    return Finding("costs within the limits", "; ".join(texts), ok=False) if over else Finding("", "")
