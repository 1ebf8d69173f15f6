"""What SageMaker lists is everything of its kind, page by page."""

from stagegate.runs.sweep import lists as subject_lists
from stagegate.runs.sweep.lists import Listed
from tests.support.builders import CARD_ARN, CREATED, GOVERNANCE
from tests.support.packages import PACKAGE_ARN
from tests.support.scripted import Scripted


def test_a_page_of_cards() -> None:
    card = {
        "ModelCardName": "churn",
        "ModelCardArn": CARD_ARN,
        "ModelCardStatus": "Draft",
        "CreationTime": CREATED,
    }
    sagemaker = Scripted("sagemaker", ListModelCards={"ModelCardSummaries": [card], "NextToken": "more"})
    assert subject_lists.model_cards(sagemaker.client, None) == Listed(arns=(CARD_ARN,), token="more")


def test_the_last_page_of_packages() -> None:
    package = {
        "ModelPackageArn": PACKAGE_ARN,
        "ModelPackageGroupName": "churn",
        "ModelPackageVersion": 3,
        "CreationTime": CREATED,
        "ModelPackageStatus": "Completed",
    }
    sagemaker = Scripted("sagemaker", ListModelPackages={"ModelPackageSummaryList": [package]})
    assert subject_lists.model_packages(sagemaker.client, "token") == Listed(arns=(PACKAGE_ARN,))


def test_a_page_of_groups() -> None:
    arn = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package-group/churn"
    group = {
        "ModelPackageGroupName": "churn",
        "ModelPackageGroupArn": arn,
        "CreationTime": CREATED,
        "ModelPackageGroupStatus": "Completed",
    }
    sagemaker = Scripted("sagemaker", ListModelPackageGroups={"ModelPackageGroupSummaryList": [group]})
    assert subject_lists.model_package_groups(sagemaker.client, "token") == Listed(arns=(arn,))
    assert sagemaker.of("ListModelPackageGroups")[0]["NextToken"] == "token"
