"""SageMaker's own word for an approval is believed where it can be about nobody else, until CloudTrail has spoken."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from stagegate.approvals.principals import Actor
from stagegate.approvals.records import AuditRecord, RecordSource, is_settled
from stagegate.approvals.state_changes import StateChange, doubt, is_author_known, weighed
from tests.support.builders import APPROVER, AUTHOR, GOVERNANCE, a_record, at
from tests.support.packages import APPROVED, CONTENT, PACKAGE_ARN, REJECTED, a_package

MOMENT = at(0.4)
STATUS = "ModelApprovalStatus"
PACKAGE = a_package(by=APPROVER)


def a_change(*more: str, at_: datetime | None = MOMENT, status: str = "Approved", sets: bool = True) -> StateChange:
    fields = frozenset({*more, *([STATUS] if sets else [])})
    return StateChange(arn=PACKAGE_ARN, status=status, fields=fields, at=at_)


def told(seconds: float = 0.4, actor: Actor = APPROVER) -> AuditRecord:
    """What is on record on SageMaker's word."""
    record = a_record(APPROVED, actor, int(seconds // 1), version=3, content=CONTENT, id_=f"state-change-3-{seconds}")
    return replace(record, moment=at(seconds), source=RecordSource.STATE_CHANGE)


def by_trail(actor: Actor = APPROVER, seconds: float = 1, status: object = APPROVED) -> AuditRecord:
    return a_record(status, actor, seconds, version=3, content=CONTENT)  # type: ignore[arg-type]


def test_the_event_and_the_description_of_one_change_leave_no_doubt() -> None:
    assert doubt(a_change(), PACKAGE, ()) == ""
    assert doubt(a_change("ApprovalDescription"), PACKAGE, ()) == ""


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(a_change("CustomerMetadataProperties", sets=False), "isn't of a status", id="an edit of metadata"),
        pytest.param(a_change("InferenceSpecification"), "more than the status", id="the content was changed with it"),
        pytest.param(a_change("CustomerMetadataProperties"), "more than the status", id="metadata with it"),
        pytest.param(a_change(at_=None), "finer than a second", id="a time that can't be read"),
        pytest.param(a_change(at_=at(0)), "finer than a second", id="whole seconds, as in AWS's example"),
        pytest.param(a_change(at_=MOMENT - timedelta(milliseconds=1)), "another time", id="changed a moment later"),
        pytest.param(a_change(status="Rejected"), "another status", id="another status by now"),
    ],
)
def test_what_may_be_about_another_change_is_left_to_cloudtrail(change: StateChange, why: str) -> None:
    assert why in doubt(change, PACKAGE, ())


def test_whole_seconds_on_both_sides_are_no_proof() -> None:
    """A writer approves, an approver edits metadata, both in one second: the event and the description agree."""
    package = replace(PACKAGE, last_modified=at(0))
    assert "finer than a second" in doubt(a_change(at_=at(0)), package, ())


@pytest.mark.parametrize(
    ("seconds", "is_near"), [(-7, False), (-5, True), (0, True), (3, True), (100, True), (130, False)]
)
def test_a_change_on_record_about_then_leaves_doubt(seconds: float, is_near: bool) -> None:  # noqa: FBT001
    assert bool(doubt(a_change(), PACKAGE, (by_trail(AUTHOR, seconds, REJECTED),))) is is_near


def test_it_settles_the_change_that_it_is_of_and_no_other() -> None:
    """A second change within CloudTrail's tolerance waits for its own record."""
    assert is_settled(PACKAGE, (told(),))
    assert not is_settled(replace(PACKAGE, last_modified=at(0.5)), (told(),))


def test_cloudtrail_confirms_it_and_adds_nothing() -> None:
    """It is one record then, of the same id and time, by the caller as CloudTrail has them: with the role's path."""
    confirmed = weighed((told(), by_trail()), takes_state_changes=True)
    (record,) = confirmed.records
    assert (record.id, record.moment, record.source) == (told().id, MOMENT, RecordSource.CLOUDTRAIL)
    assert confirmed.contradicted == ()


def test_cloudtrail_contradicts_it_and_it_is_none() -> None:
    found = weighed((told(), by_trail(AUTHOR)), takes_state_changes=True)
    assert (found.records, found.contradicted) == ((by_trail(AUTHOR),), (told(),))


def test_a_repeat_by_somebody_else_beside_cloudtrails_own_record_contradicts_nothing() -> None:
    found = weighed((told(), by_trail(AUTHOR, 3), by_trail()), takes_state_changes=True)
    assert [(r.id, r.actor) for r in found.records] == [(by_trail(AUTHOR, 3).id, AUTHOR), (told().id, APPROVER)]
    assert found.contradicted == ()


@pytest.mark.parametrize("seconds", [-6, 121])
def test_what_was_set_at_another_time_says_nothing_of_it(seconds: float) -> None:
    found = weighed((told(), by_trail(AUTHOR, seconds)), takes_state_changes=True)
    assert (len(found.records), found.contradicted) == (2, ())


def test_who_made_the_package_set_its_status_by_another_call() -> None:
    made = replace(by_trail(AUTHOR), creates=True)
    assert weighed((told(), made), takes_state_changes=True).contradicted == ()


def test_a_studio_user_is_confirmed_by_the_name_that_the_session_says() -> None:
    ann = Actor(arn=f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:user-profile/d-1/ann", source_identity="ann")
    session = Actor(arn=f"arn:aws:sts::{GOVERNANCE}:assumed-role/Studio/SageMaker", source_identity="ann")
    (record,) = weighed((told(actor=ann), by_trail(session)), takes_state_changes=True).records
    assert record.actor == ann
    other = replace(session, source_identity="bob")
    assert weighed((told(actor=ann), by_trail(other)), takes_state_changes=True).contradicted == (told(actor=ann),)


def test_another_source_identity_is_another_caller() -> None:
    said, found = (replace(APPROVER, source_identity=name) for name in ("ann", "bob"))
    assert weighed((told(actor=said), by_trail(found)), takes_state_changes=True).contradicted
    assert not weighed((told(), by_trail(found)), takes_state_changes=True).contradicted


def test_where_the_rules_dont_take_it_cloudtrail_alone_is_there() -> None:
    assert weighed((told(), by_trail()), takes_state_changes=False).records == (by_trail(),)


@pytest.mark.parametrize(
    ("edit", "is_known"),
    [
        (by_trail(AUTHOR, -900, None), True),
        (replace(by_trail(AUTHOR, -900, None), content_hash="other"), False),
        (replace(by_trail(AUTHOR, -900, None), metadata_only=True), False),
        (by_trail(replace(AUTHOR, on_behalf_of="directory/dave"), -900, None), False),
        (by_trail(AUTHOR, -900), False),
    ],
)
def test_a_second_person_needs_cloudtrails_word_for_the_author(edit: AuditRecord, is_known: bool) -> None:  # noqa: FBT001
    assert is_author_known(CONTENT, (edit,)) is is_known
