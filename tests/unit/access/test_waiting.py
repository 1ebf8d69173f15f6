"""The decisions that approvers have not taken."""

from dataclasses import replace

import pytest

from stagegate.access.model import Entry, SubjectRecord, recorded_subject
from stagegate.access.waiting import decisions_waiting
from stagegate.approvals.records import AuditRecord
from stagegate.core.findings import blocked
from stagegate.core.statuses import RiskRating
from stagegate.rules.model import Approvers, PackageRules, PackageStatusRule
from tests.support.builders import (
    APPROVED,
    APPROVER_ROLE,
    AUTHOR,
    CARD_ARN,
    DRAFT,
    PENDING,
    a_question,
    a_record,
    at,
    some_rules,
)
from tests.support.packages import PACKAGE_ARN
from tests.support.packages import PENDING as PACKAGE_PENDING

RULES = some_rules()
NOW = Entry(at=at(10), execution="run", outcome="unchanged", status=PENDING, version=1, content_hash="one")
RECORD = SubjectRecord(subject=recorded_subject(CARD_ARN), now=NOW, questions=(a_question(seconds=20),))


def test_a_question_without_an_answer_waits_for_the_approvers_of_its_risk() -> None:
    (waiting,) = decisions_waiting([RECORD], RULES)
    assert (waiting.record.subject.arn, waiting.approvers) == (CARD_ARN, (APPROVER_ROLE,))
    low_only = some_rules(approvers=[Approvers(stage="prod", principals=("nobody",), risks=(RiskRating.LOW,))])
    assert decisions_waiting([RECORD], low_only)[0].approvers == ()


@pytest.mark.parametrize(
    "answered",
    [
        replace(RECORD, records=(a_record(APPROVED, seconds=30),)),
        replace(RECORD, records=(a_record(DRAFT, seconds=30),)),
        replace(RECORD, now=replace(NOW, status=DRAFT)),
        replace(RECORD, now=replace(NOW, content_hash="two")),
        replace(RECORD, now=replace(NOW, version=2)),
        replace(RECORD, now=replace(NOW, status="Deleted", version=None, content_hash=None)),
        replace(RECORD, now=None),
        replace(RECORD, questions=()),
    ],
    ids=["yes", "no", "sent back", "edited", "another version", "deleted", "never recorded", "never asked"],
)
def test_what_is_answered_or_about_something_else_doesnt_wait(answered: SubjectRecord) -> None:
    assert decisions_waiting([answered], RULES) == ()


@pytest.mark.parametrize("record", [a_record(APPROVED, AUTHOR, 30), a_record(APPROVED, seconds=19)])
def test_somebody_else_and_an_approval_before_the_question_answer_nothing(record: AuditRecord) -> None:
    assert decisions_waiting([replace(RECORD, records=(record,))], RULES)


def test_an_answer_that_doesnt_count_is_asked_for_again() -> None:
    found = replace(NOW, status=APPROVED, findings=(blocked("ApprovalUnclear", "Set it once more."),))
    assert decisions_waiting([replace(RECORD, now=found, records=(a_record(APPROVED, seconds=30),))], RULES)


def test_packages_wait_where_they_are_governed() -> None:
    record = replace(RECORD, subject=recorded_subject(PACKAGE_ARN), now=replace(NOW, status=PACKAGE_PENDING))
    assert decisions_waiting([record], RULES) == ()
    asks = PackageRules(status={PACKAGE_PENDING: PackageStatusRule(ask_approvers=True)})
    assert decisions_waiting([record], replace(RULES, packages=asks))


def test_the_oldest_comes_first() -> None:
    older = replace(RECORD, questions=(a_question(seconds=-5),))
    assert [w.question.at for w in decisions_waiting([RECORD, older], RULES)] == [at(-5), at(20)]
