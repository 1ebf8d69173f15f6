"""Which audience a model is for, and what a stage is for it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from stagegate.core.arns import Subject, subject_of
from stagegate.core.statuses import CardStatus, PackageStatus
from stagegate.rules.audiences import Audience, AudienceStage, Claim, Selected
from stagegate.rules.imports import Import
from stagegate.rules.model import Approvers, Rules
from stagegate.rules.narrowed.for_subject import for_subject, nobody
from stagegate.rules.narrowed.stages import everywhere
from stagegate.rules.narrowed.withdrawn import withdrawn
from stagegate.subjects.cards.entitle import entitle
from tests.support.builders import CARD_ARN, DEV, GOVERNANCE, PROD, TEST, a_card, at
from tests.support.packages import package_rules

ALICE, BOB, CAROL = (f"arn:aws:iam::{GOVERNANCE}:role/{name}" for name in ("Alice", "Bob", "Carol"))
OTHER = "666677778888"

CHURN = Audience(
    name="churn", cards=("churn*",), groups=("churn",), stages=(AudienceStage(stage="dev", accounts=(OTHER,)),)
)
FRAUD = Audience(name="fraud", cards=("*",), groups=("fraud-*",))


def rules(*audiences: Audience, **said: Any) -> Rules:
    return replace(package_rules(), audiences=audiences, **said)


def subject(kind: str, name: str, account: str = GOVERNANCE) -> Subject:
    return replace(subject_of(CARD_ARN), kind=kind, name=name, account=account)


def accounts(found: Rules) -> Mapping[str, tuple[str, ...]]:
    return {stage.name: stage.accounts for stage in found.stages}


def test_without_audiences_the_rules_are_the_same_for_all() -> None:
    whole = rules()
    assert for_subject(whole, subject("model-card", "churn")) is whole
    assert (whole.audience, whole.whole, everywhere(whole)) == ("", whole, whole.stages)


def test_what_an_audience_says_of_a_stage_counts_and_else_what_the_stage_says() -> None:
    found = for_subject(rules(CHURN, FRAUD), subject("model-card", "churn-v2"))
    assert found.audience == "churn"
    assert accounts(found) == {"dev": (OTHER,), "test": (TEST,), "prod": (PROD,)}
    assert [stage.roles for stage in found.stages] == [stage.roles for stage in found.whole.stages]
    assert accounts(for_subject(rules(CHURN, FRAUD), subject("model-card", "other")))["dev"] == (DEV,)


def test_a_unit_stands_in_place_of_accounts() -> None:
    unit = Audience(name="unit", cards=("*",), stages=(AudienceStage(stage="dev", units=("ou-ab12-12345678",)),))
    dev = for_subject(rules(unit), subject("model-card", "churn")).stage("dev")
    assert (dev.accounts, dev.units) == ((), ("ou-ab12-12345678",))


@pytest.mark.parametrize("kind", ["model-package", "model-package-group"])
def test_a_package_is_for_whom_its_group_is_for(kind: str) -> None:
    name = "churn/3" if kind == "model-package" else "churn"
    assert for_subject(rules(CHURN, FRAUD), subject(kind, name)).audience == "churn"


def test_guardrails_and_accounts_are_for_nobody_in_particular() -> None:
    whole = rules(CHURN)
    assert for_subject(whole, subject("guardrail", "churn")) is whole
    assert for_subject(whole, subject("account", DEV)) is whole


def test_a_model_that_no_audience_selects_is_for_nobody() -> None:
    whole = rules(replace(CHURN, cards=("churn",)), registrations=(), imports=(Import(groups=("*",), stage="prod"),))
    card = for_subject(whole, subject("model-card", "churn-v2"))
    assert card.audience is None
    assert all(not rule.opens and not rule.ask_approvers for rule in card.cards.status.values())
    package = for_subject(whole, subject("model-package", "mistral/1"))
    assert package.opened_by("mistral", PackageStatus.APPROVED) == ()
    assert not any(stage.accounts for stage in package.stages)
    assert [finding.code for finding in nobody(card, subject("model-card", "churn-v2"))] == ["NoAudience"]
    assert nobody(whole, subject("model-card", "churn-v2")) == ()


def test_a_stage_in_which_an_audience_has_no_account_is_opened_by_nothing() -> None:
    nowhere = tuple(replace(stage, accounts=()) for stage in package_rules().stages)
    whole = rules(CHURN, stages=nowhere, imports=(Import(groups=("*",), stage="prod"),))
    assert whole.importing("churn", PackageStatus.APPROVED) == ("prod",)
    found = for_subject(whole, subject("model-package", "churn/1"))
    assert found.importing("churn", PackageStatus.APPROVED) == ()
    assert found.import_of("prod", "churn") is not None, "what was imported is still known by its entry"
    assert {access.stage for rule in found.cards.status.values() for access in rule.opens} == {"dev"}


def test_an_audiences_approvers_count_in_place_of_those_without_one() -> None:
    entries = (
        Approvers(stage="prod", principals=(ALICE,)),
        Approvers(stage="prod", principals=(BOB,), audience="churn"),
        Approvers(stage="test", principals=(CAROL,)),
    )
    whole = rules(CHURN, FRAUD, approvers=entries)
    churn, fraud = (for_subject(whole, subject("model-card", name)) for name in ("churn", "other"))
    assert churn.approvers == entries[1:]
    assert fraud.approvers == (entries[0], entries[2])


def test_a_stage_that_others_approvers_gate_stays_gated_for_whom_nobody_is_named() -> None:
    entries = (Approvers(stage="prod", principals=(ALICE,)),)
    assert for_subject(rules(CHURN, approvers=entries), subject("model-card", "churn")).approvers == entries


def test_a_stage_that_is_gated_for_others_only_has_nobody_who_lets_these_in() -> None:
    """The build refuses such a file; a run that has one all the same doesn't open the stage by status alone."""
    entries = (Approvers(stage="prod", principals=(ALICE,), audience="fraud"),)
    found = for_subject(rules(CHURN, FRAUD, approvers=entries), subject("model-card", "churn"))
    assert found.approvers == (Approvers(stage="prod", principals=(), audience="churn"),)
    card = replace(a_card(), status=CardStatus.APPROVED)
    entitled = entitle(found, card, (), now=at(60), open_stages=())
    assert "prod" not in {each.stage for each in entitled.entitlements}
    assert ("NoApprover", "prod") in {(each.code, each.stage) for each in entitled.findings}


def test_withdrawn_rules_stay_so_for_an_audience() -> None:
    found = for_subject(withdrawn(rules(CHURN)), subject("model-card", "churn"))
    assert found.is_withdrawn
    assert found.audience == "churn"
    assert not any(found.cards.status[status].opens for status in CardStatus)
    assert nobody(for_subject(withdrawn(rules(CHURN)), subject("hub", "x")), subject("hub", "x")) == ()


def test_owners_select_what_they_own_and_names_among_it() -> None:
    all_of = Audience(name="a", owners=(OTHER,))
    some = Audience(name="b", cards=("x*",), owners=(OTHER,))
    for kind in Selected:
        assert all_of.claim(kind, "anything", OTHER) is Claim.YES
        assert all_of.claim(kind, "anything", GOVERNANCE) is Claim.NO
    assert some.claim(Selected.CARDS, "x1", OTHER) is Claim.YES
    assert some.claim(Selected.CARDS, "y", OTHER) is Claim.NO
    assert some.claim(Selected.CARDS, "x1", GOVERNANCE) is Claim.NO
    assert some.claim(Selected.GROUPS, "x1", OTHER) is Claim.NO


def test_a_group_is_selected_whatever_its_capitals() -> None:
    """SageMaker writes a group's ARN in small letters, and a card's as it is."""
    team = Audience(name="team", cards=("Team-*",), groups=("Team-*",))
    assert team.claim(Selected.GROUPS, "team-a", GOVERNANCE) is Claim.YES
    assert team.claim(Selected.CARDS, "team-a", GOVERNANCE) is Claim.NO


def test_packages_that_arent_governed_are_for_nobody_without_a_word() -> None:
    package = subject("model-package", "other/1")
    assert nobody(for_subject(rules(CHURN, packages=None), package), package) == ()
    assert [each.code for each in nobody(for_subject(rules(CHURN), package), package)] == ["NoAudience"]
