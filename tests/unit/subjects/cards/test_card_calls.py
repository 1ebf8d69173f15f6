"""CloudTrail's events are decoded to the call they report; a malformed one names the field that is wrong."""

import copy
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
from stagegate.core.statuses import CardStatus
from stagegate.subjects.cards.audit import call_of

EVENTS = Path(__file__).parents[4] / "events"
OTHERS = {
    "tagged",
    "package",
    "group",
    "guardrail",
    "account",
    "hub",
    "sweep",
    "deployed",
    "stopped",
    "report",
    "own",
    "evidence",
}
"""Examples that are about no card."""
CARD = "arn:aws:sagemaker:us-east-1:111122223333:model-card/Customer-Churn-Model-Card"
NEW_YEAR = datetime(2025, 1, 1, tzinfo=UTC)


def event(name: str = "card_written") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return found


def decoded(change: Callable[[dict[str, Any]], object] = lambda _: None, name: str = "card_written") -> Call:
    found = event(name)
    change(found)
    return call_of(found, "aws")


def test_a_status_change_is_who_set_which_status_of_which_card_when() -> None:
    assert decoded() == Call(
        id="00000000-0000-4000-8000-000000000032",
        arn=CARD,
        at=NEW_YEAR,
        actor=Actor(
            arn="arn:aws:sts::111122223333:assumed-role/ModelApprover/approver-session",
            role_arn="arn:aws:iam::111122223333:role/ModelApprover",
        ),
        status=CardStatus.APPROVED,
        creates=False,
        edits=False,
    )


def test_a_members_edit_is_about_the_owners_card() -> None:
    call = decoded(name="card_written_by_member")
    assert (call.arn, call.status) == (CARD, None)
    assert call.actor
    assert call.actor.role_arn == "arn:aws:iam::222233334444:role/ModelDeveloper"


def test_a_member_who_names_a_card_by_its_name_means_its_own() -> None:
    def by_name(found: dict[str, Any]) -> None:
        found["detail"]["requestParameters"]["modelCardName"] = "mine"
        found["detail"]["responseElements"] = None

    call = decoded(by_name, "card_written_by_member")
    assert call.arn == "arn:aws:sagemaker:us-east-1:222233334444:model-card/mine"


def test_a_creation_sets_a_status_and_a_content() -> None:
    def create(found: dict[str, Any]) -> None:
        found["detail"]["eventName"] = "CreateModelCard"

    assert decoded(create).creates


def test_copies_of_a_record_in_two_accounts_are_one_record() -> None:
    def copied(found: dict[str, Any]) -> None:
        found["detail"]["sharedEventID"] = "shared"

    assert decoded(copied).id == decoded(copied, "card_written_by_member").id == "shared"


def test_an_identity_providers_name_comes_along() -> None:
    def named(found: dict[str, Any]) -> None:
        found["detail"]["userIdentity"]["sessionContext"]["sourceIdentity"] = "a-person"

    actor = decoded(named).actor
    assert actor
    assert actor.source_identity == "a-person"


def test_the_owners_copy_of_another_accounts_call_names_nobody() -> None:
    def anonymous(found: dict[str, Any]) -> None:
        found["detail"]["userIdentity"] = {"type": "AWSAccount", "accountId": "222233334444"}

    assert decoded(anonymous).actor is None


@pytest.mark.parametrize("context", [None, {}, {"sessionIssuer": None}, {"sessionIssuer": {}}])
def test_a_caller_without_a_session_is_itself(context: object) -> None:
    def user(found: dict[str, Any]) -> None:
        found["detail"]["userIdentity"] = {"arn": "arn:aws:iam::111122223333:user/somebody", "sessionContext": context}

    assert decoded(user).actor == Actor(arn="arn:aws:iam::111122223333:user/somebody")


@pytest.mark.parametrize("text", ["2025-01-01T00:00:00Z", "2025-01-01T01:00:00+01:00", "2025-01-01T00:00:00.000Z"])
def test_times_are_in_utc(text: str) -> None:
    def at(found: dict[str, Any]) -> None:
        found["detail"]["eventTime"] = text

    assert decoded(at).at == NEW_YEAR


def _set(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        *parents, name = path.split(".")
        for parent in parents:
            found = found[parent]
        found[name] = value

    return change


MISSING = object()
REQUIRED = (
    "account",
    "detail",
    "detail.eventID",
    "detail.eventName",
    "detail.eventTime",
    "detail.awsRegion",
    "detail.userIdentity",
    "detail.requestParameters",
)


@pytest.mark.parametrize("path", REQUIRED)
@pytest.mark.parametrize("value", [MISSING, None, 3, []], ids=["missing", "null", "number", "list"])
def test_a_field_that_is_missing_or_of_another_kind_is_named(path: str, value: object) -> None:
    found = event()
    _set(path, value)(found)
    if value is MISSING:
        holder = found
        *parents, name = path.split(".")
        for parent in parents:
            holder = holder[parent]
        del holder[name]
    with pytest.raises(InputError, match=rf'^CloudTrail event: .*"{path}".*; allowed: the record of a CreateModelCard'):
        call_of(found, "aws")


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (
            "detail.eventTime",
            "yesterday",
            "detail.eventTime: found 'yesterday'; allowed: a time such as 2025-01-01T00:00:00Z",
        ),
        # Without its zone it would be taken for the function's own.
        (
            "detail.eventTime",
            "2025-01-01T00:00:00",
            "detail.eventTime: found '2025-01-01T00:00:00'; allowed: a time such as 2025-01-01T00:00:00Z",
        ),
        (
            "detail.requestParameters.modelCardStatus",
            "Retired",
            "detail.requestParameters.modelCardStatus: found 'Retired'; allowed: Draft, PendingReview, Approved,"
            " Archived",
        ),
    ],
)
def test_a_value_that_means_nothing_is_named(path: str, value: str, problem: str) -> None:
    with pytest.raises(InputError) as error:
        decoded(_set(path, value))
    assert str(error.value) == f"CloudTrail event: {problem}"


def test_a_request_that_cloudtrail_has_left_out_is_an_edit_of_the_card_that_the_answer_names() -> None:
    """It was too long, and nothing but content is."""

    def left_out(found: dict[str, Any]) -> None:
        found["detail"]["requestParameters"] = {
            "omitted": True, "originalSize": 140000, "reason": "requestParameters too large"
        }  # fmt: skip

    call = decoded(left_out)
    assert (call.arn, call.status, call.edits) == (CARD, None, True)

    def without_an_answer(found: dict[str, Any]) -> None:
        left_out(found)
        found["detail"]["responseElements"] = None

    with pytest.raises(InputError, match="modelCardName: found nothing, and no modelCardArn"):
        decoded(without_an_answer)


ANOTHER = "arn:aws:iam::222233334444:role/ModelApprover"


@pytest.mark.parametrize(
    ("member", "value", "found"),
    [
        ("accountId", "222233334444", "222233334444 in a record of 111122223333"),
        ("sessionContext.sessionIssuer.arn", ANOTHER, f"{ANOTHER} in a record of 111122223333"),
        (
            "sessionContext.sessionIssuer.arn",
            "arn:aws:iam::111122223333:role/Another",
            "arn:aws:iam::111122223333:role/Another beside"
            " arn:aws:sts::111122223333:assumed-role/ModelApprover/approver-session",
        ),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(member: str, value: str, found: str) -> None:
    with pytest.raises(InputError) as error:
        decoded(_set(f"detail.userIdentity.{member}", value))
    assert str(error.value).startswith(f"CloudTrail event: detail.userIdentity.{member}: found {found}; allowed: ")


def test_a_role_with_a_path_and_on_whose_behalf_it_acts_are_known() -> None:
    def by_somebody(found: dict[str, Any]) -> None:
        who = found["detail"]["userIdentity"]
        who["sessionContext"]["sessionIssuer"]["arn"] = "arn:aws:iam::111122223333:role/ml/ModelApprover"
        who["onBehalfOf"] = {"userId": "u-1", "identityStoreArn": "arn:aws:identitystore::111122223333:identitystore/d"}

    actor = decoded(by_somebody).actor
    assert actor
    assert actor.role_arn == "arn:aws:iam::111122223333:role/ml/ModelApprover"
    assert actor.on_behalf_of == "arn:aws:identitystore::111122223333:identitystore/d/u-1"


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"])
def test_a_time_at_the_edge_of_the_calendar_is_refused(time: str) -> None:
    with pytest.raises(InputError, match=r"detail\.eventTime: found '"):
        decoded(_set("detail.eventTime", time))


@pytest.mark.parametrize("found", [{}, {"subject": CARD}, event("card_changed")])
def test_another_event_is_refused(found: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="allowed: the record of a CreateModelCard or UpdateModelCard call"):
        call_of(found, "aws")


def test_what_isnt_ours_is_cloudtrails_business() -> None:
    found = copy.deepcopy(event())
    found["detail"]["tlsDetails"] = {"tlsVersion": "TLSv1.3"}
    found["extra"] = [1]
    assert call_of(found, "aws") == decoded()


@pytest.mark.parametrize(
    "path",
    sorted(path for path in EVENTS.glob("*.json") if not OTHERS & set(path.stem.split("_"))),
    ids=lambda path: str(path.stem),
)
def test_every_example_of_a_card_is_about_one_card_of_the_governance_account(path: Path) -> None:
    found = event(path.stem)
    if "subject" in found:
        arn = found["subject"]
    elif found["detail-type"] == "SageMaker Model Card State Change":
        (arn,) = found["resources"]
        assert CardStatus(found["detail"]["ModelCardStatus"])
    else:
        assert found["detail"]["eventSource"] == "sagemaker.amazonaws.com"
        arn = call_of(found, "aws").arn
    assert subject_of(arn).arn == CARD
