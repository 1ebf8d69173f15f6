"""Two teams whose cards are told apart by a tag: whoever may set it says whom a card is for, and nobody else does.

What a team sees, its own calls say.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import Organization
from stagegate.ledger import items
from tests.support.linked import Cards
from tests.support.registry import ALL, GROUP, registry
from tests.support.shipped import changed
from tests.support.sweeps import SHIPPED, SweepEnvironment

QUICK = Delays(cloudtrail=0.1, ram_association=0.05, wait_factor=0.05)
FRAUD, ADMINISTRATOR = "666666666666", "Administrator"
RULES = f"""
[[tags]]
key = "team"
principals = ["arn:aws:iam::111122223333:role/Administrator"]

[[audiences]]
name = "fraud"
tag = {{ key = "team", values = ["fraud", "fraud-research"] }}
[[audiences.stages]]
stage = "dev"
accounts = ["{FRAUD}"]

[[audiences]]
name = "rest"
cards = ["*"]
groups = ["*"]
"""
TO_FRAUD = [{"Key": "team", "Value": "fraud"}]


class Teams(SweepEnvironment):
    """The organization with both teams."""

    def as_registrar(self) -> Any:
        return self.organization.client("sagemaker", "governance", ADMINISTRATOR)

    def as_owner(self) -> Any:
        return self.organization.client("sagemaker", "governance")

    def has(self, name: str, tags: list[dict[str, str]] | None = None, client: Any = None) -> None:
        (client or self.as_owner()).create_model_card(
            ModelCardName=name, Content="{}", ModelCardStatus="Draft", Tags=tags or []
        )
        self.settles()

    def tags(self, client: Any, name: str, tags: list[dict[str, str]]) -> None:
        client.add_tags(ResourceArn=self.arn(name), Tags=tags)
        self.settles()

    def untags(self, client: Any, name: str) -> None:
        client.delete_tags(ResourceArn=self.arn(name), TagKeys=["team"])
        self.settles()

    def settles(self) -> None:
        """Everything has come, and the next call is of another second."""
        assert self.organization.settle()
        self.organization.clock.next_second()

    def who_sees(self, name: str) -> set[str]:
        return {profile for profile in ("dev", "fraud-dev") if self._sees(profile, name)}

    def _sees(self, profile: str, name: str) -> bool:
        try:
            self.organization.client("sagemaker", profile).describe_model_card(ModelCardName=self.arn(name))
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDeniedException":
                raise
            return False
        return True

    def tag_records(self, name: str) -> int:
        found = self.admin("dynamodb").query(
            TableName=self.organization.outputs["LedgerTable"],
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={
                ":pk": {"S": items.approvals_key(self.arn(name))},
                ":sk": {"S": items.TAG},
            },
        )
        return int(found["Count"])

    def heard(self, code: str, about: str) -> bool:
        return any(code in m.text and about in m.text for m in self.organization.outbox)


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teams]:
    path: Path = tmp_path_factory.mktemp("rules") / "governance.toml"
    path.write_text(SHIPPED.read_text() + RULES)
    with Organization.start(path, delays=QUICK) as opened:
        yield Teams(opened)


def test_a_change_of_the_tag_moves_a_card_at_once(teams: Teams) -> None:
    teams.has("moves")
    assert teams.who_sees("moves") == {"dev"}
    teams.tags(teams.as_registrar(), "moves", TO_FRAUD)
    assert teams.who_sees("moves") == {"fraud-dev"}
    teams.tags(teams.as_registrar(), "moves", [{"Key": "team", "Value": "churn"}])
    assert teams.who_sees("moves") == {"dev"}
    teams.tags(teams.as_registrar(), "moves", TO_FRAUD)
    teams.untags(teams.as_registrar(), "moves")
    assert teams.who_sees("moves") == {"dev"}
    assert not teams.heard("TagUnsettled", "moves")
    assert {run.status for run in teams.organization.executions()} == {"SUCCEEDED"}


def test_who_makes_a_card_doesnt_say_whom_it_is_for(teams: Teams) -> None:
    teams.has("smuggled", TO_FRAUD)
    assert teams.who_sees("smuggled") == set()
    assert teams.heard("TagUnsettled", "smuggled")
    teams.tags(teams.as_registrar(), "smuggled", TO_FRAUD)
    assert teams.who_sees("smuggled") == {"fraud-dev"}


def test_a_registrar_may_say_so_at_once(teams: Teams) -> None:
    teams.has("registered", TO_FRAUD, teams.as_registrar())
    assert teams.who_sees("registered") == {"fraud-dev"}


def test_who_takes_the_tag_off_moves_a_card_to_nobody_else(teams: Teams) -> None:
    teams.has("stolen")
    teams.tags(teams.as_registrar(), "stolen", TO_FRAUD)
    teams.untags(teams.as_owner(), "stolen")
    assert teams.who_sees("stolen") == set()
    teams.tags(teams.as_owner(), "stolen", TO_FRAUD)
    assert teams.who_sees("stolen") == set(), "the same value, and not the registrar's any more"
    teams.sweeps()
    assert teams.who_sees("stolen") == set()


def test_who_may_only_tag_leaves_one_record_however_often(teams: Teams) -> None:
    teams.has("flooded")
    for n in range(5):
        teams.tags(teams.as_owner(), "flooded", [{"Key": "team", "Value": f"value-{n}"}])
    assert teams.tag_records("flooded") == 1
    assert teams.who_sees("flooded") == set()
    teams.tags(teams.as_registrar(), "flooded", TO_FRAUD)
    assert teams.who_sees("flooded") == {"fraud-dev"}
    for _ in range(3):
        teams.tags(teams.as_owner(), "flooded", TO_FRAUD)
    assert teams.tag_records("flooded") == 3
    assert teams.who_sees("flooded") == set()


def test_other_tags_say_nothing_and_start_nothing(teams: Teams) -> None:
    teams.has("noted")
    before = len(teams.organization.executions())
    teams.tags(teams.as_owner(), "noted", [{"Key": "TEAM", "Value": "fraud"}, {"Key": "cost", "Value": "1"}])
    assert teams.who_sees("noted") == {"dev"}
    assert len(teams.organization.executions()) == before


def test_what_a_deleted_card_was_tagged_with_isnt_its_namesakes(teams: Teams) -> None:
    teams.has("reborn")
    teams.tags(teams.as_registrar(), "reborn", TO_FRAUD)
    teams.as_owner().delete_model_card(ModelCardName="reborn")
    teams.settles()
    teams.organization.clock.sleep(10)
    teams.organization.deliveries.hold(
        lambda delivery: "Tagged" in delivery.rule_name or "Written" in delivery.rule_name
    )
    teams.has("reborn", TO_FRAUD)
    assert teams.who_sees("reborn") == set()
    teams.organization.deliveries.release()
    teams.settles()
    assert teams.who_sees("reborn") == set()


def test_until_the_record_has_come_the_card_is_for_nobody(teams: Teams) -> None:
    teams.has("late")
    teams.organization.deliveries.hold(lambda delivery: "Tagged" in delivery.rule_name)
    teams.tags(teams.as_registrar(), "late", TO_FRAUD)
    teams.sweeps()
    assert teams.who_sees("late") == set()
    teams.organization.deliveries.release()
    teams.settles()
    assert teams.who_sees("late") == {"fraud-dev"}


def test_an_account_that_joins_a_team_takes_no_card_from_it(teams: Teams) -> None:
    """What is in the share is looked at then, and by the records all of it is the team's."""
    teams.has("stays")
    teams.has("comes")
    for name in ("stays", "comes"):
        teams.tags(teams.as_registrar(), name, TO_FRAUD)
        assert teams.who_sees(name) == {"fraud-dev"}
    ram = teams.admin("ram")
    (share,) = [
        each["resourceShareArn"]
        for each in ram.get_resource_shares(resourceOwner="SELF", resourceShareStatus="ACTIVE")["resourceShares"]
        if each["name"].startswith("stagegate-dev-fraud-model-cards-")
    ]
    ram.disassociate_resource_share(resourceShareArn=share, principals=[FRAUD])
    teams.settles()
    assert teams.who_sees("comes") == set()
    teams.admin("stepfunctions").start_execution(
        stateMachineArn=teams.organization.outputs["GovernStateMachine"],
        input=json.dumps({"subject": teams.arn("comes")}),
    )
    teams.settles()
    assert teams.who_sees("comes") == {"fraud-dev"}
    assert teams.who_sees("stays") == {"fraud-dev"}, "the run of one card leaves the others in"


OF_CARDS_ALONE = """
[[tags]]
key = "team"
principals = ["arn:aws:iam::111122223333:role/Administrator"]

[[audiences]]
name = "team"
tag = { key = "team", values = ["fraud"] }

[[audiences]]
name = "rest"
cards = ["other-*"]
groups = ["other-*"]
"""


def test_a_package_is_for_its_cards_team(tmp_path: Path) -> None:
    """No audience selects its group."""
    rules = changed(("ask_above_grants = 10", "ask_above_grants = 20"))
    with registry(tmp_path, Delays(cloudtrail=0.3, wait_factor=0.2), OF_CARDS_ALONE, rules=rules) as found:
        cards = Cards(found.organization, GROUP)
        registrar, owner = (
            found.organization.client("sagemaker", "governance", role) for role in (ADMINISTRATOR, None)
        )
        card = f"arn:aws:sagemaker:us-east-1:{found.organization.accounts['governance']}:model-card/{GROUP}"

        def used() -> frozenset[str]:
            assert found.organization.settle()
            found.organization.clock.next_second()
            return found.may("prod") & ALL

        cards.makes()
        registrar.add_tags(ResourceArn=card, Tags=TO_FRAUD)
        assert used() == frozenset()
        cards.is_approved()
        found.sets("approver", "Approved")
        assert used() == ALL
        owner.delete_tags(ResourceArn=card, TagKeys=["team"])
        assert used() == frozenset()
        owner.add_tags(ResourceArn=card, Tags=TO_FRAUD)
        assert used() == frozenset()
        registrar.add_tags(ResourceArn=card, Tags=TO_FRAUD)
        assert used() == ALL
        failed = [run for run in found.organization.executions() if run.status != "SUCCEEDED"]
        assert [(run.name, run.error, run.cause) for run in failed] == []
