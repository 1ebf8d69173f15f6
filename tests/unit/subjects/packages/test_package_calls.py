"""CloudTrail's events about packages are decoded to the call they report; a malformed one names what is wrong."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stagegate.approvals.principals import Actor
from stagegate.aws.cloudtrail import Call
from stagegate.core.arns import subject_of
from stagegate.core.errors import InputError
from stagegate.core.statuses import PackageStatus
from stagegate.subjects.packages.audit import call_of

EVENTS = Path(__file__).parents[4] / "events"
PACKAGE = "arn:aws:sagemaker:us-east-1:111122223333:model-package/customer-churn/7"
NEW_YEAR = datetime(2025, 1, 1, tzinfo=UTC)


def event(name: str = "package_written") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return found


def decoded(change: Callable[[dict[str, Any]], object] = lambda _: None, name: str = "package_written") -> Call:
    found = event(name)
    change(found["detail"])
    return call_of(found, "aws")


def test_an_approval_is_who_set_which_status_of_which_package_when() -> None:
    assert decoded() == Call(
        id=event()["detail"]["eventID"],
        arn=PACKAGE,
        at=NEW_YEAR,
        actor=Actor(
            arn="arn:aws:sts::111122223333:assumed-role/ModelApprover/approver-session",
            role_arn="arn:aws:iam::111122223333:role/ModelApprover",
        ),
        status=PackageStatus.APPROVED,
        creates=False,
        edits=False,
        reason="Meets the thresholds of the evaluation plan",
    )


def test_a_member_that_registers_creates_a_package_of_the_owner() -> None:
    call = decoded(name="package_written_by_member")
    assert (call.arn, call.status, call.creates, call.edits) == (PACKAGE, PackageStatus.PENDING, True, True)


def test_a_creation_without_a_status_is_pending() -> None:
    call = decoded(lambda detail: detail["requestParameters"].pop("modelApprovalStatus"), "package_written_by_member")
    assert call.status is PackageStatus.PENDING


def test_an_update_without_a_status_sets_none() -> None:
    call = decoded(lambda detail: detail["requestParameters"].pop("modelApprovalStatus"))
    assert (call.status, call.edits) == (None, False)


@pytest.mark.parametrize("member", ["inferenceSpecification", "additionalInferenceSpecificationsToAdd"])
def test_an_update_of_images_or_data_edits(member: str) -> None:
    assert decoded(lambda detail: detail["requestParameters"].update({member: [{"containers": []}]})).edits


def test_an_update_of_its_own_card_may_move_it_to_another_card() -> None:
    own = {"modelCard": {"modelCardContent": "{}"}}
    call = decoded(lambda detail: detail["requestParameters"].update(own))
    assert (call.edits, call.links, decoded().links) == (False, True, False)


def test_an_update_is_about_the_package_that_the_request_names() -> None:
    assert decoded(lambda detail: detail.update(responseElements=None)).arn == PACKAGE


def test_a_record_that_names_no_package_is_refused() -> None:
    with pytest.raises(InputError, match=r"detail\.responseElements\.modelPackageArn: found nothing"):
        decoded(lambda detail: detail.update(responseElements=None), "package_written_by_member")


@pytest.mark.parametrize(
    "member", ["eventID", "eventName", "eventTime", "awsRegion", "userIdentity", "requestParameters"]
)
def test_a_member_that_is_missing_is_named(member: str) -> None:
    with pytest.raises(
        InputError, match=rf'"detail\.{member}".*; allowed: the record of a CreateModelPackage or Update'
    ):
        decoded(lambda detail: detail.pop(member))


def test_a_status_that_means_nothing_is_named() -> None:
    with pytest.raises(InputError) as error:
        decoded(lambda detail: detail["requestParameters"].update(modelApprovalStatus="Retired"))
    assert str(error.value) == (
        "CloudTrail event: detail.requestParameters.modelApprovalStatus: found 'Retired'; allowed:"
        " PendingManualApproval, Approved, Rejected"
    )


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*package*.json")), ids=lambda path: str(path.stem))
def test_every_example_of_a_package_is_about_one_package_of_the_governance_account(path: Path) -> None:
    found = event(path.stem)
    if "subject" in found:
        arn = found["subject"]
    elif found["detail-type"] == "SageMaker Model Package State Change":
        (arn,) = found["resources"]
        assert PackageStatus(found["detail"]["ModelApprovalStatus"])
    elif found["detail"]["eventName"] == "DeleteModelPackage":
        arn = found["detail"]["requestParameters"]["modelPackageName"]
    else:
        arn = call_of(found, "aws").arn
    assert (subject_of(arn).arn, subject_of(arn).kind) == (PACKAGE, "model-package")
