"""A group with capitals, whose name AWS may write in small letters in ARNs: a package of it and the group itself write
one policy, and neither takes the other's statements away (`cases/group-with-capitals.json`).
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from sandbox.kernel.spelling import Spelling
from tests.support.registry import ALL, BUCKET, DATA, Registry, image
from tests.support.registry import registry as a_registry
from tests.support.shipped import by_approval_alone

NAME = "Churn-Scoring"
RULES = by_approval_alone().replace('groups = ["*"]', 'groups = ["Churn-*"]')
IN_ARNS = {
    Spelling.GIVEN: ("Churn-Scoring", "Churn-Scoring"),
    Spelling.MIXED: ("Churn-Scoring", "churn-scoring"),
    Spelling.SMALL: ("churn-scoring", "churn-scoring"),
}
"""The name in the group's ARN, and in those of packages."""


@pytest.fixture(scope="module", params=list(Spelling), ids=lambda spelling: spelling.value)
def registry(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    delays = Delays(cloudtrail=0.1, delivery_retry=0.01, lambda_retry=0.02, wait_factor=0.02)
    folder = tmp_path_factory.mktemp("settings")
    with a_registry(folder, delays, rules=RULES, spelling=request.param, name=NAME) as environment:
        of_group, of_package = IN_ARNS[request.param]
        assert environment.group.endswith(f"/{of_group}")
        assert environment.package.endswith(f"/{of_package}/1")
        yield environment


def registers(registry: Registry, status: str) -> bool:
    """Whether dev's role can register a version as that."""
    container = {"Image": image(registry.organization), "ModelDataUrl": f"s3://{BUCKET}/{DATA}"}
    kinds = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}
    try:
        registry.organization.client("sagemaker", "dev").create_model_package(
            ModelPackageGroupName=registry.group,
            ModelApprovalStatus=status,
            InferenceSpecification={"Containers": [container], **kinds},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDeniedException":
            return False
        raise
    assert registry.organization.settle()
    return True


def statements(registry: Registry) -> list[dict[str, Any]]:
    """What of ours stands in the group's policy."""
    sagemaker = registry.admin("sagemaker")
    text = sagemaker.get_model_package_group_policy(ModelPackageGroupName=NAME)["ResourcePolicy"]
    return [each for each in json.loads(text)["Statement"] if each["Sid"].startswith("Stagegate")]


def test_a_package_and_its_group_open_and_close_without_each_other(registry: Registry) -> None:
    assert registers(registry, "PendingManualApproval"), "the group's creation has opened it"
    assert not registers(registry, "Approved")

    registry.sets("approver", "Approved")
    assert registry.may("prod") == ALL
    both = statements(registry)
    for _ in range(2):
        assert registry.changed_by_manual_run(registry.group) == "unchanged"
        assert registry.changed_by_manual_run() == "unchanged"
    assert statements(registry) == both
    assert registers(registry, "PendingManualApproval")

    registry.sets("approver", "Rejected")
    assert registry.may("prod") == frozenset()
    assert registers(registry, "PendingManualApproval")
    targets = {item["sk"]["S"] for item in _items(registry) if item["pk"]["S"].startswith("TARGET#group-policy/")}
    assert (
        len({item["pk"]["S"] for item in _items(registry) if item["pk"]["S"].startswith("TARGET#group-policy/")}) == 1
    )
    assert targets


def test_a_sweep_finds_nothing_to_do(registry: Registry) -> None:
    registry.sets("approver", "Approved")
    before = len(registry.organization.executions())
    registry.organization.client("stepfunctions", "governance").start_execution(
        stateMachineArn=registry.organization.outputs["SweepStateMachine"], input="{}"
    )
    assert registry.organization.settle()
    started = registry.organization.executions()[before:]
    assert {run.status for run in started} == {"SUCCEEDED"}
    assert [json.loads(run.output or "{}").get("outcome") for run in started if "govern" in run.execution_arn] == []
    registry.sets("approver", "Rejected")


def test_under_another_spelling_nothing_opens(registry: Registry) -> None:
    registry.sets("approver", "Approved")
    for arn in (registry.package, registry.group):
        other = arn.replace("hurn-", "HURN-")
        run = registry.manual_run(other)
        assert run.status == "SUCCEEDED"
        said = json.loads(run.output or "{}")["findings"][0]
        assert said["code"] in ("OtherSpelling", "NoSuchSubject")
        assert said["code"] == "NoSuchSubject" or f"as {arn}: start that" in said["detail"]
    assert registry.may("prod") == ALL
    registry.sets("approver", "Rejected")


def test_groups_that_differ_in_capitals_alone_stay_apart(registry: Registry) -> None:
    if not registry.group.endswith(NAME) or not registry.package.endswith(f"{NAME}/1"):
        pytest.skip("where ARNs have small letters there can't be two")
    sagemaker = registry.organization.client("sagemaker", "governance")
    sagemaker.create_model_package_group(ModelPackageGroupName=NAME.lower())
    assert registry.organization.settle()
    registry.sets("approver", "Approved")
    assert registry.may("prod") == ALL
    other = registry.group.replace(NAME, NAME.lower())
    assert registry.changed_by_manual_run(other) == "unchanged"
    with pytest.raises(ClientError, match="Cannot find resource policy"):
        sagemaker.get_model_package_group_policy(ModelPackageGroupName=NAME.lower())
    registry.sets("approver", "Rejected")


def _items(registry: Registry) -> list[dict[str, Any]]:
    table = registry.organization.outputs["LedgerTable"]
    return list(registry.admin("dynamodb").scan(TableName=table)["Items"])
