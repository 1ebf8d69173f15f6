"""What happens to the system rather than to the card: events that come twice, late and in the wrong order, hands that
change AWS behind its back, and people who start it themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from demo.card.actions import Actions
from demo.card.expectations import Expected
from demo.judge.checks import BURST_PLAN_RUNS, nothing_to_do, plans_at_most, runs
from demo.judge.replays import deliver, delivered
from demo.judge.runs import ledger, start
from demo.people import OWNER
from demo.story import Aftermath, Finding, Step
from sandbox.kernel.clock import clock

_STATE_CHANGE = "SageMaker Model Card State Change"
_BURST = 100
_AT_ONCE_S = 5
"""Sending takes a tenth of a second on a quiet machine, and more beside other tests."""


def duplicates(actions: Actions) -> Step:
    """The last state change is delivered twice more, as EventBridge may."""
    last = [event for event in delivered(actions.organization) if event["detail-type"] == _STATE_CHANGE][-1]

    def act() -> None:
        deliver([last, last])

    return actions.step("the last event comes twice more", act, [runs(2), nothing_to_do])


def latecomers(actions: Actions) -> Step:
    """Every event of the story comes again, the youngest first: duplicated, late and in the wrong order at once."""
    events = delivered(actions.organization)[::-1]

    def act() -> None:
        deliver(events)

    action = f"all {len(events)} events of the story come again, the last one first"
    return actions.step(action, act, [runs(len(events)), nothing_to_do])


def overtaking(actions: Actions, who: str, statuses: Sequence[str]) -> Step:
    """Somebody sets several statuses, and the events arrive in the reverse order."""
    organization = actions.organization
    role = organization.profiles[who].arn
    for status in statuses:
        actions.card.set_status(status, role)

    def act() -> None:
        organization.deliveries.hold()
        for status in statuses:
            organization.client("sagemaker", who).update_model_card(ModelCardName=actions.arn, ModelCardStatus=status)
        # CloudTrail's events are late, so they are waited for: the bus holds them as it holds the others.
        wanted = len(organization.deliveries.held) + len(statuses)
        clock.until(lambda: len(organization.deliveries.held) >= wanted)
        organization.deliveries.release(lambda held: held[::-1])

    action = f"{who} sets {', '.join(statuses)}; the events come in the reverse order"
    return actions.step(action, act, [runs(len(statuses))])


def burst(actions: Actions) -> Step:
    """A hundred events on the card at once: as fast as a busy machine sends them."""
    last = [event for event in delivered(actions.organization) if event["detail-type"] == _STATE_CHANGE][-1]
    took: list[float] = []

    def act() -> None:
        began = clock.now()
        deliver([last] * _BURST)
        took.append(clock.now() - began)

    def at_once(_: Aftermath) -> Finding:
        return Finding(f"sent within {_AT_ONCE_S} s", f"sent within {took[0]:.2f} s", ok=took[0] < _AT_ONCE_S)

    checks = [runs(_BURST, _BURST), plans_at_most(BURST_PLAN_RUNS), at_once]
    return actions.step(f"{_BURST} events come at once", act, checks)


def stage_to_close(actions: Actions) -> str:
    """Return the last stage that sees the card, and whose accounts see it through that stage alone."""
    stages = {stage.name: set(stage.accounts) for stage in actions.expectations.stages}
    alone = [
        name
        for name in stages
        if name in actions.expected.stages
        and not any(stages[name] & stages[other] for other in actions.expected.stages if other != name)
    ]
    return alone[-1]


def behind_its_back(actions: Actions, stage: str) -> Step:
    """An administrator takes the card out of a stage's share by hand. No event tells of that."""
    whole = actions.expected
    left = {name: write for name, write in whole.stages.items() if name != stage}
    ram = actions.organization.admin("ram", OWNER)

    def act() -> None:
        for share in shares_of(ram, stage):
            ram.disassociate_resource_share(resourceShareArn=share, resourceArns=[actions.arn])

    expected = actions.observers.expected(actions.expectations, Expected(left, whole.findings))
    return Step(f"somebody takes the card out of the share of {stage}", act, expected)


def dry_run(actions: Actions, stage: str) -> Step:
    """A person asks what would be done. Nothing is: no access changes, and neither does the ledger."""
    whole = actions.expected
    left = {name: write for name, write in whole.stages.items() if name != stage}
    before: list[str] = []

    def act() -> None:
        before.append(ledger(actions.organization, actions.arn))
        start(actions.organization, actions.arn, mode="plan")

    def shows(after: Aftermath) -> Finding:
        lines = [line for cost in after.costs for line in cost.output.get("would_change", ())]
        ok = len(after.costs) == 1 and any(line.startswith(f"open {stage} ") for line in lines)
        return Finding(f"shows that it would open {stage}", f"would {'; '.join(lines) or 'do nothing'}", ok=ok)

    def touches_nothing(_: Aftermath) -> Finding:
        same = ledger(actions.organization, actions.arn) == before[0]
        return Finding("no claim, no record", "the ledger is unchanged" if same else "the ledger has changed", ok=same)

    expected = actions.observers.expected(actions.expectations, Expected(left, whole.findings))
    return Step(f'{OWNER} starts a manual run with "mode": "plan"', act, expected, [shows, touches_nothing])


def manual_run(actions: Actions) -> Step:
    """A person starts a run, which looks at everything and repairs it."""
    return actions.step(f"{OWNER} starts a manual run", lambda: start(actions.organization, actions.arn), [runs(1, 1)])


def is_in_no_share(actions: Actions) -> Finding:
    """Look whether the card is in any share still."""
    ram = actions.organization.admin("ram", OWNER)
    found = ram.get_resource_share_associations(associationType="RESOURCE", resourceArn=actions.arn)
    live = [each for each in found["resourceShareAssociations"] if each["status"] not in ("DISASSOCIATED", "FAILED")]
    observed = f"in {len(live)} shares" if live else "in no resource share"
    return Finding("in no resource share", observed, ok=not live)


def shares_of(ram: Any, stage: str) -> list[str]:
    """Return our shares of a stage. `ram` is `Any` as boto3 makes its clients at run time."""
    filters = [{"tagKey": "stagegate:stage", "tagValues": [stage]}]
    found = ram.get_resource_shares(resourceOwner="SELF", tagFilters=filters)
    return [share["resourceShareArn"] for share in found["resourceShares"]]
