"""A group's policy decides what another account may do with the group and its versions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.kernel import identity
from sandbox.kernel.stale_reads import stale_reads
from sandbox.kernel.wire.transport import client
from tests.support.authorization import CONSUMER, OWNER, allow, as_role, code_of, document, make_role, may, message_of

pytestmark = pytest.mark.usefixtures("guarded")

GROUP = f"arn:aws:sagemaker:us-east-1:{OWNER}:model-package-group/churn"
VERSION = f"arn:aws:sagemaker:us-east-1:{OWNER}:model-package/churn/1"
VERSIONS = f"arn:aws:sagemaker:us-east-1:{OWNER}:model-package/churn/*"
ACCOUNT = {"AWS": f"arn:aws:iam::{CONSUMER}:root"}
DEPLOYING = ["DescribeModelPackageGroup", "DescribeModelPackage", "ListModelPackages", "CreateModel"]
DENIED = "AccessDeniedException"


@pytest.fixture(autouse=True)
def version(owner: Any) -> None:
    owner.create_model_package_group(ModelPackageGroupName="churn")
    owner.create_model_package(ModelPackageGroupName="churn", ModelApprovalStatus="Approved")


def open_group(*statements: dict[str, Any]) -> None:
    client("sagemaker", OWNER).put_model_package_group_policy(
        ModelPackageGroupName="churn", ResourcePolicy=document(*statements)
    )


def deploy_statement(**more: Any) -> dict[str, Any]:
    actions = [f"sagemaker:{name}" for name in DEPLOYING]
    return may(actions, [GROUP, VERSIONS], Principal=ACCOUNT, **more)


@pytest.fixture
def deployer() -> Any:
    serving = f"arn:aws:iam::{CONSUMER}:role/Serving"
    return as_role("sagemaker", make_role(CONSUMER, "Deployer", may("sagemaker:*"), may("iam:PassRole", serving)))


def calls(sagemaker: Any) -> dict[str, tuple[Any, dict[str, Any]]]:
    model = {
        "ModelName": "churn",
        "PrimaryContainer": {"ModelPackageName": VERSION},
        "ExecutionRoleArn": f"arn:aws:iam::{CONSUMER}:role/Serving",
    }
    return {
        "DescribeModelPackageGroup": (sagemaker.describe_model_package_group, {"ModelPackageGroupName": GROUP}),
        "DescribeModelPackage": (sagemaker.describe_model_package, {"ModelPackageName": VERSION}),
        "ListModelPackages": (sagemaker.list_model_packages, {"ModelPackageGroupName": GROUP}),
        "CreateModel": (sagemaker.create_model, model),
    }


def outcomes(sagemaker: Any) -> dict[str, str]:
    return {name: code_of(call, **arguments) for name, (call, arguments) in calls(sagemaker).items()}


def test_without_a_policy_nothing_and_with_it_just_what_it_says(deployer: Any) -> None:
    assert set(outcomes(deployer).values()) == {DENIED}
    open_group(deploy_statement())
    assert outcomes(deployer) == dict.fromkeys(DEPLOYING, "")
    assert code_of(deployer.update_model_package, ModelPackageArn=VERSION, ModelApprovalStatus="Rejected") == DENIED
    assert code_of(deployer.delete_model_package, ModelPackageName=VERSION) == DENIED
    client("sagemaker", OWNER).delete_model_package_group_policy(ModelPackageGroupName="churn")
    deployer.delete_model(ModelName="churn")
    assert set(outcomes(deployer).values()) == {DENIED}


@pytest.mark.parametrize("missing", DEPLOYING)
def test_each_action_is_needed(deployer: Any, missing: str) -> None:
    actions = [f"sagemaker:{name}" for name in DEPLOYING if name != missing]
    open_group(may(actions, [GROUP, VERSIONS], Principal=ACCOUNT))
    assert outcomes(deployer) == {name: DENIED if name == missing else "" for name in DEPLOYING}


def test_a_list_needs_the_group_and_its_versions(deployer: Any) -> None:
    for resources, code in ((GROUP, DENIED), (VERSIONS, DENIED), ([GROUP, VERSIONS], "")):
        open_group(may("sagemaker:ListModelPackages", resources, Principal=ACCOUNT))
        assert code_of(deployer.list_model_packages, ModelPackageGroupName=GROUP) == code


def test_the_account_has_to_hand_it_on_and_a_role_can_be_singled_out(deployer: Any) -> None:
    open_group(deploy_statement())
    assert "no identity-based policy" in message_of(
        as_role("sagemaker", make_role(CONSUMER, "Other")).describe_model_package, ModelPackageName=VERSION
    )
    twin = as_role("sagemaker", make_role(CONSUMER, "Deployer-evil", may("sagemaker:*")))
    assert code_of(twin.describe_model_package, ModelPackageName=VERSION) == ""
    role = f"arn:aws:iam::{CONSUMER}:role/Deployer"
    open_group(deploy_statement(Condition={"ArnEquals": {"aws:PrincipalArn": role}}))
    assert code_of(twin.describe_model_package, ModelPackageName=VERSION) == DENIED
    assert code_of(deployer.describe_model_package, ModelPackageName=VERSION) == ""


def test_one_version_can_be_opened_without_the_next(deployer: Any, owner: Any) -> None:
    second = owner.create_model_package(ModelPackageGroupName="churn")["ModelPackageArn"]
    open_group(may("sagemaker:DescribeModelPackage", VERSION, Principal=ACCOUNT))
    assert code_of(deployer.describe_model_package, ModelPackageName=VERSION) == ""
    assert code_of(deployer.describe_model_package, ModelPackageName=second) == DENIED


def test_deploying_needs_the_right_to_pass_the_role(deployer: Any) -> None:
    open_group(deploy_statement())
    allow(CONSUMER, "Deployer", may("sagemaker:*"))
    call, arguments = calls(deployer)["CreateModel"]
    assert "iam:PassRole" in message_of(call, **arguments)


def test_registering_can_be_kept_from_approving() -> None:
    registrar = as_role("sagemaker", make_role(CONSUMER, "Trainer", may("sagemaker:CreateModelPackage")))
    request = {"ModelPackageGroupName": GROUP}
    assert code_of(registrar.create_model_package, **request) == DENIED
    fence = {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
    open_group(may("sagemaker:CreateModelPackage", VERSIONS, Principal=ACCOUNT, Condition=fence))
    pending = request | {"ModelApprovalStatus": "PendingManualApproval"}
    assert code_of(registrar.create_model_package, **pending) == ""
    assert code_of(registrar.create_model_package, **request, ModelApprovalStatus="Approved") == DENIED
    # The key is of the request: SageMaker's default isn't in it.
    assert code_of(registrar.create_model_package, **request) == DENIED


def test_a_stage_can_be_kept_to_some() -> None:
    condition = {
        "StringEquals": {"sagemaker:ModelLifeCycle:stage": "QA", "sagemaker:ModelLifeCycle:stageStatus": "Approved"}
    }
    tester = as_role("sagemaker", make_role(OWNER, "Tester", may("sagemaker:UpdateModelPackage", Condition=condition)))
    for stage, code in (("QA", ""), ("Production", DENIED)):
        life_cycle = {"Stage": stage, "StageStatus": "Approved"}
        assert code_of(tester.update_model_package, ModelPackageArn=VERSION, ModelLifeCycle=life_cycle) == code


def test_metadata_and_tags_are_condition_keys(owner: Any) -> None:
    owner.add_tags(ResourceArn=GROUP, Tags=[{"Key": "team", "Value": "risk"}])
    tagged = {"StringEquals": {"aws:ResourceTag/team": "risk", "sagemaker:CustomerMetadataProperties/run": "7"}}
    editor = as_role("sagemaker", make_role(OWNER, "Editor", may("sagemaker:UpdateModelPackage", Condition=tagged)))
    for value, code in (("7", ""), ("8", DENIED)):
        metadata = {"run": value}
        assert (
            code_of(editor.update_model_package, ModelPackageArn=VERSION, CustomerMetadataProperties=metadata) == code
        )


def test_a_policy_is_validated_and_is_of_the_owner(owner: Any, consumer: Any) -> None:
    named = {"ModelPackageGroupName": "churn"}
    with pytest.raises(owner.exceptions.ClientError, match="Cannot find resource policy for: " + GROUP):
        owner.get_model_package_group_policy(**named)
    long = document(deploy_statement(Sid="x" * 20_480))
    nobody = document(deploy_statement() | {"Principal": {"AWS": f"arn:aws:iam::{CONSUMER}:role/Nobody"}})
    for text in ("not json", "{}", long, nobody):
        assert code_of(owner.put_model_package_group_policy, **named, ResourcePolicy=text) == "ValidationException"
    assert code_of(owner.get_model_package_group_policy, ModelPackageGroupName=GROUP) == "ValidationException"
    assert code_of(consumer.put_model_package_group_policy, **named, ResourcePolicy=document(deploy_statement())) == (
        "ValidationException"
    )
    open_group(deploy_statement())
    assert json.loads(owner.get_model_package_group_policy(**named)["ResourcePolicy"])["Statement"] == [
        deploy_statement()
    ]


def test_a_role_that_was_made_anew_is_another(deployer: Any, owner: Any) -> None:
    role = f"arn:aws:iam::{CONSUMER}:role/Deployer"
    open_group(deploy_statement() | {"Principal": {"AWS": role}})
    assert code_of(deployer.describe_model_package, ModelPackageName=VERSION) == ""
    iam = client("iam", CONSUMER)
    unique_id = iam.get_role(RoleName="Deployer")["Role"]["RoleId"]
    iam.delete_role_policy(RoleName="Deployer", PolicyName="P")
    iam.delete_role(RoleName="Deployer")
    shown = owner.get_model_package_group_policy(ModelPackageGroupName="churn")["ResourcePolicy"]
    assert json.loads(shown)["Statement"][0]["Principal"] == {"AWS": unique_id}
    assert code_of(owner.put_model_package_group_policy, ModelPackageGroupName="churn", ResourcePolicy=shown) == (
        "ValidationException"
    )
    make_role(CONSUMER, "Deployer", may("sagemaker:*"))
    anew = client("sagemaker", CONSUMER, identity.session(role, "today"))
    assert code_of(anew.describe_model_package, ModelPackageName=VERSION) == DENIED


def test_a_read_can_be_behind_the_last_write(owner: Any) -> None:
    first, second = deploy_statement(Sid="First"), deploy_statement(Sid="Second")
    open_group(first)
    open_group(first, second)

    def sids() -> list[str]:
        shown = owner.get_model_package_group_policy(ModelPackageGroupName="churn")["ResourcePolicy"]
        return [each["Sid"] for each in json.loads(shown)["Statement"]]

    stale_reads.plan(GROUP)
    assert sids() == ["First"]
    assert sids() == ["First", "Second"]
