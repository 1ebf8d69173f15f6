"""A reason that has to be given: who said why, when, and whether the approval counts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.kept import Head
from stagegate.approvals.principals import Actor
from stagegate.approvals.reasons import REASON_TAG, is_approvers, is_late, with_reasons
from stagegate.approvals.records import AuditRecord, RecordSource
from stagegate.approvals.tags.record import TagRecord
from stagegate.ledger import entries, items
from stagegate.rules.model import ApprovalSource, Approvers, Rules
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.packages.entitle import entitle_package
from tests.support.builders import (
    APPROVER,
    APPROVER_ROLE,
    AUTHOR,
    DRAFT,
    GOVERNANCE,
    PENDING,
    STAGES,
    a_card,
    a_card_question,
    a_record,
    asked_about,
    at,
    some_rules,
    written,
)
from tests.support.packages import APPROVED, CONTENT, a_package, package_rules

OFFICER_ROLE = f"arn:aws:iam::{GOVERNANCE}:role/RiskOfficer"
OFFICER = Actor(arn=f"arn:aws:sts::{GOVERNANCE}:assumed-role/RiskOfficer/omar", role_arn=OFFICER_ROLE)
ASKING = tuple(replace(each, reason_required=each.name == "prod") for each in STAGES)


def tagged(actor: Actor | None, seconds: float, value: str | None = "because", key: str = REASON_TAG) -> TagRecord:
    return TagRecord(id=f"tag-{seconds}", at=at(seconds), actor=actor, key=key, value=value)


@dataclass(frozen=True)
class Row:
    """Who set the card's tag and its status, and whether that opens prod; the reason that counts."""

    did: Sequence[TagRecord | AuditRecord]
    opens: bool
    reason: str = ""


SETS = a_record(seconds=10)
TABLE = {
    "no reason": Row([SETS], opens=False),
    "a reason, and then the status": Row([tagged(APPROVER, 5), SETS], opens=True, reason="because"),
    "both in one second": Row([tagged(APPROVER, 10), SETS], opens=True, reason="because"),
    "records the other way round": Row([SETS, tagged(APPROVER, 5)], opens=True, reason="because"),
    "a reason after the status": Row([SETS, tagged(APPROVER, 11)], opens=False),
    "somebody else's reason": Row([tagged(AUTHOR, 5), SETS], opens=False),
    "a reason of nobody who is named": Row([tagged(None, 5), SETS], opens=False),
    "another tag": Row([tagged(APPROVER, 5, key="reason"), SETS], opens=False),
    "the last of two": Row(
        [tagged(APPROVER, 4, "first"), tagged(APPROVER, 5, "second"), SETS], opens=True, reason="second"
    ),
    "somebody else's in between": Row(
        [tagged(APPROVER, 4), tagged(AUTHOR, 5, "mine"), SETS], opens=True, reason="because"
    ),
    "nothing that can be seen": Row([tagged(APPROVER, 5, "\u200b \u00a0"), SETS], opens=False),
    "no value": Row([tagged(APPROVER, 5, ""), SETS], opens=False),
    "a reason that was given for an earlier status": Row(
        [tagged(APPROVER, -20), a_record(DRAFT, APPROVER, -15), SETS], opens=False
    ),
    "a reason for a repeat": Row([SETS, tagged(APPROVER, 15), a_record(seconds=20)], opens=True, reason="because"),
    "a repeat without one": Row([tagged(APPROVER, 5), SETS, a_record(seconds=20)], opens=True, reason="because"),
}


def rules(*, needed: int = 1) -> Rules:
    approvers = [Approvers(stage="prod", principals=(APPROVER_ROLE, OFFICER_ROLE), needed=needed)]
    return some_rules(stages=ASKING, approvers=approvers, four_eyes=True)


def of_a_card(did: Sequence[TagRecord | AuditRecord], *, needed: int = 1) -> Entitled:
    tags = [each for each in did if isinstance(each, TagRecord)]
    records = [written(), *(each for each in did if isinstance(each, AuditRecord))]
    card = a_card(modified=max(r.at for r in records).timestamp() - at(0).timestamp() + 0.4)
    return entitle(rules(needed=needed), card, with_reasons(records, tags), questions=asked_about(records), now=at(60))


def prod(found: Entitled) -> Entitlement | None:
    return next((each for each in found.entitlements if each.stage == "prod"), None)


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_who_did_what_to_a_card(row: Row) -> None:
    found = of_a_card(row.did)
    let_in = prod(found)
    assert [(each.code, each.stage) for each in found.findings] == ([] if row.opens else [("ReasonMissing", "prod")])
    assert (let_in.approval.reason if let_in and let_in.approval else "") == row.reason
    assert found.asks is not row.opens, "who approves is asked for one"
    if let_in:
        assert let_in.approved_by.endswith(f', for "{row.reason}"')


def test_each_of_several_gives_their_own() -> None:
    theirs: list[TagRecord | AuditRecord] = [tagged(APPROVER, 5), SETS]
    second = a_record(actor=OFFICER, seconds=20)
    found = of_a_card([*theirs, second], needed=2)
    assert [each.code for each in found.findings] == ["ApprovalsMissing", "ReasonMissing"]
    assert OFFICER.arn in found.findings[1].detail
    assert prod(of_a_card([*theirs, tagged(OFFICER, 15, "agreed"), second], needed=2))


@pytest.mark.parametrize(("seconds", "late"), [(5, True), (10, True), (11, False)])
def test_a_reason_that_is_heard_of_after_its_status_is_late(seconds: float, *, late: bool) -> None:
    assert is_late(tagged(APPROVER, seconds), [written(), SETS]) is late
    assert not is_late(tagged(AUTHOR, seconds), [written(), SETS])


def package(*records: AuditRecord) -> Entitled:
    return entitle_package(
        replace(package_rules(), stages=ASKING),
        a_package(modified=0.4),
        records,
        questions=asked_about(records),
        now=at(60),
    )


class TestAPackage:
    approval = a_record(APPROVED, APPROVER, version=3, content=CONTENT)

    @pytest.mark.parametrize(
        ("reason", "opens"),
        [("better on the holdout", True), ("", False), ("  ", False), ("\u200b", False), ("***", True)],
    )
    def test_has_its_reason_in_the_call(self, reason: str, *, opens: bool) -> None:
        found = package(replace(self.approval, reason=reason))
        assert ([each.code for each in found.findings], bool(prod(found))) == (
            [] if opens else ["ReasonMissing"],
            opens,
        )

    def test_waits_for_cloudtrails_record_where_sagemaker_has_said_who_it_was(self) -> None:
        asking = replace(package_rules(), stages=ASKING)
        told = replace(self.approval, source=RecordSource.STATE_CHANGE, moment=at(0.4))
        assert asking.packages
        taking = replace(asking, packages=replace(asking.packages, approval_source=ApprovalSource.STATE_CHANGE))

        def found(*records: AuditRecord) -> Entitled:
            return entitle_package(taking, a_package(modified=0.4), records, questions=asked_about(records), now=at(60))

        assert (found(told).waiting, found(told).findings) == (("prod",), ())
        own = replace(self.approval, id="cloudtrail", reason="better")
        assert prod(found(told, own))


def test_a_reason_is_kept_with_its_record() -> None:
    record = replace(SETS, reason="because")
    item = entries.entry_item("arn", record, Head())
    assert entries.kept_of([items.values(item)], Head()).records == (record,)


def test_a_question_says_that_a_reason_has_to_be_given_and_how() -> None:
    question = a_card_question(rules(), a_card(PENDING, modified=30.4), written(), a_record(PENDING, AUTHOR, 30))
    assert question
    assert question.headline == "Approved would open prod"
    first = question.answers[0]
    assert (first.says, f"--tags Key={REASON_TAG},Value=WHY" in first.command) == ("First, why", True)


@pytest.mark.parametrize(
    ("who", "kept"),
    [
        (APPROVER, True),
        (OFFICER, True),
        (AUTHOR, False),
        (Actor(arn=f"arn:aws:sts::{GOVERNANCE}:assumed-role/Studio/SageMaker", source_identity="ann"), True),
        (Actor(arn=f"arn:aws:sts::{GOVERNANCE}:assumed-role/Studio/SageMaker", source_identity="bob"), False),
    ],
)
def test_the_reasons_of_those_are_kept_who_may_be_approvers(who: Actor, *, kept: bool) -> None:
    profile = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:user-profile/d-1/ann"
    listed = [Approvers(stage="prod", principals=(APPROVER_ROLE, profile))]
    others = Approvers(stage="prod", principals=(OFFICER_ROLE,), audience="fraud")
    assert is_approvers(tagged(who, 0), some_rules(approvers=[*listed, others])) is kept
    assert not is_approvers(replace(tagged(who, 0), actor=None), some_rules(approvers=listed))
