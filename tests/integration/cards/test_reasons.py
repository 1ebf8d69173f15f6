"""A stage that asks why: an approval counts with a reason of the approver's own, and without one it says what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kernel.delays import Delays, delays
from sandbox.stagegate.organization import Organization
from stagegate.approvals.reasons import REASON_TAG
from tests.integration.cards.test_approvals import Cards
from tests.support.numbers import stated
from tests.support.registry import ALL, Registry
from tests.support.registry import registry as a_registry
from tests.support.shipped import by_approval_alone, changed
from tests.support.sweeps import settings

PROD = 'roles = ["ModelOperator"]'
ASKING = f"{PROD}\nreason_required = true"
APPROVER = "arn:aws:sts::111122223333:assumed-role/ModelApprover/approver"
(MOST_CALLS,) = stated(r"reason for a card starts no run: its record makes (\d+) calls")
QUICKLY_S, LATE_S = 0.1, 30.0


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cards]:
    rules: Path = settings(tmp_path_factory.mktemp("rules"), (PROD, ASKING))
    quick = Delays(cloudtrail=QUICKLY_S, ram_association=0.05, wait_factor=0.05)
    with Organization.start(rules, delays=quick) as opened:
        yield Cards(opened)


def says(cards: Cards, who: str, why: str) -> None:
    """Somebody gives the card's tag a reason; everything that follows has happened then."""
    cards.organization.clock.next_second()
    tags = [{"Key": REASON_TAG, "Value": why}]
    cards.organization.client("sagemaker", who).add_tags(ResourceArn=cards.arn(cards.name), Tags=tags)
    assert cards.organization.settle()


def test_who_did_what(cards: Cards) -> None:
    cards.has("why")
    assert "for a reason that has to be given" in cards.heard()
    assert f"--tags Key={REASON_TAG},Value=WHY" in cards.heard()
    cards.approves()
    assert not cards.prod_sees_it()
    assert "DECIDE why: Approved" in cards.heard()
    assert (
        "[block] ReasonMissing: arn:aws:sts::111122223333:assumed-role/ModelApprover/approver set Approved"
        in cards.heard()
    )
    says(cards, "governance", "its owner says so")
    cards.approves()
    assert not cards.prod_sees_it(), "somebody else's reason is none"
    before, mark = len(cards.organization.executions()), len(cards.organization.calls)
    says(cards, "approver", "better on the holdout")
    assert len(cards.organization.executions()) == before, "a reason is no edit, and starts no run"
    made = [c for c in cards.organization.calls.since(mark) if ":assumed-role/stagegate-" in c.principal_arn]
    assert len(made) <= MOST_CALLS, made
    cards.approves()
    assert cards.prod_sees_it()
    assert ', for "better on the holdout"' in cards.heard()
    cards.does("governance", ModelCardStatus="Draft")
    cards.does("governance", ModelCardStatus="PendingReview")
    cards.approves()
    assert not cards.prod_sees_it(), "that reason was for another approval"


def test_a_reason_that_is_heard_of_after_its_status_counts(cards: Cards) -> None:
    cards.has("late-why")
    delays.cloudtrail = LATE_S
    cards.organization.clock.next_second()
    tags = [{"Key": REASON_TAG, "Value": "better"}]
    cards.organization.client("sagemaker", "approver").add_tags(ResourceArn=cards.arn("late-why"), Tags=tags)
    delays.cloudtrail = QUICKLY_S
    cards.approves()
    assert not cards.prod_sees_it()
    cards.organization.clock.sleep(LATE_S)
    assert cards.organization.settle()
    assert cards.prod_sees_it()


def test_a_packages_reason_is_in_the_call(tmp_path: Path) -> None:
    rules = changed((PROD, ASKING), text=by_approval_alone())
    with a_registry(tmp_path, Delays(cloudtrail=0.3, wait_factor=0.2), rules=rules) as registry:
        approves(registry, "approver")
        assert registry.may("prod") & ALL == frozenset()
        assert "ReasonMissing" in registry.organization.outbox[-1].text
        assert "--approval-description WHY" in registry.organization.outbox[-1].text
        approves(registry, "governance", ApprovalDescription="its owner says so")
        assert registry.may("prod") & ALL == frozenset(), "an owner is no approver"
        approves(registry, "approver", ApprovalDescription="better on the holdout")
        assert registry.may("prod") & ALL == ALL
        approves(registry, "approver")
        assert registry.may("prod") & ALL == ALL, "a repeat takes nothing away"


def approves(registry: Registry, who: str, **said: str) -> None:
    registry.organization.clock.next_second()
    sagemaker = registry.organization.client("sagemaker", who)
    sagemaker.update_model_package(ModelPackageArn=registry.package, ModelApprovalStatus="Approved", **said)
    assert registry.organization.settle()
