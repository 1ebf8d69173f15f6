"""Any resource of SageMaker can be a subject, as far as its ARN is concerned; which are ones the registry says."""

import pytest

from stagegate.core.arns import Subject, sagemaker_resource, subject_of
from stagegate.core.errors import UnknownSubjectError

ARN = "arn:aws-us-gov:sagemaker:us-gov-west-1:111122223333:model-package/churn-2/12"


def test_an_arn_names_a_kind_and_a_name() -> None:
    assert subject_of(ARN) == Subject(
        kind="model-package",
        arn=ARN,
        partition="aws-us-gov",
        region="us-gov-west-1",
        account="111122223333",
        name="churn-2/12",
    )


@pytest.mark.parametrize(
    ("kind", "noun"), [("model-card", "card"), ("model-package-group", "package group"), ("hub", "hub")]
)
def test_a_line_of_a_plan_calls_it_by_its_kind(kind: str, noun: str) -> None:
    assert subject_of(f"arn:aws:sagemaker:us-east-1:111122223333:{kind}/churn").noun == noun


@pytest.mark.parametrize(
    "arn",
    ["", "churn", "guardrail/canvas", "arn:aws:s3:::bucket", "arn:aws:sagemaker:us-east-1:111122223333:model-card/"],
)
def test_nothing_else_names_one(arn: str) -> None:
    assert sagemaker_resource(arn) is None
    with pytest.raises(UnknownSubjectError, match=r"subject: found .*; allowed: the ARN of a subject, arn:PARTITION"):
        subject_of(arn)
