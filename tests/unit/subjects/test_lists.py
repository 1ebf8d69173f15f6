"""What SageMaker lists is everything of its kind, page by page."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.core.errors import RefusedError
from stagegate.rules.imports import Registration
from stagegate.rules.model import Rules
from stagegate.subjects.context import Sweeper
from stagegate.subjects.pages import Listed
from stagegate.subjects.registry import SUBJECTS
from tests.support.builders import CARD_ARN, CREATED, GOVERNANCE
from tests.support.hubs import HUB_ARN, hub_rules, rules_with
from tests.support.packages import PACKAGE_ARN, package_rules
from tests.support.scripted import Scripted, refusal

HERE = Environment(
    account=GOVERNANCE,
    region="us-east-1",
    prefix="stagegate",
    table="ledger",
    settings=Path("governance.toml"),
)
RULES = replace(package_rules(), registrations=(Registration(stage="dev", groups=("*",)),))


def page(kind: str, sagemaker: Scripted, token: str | None, rules: Rules = RULES) -> Listed:
    """A page of what the rules are about."""
    listing = SUBJECTS[kind].listing()
    assert listing
    dynamodb = Scripted("dynamodb").client
    return listing.page(Sweeper(environment=HERE, rules=rules, sagemaker=sagemaker.client, dynamodb=dynamodb), token)


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


HUBS = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:hub"


def _hubs(*arns: str, **more: str) -> dict[str, Any]:
    """A page of SageMaker's list of hubs."""
    made = {"HubStatus": "InService", "CreationTime": CREATED, "LastModifiedTime": CREATED}
    return {"HubSummaries": [{"HubName": arn.split("/")[1], "HubArn": arn, **made} for arn in arns], **more}


def _tags_of_hubs(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """`lost` is ours, `theirs` has a tag that looks like ours, and `gone` was deleted since it was listed."""
    name = request["ResourceArn"].split("/")[1]
    if name == "gone":
        raise refusal("ResourceNotFound")
    return {"Tags": [{"Key": "stagegate:resource-type", "Value": "hub" if name == "lost" else "a hub"}]}


def test_hubs_that_no_rule_names_are_listed_after_those_of_the_rules_where_they_have_our_tag() -> None:
    another = "arn:aws:sagemaker:us-east-1:999988887777:hub/lost"
    there = _hubs(HUB_ARN, f"{HUBS}/lost", f"{HUBS}/theirs", f"{HUBS}/gone", another, NextToken="more")
    sagemaker = Scripted("sagemaker", ListHubs=[there, _hubs()], ListTags=_tags_of_hubs)
    rules = rules_with(hub_rules())
    first = page("hub", sagemaker, None, rules)
    assert (first.arns, sagemaker.calls) == ((HUB_ARN,), []), "those of the rules are listed also where there are none"
    second = page("hub", sagemaker, first.token, rules)
    assert second.arns == (f"{HUBS}/lost",)
    assert second.token
    assert page("hub", sagemaker, second.token, rules) == Listed(arns=())
    assert [request.get("NextToken") for request in sagemaker.of("ListHubs")] == [None, "more"]
    asked = [request["ResourceArn"] for request in sagemaker.of("ListTags")]
    assert asked == [f"{HUBS}/lost", f"{HUBS}/theirs", f"{HUBS}/gone"], "no hub of the rules, and none of others"


def test_where_sagemaker_knows_no_hubs_there_are_none_and_a_refusal_is_none_of_that() -> None:
    first = page("hub", Scripted("sagemaker"), None)
    unknown = Scripted("sagemaker", ListHubs=refusal("UnknownOperationException"))
    assert page("hub", unknown, first.token) == Listed(arns=())
    with pytest.raises(RefusedError, match="list the hubs: ListHubs was refused: AccessDeniedException"):
        page("hub", Scripted("sagemaker", ListHubs=refusal("AccessDeniedException")), first.token)
