"""A training account registers versions by the group's ARN: not before the rules say so, as pending and as nothing
else, and not after. The governance account reads what is registered for as long, and no longer."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import ROOT
from tests.support.fixtures import without
from tests.support.registering import NOBODY, READS, REGISTERS, Training
from tests.support.registering import training as a_training
from tests.support.registry import ALL

MOST_STATES = 14
OTHERS = [["Auditors"], ["Auditors"]]


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Training]:
    delays = Delays(cloudtrail=0.1, delivery_retry=0.01, wait_factor=0.02)
    with a_training(tmp_path_factory.mktemp("settings"), delays) as environment:
        yield environment


@pytest.fixture
def opened(training: Training) -> Training:
    """Dev may register, whatever the test before has left."""
    training.rule()
    training.registry.changed_by_manual_run(training.registry.group)
    return training


def opens_to(training: Training, group: str = "") -> dict[str, frozenset[str]]:
    return {
        "dev": training.registers("dev", group=group),
        "dev's administrator": training.registers("dev", "Administrator", group=group),
        "test": training.registers("test", group=group),
        "prod": training.registers("prod", group=group),
        "read": training.reads(),
        "read by others": training.reads("prod", "Administrator"),
    }


CLOSED = dict.fromkeys(("dev", "dev's administrator", "test", "prod", "read", "read by others"), NOBODY)
OPEN = {**CLOSED, "dev": REGISTERS, "read": READS}


def test_before_the_rules_say_so_nobody_registers(training: Training) -> None:
    training.no_rule()
    training.registry.changed_by_manual_run(training.registry.group)
    assert opens_to(training) == CLOSED
    assert (training.sids(), training.grants()) == (OTHERS, 0)


def test_by_rule_the_named_role_registers_as_pending_and_its_account_is_read(training: Training) -> None:
    organization = training.registry.organization
    training.rule()
    shown = training.registry.manual_run(training.registry.group, mode="plan")
    assert opens_to(training) == CLOSED, "a dry run changes nothing"
    heard = json.loads(shown.output or "{}")
    assert len(heard["would_change"]) == 4
    assert "+ role/ModelDeveloper of 222233334444 may sagemaker:CreateModelPackage" in heard["message"]
    before = len(organization.outbox)
    run = training.registry.manual_run(training.registry.group)
    assert (run.status, json.loads(run.output or "{}").get("outcome")) == ("SUCCEEDED", "changes"), run.cause
    entered = [e for e in organization.history(run.execution_arn) if e["type"].endswith("StateEntered")]
    assert len(entered) <= MOST_STATES
    (message,) = organization.outbox[before:]
    assert message.subject == "OPENED registering in customer-churn: dev (Completed)"
    assert "ModelApprovalStatus PendingManualApproval: with another one, or none, it is refused" in message.text
    assert opens_to(training) == OPEN
    assert [sids[0] for sids in training.sids()] == ["Auditors", "Auditors"]
    assert training.grants() == 1


def test_twice_is_once(opened: Training) -> None:
    assert opened.registry.changed_by_manual_run(opened.registry.group) == "unchanged"
    assert opens_to(opened) == OPEN


def test_what_somebody_took_out_is_put_back(opened: Training) -> None:
    sagemaker = opened.registry.admin("sagemaker")
    sagemaker.delete_model_package_group_policy(ModelPackageGroupName="customer-churn")
    (grant,) = opened.registry.admin("kms", "dev").list_grants(KeyId=opened.registry.key)["Grants"]
    opened.registry.admin("kms", "dev").revoke_grant(KeyId=opened.registry.key, GrantId=grant["GrantId"])
    assert opens_to(opened) == {**CLOSED, "read": READS - {"get data", "decrypt", "data key"}}
    assert opened.registry.changed_by_manual_run(opened.registry.group) == "changes"
    assert opens_to(opened) == OPEN


def test_registering_and_deploying_open_and_close_without_each_other(opened: Training) -> None:
    registry = opened.registry
    registry.sets("approver", "Approved")
    assert (registry.may("prod"), opened.grants()) == (ALL, 2)
    opened.no_rule()
    assert registry.changed_by_manual_run(registry.group) == "changes"
    assert (registry.may("prod"), opened.grants()) == (ALL, 1)
    assert {**opens_to(opened), "prod": NOBODY} == CLOSED
    opened.rule()
    assert registry.changed_by_manual_run(registry.group) == "changes"
    registry.sets("approver", "Rejected")
    assert (registry.may("prod"), opened.grants()) == (NOBODY, 1)
    assert opens_to(opened) == OPEN


def test_only_the_named_roles_register_and_read(opened: Training) -> None:
    role = opened.registry.organization.profiles["governance"].name
    opened.rule(roles=["Administrator"], readers=[role])
    assert opened.registry.changed_by_manual_run(opened.registry.group) == "changes"
    assert opens_to(opened) == {**CLOSED, "dev's administrator": REGISTERS}
    (grant,) = opened.registry.admin("kms", "dev").list_grants(KeyId=opened.registry.key)["Grants"]
    assert grant["GranteePrincipal"].endswith(f":role/{role}")


def test_whether_the_readers_are_there_takes_a_statement(opened: Training) -> None:
    opened.rule(readers=[opened.registry.organization.profiles["governance"].name])
    with without(opened.registry, ("stagegate-plan", "FindRoles")):
        run = opened.registry.manual_run(opened.registry.group)
    assert "RolesUnseen" in (run.output or "")
    assert "RolesUnseen" not in (opened.registry.manual_run(opened.registry.group).output or "")


def test_a_version_that_was_registered_waits_for_its_own_approval(opened: Training) -> None:
    organization = opened.registry.organization
    made = organization.client("sagemaker", "dev").create_model_package(
        ModelPackageGroupName=opened.registry.group, ModelApprovalStatus="PendingManualApproval"
    )
    assert organization.settle()
    name = made["ModelPackageArn"].split(":model-package/")[1]
    assert str(organization.outbox[-1].subject).startswith(
        f"DECIDE {name}: PendingManualApproval; Approved would open "
    )


def test_a_new_group_opens_by_itself_and_one_that_is_deleted_leaves_nothing(opened: Training) -> None:
    organization = opened.registry.organization
    owner = organization.client("sagemaker", "governance")
    group = owner.create_model_package_group(ModelPackageGroupName="fraud")["ModelPackageGroupArn"]
    assert organization.settle()
    assert opens_to(opened, group) == OPEN
    assert len(opened.recorded(group)) == 8
    package = organization.client("sagemaker", "dev").create_model_package(
        ModelPackageGroupName=group, ModelApprovalStatus="PendingManualApproval"
    )
    assert organization.settle()
    before = len(organization.executions())
    owner.delete_model_package(ModelPackageName=package["ModelPackageArn"])
    owner.delete_model_package_group(ModelPackageGroupName="fraud")
    assert organization.settle()
    assert [(e.error, e.cause) for e in organization.executions()[before:] if e.status != "SUCCEEDED"] == []
    assert opened.recorded(group) == set()
    assert opens_to(opened) == OPEN, "the other group's registrations read from the same places"


def test_a_group_made_anew_before_anybody_looked_is_open(opened: Training) -> None:
    organization = opened.registry.organization
    owner = organization.client("sagemaker", "governance")
    group = owner.create_model_package_group(ModelPackageGroupName="again")["ModelPackageGroupArn"]
    assert organization.settle()
    organization.deliveries.hold(lambda delivery: "ModelPackageGroup" in delivery.event["detail"].get("eventName", ""))
    owner.delete_model_package_group(ModelPackageGroupName="again")
    owner.create_model_package_group(ModelPackageGroupName="again")
    organization.settle()
    assert opened.registers("dev", group=group) == NOBODY
    organization.deliveries.release()
    assert organization.settle()
    assert opened.registers("dev", group=group) == REGISTERS


def test_without_the_rule_everything_closes_and_others_keep_theirs(opened: Training) -> None:
    opened.no_rule()
    for summary in opened.registry.admin("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"]:
        assert opened.registry.changed_by_manual_run(summary["ModelPackageGroupArn"]) == "changes"
    assert opens_to(opened) == CLOSED
    assert (opened.sids(), opened.grants()) == (OTHERS, 0)


@pytest.mark.parametrize(
    ("account", "role", "sid", "noticed"),
    [
        ("governance", "stagegate-plan", "ReadGroups", "RefusedError"),
        # What can't be read is closed all the same, and that it couldn't be read is a finding.
        ("dev", "stagegate-member-observe", "ReadRepositories", "TargetUnseen"),
        ("dev", "stagegate-member-policy", "MakeRegistryGrants", "StillOpenError"),
        ("dev", "stagegate-member-policy", "WriteRepositories", "StillOpenError"),
    ],
)
def test_a_missing_statement_is_noticed(opened: Training, account: str, role: str, sid: str, noticed: str) -> None:
    opened.rule(readers=["ModelOwner"])
    with without(opened.registry, (role, sid), account=account):
        run = opened.registry.manual_run(opened.registry.group)
    found = [finding["code"] for finding in json.loads(run.output or "{}").get("findings", [])]
    assert noticed in (run.error, *found)


@pytest.mark.parametrize("name", ["group_created", "group_deleted", "manual_group"])
def test_the_shipped_example_events_name_a_group(training: Training, name: str) -> None:
    organization = training.registry.organization
    started = organization.client("stepfunctions", "governance").start_execution(
        stateMachineArn=organization.outputs["GovernStateMachine"],
        input=Path(ROOT / "events" / f"{name}.json").read_text(),
    )
    assert organization.settle()
    (run,) = [e for e in organization.executions() if e.execution_arn == started["executionArn"]]
    assert run.status == "SUCCEEDED", (run.error, run.cause)


def test_a_members_group_is_a_finding(training: Training) -> None:
    theirs = training.registry.group.replace("111122223333", "222233334444")
    run = training.registry.manual_run(theirs)
    assert [finding["code"] for finding in json.loads(run.output or "{}")["findings"]] == ["MemberOwnedGroup"]
