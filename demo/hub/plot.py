"""The story of a private hub: made by a change of rules, kept as they say, and torn down by another change of them."""

from __future__ import annotations

from demo.checks import runs, tells, writes_nothing
from demo.hub import rules
from demo.hub.hands import Hands
from demo.people import OWNER
from demo.story import Story

_GOVERNED = frozenset({"iam", "organizations", "ram", "sagemaker"})


def hub(hands: Hands) -> Story:
    """Yield the steps of the whole story."""
    yield from _made(hands)
    yield from _kept(hands)
    yield from _gone(hands)


def _made(hands: Hands) -> Story:
    where = f"{hands.stage.name} ({', '.join(hands.stage.accounts)})"
    text = rules.present(hands.settings, hands.stage)
    reported = [tells(f"{rules.GUARDRAIL_SUBJECT}: ", f"{rules.ARN}: ", "Nothing was changed.")]
    action = "a hub and a guardrail are added to the rules, and deployed: the sweep reports"
    yield hands.step(action, lambda: hands.deploy(text), reported, column="rules deployed")
    hands.models, hands.shared = rules.promised(), True
    told = [tells("make the hub", "add ", f"open {where} with")]
    yield hands.step(f"{OWNER} starts a run for the hub", hands.sync, told, column="hub synced")
    hands.denied = True
    told = [tells(f"guardrail {rules.GUARDRAIL}: write its service control policy")]
    yield hands.step(
        f"{OWNER} starts a run for the guardrail",
        lambda: hands.run(rules.GUARDRAIL_SUBJECT),
        told,
        column="public denied",
    )


def _kept(hands: Hands) -> Story:
    models = rules.promised()
    hands.models = models | {rules.NEWCOMER}
    added = [tells(f"add 1: {rules.NEWCOMER}")]
    yield hands.step("AWS publishes a model that the rules let in; a sync", hands.publish, added, column="new model in")
    hands.models = models
    removed = [tells(f"remove 1: {rules.NEWCOMER}")]
    yield hands.step("AWS deprecates it; another sync", hands.deprecate, removed, column="and out again")
    hands.models = models - {rules.CURATED} | {rules.OTHER}
    action = "somebody takes a model out of the hub by hand, and puts in one that no rule lets in"
    yield hands.step(action, hands.tamper, [runs(0, 0)], column="edited by hand")
    hands.models = models
    mended = [tells(f"add 1: {rules.CURATED}", f"remove 1: {rules.OTHER}")]
    yield hands.step(f"{OWNER} starts a run for the hub", hands.sync, mended, column="mended")
    quiet = [writes_nothing(hands.organization, lambda: hands.calls, _GOVERNED, "SageMaker and RAM")]
    yield hands.step(f"{OWNER} starts another one", hands.sync, quiet)


def _gone(hands: Hands) -> Story:
    text = rules.absent(hands.settings)
    reported = [tells(f"{rules.GUARDRAIL_SUBJECT}: closes 0, opens 1", f"{rules.ARN}: closes 1")]
    action = 'state = "absent" for the hub, no guardrail in the rules, and deployed: the sweep reports'
    yield hands.step(action, lambda: hands.deploy(text), reported)
    hands.models, hands.shared, hands.denied = None, False, False
    yield hands.step(f"{OWNER} starts a sweep by hand", hands.sweep, [runs(3)], column="taken away")
