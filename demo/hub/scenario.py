"""The story of a private hub: made by a change of rules, kept as they say, and torn down by another change of them."""

from __future__ import annotations

from demo.hub import rules
from demo.hub.actions import Actions
from demo.judge.checks import runs, tells, writes_nothing
from demo.people import OWNER
from demo.story import Story

_GOVERNED = frozenset({"iam", "organizations", "ram", "sagemaker"})


def hub(actions: Actions) -> Story:
    """Yield the steps of the whole story."""
    yield from _made(actions)
    yield from _kept(actions)
    yield from _gone(actions)


def _made(actions: Actions) -> Story:
    where = f"{actions.stage.name} ({', '.join(actions.stage.accounts)})"
    text = rules.present(actions.settings, actions.stage)
    reported = [tells(f"{rules.GUARDRAIL_SUBJECT}: ", f"{rules.ARN}: ", "Nothing was changed.")]
    action = "a hub and a guardrail are added to the rules, and deployed: the sweep reports"
    yield actions.step(action, lambda: actions.deploy(text), reported, column="rules deployed")
    actions.models, actions.shared = rules.expected(), True
    notified = [tells("make the hub", "add ", f"open {where} with")]
    yield actions.step(f"{OWNER} starts a run for the hub", actions.sync, notified, column="hub synced")
    actions.denied = True
    notified = [tells(f"guardrail {rules.GUARDRAIL}: write its service control policy")]
    yield actions.step(
        f"{OWNER} starts a run for the guardrail",
        lambda: actions.run(rules.GUARDRAIL_SUBJECT),
        notified,
        column="public denied",
    )


def _kept(actions: Actions) -> Story:
    models = rules.expected()
    actions.models = models | {rules.NEWCOMER}
    added = [tells(f"add 1: {rules.NEWCOMER}")]
    yield actions.step(
        "AWS publishes a model that the rules let in; a sync", actions.publish, added, column="new model in"
    )
    actions.models = models
    removed = [tells(f"remove 1: {rules.NEWCOMER}")]
    yield actions.step("AWS deprecates it; another sync", actions.deprecate, removed, column="and out again")
    actions.models = models - {rules.CURATED} | {rules.OTHER}
    action = "somebody takes a model out of the hub by hand, and puts in one that no rule lets in"
    yield actions.step(action, actions.tamper, [runs(0, 0)], column="edited by hand")
    actions.models = models
    mended = [tells(f"add 1: {rules.CURATED}", f"remove 1: {rules.OTHER}")]
    yield actions.step(f"{OWNER} starts a run for the hub", actions.sync, mended, column="mended")
    quiet = [writes_nothing(actions.organization, lambda: actions.calls, _GOVERNED, "SageMaker and RAM")]
    yield actions.step(f"{OWNER} starts another one", actions.sync, quiet)


def _gone(actions: Actions) -> Story:
    text = rules.absent(actions.settings)
    reported = [tells(f"{rules.GUARDRAIL_SUBJECT}: closes 0, opens 1", f"{rules.ARN}: closes 1")]
    action = 'state = "absent" for the hub, no guardrail in the rules, and deployed: the sweep reports'
    yield actions.step(action, lambda: actions.deploy(text), reported)
    actions.models, actions.shared, actions.denied = None, False, False
    yield actions.step(f"{OWNER} starts a manual sweep", actions.sweep, [runs(3)], column="taken away")
