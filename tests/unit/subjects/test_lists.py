"""What SageMaker lists is everything of its kind, page by page."""

from dataclasses import replace
from pathlib import Path

from stagegate.aws.environment import Environment
from stagegate.rules.imports import Registration
from stagegate.subjects.context import Sweeper
from stagegate.subjects.pages import Listed
from stagegate.subjects.registry import SUBJECTS
from tests.support.builders import CARD_ARN, CREATED, GOVERNANCE
from tests.support.packages import PACKAGE_ARN, package_rules
from tests.support.scripted import Scripted

HERE = Environment(
    account=GOVERNANCE,
    region="us-east-1",
    prefix="stagegate",
    table="ledger",
    settings=Path("governance.toml"),
)
RULES = replace(package_rules(), registrations=(Registration(stage="dev", groups=("*",)),))


def page(kind: str, sagemaker: Scripted, token: str | None) -> Listed:
    """A page of what the rules are about."""
    listing = SUBJECTS[kind].listing()
    assert listing
    dynamodb = Scripted("dynamodb").client
    return listing.page(Sweeper(environment=HERE, rules=RULES, sagemaker=sagemaker.client, dynamodb=dynamodb), token)


def test_a_page_of_cards() -> None:
    card = {
        "ModelCardName": "churn",
        "ModelCardArn": CARD_ARN,
        "ModelCardStatus": "Draft",
        "CreationTime": CREATED,
    }
    sagemaker = Scripted("sagemaker", ListModelCards={"ModelCardSummaries": [card], "NextToken": "more"})
    assert page("model-card", sagemaker, None) == Listed(arns=(CARD_ARN,), token="more")


def test_the_last_page_of_packages() -> None:
    package = {
        "ModelPackageArn": PACKAGE_ARN,
        "ModelPackageGroupName": "churn",
        "ModelPackageVersion": 3,
        "CreationTime": CREATED,
        "ModelPackageStatus": "Completed",
    }
    sagemaker = Scripted("sagemaker", ListModelPackages={"ModelPackageSummaryList": [package]})
    assert page("model-package", sagemaker, "token") == Listed(arns=(PACKAGE_ARN,))


def test_a_page_of_groups() -> None:
    arn = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package-group/churn"
    group = {
        "ModelPackageGroupName": "churn",
        "ModelPackageGroupArn": arn,
        "CreationTime": CREATED,
        "ModelPackageGroupStatus": "Completed",
    }
    sagemaker = Scripted("sagemaker", ListModelPackageGroups={"ModelPackageGroupSummaryList": [group]})
    assert page("model-package-group", sagemaker, "token") == Listed(arns=(arn,))
    assert sagemaker.of("ListModelPackageGroups")[0]["NextToken"] == "token"
