"""A group is read by its name, and one that is gone or going is none."""

from typing import Any

import pytest

from stagegate.core.errors import RefusedError
from stagegate.subjects.groups import observe as model_package_groups
from stagegate.subjects.groups.model import Group
from tests.support.builders import AUTHOR, CREATED
from tests.support.groups import GROUP, GROUP_SUBJECT
from tests.support.packages import GROUP_ARN
from tests.support.scripted import Answer, Scripted, refusal


def described(status: str = "Completed", **members: Any) -> dict[str, Any]:
    return {
        "ModelPackageGroupName": "churn",
        "ModelPackageGroupArn": GROUP_ARN,
        "CreationTime": CREATED,
        "CreatedBy": {"IamIdentity": {"Arn": AUTHOR.arn}},
        "ModelPackageGroupStatus": status,
        **members,
    }


def observed(answer: Answer) -> Group | None:
    sagemaker = Scripted("sagemaker", DescribeModelPackageGroup=answer)
    found = model_package_groups.observe(sagemaker.client, GROUP_SUBJECT)
    assert sagemaker.of("DescribeModelPackageGroup") == [{"ModelPackageGroupName": GROUP_ARN}]
    return found


def test_a_group_is_what_sagemaker_says() -> None:
    assert observed(described(ModelPackageGroupDescription="Churn of the shop.")) == GROUP


def test_a_group_without_a_description_has_none() -> None:
    found = observed(described())
    assert found is not None
    assert found.description == ""


@pytest.mark.parametrize(
    "answer",
    [
        refusal("ValidationException", f"ModelPackageGroup {GROUP_ARN} does not exist."),
        refusal("ResourceNotFound"),
        described("Deleting"),
    ],
)
def test_a_group_that_is_gone_or_going_is_none(answer: Answer) -> None:
    assert observed(answer) is None


@pytest.mark.parametrize("answer", [refusal("AccessDeniedException"), refusal("ValidationException", "Odd name.")])
def test_every_other_refusal_is_one(answer: Answer) -> None:
    with pytest.raises(RefusedError, match=f"read {GROUP_ARN}"):
        observed(answer)
