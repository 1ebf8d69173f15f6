"""Whose account has left the organization is no approver any more: nothing opens, and what is open closes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import Organization
from tests.integration.cards.sealed import REVIEWED
from tests.support.fixtures import without
from tests.support.sweeps import LIMITS, SHIPPED, SweepEnvironment

DEV = "222233334444"
QUICK = Delays(cloudtrail=0.1, ram_association=0.05, wait_factor=0.05)
A_LONG_CALL_S = 125


@dataclass
class Cards(SweepEnvironment):
    """The organization, whose approvers work in dev's account."""

    def has(self, name: str) -> None:
        """A new card that asks for a decision."""
        admin = self.admin("sagemaker")
        admin.create_model_card(ModelCardName=name, Content=json.dumps(REVIEWED), ModelCardStatus="Draft")
        assert self.organization.settle()
        self.organization.clock.sleep(A_LONG_CALL_S)
        self.sets(name, "PendingReview")
        assert self.organization.settle()
        self.organization.clock.next_second()

    def approves(self, name: str) -> None:
        self.organization.client("sagemaker", "approver").update_model_card(
            ModelCardName=self.arn(name), ModelCardStatus="Approved"
        )

    def leaves(self) -> None:
        """Dev's account leaves the organization, its approvers with it."""
        self.admin("organizations", "management").remove_account_from_organization(AccountId=DEV)

    def prod_sees(self, name: str) -> bool:
        try:
            self.organization.client("sagemaker", "prod").describe_model_card(ModelCardName=self.arn(name))
        except ClientError:
            return False
        return True

    def heard(self, about: str) -> str:
        """The last message about a card."""
        found = [m for m in self.organization.outbox if m.subject and about in m.subject]
        return f"{found[-1].subject}\n{found[-1].text}"


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cards]:
    rules: Path = tmp_path_factory.mktemp("rules") / "governance.toml"
    text = SHIPPED.read_text()
    for before, after in {
        "111122223333:role/ModelApprover": f"{DEV}:role/ModelApprover",
        LIMITS: "ask_above_grants = 100\nask_above_percent = 100",
    }.items():
        assert before in text
        text = text.replace(before, after)
    rules.write_text(text)
    with Organization.start(rules, delays=QUICK) as opened:
        yield Cards(opened)


def test_the_approval_of_a_member_opens(cards: Cards) -> None:
    cards.has("before")
    cards.approves("before")
    assert cards.organization.settle()
    assert cards.prod_sees("before")
    assert "MembershipUnknown" not in cards.heard("before")
    assert "ApproverOutside" not in cards.heard("before")


def test_where_nobody_lets_it_ask_it_opens_and_says_so(cards: Cards) -> None:
    cards.has("unknown")
    with without(cards, ("stagegate-plan", "ReadAccounts")):
        cards.approves("unknown")
        assert cards.organization.settle()
    assert cards.prod_sees("unknown")
    assert "MembershipUnknown" in cards.heard("unknown")


def test_what_the_organization_does_not_delegate_is_not_known_either(cards: Cards) -> None:
    organizations = cards.admin("organizations", "management")
    whole = organizations.describe_resource_policy()["ResourcePolicy"]["Content"]
    policy = json.loads(whole)
    left = [each for each in policy["Statement"] if each["Sid"] != "StagegateReadsAccounts"]
    assert len(left) == len(policy["Statement"]) - 1
    cards.has("undelegated")
    organizations.put_resource_policy(Content=json.dumps({**policy, "Statement": left}))
    cards.approves("undelegated")
    assert cards.organization.settle()
    organizations.put_resource_policy(Content=whole)
    assert cards.prod_sees("undelegated")
    assert "MembershipUnknown" in cards.heard("undelegated")


def test_once_the_account_has_left_its_approval_opens_nothing(cards: Cards) -> None:
    cards.has("after")
    cards.approves("after")
    cards.leaves()
    assert cards.organization.settle()
    assert not cards.prod_sees("after"), "the bus takes records from accounts of the organization alone"
    assert cards.prod_sees("before"), "no event tells of it"


def test_what_it_had_let_in_closes_with_the_next_sweep(cards: Cards) -> None:
    cards.sweeps()
    assert cards.organization.settle()
    assert not cards.prod_sees("before")
    assert "ApproverOutside" in cards.heard("before")
    assert not cards.prod_sees("unknown")
    assert not cards.prod_sees("undelegated")
