"""What a step is looked at for beside access: the messages, the findings, and how many runs there were."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

from demo.judge.costs import Cost
from demo.story import Aftermath, Check, Finding

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

BURST_PLAN_RUNS = 3
_READS = ("BatchGet", "Decrypt", "Describe", "Get", "Head", "List", "Query", "Simulate")


def asks_the_approvers(after: Aftermath) -> Finding:
    """Check that somebody was asked to decide."""
    subjects = [message.subject or "" for message in after.messages]
    asked = [subject for subject in subjects if subject.startswith("DECIDE ")]
    observed = f"message “{asked[0]}”" if asked else f"messages: {', '.join(subjects) or 'none'}"
    return Finding("the approvers are asked to decide", observed, ok=bool(asked))


def finds(codes: Collection[str], *, notified: bool) -> Check:
    """Check that the last run to look has these findings, and that the approvers were notified (if it is news)."""

    def check(after: Aftermath) -> Finding:
        found = _last_findings(after)
        observed = f"found {', '.join(sorted(found)) or 'nothing'}"
        texts = [message.text for message in after.messages]
        heard = not notified or all(any(code in text for text in texts) for code in codes)
        if not heard:
            observed += f"; the {len(texts)} messages don't say so"
        elif notified:
            observed += ", and said so in a message"
        return Finding(f"found {', '.join(sorted(codes))}", observed, ok=heard and set(codes) <= found)

    return check


def runs(least: int, most: int | None = None) -> Check:
    """Check how many runs there were: that the events have arrived at all. What starts a card's packages is none."""

    def check(after: Aftermath) -> Finding:
        seen = sum(cost.packages_started is None for cost in after.costs)
        expected = f"at least {least}" if most is None else str(least) if most == least else f"{least} to {most}"
        return Finding(f"runs: {expected}", f"runs: {seen}", ok=least <= seen and (most is None or seen <= most))

    return check


def plans_at_most(most: int) -> Check:
    """Check how often a burst was planned for."""

    def check(after: Aftermath) -> Finding:
        planned = sum(cost.states.count("Plan") for cost in after.costs)
        return Finding(f"at most {most} runs of the plan", f"{planned} runs of the plan", ok=1 <= planned <= most)

    return check


def nothing_to_do(after: Aftermath) -> Finding:
    """Check that no run found anything to change or to say."""
    busy = [cost for cost in after.costs if {"Close", "Open", "Record"} & set(cost.states)]
    observed = f"{len(busy)} runs had something to do" if busy else "no run had anything to do"
    return Finding("no run has anything to do", observed, ok=not busy)


def tells(*wanted: str) -> Check:
    """Check that the messages have a line with each of these, and show those lines."""

    def check(after: Aftermath) -> Finding:
        lines = [
            line.strip() for message in after.messages for line in (message.subject or "", *message.text.split("\n"))
        ]
        found = [next((line for line in lines if each in line), None) for each in wanted]
        missing = [each for each, line in zip(wanted, found, strict=True) if line is None]
        observed = f"no message has: {'; '.join(missing)}" if missing else "says in its message:"
        excerpt = tuple(dict.fromkeys(line for line in found if line is not None))
        return Finding(f"a message has: {'; '.join(wanted)}", observed, ok=not missing, excerpt=excerpt)

    return check


def writes_nothing(
    organization: Organization, since: Callable[[], int], services: Collection[str], named: str
) -> Check:
    """Check that Stagegate has read in these services, and has changed nothing; `named` says which they are, and
    `since` how many calls were made before.
    """

    def check(_: Aftermath) -> Finding:
        made = [
            call
            for call in organization.calls.since(since())
            if call.service in services and ":assumed-role/stagegate-" in call.principal_arn
        ]
        writes = [call.operation for call in made if not call.operation.startswith(_READS)]
        observed = f"{len(made)} calls to {named}, {len(writes)} of them writes {', '.join(writes)}".rstrip()
        return Finding("reads, and no writes", observed, ok=bool(made) and not writes)

    return check


def _last_findings(after: Aftermath) -> set[str]:
    looked = (cost for cost in reversed(list(_in_order_of_end(after))) if "findings" in cost.output)
    last = next(looked, None)
    return {finding["code"] for finding in last.output["findings"]} if last else set()


def _in_order_of_end(after: Aftermath) -> Iterator[Cost]:
    ended = [cost for cost in after.costs if cost.execution.stop_date is not None]
    return iter(sorted(ended, key=lambda cost: cost.execution.stop_date or cost.execution.start_date))
