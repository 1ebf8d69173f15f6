"""A package as the model of a hub: its name and version, what its document says, and for whom it is there."""

import json

import pytest

from stagegate.core.arns import hub_arn
from stagegate.targets.desired import content_in, desired_text_of
from stagegate.targets.hub_content import HubContent, from_said, package_in, version_of
from stagegate.targets.target import OpenTarget, hub_target, target_of
from tests.support.builders import GOVERNANCE, PROD, TEST
from tests.support.packages import IMAGE, PACKAGE_ARN

HUB_ARN = hub_arn("own-models", partition="aws", region="us-east-1", account=GOVERNANCE)
CONTENT = HubContent(
    hub="own-models", package=PACKAGE_ARN, group="Churn", stages=("prod",), accounts=(PROD,), audience="churn"
)
GROUP_HOME = PACKAGE_ARN.rpartition("/")[0]


@pytest.mark.parametrize(
    ("version", "number"),
    [
        ("1.0.1", 1),
        ("1.0.9999", 9_999),
        ("1.1.0", 10_000),
        ("1.1.2345", 12_345),
        ("1.9999.9999", 99_999_999),
        ("2.0.0", 100_000_000),
        ("10.9999.9999", 999_999_999),
    ],
)
def test_a_version_of_nine_digits_has_one_of_three_parts(version: str, number: int) -> None:
    package = f"{GROUP_HOME}/{number}"
    assert version_of(package) == version
    assert package_in(HUB_ARN, "churn", version) == package


def test_versions_are_in_the_order_of_the_packages() -> None:
    numbers = [1, 2, 9_999, 10_000, 10_001, 99_999_999, 100_000_000, 999_999_999]
    versions = [tuple(map(int, version_of(f"{GROUP_HOME}/{number}").split("."))) for number in numbers]
    assert versions == sorted(versions)


@pytest.mark.parametrize("version", ["0.0.1", "1.0.01", "01.0.1", "1.0", "1.0.1.1", "a.b.c", "20241010"])
def test_a_version_of_another_form_is_no_package(version: str) -> None:
    assert package_in(HUB_ARN, "churn", version) is None


def test_what_is_on_record_is_read_again() -> None:
    assert from_said(CONTENT.said) == CONTENT
    text = desired_text_of(OpenTarget(subject_arn=PACKAGE_ARN, target=hub_target(HUB_ARN), content=CONTENT))
    assert text is not None
    assert content_in(text) == CONTENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"statements": [], "uses": []}',
        '{"only": "[]"}',
        '{"only": "{}"}',
        json.dumps({"only": '{"hub": 1}'}),
    ],
)
def test_what_another_release_has_recorded_is_none(text: str) -> None:
    assert content_in(text) is None


def test_the_document_says_which_package_it_is_and_what_is_single() -> None:
    assert CONTENT.document["HostingModelPackageArn"] == PACKAGE_ARN
    assert not {"HostingEcrUri", "HostingArtifactUri"} & CONTENT.document.keys()
    more = HubContent(
        hub="own-models", package=PACKAGE_ARN, group="churn", stages=(), accounts=(), image=IMAGE, data="s3://b/k"
    )
    assert (more.document["HostingEcrUri"], more.document["HostingArtifactUri"]) == (IMAGE, "s3://b/k")
    assert more.is_in({**more.document, "SageMaker": "adds this"})
    assert not more.is_in(CONTENT.document)


def test_it_covers_the_stages_accounts_and_audience_that_it_was_put_there_for() -> None:
    assert CONTENT.covers({"prod": (PROD,)}, "churn")
    assert CONTENT.covers({}, "churn")
    assert not CONTENT.covers({"prod": (PROD, TEST)}, "churn")
    assert not CONTENT.covers({"prod": (PROD,), "test": (PROD,)}, "churn")
    assert not CONTENT.covers({"prod": (PROD,)}, "fraud")
    assert not CONTENT.covers({"prod": (PROD,)}, None)


def test_a_hub_is_a_target_by_its_name() -> None:
    target = hub_target(HUB_ARN)
    assert (target.arn, target.surface, target_of(target.id, "aws")) == (HUB_ARN, "hub", target)
