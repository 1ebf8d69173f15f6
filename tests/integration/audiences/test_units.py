"""A stage has the accounts of an organizational unit: who moves into it sees its models by the next sweep, and who
leaves it doesn't any more.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import Organization
from tests.support.sweeps import SHIPPED, SweepEnvironment

QUICK = Delays(cloudtrail=0.1, ram_association=0.05, wait_factor=0.05)
ROOT, UNIT = "r-stag", "ou-stag-00000001"
TEAM = (
    '\n[[audiences]]\nname = "team"\ncards = ["*"]\ngroups = ["*"]\n'
    f'[[audiences.stages]]\nstage = "dev"\nunits = ["{UNIT}"]\n'
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SweepEnvironment]:
    path: Path = tmp_path_factory.mktemp("rules") / "governance.toml"
    path.write_text(SHIPPED.read_text() + TEAM)
    with Organization.start(path, delays=QUICK) as opened:
        yield SweepEnvironment(opened)


def moves(environment: SweepEnvironment, source: str, destination: str) -> None:
    environment.admin("organizations", "management").move_account(
        AccountId=environment.organization.accounts["dev"],
        SourceParentId=source,
        DestinationParentId=destination,
    )


def test_an_account_gains_and_loses_by_the_next_sweep(environment: SweepEnvironment) -> None:
    environment.creates("early")
    assert not environment.seen_by_dev("early"), "there is no such unit yet"
    organizations = environment.admin("organizations", "management")
    unit = organizations.create_organizational_unit(ParentId=ROOT, Name="team")["OrganizationalUnit"]["Id"]
    below = organizations.create_organizational_unit(ParentId=unit, Name="below")["OrganizationalUnit"]["Id"]
    assert unit == UNIT
    moves(environment, ROOT, below)
    environment.sweeps()
    assert environment.seen_by_dev("early")
    environment.creates("late")
    assert environment.seen_by_dev("late"), "a run goes by what the sweep has heard"
    moves(environment, below, ROOT)
    environment.sweeps()
    assert not environment.seen_by_dev("early")
    assert not environment.seen_by_dev("late")
    assert {run.status for run in environment.organization.executions()} == {"SUCCEEDED"}


def test_an_account_that_leaves_the_organization_loses_everything(environment: SweepEnvironment) -> None:
    moves(environment, ROOT, UNIT)
    environment.sweeps()
    assert environment.seen_by_dev("early")
    environment.admin("organizations", "management").remove_account_from_organization(
        AccountId=environment.organization.accounts["dev"]
    )
    environment.sweeps()
    shares = environment.admin("ram").get_resource_share_associations(associationType="PRINCIPAL")
    left = [each for each in shares["resourceShareAssociations"] if each["status"] == "ASSOCIATED"]
    assert environment.organization.accounts["dev"] not in {each["associatedEntity"] for each in left}
