"""Installed, changed and changed back, withdrawn, removed, installed again: nothing is left, and nothing is lost."""

import json
from pathlib import Path

import pytest
from samcli.yamlhelper import yaml_parse

from sandbox.kernel.place import REGION
from sandbox.services import cloudformation
from sandbox.services.cloudformation import StackError
from sandbox.stagegate.deployment import MEMBER_STACK, STACK
from sandbox.stagegate.organization import ROOT
from tests.integration.lifecycle.lifecycle_environment import DEV, GOVERNANCE, Lifecycle, lifecycle
from tests.support.sweeps import output
from tools.deploy.adopt import identified
from tools.deploy.ledger import standing
from tools.deploy.retained import only_retained, retained_ids

pytestmark = pytest.mark.slow

TABLE = "stagegate-ledger"
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
KEY = f"key {TEMPLATE['Resources']['Key']['Properties']['Description']['Fn::Sub'].replace('${Prefix}', 'stagegate')}"
BUCKETS = {"Evidence", "EvidencePolicy", "Reports"}
"""They stay, under names of CloudFormation's own: a new stack makes others."""
VALUES = {"Prefix": "stagegate", "MemberAccounts": DEV}


def what_stays(environment: Lifecycle) -> set[str]:
    """What docs/remove.md says that stays of the stacks: the ledger, its key and the logs, beside the buckets."""
    found = dict(identified(environment.admin("dynamodb"), environment.admin("logs"), TEMPLATE, VALUES, TABLE))
    assert set(found) == set(retained_ids(TEMPLATE)) - BUCKETS
    logs = {f"log group {each['LogGroupName']}" for each in found.values() if "LogGroupName" in each}
    assert len(logs) == len(found) - 2
    return {f"table {TABLE}", KEY, *logs}


def removes(environment: Lifecycle) -> None:
    """The member stacks go, then the governance stack."""
    for account in dict.fromkeys(environment.registry.organization.accounts.values()):
        cloudformation.stacks.delete(account, REGION, MEMBER_STACK)
    for _twice in range(2):
        cloudformation.stacks.delete(GOVERNANCE, REGION, STACK)


def adopts(environment: Lifecycle) -> None:
    """What `make deploy ADOPT=1` asks CloudFormation for, and the sandbox's does."""
    found = dict(identified(environment.admin("dynamodb"), environment.admin("logs"), TEMPLATE, VALUES, TABLE))
    sent = json.loads(only_retained(TEMPLATE, found))
    cloudformation.stacks.adopt(GOVERNANCE, REGION, STACK, sent, VALUES, found)


def test_it_goes_away_whole_and_comes_back(tmp_path: Path) -> None:
    with lifecycle(tmp_path) as environment:
        registry = environment.registry
        organization = registry.organization
        settings = tmp_path / "governance.toml"
        environment.opens_everything()
        before, ours = environment.access(), environment.ours()

        # Other rules, and back: a change that opens and closes nothing.
        shipped = settings.read_text()
        for text in (shipped.replace("ask_above_grants = 10", "ask_above_grants = 11"), shipped):
            settings.write_text(text)
            organization.update_settings(settings)
            assert (environment.access(), environment.ours()) == (before, ours)
        assert output(registry.sweeps({"mode": "plan"}))["totals"]["drifting"] == 0

        assert not standing(environment.admin("dynamodb"), TABLE).is_closed
        environment.withdraws()
        assert environment.ours() == []
        assert standing(environment.admin("dynamodb"), TABLE).is_closed

        removes(environment)
        stays = what_stays(environment)
        assert set(environment.stacks_made()) == stays

        # Installed again on the kept ledger, it is still withdrawn; taken back, all is as before.
        adopts(environment)
        with pytest.raises(StackError, match="the stack is there"):
            adopts(environment)
        organization.update_settings(settings)
        assert stays < set(environment.stacks_made())
        assert output(registry.sweeps())["totals"]["drifting"] == 0
        assert environment.ours() == []
        environment.takes_the_withdrawal_back()
        assert (environment.access(), environment.ours()) == (before, ours)
        assert output(registry.sweeps({"mode": "plan"}))["totals"]["drifting"] == 0
