"""Whether Stagegate hears, runs and is heard."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from stagegate_cli.commands.status import alarms, last_sweep, queues
from stagegate_cli.connection import calling, no_stack
from stagegate_cli.doctor.check import Examined, Visit
from stagegate_cli.screen import ago, some

LONGEST_WITHOUT_SWEEP = timedelta(hours=24)
"""As long as the alarm `no-sweep` waits."""


def event_rules(visit: Visit) -> Iterator[Examined]:
    """Look whether every rule that starts something is enabled."""
    who = visit.connection
    events = who.client("events")
    place = f"arn:{who.partition}:lambda:{who.region}:{who.account}:function:{who.prefix}"
    targets = (who.machine("govern"), who.machine("sweep"), f"{place}-record-approval")
    found: list[tuple[str, str]] = []
    disabled: list[str] = []
    with calling("list the rules of EventBridge", no_stack(who)):
        for bus in ("default", f"{who.prefix}-members"):
            for target in targets:
                names = events.list_rule_names_by_target(TargetArn=target, EventBusName=bus)["RuleNames"]
                found += [(bus, name) for name in names]
        for bus, name in dict.fromkeys(found):
            if events.describe_rule(Name=name, EventBusName=bus)["State"] == "DISABLED":
                disabled.append(name)
    problem = f"disabled: {', '.join(disabled)}" if disabled else "" if found else "no rule starts anything"
    yield visit.judged(
        "event rules",
        problem,
        fine=f"{some(len(set(found)), 'rule')} enabled",
        mend="aws events enable-rule, with the name and its bus; then stagegate sweep",
    )


def lost_events(visit: Visit) -> Iterator[Examined]:
    """Look whether something lies in a queue."""
    full = [
        f"{queue.name} has {some(queue.messages, 'message')}" for queue in queues(visit.connection) if queue.messages
    ]
    mend = 'docs/runbook.md, "Events that could not be delivered"'
    yield visit.judged("queues", "; ".join(full), fine="empty", mend=mend)


def standing_alarms(visit: Visit) -> Iterator[Examined]:
    """Look whether an alarm stands."""
    found = ", ".join(alarm.name for alarm in alarms(visit.connection))
    yield visit.judged("alarms", found, fine="none stands", mend="docs/runbook.md, by the alarm's name")


def sweeps(visit: Visit) -> Iterator[Examined]:
    """Look when everything was looked at last, and what couldn't be seen then."""
    now = datetime.now(UTC)
    last = last_sweep(visit.connection)
    if last is None:
        yield visit.wrong("last sweep", "never", "stagegate sweep")
        return
    problem = "" if now - last.at < LONGEST_WITHOUT_SWEEP else ago(last.at, now)
    problem = problem or (f"{last.outcome}, {ago(last.at, now)}" if last.outcome in ("asks", "failed") else "")
    yield visit.judged("last sweep", problem, fine=f"{last.outcome}, {ago(last.at, now)}", mend="stagegate sweep")
    yield visit.judged(
        "accounts that a sweep sees",
        f"not {', '.join(last.unseen)}" if last.unseen else "",
        fine="all",
        mend="deploy the member stack there: make members (docs/deploy.md)",
    )


def topics(visit: Visit) -> Iterator[Examined]:
    """Look whether somebody hears each topic. Of a subscription that nobody has confirmed SNS says no ARN
    ("ListSubscriptionsByTopic", API reference).
    """
    who = visit.connection
    for name in ("approvers", "operations"):
        arns: list[str] = []
        with calling(f"list who hears {name}", no_stack(who)):
            pages = who.client("sns").get_paginator("list_subscriptions_by_topic")
            for page in pages.paginate(TopicArn=who.topic(name)):
                arns += [each["SubscriptionArn"] for each in page["Subscriptions"]]
        confirmed = sum(arn.startswith("arn:") for arn in arns)
        problem = "" if confirmed else f"nobody: {some(len(arns), 'subscription')}, none confirmed"
        mend = "subscribe somebody, and let them confirm it: aws sns subscribe"
        yield visit.judged(f"topic {name}", problem, fine=f"{some(confirmed, 'subscriber')}", mend=mend)
