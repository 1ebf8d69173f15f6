"""Several approvers: who did what, in which order, and whether a stage opens by it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import pytest

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.gates.several import counted
from stagegate.approvals.principals import Actor
from stagegate.approvals.records import AuditRecord
from stagegate.core.statuses import PackageStatus, RiskRating
from stagegate.plans.question import Question, lines
from stagegate.rules.model import AfterChange, AfterEdit, Approvers
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.packages.artifacts import Artifacts, Data
from stagegate.subjects.packages.entitle import entitle_package
from tests.support.builders import (
    APPROVED,
    APPROVER,
    APPROVER_ROLE,
    AUTHOR,
    DRAFT,
    GOVERNANCE,
    PENDING,
    a_card,
    a_card_question,
    a_message,
    a_plan,
    a_record,
    asked_about,
    at,
    some_rules,
    written,
)
from tests.support.packages import ARTIFACTS, CONTENT, DATA, OBJECT, a_package, package_rules

OFFICER_ROLE = f"arn:aws:iam::{GOVERNANCE}:role/RiskOfficer"
SSO_ROLE = f"arn:aws:iam::{GOVERNANCE}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Approvers_0123456789abcdef"


def session(role: str, name: str, source_identity: str | None = None) -> Actor:
    called = role.rpartition("/")[2]
    arn = f"arn:aws:sts::{GOVERNANCE}:assumed-role/{called}/{name}"
    return Actor(arn=arn, role_arn=role, source_identity=source_identity)


OFFICER, SAME_NAME = session(OFFICER_ROLE, "omar"), session(OFFICER_ROLE, "ann")
OTHER_SESSION = session(APPROVER_ROLE, "bea")
IN_SSO, ALSO_IN_SSO = session(SSO_ROLE, "cleo"), session(SSO_ROLE, "dora")
EVERYBODY = (APPROVER_ROLE, OFFICER_ROLE, SSO_ROLE)
TWO = (Approvers(stage="prod", principals=EVERYBODY, needed=2),)
EDIT = "edit"


@dataclass(frozen=True)
class Did:
    """Somebody set a status, or edited the content, so many seconds after noon."""

    who: Actor
    seconds: float
    what: StrEnum | str = APPROVED
    content: str = "one"

    def to_a_card(self) -> AuditRecord:
        version = {"one": 1, "two": 2, "one again": 3}[self.content]
        status = None if self.what == EDIT else self.what
        return a_record(status, self.who, self.seconds, version=version, content=self.content.partition(" ")[0])  # type: ignore[arg-type]

    def to_a_package(self) -> AuditRecord:
        status = {APPROVED: PackageStatus.APPROVED, DRAFT: PackageStatus.PENDING}[self.what]  # type: ignore[index]
        return a_record(status, self.who, self.seconds, version=3, content=CONTENT)


@dataclass(frozen=True)
class Row:
    """Who did what to what `author` wrote; the findings that it comes to, none where it opens; who counts."""

    did: Sequence[Did]
    says: Sequence[str] = ()
    by: Sequence[Actor] = ()
    author: Actor = AUTHOR


A, B = Did(APPROVER, 0), Did(OFFICER, 60)
MISSING = ("ApprovalsMissing",)
TABLE = {
    "one of them": Row([A], MISSING, [APPROVER]),
    "two of them": Row([A, B], by=[APPROVER, OFFICER]),
    "two of them, whose records come the other way round": Row([B, A], by=[APPROVER, OFFICER]),
    "two of them in one second": Row([A, Did(OFFICER, 0)], by=[APPROVER, OFFICER]),
    "one of them twice": Row([A, Did(APPROVER, 60)], MISSING, [APPROVER]),
    "two sessions of one role": Row([A, Did(OTHER_SESSION, 60)], MISSING, [APPROVER]),
    "one name under two roles": Row([A, Did(SAME_NAME, 60)], MISSING, [APPROVER]),
    "two source identities under one role": Row(
        [Did(session(APPROVER_ROLE, "x", "ann"), 0), Did(session(APPROVER_ROLE, "y", "bea"), 60)], MISSING
    ),
    "two users of Identity Center under one role": Row(
        [Did(IN_SSO, 0), Did(ALSO_IN_SSO, 60)], by=[IN_SSO, ALSO_IN_SSO]
    ),
    "one of them and the developer": Row([A, Did(AUTHOR, 60)], MISSING, [APPROVER]),
    "the developer, and then two of them": Row([Did(AUTHOR, -60), A, B], by=[APPROVER, OFFICER]),
    "who wrote it and one of them": Row([A, B], (*MISSING, "FourEyes"), [OFFICER], author=APPROVER),
    "who wrote it and two others": Row([A, Did(IN_SSO, 30), B], by=[IN_SSO, OFFICER], author=APPROVER),
    "one of them, sent back, another one": Row([A, Did(AUTHOR, 30, DRAFT), B], MISSING, [OFFICER]),
    "sent back, and then both": Row([A, Did(AUTHOR, 30, DRAFT), B, Did(APPROVER, 90)], by=[OFFICER, APPROVER]),
    "both, sent back, and the developer takes it up": Row(
        [A, B, Did(AUTHOR, 90, DRAFT), Did(AUTHOR, 120)], ["NotAnApprover"]
    ),
    "both, and then the first once more": Row([A, B, Did(APPROVER, 120)], by=[APPROVER, OFFICER]),
    "both, and then both once more": Row([A, B, Did(OFFICER, 120), Did(APPROVER, 180)], by=[OFFICER, APPROVER]),
    "both, and then the developer": Row([A, B, Did(AUTHOR, 120)], by=[APPROVER, OFFICER]),
    "one who can't be told from either of two others": Row(
        [A, Did(SAME_NAME, 30), Did(session(OFFICER_ROLE, "zoe"), 60)],
        by=[APPROVER, session(OFFICER_ROLE, "zoe")],
    ),
}
OF_CARDS = {
    "edited in between": Row([A, Did(AUTHOR, 30, EDIT, "two"), Did(OFFICER, 60, content="two")], MISSING, [OFFICER]),
    "edited after both": Row([A, Did(OFFICER, 30), Did(AUTHOR, 60, EDIT, "two")], ["ApprovalVoid"]),
    "edited, and edited back": Row(
        [A, Did(AUTHOR, 30, EDIT, "two"), Did(AUTHOR, 45, EDIT, "one again"), Did(OFFICER, 60, content="one again")],
        by=[APPROVER, OFFICER],
    ),
    "edited in between by the other one": Row(
        [A, Did(OFFICER, 30, EDIT, "two"), Did(OFFICER, 60, content="two"), Did(APPROVER, 90, content="two")],
        (*MISSING, "FourEyes"),
        [APPROVER],
    ),
}


def of_a_card(row: Row, *, arrived: int | None = None, open_: str = "", rules: object = None) -> Entitled:
    records = [written(row.author), *(did.to_a_card() for did in row.did)]
    last = max(row.did, key=lambda did: did.seconds)
    now = last.to_a_card()
    card = a_card(version=now.version or 1, content=now.content_hash or "", modified=last.seconds + 0.4)
    return entitle(
        rules or some_rules(approvers=TWO, four_eyes=True),  # type: ignore[arg-type]
        card,
        records[:arrived],
        questions=asked_about(records),
        open_stages=open_.split(),
        now=at(last.seconds + 60),
    )


def of_a_package(row: Row) -> Entitled:
    records = [did.to_a_package() for did in row.did]
    last = max(did.seconds for did in row.did)
    rules = replace(package_rules(), approvers=TWO)
    assert rules.packages
    return entitle_package(
        replace(rules, packages=replace(rules.packages, four_eyes=True)),
        replace(a_package(modified=last + 0.4), creator=row.author),
        records,
        questions=asked_about(records),
        now=at(last + 60),
    )


def check(row: Row, entitled: Entitled) -> None:
    prod = [each for each in entitled.entitlements if each.stage == "prod"]
    assert sorted(each.code for each in entitled.findings) == sorted(row.says)
    assert (bool(prod), entitled.waiting) == (not row.says, ())
    if prod:
        assert [each.actor for each in prod[0].approvals] == list(row.by)
    said = [each.detail.partition(" opens once ")[0] for each in entitled.findings if each.code in MISSING]
    assert all(actor.arn in detail for detail in said for actor in row.by)
    assert entitled.asks is bool(row.says)


@pytest.mark.parametrize("row", [*TABLE.values(), *OF_CARDS.values()], ids=[*TABLE, *OF_CARDS])
def test_who_did_what_to_a_card(row: Row) -> None:
    check(row, of_a_card(row))


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_who_did_what_to_a_package(row: Row) -> None:
    check(row, of_a_package(row))


def test_while_the_second_record_is_late_nothing_is_said_and_nothing_opens() -> None:
    found = of_a_card(Row([A, B]), arrived=2)
    assert (found.waiting, found.findings) == (("prod",), ())
    assert "prod" not in [each.stage for each in found.entitlements]


def test_what_two_have_opened_stays_open_while_a_record_is_late() -> None:
    row = Row([A, B, Did(AUTHOR, 180)])
    assert "prod" in [each.stage for each in of_a_card(row, arrived=3, open_="prod").entitlements]
    assert of_a_card(row, arrived=3).waiting == ("prod",)


def test_what_one_had_opened_closes_once_the_rules_ask_for_two() -> None:
    found = of_a_card(Row([A]), open_="prod")
    assert [each.code for each in found.findings] == ["ApprovalsMissing"]
    assert "prod" not in [each.stage for each in found.entitlements]


def test_an_edit_keeps_open_what_two_had_approved_and_not_what_one_had() -> None:
    rules = some_rules(approvers=TWO, after_edit=AfterEdit.ASK)
    edit = Did(AUTHOR, 90, EDIT, "two")
    both = of_a_card(Row([A, B, edit]), open_="prod", rules=rules)
    assert [each.code for each in both.findings] == ["ApprovalOutdated"]
    one = of_a_card(Row([A, edit]), open_="prod", rules=rules)
    assert [each.code for each in one.findings] == ["ApprovalsMissing"]
    assert "prod" not in [each.stage for each in one.entitlements]


def test_two_approvals_of_other_bytes_are_no_two_of_the_same() -> None:
    others = Artifacts(data=(Data(uri=DATA, objects=(replace(OBJECT, version_id="v2"),)),))
    first, second = A.to_a_package(), B.to_a_package()

    def found(*records: AuditRecord, look: Artifacts | None = None) -> Entitled:
        rules = replace(package_rules(after_change=AfterChange.CLOSE), approvers=TWO)
        package = a_package(modified=60.4)
        return entitle_package(
            rules, package, records, questions=asked_about(records), artifacts=look, open_stages=(), now=at(90)
        )

    pinned = [replace(each, fingerprints=ARTIFACTS.fingerprints) for each in (first, second)]
    changed = replace(second, fingerprints=others.fingerprints)
    assert [e.stage for e in found(*pinned, look=ARTIFACTS).entitlements] == ["prod"]
    for look in (None, ARTIFACTS, others):
        assert [each.code for each in found(pinned[0], changed, look=look).findings] == ["ApprovalsMissing"]


@pytest.mark.parametrize(("risk", "opens"), [(RiskRating.HIGH, False), (RiskRating.LOW, True)])
def test_how_many_is_said_for_a_risk_by_the_entry_that_asks_for_most(risk: RiskRating, *, opens: bool) -> None:
    of_all = Approvers(stage="prod", principals=(APPROVER_ROLE,))
    high = Approvers(stage="prod", principals=(OFFICER_ROLE,), risks=(RiskRating.HIGH,), needed=2)
    records = [A.to_a_card()]
    rules = some_rules(approvers=[of_all, high])
    question = [replace(each, asked=replace(each.asked, risk=risk)) for each in asked_about(records)]
    found = entitle(rules, a_card(risk=risk), records, questions=question, now=at(60))
    assert ("prod" in [each.stage for each in found.entitlements]) is opens


def test_one_who_was_not_asked_has_to_say_so_again() -> None:
    records = [written(), A.to_a_card(), B.to_a_card()]
    (question, *_) = asked_about([records[1]])
    asked_late = replace(question, at=at(30))
    found = entitle(some_rules(approvers=TWO), a_card(modified=60.4), records, questions=[asked_late], now=at(90))
    assert [each.code for each in found.findings] == ["ApprovalsMissing", "ApprovalNotAsked"]
    assert APPROVER.arn in found.findings[1].detail


class TestTheQuestion:
    rules = some_rules(approvers=TWO, four_eyes=True)

    def asked(self, *did: Did, author: Actor = AUTHOR) -> Question:
        last = max((each.seconds for each in did), default=0)
        card = a_card(APPROVED if did else PENDING, modified=last + 0.4)
        records = [written(author), *(each.to_a_card() for each in did)]
        question = a_card_question(self.rules, card, *records, questions=asked_about(records))
        assert question
        return question

    def test_says_how_many_have_to_and_how_many_have(self) -> None:
        assert self.asked().headline == "Approved would open prod (0 of 2 approved)"
        assert self.asked(A).headline == "Approved would open prod (1 of 2 approved)"
        assert f"1 of 2 approved, by {A.to_a_card()}" in "\n".join(lines(self.asked(A), {"prod": "read only"}))

    def test_says_who_cant_be_the_second(self) -> None:
        (prod,) = [each for each in self.asked(A).yes[0].stages if each.stage == "prod"]
        assert [(each.finding.code, each.by) for each in prod.blockers] == [("ApprovalsMissing", (APPROVER_ROLE,))]
        (prod,) = [each for each in self.asked(B, author=APPROVER).yes[0].stages if each.stage == "prod"]
        by = {each.finding.code: each.by for each in prod.blockers}
        assert by["FourEyes"] == (APPROVER_ROLE,)

    def test_is_asked_of_the_others_in_a_message_that_waits_and_doesnt_complain(self) -> None:
        records = [written(), A.to_a_card()]
        entitled = entitle(self.rules, a_card(), records, questions=asked_about(records), now=at(60))
        plan = a_plan(self.rules, entitled)
        message = a_message(self.rules, plan, a_card())
        assert message.labels.kind[0] == "DECIDE"
        assert "WAITING" in message.labels.kind
        assert "BLOCKED" not in message.labels.kind
        said = next(line for line in message.text.split("\n") if "ApprovalsMissing" in line)
        assert "1 of 2 approved the card as it is (version 1), by" in said
        assert said.endswith(f"Still asked: {OFFICER_ROLE}, {SSO_ROLE}.")


@pytest.mark.parametrize("needed", [2, 3, 5])
def test_a_crowd_of_sessions_pushes_nobody_out_and_is_looked_through_in_time(needed: int) -> None:
    """An automation with a new name for each call: before the others, between them, and after the last of them."""
    crowd = [session(APPROVER_ROLE, f"s{n}") for n in range(400 * needed)]
    officers = [session(f"{OFFICER_ROLE}{n}", f"officer-{n}") for n in range(1, needed)]
    given: list[Actor] = crowd[:400]
    for n, officer in enumerate(officers, start=1):
        given += [officer, *crowd[400 * n : 400 * (n + 1)]]
    approvals = [a_record(actor=actor, seconds=n) for n, actor in enumerate(given)]
    last = given.index(officers[-1])
    assert not counted(approvals[:last], needed).complete
    for end in (last + 1, last + 50, last + 51, len(given)):
        assert [each.actor for each in counted(approvals[:end], needed).complete] == [crowd[0], *officers]
