"""Rules on a schedule: an event each time the sandbox's clock comes round.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html: "a rate expression starts when
you create the scheduled event rule", and then it runs at its rate.
"""

from __future__ import annotations

import re

from moto.events.models import Rule

from sandbox.kernel.clock import Timer, clock
from sandbox.services.events.deliveries import Delivery, deliveries
from sandbox.services.events.events import envelope

_RATE = re.compile(r"rate\((?P<value>[1-9][0-9]*) (?P<unit>minute|hour|day)(?P<plural>s?)\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}

_timers: dict[str, Timer] = {}


def problem(expression: str) -> str | None:
    """Why the sandbox can't keep this schedule; None when it can."""
    found = _RATE.fullmatch(expression)
    if expression.startswith("cron("):
        return f"unsupported by the sandbox: ScheduleExpression {expression}; it keeps rate(...)"
    if found is None or (found["value"] == "1") == bool(found["plural"]):
        return "Parameter ScheduleExpression is not valid."
    return None


def keep(rule: Rule) -> None:
    """Begin to keep the rule's schedule, one period from now for the first time; or anew after a change of it."""
    forget(rule.arn)
    found = _RATE.fullmatch(rule.scheduled_expression or "")
    if found is not None:
        _arm(rule, clock.now(), _SECONDS[found["unit"]] * int(found["value"]))


def forget(rule_arn: str) -> None:
    """The rule is gone, or its schedule is."""
    timer = _timers.pop(rule_arn, None)
    if timer is not None:
        timer.cancel()


def reset() -> None:
    """Forget all schedules."""
    _timers.clear()


def _arm(rule: Rule, before: float, period_s: int) -> None:
    due = before + period_s
    _timers[rule.arn] = clock.call_later(due - clock.now(), lambda: _fire(rule, due, period_s))


def _fire(rule: Rule, due: float, period_s: int) -> None:
    _arm(rule, due, period_s)
    if rule.state == "DISABLED":
        return
    event = envelope(rule.account_id, rule.region_name, "aws.events", "Scheduled Event", {}, [rule.arn], at=due)
    for target in list(rule.targets):
        deliveries.start(Delivery(rule.arn, rule.name, rule.account_id, rule.region_name, target, event))
