"""A group's name and ARNs are SageMaker's answers: it may write the name in other letters in an ARN."""

from dataclasses import replace
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.ledger import items
from stagegate.plans.mode import Mode
from stagegate.subjects.groups.grants import desired_grants
from stagegate.subjects.packages.model import group_name
from stagegate.targets.target import TargetType
from tests.support.builders import GOVERNANCE
from tests.support.groups import GROUP_SUBJECT, registering
from tests.support.ledger import kept_items
from tests.support.packages import ACCOUNTS, PACKAGE_ARN, a_package, the_package_subject
from tests.support.scripted import Answer
from tests.unit.runs.record_approval.test_recording_packages import described
from tests.unit.subjects.packages.test_planning_packages import APPROVAL, ASKED, Account

NAME = "Churn"
HOME = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}"


def planned(
    environment: Environment, *found: dict[str, Any], mode: Mode = Mode.EVENT, of_group: str = "churn"
) -> tuple[Any, Account]:
    """A package whose ARN has small letters, of a group with a capital, whose own ARN is spelled as given here."""
    package = {**described(), "ModelPackageGroupName": NAME, "ModelPackageArn": PACKAGE_ARN}
    group: Answer = {
        "ModelPackageGroupName": NAME,
        "ModelPackageGroupArn": f"{HOME}:model-package-group/{of_group}",
        "CreationTime": "2026-03-01T08:00:00Z",
        "CreatedBy": {},
        "ModelPackageGroupStatus": "Completed",
    }
    account = Account(environment, *kept_items(PACKAGE_ARN, *ASKED, APPROVAL), *found, package=package, group=group)
    return account.plan(mode), account


@pytest.mark.parametrize("spelled", ["churn", "Churn"])
def test_the_target_has_the_name_and_statements_the_arns(environment: Environment, spelled: str) -> None:
    answer, _ = planned(environment, of_group=spelled)
    (change,) = [c["change"] for c in answer["changes"] if c["change"]["target"]["type"] == "group-policy"]
    assert change["target"]["name"] == NAME
    resources = {resource for each in change["statements"] for resource in each["resources"]}
    assert resources == {f"{HOME}:model-package-group/{spelled}", f"{HOME}:model-package/churn/*", PACKAGE_ARN}


def test_what_was_asked_is_kept_for_runs_that_do_not_look(environment: Environment) -> None:
    record = planned(environment, of_group="Churn")[0]["record"]
    state = record["planner_state"]
    assert (state["group"], state["group_arn"]) == (NAME, f"{HOME}:model-package-group/Churn")
    grants = [{**grant, "since": items.text_of(APPROVAL.at)} for grant in record["grants"]]
    view = items.item(items.view_key(PACKAGE_ARN), items.VIEW, {"grants": grants, "planner_state": state})
    _, account = planned(environment, view)
    assert account.sagemaker.operations == ["DescribeModelPackage"]
    assert group_name(the_package_subject(), state) == NAME
    assert group_name(the_package_subject(), {}) == "churn"


def test_a_group_without_capitals_costs_no_call(environment: Environment) -> None:
    account = Account(environment, *kept_items(PACKAGE_ARN, *ASKED, APPROVAL))
    answer = account.plan()
    assert "DescribeModelPackageGroup" not in account.sagemaker.operations
    assert not {"group", "group_arn"} & answer["record"]["planner_state"].keys()
    assert a_package().spelling == {}


@pytest.mark.parametrize("mode", [Mode.EVENT, Mode.MANUAL])
def test_under_another_spelling_nothing_opens_and_the_right_one_is_said(environment: Environment, mode: Mode) -> None:
    package = {**described(), "ModelPackageArn": PACKAGE_ARN.replace("churn", "Churn")}
    account = Account(environment, *kept_items(PACKAGE_ARN, *ASKED, APPROVAL), package=package)
    answer = account.plan(mode)
    assert answer["changes"] == []
    (finding,) = answer["record"]["findings"]
    assert finding["code"] == "OtherSpelling"
    assert "model-package/Churn/3: start that" in finding["detail"]


def test_a_group_is_named_as_sagemaker_names_it_and_versions_in_both_spellings() -> None:
    rules = registering()
    rules = replace(rules, registrations=tuple(replace(each, groups=("Chur*",)) for each in rules.registrations))
    subject = replace(GROUP_SUBJECT, arn=f"{HOME}:model-package-group/Churn", name="Churn")
    assert desired_grants(rules, GROUP_SUBJECT, ACCOUNTS)[0] == ()
    for each in (subject, GROUP_SUBJECT):
        desired, _ = desired_grants(rules, each, ACCOUNTS, name=NAME)
        (on_group,) = [grant for grant in desired if grant.target.type is TargetType.GROUP_POLICY]
        assert on_group.target.name == NAME
        resources = {resource for statement in on_group.statements for resource in statement.resources or ()}
        spelled = {each.name, each.name.lower()}
        assert resources == {each.arn, *(f"{HOME}:model-package/{name}/*" for name in spelled)}


def test_a_group_that_is_gone_leaves_the_name() -> None:
    package = replace(a_package(), group=NAME, group_arn="arn")
    assert package.spelling == {"group": NAME, "group_arn": "arn"}
    assert package.with_spelling({}).spelling == {"group": NAME}
