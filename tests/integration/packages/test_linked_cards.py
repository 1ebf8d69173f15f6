"""A package opens where its card does: taking away the card takes away the package, by its consumers' own calls."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kernel.delays import Delays
from tests.support.linked import Cards
from tests.support.registry import ALL, GROUP, SHIPPED, Registry
from tests.support.registry import registry as a_registry

REQUIRED = SHIPPED.read_text().replace('after_change = "close"', 'after_change = "close"\ncard = "required"', 1)
NOTHING: frozenset[str] = frozenset()


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with a_registry(tmp_path, Delays(cloudtrail=0.3, wait_factor=0.2), rules=REQUIRED) as environment:
        yield environment


@pytest.fixture
def cards(registry: Registry) -> Cards:
    return Cards(registry.organization, GROUP)


def used(registry: Registry) -> frozenset[str]:
    """What prod's role can do with the package, but for what its own rights let it anyway."""
    return registry.may("prod") & ALL


def findings(registry: Registry) -> set[str]:
    """The codes of what a person who asks is told of the package."""
    run = registry.manual_run()
    assert run.status == "SUCCEEDED", (run.error, run.cause)
    return {each["code"] for each in json.loads(run.output or "{}")["findings"]}


def test_a_package_opens_with_its_card_and_closes_with_it(registry: Registry, cards: Cards) -> None:
    registry.sets("approver", "Approved")
    assert (used(registry), findings(registry)) == (NOTHING, {"CardMissing"})

    cards.makes()
    assert (used(registry), findings(registry)) == (NOTHING, {"CardClosed"})
    cards.sets("PendingReview", who="governance")
    assert used(registry) == NOTHING
    cards.sets("Approved")
    assert used(registry) == ALL, "the card's run has started the package's"

    cards.sets("Archived")
    assert used(registry) == NOTHING
    assert registry.sids("bucket") == ["Auditors"]
    assert registry.admin("kms", "dev").list_grants(KeyId=registry.key)["Grants"] == []

    cards.sets("Draft")
    cards.sets("Approved")
    assert used(registry) == ALL
    cards.edits(GROUP, says="It was edited.")
    assert used(registry) == NOTHING, "nobody has approved that"
    cards.sets("Draft")
    cards.sets("Approved")
    assert used(registry) == ALL
    cards.deletes()
    assert (used(registry), findings(registry)) == (NOTHING, {"CardMissing"})
    failed = [run for run in registry.organization.executions() if run.status != "SUCCEEDED"]
    assert [(run.name, run.error, run.cause) for run in failed] == []


def test_the_card_may_come_first_or_name_the_package(registry: Registry, cards: Cards) -> None:
    cards.makes("another", registry.package)
    cards.is_approved("another")
    assert used(registry) == NOTHING
    registry.sets("approver", "Approved")
    assert used(registry) == ALL

    cards.makes()
    assert used(registry) == ALL, "a conflict closes nothing"
    assert "CardConflict" in findings(registry)
    registry.sets("approver", "Rejected")
    registry.sets("approver", "Approved")
    assert used(registry) == NOTHING, "and opens nothing"
    cards.deletes()
    assert used(registry) == ALL

    cards.edits("another", f"{registry.package}9")
    assert used(registry) == NOTHING
    cards.is_approved("another")
    assert (used(registry), findings(registry)) == (NOTHING, {"CardMissing"}), "it speaks for another one"


def test_what_no_event_told_is_found_by_the_sweep(registry: Registry, cards: Cards) -> None:
    cards.makes()
    cards.is_approved()
    registry.sets("approver", "Approved")
    assert used(registry) == ALL
    rules = _rules_about_cards(registry)
    for rule in rules:
        registry.admin("events").disable_rule(Name=rule)
    cards.sets("Archived")
    assert used(registry) == ALL, "nobody has said so"
    run = registry.sweeps({"mode": "apply"})
    assert run.status == "SUCCEEDED", (run.error, run.cause)
    assert used(registry) == NOTHING


def test_to_start_a_cards_packages_twice_or_for_nothing_changes_nothing(registry: Registry, cards: Cards) -> None:
    cards.makes()
    cards.is_approved()
    registry.sets("approver", "Approved")
    card = registry.package.partition(":model-package/")[0] + f":model-card/{GROUP}"
    since = len(registry.organization.executions())
    for _ in range(2):
        assert registry.sweeps({"card": card}).status == "SUCCEEDED"
    assert registry.sweeps({"card": f"{card}-of-nobody"}).status == "SUCCEEDED"
    started = [json.loads(run.output or "{}") for run in registry.organization.executions()[since:]]
    assert [each["outcome"] for each in started if "outcome" in each] == ["unchanged", "unchanged"]
    assert registry.sweeps({"card": "churn"}).error == "InputError"
    assert used(registry) == ALL


def _rules_about_cards(registry: Registry) -> list[str]:
    found = registry.admin("events").list_rules()["Rules"]
    return [each["Name"] for each in found if "Card" in each.get("EventPattern", "")]
