"""A question says before anybody answers it what Yes would open, for whom, and what would keep it closed."""

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from stagegate.approvals.principals import Actor
from stagegate.core.findings import blocked
from stagegate.core.statuses import RiskRating
from stagegate.plans.question import Question, as_json, console_page, lines
from stagegate.rules.model import Approvers
from stagegate.subjects.cards.entitle import entitle
from tests.support import packages
from tests.support.builders import (
    APPROVED,
    APPROVER,
    APPROVER_ROLE,
    ARCHIVED,
    AUTHOR,
    CARD_ARN,
    DEV,
    DRAFT,
    GOVERNANCE,
    PENDING,
    a_card,
    a_card_question,
    a_grant,
    a_question,
    a_record,
    at,
    reads,
    some_rules,
    the_subject,
    writes,
    written,
)
from tests.support.packages import a_package, package_rules, the_plan

OTHER_ROLE = f"arn:aws:iam::{GOVERNANCE}:role/RiskOfficer"
DAVE = AUTHOR.arn
REVIEW = a_record(PENDING, AUTHOR, 30)
ALL = ("dev", "test", "prod")
CARD = a_card(PENDING, modified=30.4)


def gate(*principals: str, stage: str = "prod", risks: tuple[RiskRating, ...] = tuple(RiskRating)) -> Approvers:
    return Approvers(stage=stage, principals=principals, risks=risks)


def asked(card: Any = CARD, records: Collection[Any] = (written(), REVIEW), grants: Any = (), **rules: Any) -> Question:
    question = a_card_question(some_rules(**rules), card, *records, grants=grants)
    assert question
    return question


def blocked_by(question: Question, stage: str = "prod") -> list[tuple[str, tuple[str, ...]]]:
    (found,) = [each for each in question.yes[0].stages if each.stage == stage]
    return [(blocker.finding.code, blocker.by) for blocker in found.blockers]


def test_what_nothing_is_in_the_way_of() -> None:
    question = asked(grants=(a_grant("dev", DEV, write=True), a_grant("test", "333344445555")))
    assert (question.headline, question.stages) == ("Approved would open prod", ("prod",))
    assert question.yes[0].changes == ("+ prod (444455556666): read only",)
    assert (question.asked_by, question.since) == (DAVE, REVIEW.at)
    assert blocked_by(question) == []


@pytest.mark.parametrize(
    ("rules", "blockers"),
    [
        ({"required_sections": ["evaluation_details"]}, [("SectionsMissing", ())]),
        ({"approvers": [gate(APPROVER_ROLE, risks=(RiskRating.LOW,))]}, [("NoApprover", ())]),
        ({"approvers": [gate(DAVE)], "four_eyes": True}, [("FourEyes", (DAVE,))]),
        ({"approvers": [gate(str(AUTHOR.role_arn))], "four_eyes": True}, [("FourEyes", (str(AUTHOR.role_arn),))]),
    ],
)
def test_what_yes_would_open_nothing_says_so(
    rules: dict[str, Any], blockers: list[tuple[str, tuple[str, ...]]]
) -> None:
    rules = {"approvers": [gate(APPROVER_ROLE, OTHER_ROLE)], **rules}
    question = asked(**rules)
    assert question.headline == "Approved would open nothing now"
    assert blocked_by(question) == blockers
    assert question.yes[0].shut == ("prod",)


def test_one_of_those_who_are_asked_may_not_and_the_other_may() -> None:
    question = asked(approvers=[gate(DAVE, APPROVER_ROLE)], four_eyes=True)
    assert question.headline == "Approved would open prod"
    assert blocked_by(question) == [("FourEyes", (DAVE,))]


def test_who_wrote_it_may_not_be_known_yet() -> None:
    question = asked(records=(), four_eyes=True)
    prod = question.yes[0].stages[-1]
    assert (question.headline, prod.waits, prod.blockers) == ("Approved would open prod", True, ())
    assert "? prod: CloudTrail hasn't said yet who wrote it" in "\n".join(lines(question, dict.fromkeys(ALL, "")))


def test_the_gates_say_the_same_once_it_is_approved() -> None:
    """What a question says of Yes is what comes of it: the same gates, on the real record."""
    for four_eyes in (False, True):
        for sections in ((), ("evaluation_details",)):
            rules = some_rules(four_eyes=four_eyes, required_sections=sections)
            question = a_card_question(rules, CARD, written(), REVIEW)
            card = replace(CARD, status=APPROVED, last_modified=at(400.4))
            records = (written(), REVIEW, a_record(APPROVED, APPROVER, 400))
            entitled = entitle(rules, card, records, questions=[a_question(seconds=60)], now=at(500))
            opened = {each.stage for each in entitled.entitlements} & {"prod"}
            assert question
            assert opened == set(question.yes[0].opens)


def test_what_yes_takes_away_is_a_difference_too() -> None:
    opens = {PENDING: (writes("dev"), reads("test")), APPROVED: (reads("dev"), reads("prod"))}
    grants = (a_grant("dev", DEV, write=True), a_grant("test", "333344445555"))
    assert asked(opens=opens, grants=grants).yes[0].changes == (
        "+ prod (444455556666): read only",
        f"~ dev ({DEV}): read only (was ({DEV}): read and write)",
        "- test (333344445555): read only",
    )


def test_what_opens_something_is_named_before_what_opens_nothing() -> None:
    opens = {ARCHIVED: (reads("test"),), APPROVED: (reads("prod"),)}
    approvers = [gate(APPROVER_ROLE), gate(APPROVER_ROLE, stage="test", risks=(RiskRating.LOW,))]
    assert [yes.status for yes in asked(opens=opens, approvers=approvers).yes] == ["Approved", "Archived"]


def test_a_question_without_anything_to_open_is_none() -> None:
    assert a_card_question(some_rules(approvers=()), CARD) is None


def test_the_answers_work_from_any_account() -> None:
    answers = asked().answers
    assert [(answer.says, answer.status) for answer in answers] == [
        ("Yes", APPROVED),
        ("Send back", DRAFT),
        ("No", ARCHIVED),
    ]
    for answer in answers:
        assert CARD_ARN in answer.command
        assert "--region us-east-1" in answer.command


@pytest.mark.parametrize(
    ("partition", "address"),
    [("aws", "console.aws.amazon.com/"), ("aws-cn", "console.amazonaws.cn/"), ("aws-us-gov", "amazonaws-us-gov.com/")],
)
def test_the_console_is_the_partitions(partition: str, address: str) -> None:
    assert address in console_page(replace(the_subject(), partition=partition), "model-cards/churn")


def test_a_mail_names_whom_a_blocker_is_about() -> None:
    question = asked(approvers=[gate(DAVE, APPROVER_ROLE)], four_eyes=True)
    said = lines(question, dict.fromkeys(ALL, ""))
    (line,) = [line for line in said if line.startswith("!")]
    assert line.startswith(f"! prod stays closed if {DAVE} sets it: FourEyes: {DAVE} wrote this content")


def test_programs_get_all_of_it() -> None:
    said: Any = as_json(asked(required_sections=["evaluation_details"]))
    schema = json.loads(Path("docs/message.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator({**schema["$defs"]["question"], "$defs": schema["$defs"]}).validate(said)
    prod = next(each for each in said["yes"][0]["stages"] if each["stage"] == "prod")
    assert (prod["opens"], prod["may"], prod["blockers"][0]["code"]) == (False, [APPROVER_ROLE], "SectionsMissing")
    assert said["answers"][0]["says"] == "Yes"


def test_somebody_of_a_role_is_nobody_who_is_known() -> None:
    sso = f"arn:aws:iam::{GOVERNANCE}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Approver_0123456789abcdef"
    author = Actor(
        arn=f"arn:aws:sts::{GOVERNANCE}:assumed-role/AWSReservedSSO_Approver_0123456789abcdef/dave", role_arn=sso
    )
    question = asked(records=(written(author), REVIEW), approvers=[gate(sso)], four_eyes=True)
    assert question.headline == "Approved would open prod", "another one of that role may"


class TestAPackage:
    RULES = package_rules()
    PACKAGE = a_package(packages.PENDING)
    IMAGE = blocked("ImageMissing", "There is none of that tag.")

    def asked(self, **observed: Any) -> Question:
        plan = the_plan(self.RULES, package=self.PACKAGE)
        question = packages.a_question(self.RULES, plan, self.PACKAGE, **observed)
        assert question
        return question

    def test_what_nothing_is_in_the_way_of(self) -> None:
        question = self.asked()
        assert question.headline == "Approved would open prod"
        assert question.yes[0].changes == ("+ prod (444455556666): deploy",)
        assert [(each.says, each.status) for each in question.answers] == [
            ("Yes", "Approved"),
            ("No", "Rejected"),
        ]

    def test_an_image_that_is_not_there_keeps_all_closed_whoever_says_yes(self) -> None:
        question = self.asked(blocking=(self.IMAGE,))
        assert question.headline == "Approved would open nothing now"
        assert question.yes[0].changes == ()
        assert "ImageMissing" in [blocker.finding.code for blocker in question.yes[0].stages[0].blockers]

    def test_nothing_is_asked_about_what_nobody_has_to_approve(self) -> None:
        rules = replace(self.RULES, approvers=())
        plan = the_plan(rules, package=self.PACKAGE)
        assert packages.a_question(rules, plan, self.PACKAGE) is None
