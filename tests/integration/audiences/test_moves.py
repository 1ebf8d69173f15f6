"""Who is moved out of a unit loses what it had, and nobody has to start a sweep: Organizations' own event does."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.events.models import events_backends

from sandbox.kernel.delays import Delays
from sandbox.kernel.place import REGION
from sandbox.services.events.events import publish
from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.stagegate.deployment import Company
from sandbox.stagegate.organization import ROOT as TREE
from sandbox.stagegate.organization import Organization
from tests.support.sweeps import SHIPPED, SweepEnvironment, output

QUICK = Delays(cloudtrail=0.1, ram_association=0.05, wait_factor=1)
ROOT, UNIT = "r-stag", "ou-stag-00000001"
TEAM = (
    '\n[[audiences]]\nname = "team"\ncards = ["*"]\ngroups = ["*"]\n'
    f'[[audiences.stages]]\nstage = "dev"\nunits = ["{UNIT}"]\n'
)
WINDOW = 310
"""Seconds in which all that moves starts one sweep."""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[SweepEnvironment]:
    path = tmp_path / "governance.toml"
    path.write_text(SHIPPED.read_text() + TEAM)
    with Organization.start(path, delays=QUICK, company=Company(tells_of_moves=True)) as opened:
        found = SweepEnvironment(opened)
        found.admin("organizations", "management").create_organizational_unit(ParentId=ROOT, Name="team")
        yield found


def moves(environment: SweepEnvironment, source: str, destination: str, name: str = "dev") -> None:
    environment.admin("organizations", "management").move_account(
        AccountId=environment.organization.accounts[name], SourceParentId=source, DestinationParentId=destination
    )


def settles(environment: SweepEnvironment) -> None:
    assert environment.organization.settle(2 * WINDOW)


def ended(environment: SweepEnvironment, given: str) -> int:
    return len([run for run in environment.runs() if run.execution_input == given and run.status != "RUNNING"])


def looks(environment: SweepEnvironment) -> list[Execution]:
    """The executions that have looked for accounts that were moved."""
    return [run for run in environment.runs() if "moved_until" in json.loads(run.execution_input)]


def test_an_account_gains_and_loses_without_anybodys_sweep(environment: SweepEnvironment) -> None:
    moves(environment, ROOT, UNIT)
    settles(environment)
    environment.creates("early")
    assert environment.seen_by_dev("early")
    moves(environment, UNIT, ROOT)
    settles(environment)
    assert not environment.seen_by_dev("early")
    assert len(looks(environment)) == 2
    assert {run.status for run in environment.organization.executions()} == {"SUCCEEDED"}


def test_an_account_that_leaves_by_its_own_call_loses(environment: SweepEnvironment) -> None:
    moves(environment, ROOT, UNIT)
    settles(environment)
    environment.creates("early")
    assert environment.seen_by_dev("early")
    environment.admin("organizations", "dev").leave_organization()
    settles(environment)
    shares = environment.admin("ram").get_resource_share_associations(associationType="PRINCIPAL")
    left = [each for each in shares["resourceShareAssociations"] if each["status"] == "ASSOCIATED"]
    assert environment.organization.accounts["dev"] not in {each["associatedEntity"] for each in left}


def test_a_hundred_accounts_that_move_together_start_one_sweep(environment: SweepEnvironment) -> None:
    for _ in range(50):
        moves(environment, ROOT, UNIT)
        moves(environment, UNIT, ROOT)
    settles(environment)
    assert len(environment.runs()) >= 100
    assert 1 <= len(looks(environment)) <= 2


def test_what_moves_while_a_sweep_looks_is_seen_by_the_next_one(environment: SweepEnvironment) -> None:
    moves(environment, ROOT, UNIT)
    settles(environment)
    environment.creates("early")
    held = environment.organization.hold("stagegate-sweep", "IsDone", "moved_until")
    moves(environment, ROOT, UNIT, "test")
    assert environment.organization.clock.until(lambda: held.is_held, 2 * WINDOW)
    moves(environment, UNIT, ROOT)
    settles(environment)
    assert held.is_held
    assert not environment.seen_by_dev("early")
    held.release()
    settles(environment)
    assert not environment.seen_by_dev("early")


def test_a_sweep_that_was_started_meanwhile_hides_no_move(environment: SweepEnvironment) -> None:
    """It has asked who is in the unit before the account moved, and is younger than what waits for more moves."""
    moves(environment, ROOT, UNIT)
    settles(environment)
    environment.creates("early")
    moves(environment, ROOT, UNIT, "test")
    environment.admin("stepfunctions").start_execution(
        stateMachineArn=environment.organization.outputs["SweepStateMachine"], input="{}"
    )
    assert environment.organization.clock.until(lambda: ended(environment, "{}") == 1, 60)
    moves(environment, UNIT, ROOT)
    settles(environment)
    assert not environment.seen_by_dev("early")


@pytest.mark.parametrize(("account", "looked"), [("management", 1), ("dev", 0)])
@pytest.mark.parametrize("name", ["account_moved", "account_departed"])
def test_only_the_management_account_tells_of_moves(
    environment: SweepEnvironment, name: str, account: str, looked: int
) -> None:
    """Any account of the organization may forward to the bus what is in its own trail."""
    event = json.loads((TREE / "events" / f"{name}.json").read_text())
    event["account"] = environment.organization.accounts[account]
    at = environment.organization.accounts["governance"]
    publish(events_backends[at][REGION].describe_event_bus("stagegate-members"), event, forwarded=True)
    settles(environment)
    assert len(looks(environment)) == looked


def test_what_says_when_it_looks_is_taken_at_any_time(environment: SweepEnvironment) -> None:
    run = environment.sweeps(json.loads((TREE / "events" / "sweep_moved.json").read_text()))
    assert output(run)["sweep"].startswith("2026-03-02T120510-")
