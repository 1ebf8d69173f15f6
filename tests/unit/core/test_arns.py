"""A subject is a model card, a version of a model package or a group of them by its ARN, and nothing else is."""

import pytest

from stagegate.core.arns import Subject, SubjectKind, model_card_arn, subject_of
from stagegate.core.errors import UnknownSubjectError

ARN = "arn:aws-us-gov:sagemaker:us-gov-west-1:111122223333:model-card/churn-2"


def test_a_model_card_is_a_subject() -> None:
    assert subject_of(ARN) == Subject(
        kind=SubjectKind.MODEL_CARD,
        arn=ARN,
        partition="aws-us-gov",
        region="us-gov-west-1",
        account="111122223333",
        name="churn-2",
    )


def test_a_version_of_a_model_package_is_a_subject() -> None:
    arn = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn-group/12"
    subject = subject_of(arn)
    assert (subject.kind, subject.arn, subject.account) == (SubjectKind.MODEL_PACKAGE, arn, "111122223333")
    assert subject.name == "churn-group/12"


def test_a_group_of_model_packages_is_a_subject() -> None:
    arn = "arn:aws:sagemaker:us-east-1:111122223333:model-package-group/churn-group"
    subject = subject_of(arn)
    assert (subject.kind, subject.arn, subject.name) == (SubjectKind.MODEL_PACKAGE_GROUP, arn, "churn-group")


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sagemaker:us-east-1:111122223333:model-package/unversioned",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/one",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1/2",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/*",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1234567890",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package-group/churn/1",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package-group/churn*",
        "",
        "churn",
        "arn:aws:sagemaker:us-east-1:111122223333:model/churn",
        "arn:aws:s3:us-east-1:111122223333:model-card/churn",
        "arn:aws:sagemaker::111122223333:model-card/churn",
        "arn:aws:sagemaker:us-east-1::model-card/churn",
        "arn:aws:sagemaker:us-east-1:aws:model-card/churn",
        "arn:aws:sagemaker:us-east-1:11112222333:model-card/churn",
        "arn:aws:sagemaker:us-east-1:١١١١٢٢٢٢٣٣٣٣:model-card/churn",
        "arn:aws:sagemaker:us-east-1:111122223333:model-card/",
        "arn:aws:sagemaker:us-east-1:111122223333:model-card/-churn",
        "arn:aws:sagemaker:us-east-1:111122223333:model-card/churn-",
        "arn:aws:sagemaker:us-east-1:111122223333:model-card/chu*",
        "arn:aws:sagemaker:us-east-1:111122223333:model-card/churn\n",
        "arn:aws:sagemaker:us-east-1:111122223333:model-card/churn/export/1",
        f"arn:aws:sagemaker:us-east-1:111122223333:model-card/{'c' * 64}",
    ],
)
def test_nothing_else_is(arn: str) -> None:
    with pytest.raises(UnknownSubjectError, match=r"subject: found .*; allowed: the ARN of a model card"):
        subject_of(arn)


def test_a_card_named_by_its_name_is_the_callers_and_one_named_by_its_arn_is_its_owners() -> None:
    caller = {"partition": "aws", "region": "eu-west-1", "account": "222233334444"}
    assert model_card_arn("churn", **caller) == "arn:aws:sagemaker:eu-west-1:222233334444:model-card/churn"
    assert model_card_arn(ARN, **caller) == ARN
