"""A package opens where its card does: taking away the card takes away the package, by its consumers' own calls."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kernel.delays import Delays
from stagegate.ledger import items
from tests.support.linked import Cards
from tests.support.registry import ALL, GROUP, Registry
from tests.support.registry import registry as a_registry
from tests.support.shipped import changed

RULES = changed(("ask_above_grants = 10", "ask_above_grants = 20"))
"""A sweep may close a card and its package at once: for three stages, and for two on four surfaces."""
NOTHING: frozenset[str] = frozenset()


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with a_registry(tmp_path, Delays(cloudtrail=0.3, wait_factor=0.2), rules=RULES) as environment:
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


def test_a_package_that_leaves_a_card_is_started_by_it_no_more(registry: Registry, cards: Cards) -> None:
    cards.makes("another", registry.package)
    cards.is_approved("another")
    registry.sets("approver", "Approved")
    assert (used(registry), followers(registry, "another")) == (ALL, [registry.package])

    cards.edits("another", f"{registry.package}9")
    cards.is_approved("another")
    assert findings(registry) == {"CardMissing"}
    assert findings(registry) == {"CardMissing"}, "it has let go of it, and from the next run on nobody looks at it"
    assert (used(registry), registry.package in followers(registry, "another")) == (NOTHING, False)
    since = len(registry.organization.executions())
    cards.sets("Archived", "another")
    started = [json.loads(run.execution_input).get("subject") for run in registry.organization.executions()[since:]]
    assert registry.package not in started


@pytest.mark.parametrize("state", ["MayStartPackages", "StartPackages"])
def test_a_run_that_is_stopped_before_it_has_started_its_packages_leaves_that_to_the_next(
    registry: Registry, cards: Cards, state: str
) -> None:
    cards.makes()
    cards.is_approved()
    registry.sets("approver", "Approved")
    assert used(registry) == ALL
    hold = registry.organization.hold("govern", state, f"model-card/{GROUP}")
    cards.sets("Archived")
    assert hold.is_held
    assert used(registry) == ALL, "the card's word is on record, and nobody has told the package"
    registry.admin("stepfunctions").stop_execution(executionArn=hold.execution)
    hold.release()
    assert registry.organization.settle()
    assert used(registry) == NOTHING


def followers(registry: Registry, card: str) -> list[str]:
    """The packages whose runs a card starts."""
    home = registry.package.partition(":model-package/")[0]
    found = registry.admin("dynamodb").query(
        TableName=registry.organization.outputs["LedgerTable"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": items.following_key(f"{home}:model-card/{card}")}},
    )["Items"]
    return [str(each["sk"]["S"]) for each in found]


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

    since = len(registry.organization.executions())
    cards.makes("followed-by-nobody")
    cards.is_approved("followed-by-nobody")
    started = [run.execution_arn for run in registry.organization.executions()[since:]]
    assert [arn for arn in started if "govern" not in arn.split(":")[6]] == [], "no sweep looks for its packages"


def test_a_draft_closes_nothing_that_was_open_without_a_card(tmp_path: Path) -> None:
    rules = changed(('card = "required"', 'card = "if_linked"'), ("ask_above_grants = 10", "ask_above_grants = 20"))
    with a_registry(tmp_path, Delays(cloudtrail=0.3, wait_factor=0.2), rules=rules) as registry:
        cards = Cards(registry.organization, GROUP)

        def about_cards() -> set[str]:
            return {code for code in findings(registry) if code.startswith("Card")}

        registry.sets("approver", "Approved")
        assert used(registry) == ALL
        cards.makes("another", registry.package)
        assert (used(registry), about_cards()) == (ALL, {"CardNotApproved"})
        cards.sets("Archived", "another", who="governance")
        assert used(registry) == ALL, "nobody has approved it for the package"

        cards.sets("Draft", "another", who="governance")
        cards.is_approved("another")
        assert (used(registry), about_cards()) == (ALL, set())
        cards.sets("Archived", "another")
        assert (used(registry), about_cards()) == (NOTHING, {"CardClosed"})
        cards.deletes("another")
        assert (used(registry), about_cards()) == (NOTHING, {"CardLetGo"})


def _rules_about_cards(registry: Registry) -> list[str]:
    found = registry.admin("events").list_rules()["Rules"]
    return [each["Name"] for each in found if "Card" in each.get("EventPattern", "")]
