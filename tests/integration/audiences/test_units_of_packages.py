"""An account has a package by its organizational unit: once it has moved or left, nothing anywhere is open to it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.kernel.delays import Delays
from tests.support.fixtures import without
from tests.support.registry import ALL, BUCKET, REPOSITORY, Registry, registry
from tests.support.shipped import by_approval_alone
from tests.support.sweeps import LIMITS

QUICK = Delays(cloudtrail=0.1, wait_factor=0.05)
ROOT, UNIT = "r-stag", "ou-stag-00000001"

TEAM = (
    '\n[[audiences]]\nname = "team"\ncards = ["*"]\ngroups = ["*"]\n'
    f'[[audiences.stages]]\nstage = "prod"\nunits = ["{UNIT}"]\n'
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    rules = by_approval_alone()
    assert LIMITS in rules
    rules = rules.replace(LIMITS, "ask_above_grants = 100\nask_above_percent = 100")
    with registry(tmp_path_factory.mktemp("settings"), QUICK, TEAM, rules) as opened:
        organizations = opened.admin("organizations", "management")
        unit = organizations.create_organizational_unit(ParentId=ROOT, Name="team")["OrganizationalUnit"]["Id"]
        assert unit == UNIT
        yield opened


def moves(found: Registry, source: str, destination: str) -> None:
    found.admin("organizations", "management").move_account(
        AccountId=found.organization.accounts["prod"], SourceParentId=source, DestinationParentId=destination
    )


def after_a_sweep(found: Registry) -> None:
    sweep = found.sweeps()
    assert sweep.status == "SUCCEEDED", (sweep.error, sweep.cause)
    assert found.organization.settle()


def named_in(found: Registry) -> set[str]:
    """The documents and grants in which the account stands."""
    account = found.organization.accounts["prod"]
    sagemaker, kms = found.admin("sagemaker"), found.admin("kms", "dev")
    texts: dict[str, Any] = {
        "bucket": found.admin("s3", "dev").get_bucket_policy(Bucket=BUCKET)["Policy"],
        "repository": found.admin("ecr").get_repository_policy(repositoryName=REPOSITORY)["policyText"],
        "key": json.dumps([each["GranteePrincipal"] for each in kms.list_grants(KeyId=found.key)["Grants"]]),
    }
    try:
        texts["group"] = sagemaker.get_model_package_group_policy(ModelPackageGroupName=found.name)["ResourcePolicy"]
    except sagemaker.exceptions.ClientError:  # nobody has anything in it
        texts["group"] = ""
    return {name for name, text in texts.items() if account in text}


@pytest.fixture
def opened(found: Registry) -> None:
    """The account is in the unit, and has the package."""
    moves(found, ROOT, UNIT)
    after_a_sweep(found)
    found.sets("approver", "PendingManualApproval")
    found.sets("approver", "Approved")
    assert found.may("prod") == ALL
    assert named_in(found) == {"bucket", "group", "key", "repository"}


@pytest.mark.usefixtures("opened")
def test_one_that_moves_out_of_the_unit_loses_the_package_everywhere(found: Registry) -> None:
    moves(found, UNIT, ROOT)
    after_a_sweep(found)
    assert found.may("prod") == frozenset()
    assert named_in(found) == set()


@pytest.mark.usefixtures("opened")
def test_an_approval_is_recorded_by_who_is_in_the_units(found: Registry) -> None:
    """Whose images and which approvers are ours, rests on that: without it nothing is recorded, and nothing opens."""
    with without(found, ("stagegate-record-approval", "KnowUnits")):
        found.sets("approver", "PendingManualApproval")
        found.sets("approver", "Approved")
        assert found.may("prod") == frozenset()
    found.sets("approver", "PendingManualApproval")
    found.sets("approver", "Approved")
    assert found.may("prod") == ALL
    moves(found, UNIT, ROOT)
    after_a_sweep(found)


@pytest.mark.usefixtures("opened")
def test_one_that_leaves_the_organization_loses_the_package_everywhere(found: Registry) -> None:
    """No service takes it out of a document or a key's grants by itself."""
    found.admin("organizations", "management").remove_account_from_organization(
        AccountId=found.organization.accounts["prod"]
    )
    assert found.may("prod") >= {"get data", "decrypt", "pull"}
    after_a_sweep(found)
    assert found.may("prod") == frozenset()
    assert named_in(found) == set()
