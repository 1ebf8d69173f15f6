"""Two teams have one governance account: neither sees the other's models. A model that moves leaves before it joins.

What a team sees, its own calls say.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import Organization
from tests.integration.cards.sealed import REVIEWED
from tests.support.sweeps import LIMITS, SHIPPED, SweepEnvironment

QUICK = Delays(cloudtrail=0.1, ram_association=0.05, wait_factor=0.05)
STAGES = ("dev", "test", "prod")
FRAUD = {stage: f"{number}" * 12 for number, stage in enumerate(STAGES, 6)}
APPROVER = f"arn:aws:iam::{FRAUD['dev']}:role/FraudApprover"
CHURN_TEAM = '\n[[audiences]]\nname = "churn"\ncards = ["churn-*"]\ngroups = ["churn-*"]\n'
FRAUD_TEAM = (
    '\n[[audiences]]\nname = "fraud"\ncards = ["fraud-*", "mover"]\ngroups = ["fraud-*"]\n'
    + "".join(f'[[audiences.stages]]\nstage = "{stage}"\naccounts = ["{FRAUD[stage]}"]\n' for stage in STAGES)
    + f'\n[[approvers]]\nstage = "prod"\naudience = "fraud"\nprincipals = ["{APPROVER}"]\n'
)
BEFORE = CHURN_TEAM.replace('cards = ["churn-*"]', 'cards = ["churn-*", "mover"]') + FRAUD_TEAM.replace(', "mover"', "")
AFTER = CHURN_TEAM + FRAUD_TEAM


def rules(folder: Path, audiences: str) -> Path:
    path = folder / "governance.toml"
    text = SHIPPED.read_text()
    assert LIMITS in text
    path.write_text(text.replace(LIMITS, "ask_above_grants = 100\nask_above_percent = 100") + audiences)
    return path


@dataclass
class Teams(SweepEnvironment):
    """The organization with both teams."""

    def has(self, name: str) -> None:
        """A new card that asks for a decision."""
        self.admin("sagemaker").create_model_card(
            ModelCardName=name, Content=json.dumps(REVIEWED), ModelCardStatus="Draft"
        )
        assert self.organization.settle()
        self.organization.clock.sleep(125)
        self.sets(name, "PendingReview")
        assert self.organization.settle()
        self.organization.clock.next_second()

    def approved_by(self, profile: str, name: str, role: str | None = None) -> None:
        self.organization.client("sagemaker", profile, role).update_model_card(
            ModelCardName=self.arn(name), ModelCardStatus="Approved"
        )
        assert self.organization.settle()

    def who_sees(self, name: str) -> set[str]:
        """The profiles that can describe the card."""
        return {profile for profile in (*STAGES, *(f"fraud-{stage}" for stage in STAGES)) if self._sees(profile, name)}

    def _sees(self, profile: str, name: str) -> bool:
        try:
            self.organization.client("sagemaker", profile).describe_model_card(ModelCardName=self.arn(name))
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDeniedException":
                raise
            return False
        return True

    def heard(self, about: str) -> str:
        return "\n".join(f"{m.subject}\n{m.text}" for m in self.organization.outbox if m.subject and about in m.subject)

    def shares(self) -> dict[str, set[str]]:
        """The accounts of each share, by its name."""
        ram = self.admin("ram")
        found = ram.get_resource_shares(resourceOwner="SELF", resourceShareStatus="ACTIVE")["resourceShares"]
        return {
            share["name"]: {
                each["associatedEntity"]
                for each in ram.get_resource_share_associations(
                    associationType="PRINCIPAL", resourceShareArns=[share["resourceShareArn"]]
                )["resourceShareAssociations"]
            }
            for share in found
        }


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teams]:
    with Organization.start(rules(tmp_path_factory.mktemp("rules"), BEFORE), delays=QUICK) as opened:
        yield Teams(opened)


def test_neither_team_sees_the_others(teams: Teams) -> None:
    teams.has("churn-a")
    teams.has("fraud-a")
    assert teams.who_sees("churn-a") == {"dev", "test"}
    assert teams.who_sees("fraud-a") == {"fraud-dev", "fraud-test"}
    assert teams.shares() == {
        **{f"stagegate-{s}-churn-model-cards-0": {teams.organization.accounts[s]} for s in ("dev", "test")},
        **{f"stagegate-{s}-fraud-model-cards-0": {FRAUD[s]} for s in ("dev", "test")},
    }


def test_a_teams_approver_lets_no_other_teams_model_in(teams: Teams) -> None:
    teams.approved_by("approver", "fraud-a")
    assert "fraud-prod" not in teams.who_sees("fraud-a")
    assert "NotAnApprover" in teams.heard("fraud-a")
    teams.sets("fraud-a", "PendingReview")
    assert teams.organization.settle()
    teams.organization.clock.next_second()
    teams.approved_by("fraud-dev", "fraud-a", "FraudApprover")
    assert teams.who_sees("fraud-a") == {"fraud-dev", "fraud-test", "fraud-prod"}


def test_a_model_that_no_audience_selects_is_for_nobody(teams: Teams) -> None:
    teams.has("other")
    assert teams.who_sees("other") == set()
    assert "NoAudience" in teams.heard("other")
    assert "To decide" not in teams.heard("other")


def test_a_model_that_moves_leaves_before_it_joins(teams: Teams, tmp_path: Path) -> None:
    teams.has("mover")
    assert teams.who_sees("mover") == {"dev", "test"}
    teams.organization.update_settings(rules(tmp_path, AFTER))
    assert teams.organization.settle(120)
    before = len(teams.organization.calls)
    teams.sweeps()
    assert teams.who_sees("mover") == {"fraud-dev", "fraud-test"}
    assert teams.who_sees("churn-a") == {"dev", "test"}
    calls = [
        call.operation
        for call in teams.organization.calls.since(before)
        if call.operation in ("DisassociateResourceShare", "AssociateResourceShare")
    ]
    assert calls == ["DisassociateResourceShare"] * 2 + ["AssociateResourceShare"] * 2
