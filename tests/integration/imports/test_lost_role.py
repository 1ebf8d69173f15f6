"""A role of an import that no package wants is told of by a sweep, and left to the account's administrators."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kernel.delays import Delays
from tests.integration.imports.import_environment import RULES, Hosted, hosted
from tests.support.fixtures import without
from tests.support.sweeps import output

LOST = "stagegate-import-0123456789ab"
PATH = "/stagegate/"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "bedrock.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Hosted]:
    with hosted(tmp_path, Delays(cloudtrail=0.1, wait_factor=0.02)) as found:
        yield found


def makes(environment: Hosted, name: str) -> None:
    environment.admin("iam").create_role(RoleName=name, Path=PATH, AssumeRolePolicyDocument=json.dumps(TRUST))


def test_it_is_told_of_once_and_no_other_role_is(environment: Hosted) -> None:
    environment.sets("approver", "PendingManualApproval")
    environment.sets("approver", "Approved")
    (wanted,) = environment.roles()
    output(environment.sweeps())
    for name in (LOST, "stagegate-import-by-hand"):
        makes(environment, name)
    before, began = environment.roles(), len(environment.organization.outbox)
    assert output(environment.sweeps())["totals"]["drifting"] == 1
    said = "\n".join(environment.heard()[began:])
    assert "ImportRoleLost" in said
    assert LOST in said
    assert wanted not in said
    assert "by-hand" not in said
    assert environment.roles() == before
    began = len(environment.organization.outbox)
    assert output(environment.sweeps())["totals"]["drifting"] == 0
    assert environment.heard()[began:] == [], "nobody is told the same again"
    environment.admin("iam").delete_role(RoleName=LOST)
    output(environment.sweeps())
    assert output(environment.sweeps())["totals"]["drifting"] == 0


def test_where_rules_keep_roles_one_of_no_package_is_meant_to_be_there(environment: Hosted) -> None:
    makes(environment, LOST)
    environment.follows(f'{RULES}role = "keep"\n')
    assert environment.organization.settle()
    began = len(environment.organization.outbox)
    output(environment.sweeps())
    assert LOST not in "\n".join(environment.heard()[began:])


def test_where_the_roles_cannot_be_listed_the_sweep_names_the_account(environment: Hosted) -> None:
    with without(environment, ("stagegate-member-observe", "FindRoles"), account="hosting"):
        run = environment.sweeps()
    said = "\n".join(environment.heard())
    assert "the roles of imports in account 777788889999 could not be looked at" in f"{said}\n{run.output}\n{run.cause}"
