"""What opens a stage: its status, and behind a gate an approver, the sections, a second pair of eyes, and patience."""

import pytest

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.gate import PATIENCE
from stagegate.approvals.principals import Actor
from stagegate.approvals.records import AuditRecord, own_record
from stagegate.core.findings import Severity
from stagegate.core.statuses import CardStatus, RiskRating
from stagegate.rules.model import AfterEdit, Approvers, Rules
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.cards.model import Card
from tests.support.builders import (
    APPROVED,
    APPROVER,
    APPROVER_ROLE,
    ARCHIVED,
    AUTHOR,
    DRAFT,
    GOVERNANCE,
    PENDING,
    a_card,
    a_record,
    asked_about,
    at,
    some_rules,
    written,
)

PROFILE = Actor(arn=f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:user-profile/d-1/ann")
STUDIO = Actor(arn=f"arn:aws:sts::{GOVERNANCE}:assumed-role/Studio/SageMaker")


def entitled(
    card: Card | None, *records: AuditRecord, rules: Rules | None = None, seconds: float = 60, open_: str = ""
) -> Entitled:
    return entitle(
        rules or some_rules(),
        card,
        records,
        questions=asked_about(records),
        open_stages=open_.split(),
        now=at(seconds),
    )


def stages(found: Entitled) -> list[str]:
    return [e.stage for e in found.entitlements]


def codes(found: Entitled) -> list[tuple[str, str]]:
    return [(f.code, f.severity.value) for f in found.findings]


@pytest.mark.parametrize(
    ("status", "expected"),
    [(DRAFT, ["dev"]), (PENDING, ["dev", "test"]), (APPROVED, ["dev", "test", "prod"]), (ARCHIVED, [])],
)
def test_a_status_opens_what_the_rules_say(status: CardStatus, expected: list[str]) -> None:
    assert stages(entitled(a_card(status), a_record(status))) == expected


def test_an_entitlement_says_whether_it_may_write_and_on_whose_approval() -> None:
    record = a_record()
    dev, _, prod = entitled(a_card(), record).entitlements
    assert (dev.write, dev.approval) == (True, None)
    assert (prod.write, prod.approval) == (False, record)


def test_a_card_that_is_gone_entitles_nobody() -> None:
    assert entitled(None, a_record()) == Entitled()


def test_a_card_that_cant_be_decrypted_opens_nowhere_and_says_why() -> None:
    found = entitled(a_card(kms_key="key-1", sealed=True), a_record(), open_="dev test prod")
    assert (stages(found), found.waiting) == ([], ())
    assert codes(found) == [("CardSealed", "block")]
    assert "key-1" in found.findings[0].detail


def test_nothing_is_said_of_it_where_nothing_would_open() -> None:
    assert entitled(a_card(ARCHIVED, kms_key="key-1", sealed=True)) == Entitled()


def test_a_card_under_a_customers_key_is_like_any_other() -> None:
    assert stages(entitled(a_card(kms_key="key-1"), a_record())) == ["dev", "test", "prod"]


class TestTheApproverList:
    high = Approvers(stage="prod", principals=(APPROVER_ROLE,), risks=(RiskRating.HIGH,))
    low = Approvers(stage="prod", principals=(AUTHOR.role_arn or "",), risks=(RiskRating.LOW,))
    rules = some_rules(approvers=(high, low))

    @pytest.mark.parametrize(
        ("risk", "actor", "opens"),
        [
            (RiskRating.HIGH, APPROVER, True),
            (RiskRating.HIGH, AUTHOR, False),
            (RiskRating.LOW, APPROVER, False),
            (RiskRating.LOW, AUTHOR, True),
        ],
    )
    def test_it_is_that_of_the_cards_risk(self, risk: RiskRating, actor: Actor, *, opens: bool) -> None:
        found = entitled(a_card(risk=risk), a_record(actor=actor), rules=self.rules)
        assert ("prod" in stages(found)) is opens
        assert codes(found) == ([] if opens else [("NotAnApprover", "block")])

    def test_a_risk_that_nobody_may_approve_says_so(self) -> None:
        found = entitled(a_card(risk=RiskRating.MEDIUM), a_record(), rules=self.rules)
        assert (stages(found), codes(found)) == (["dev", "test"], [("NoApprover", "block")])

    def test_it_is_that_of_the_stage(self) -> None:
        elsewhere = Approvers(stage="test", principals=(AUTHOR.role_arn or "",))
        found = entitled(a_card(), a_record(actor=AUTHOR), rules=some_rules(approvers=(self.high, elsewhere)))
        assert stages(found) == ["dev", "test"]

    def test_whoever_is_not_on_it_is_named(self) -> None:
        (finding,) = entitled(a_card(), a_record(actor=AUTHOR)).findings
        assert AUTHOR.arn in finding.detail
        assert finding.stage == "prod"

    def test_an_approver_who_cant_be_believed_is_not_said_to_be_none(self) -> None:
        same_second = entitled(a_card(), a_record(DRAFT, AUTHOR), a_record())
        which_content = entitled(a_card(), a_record(content=None, version=None))
        assert codes(same_second) == codes(which_content) == [("ApprovalUnclear", "block")]
        assert "prod" not in stages(same_second) + stages(which_content)


class TestSections:
    rules = some_rules(required_sections=("model_overview", "evaluation_details", "training_details"))

    def test_a_gated_stage_needs_them_filled_in(self) -> None:
        found = entitled(a_card(), a_record(), rules=self.rules)
        assert (stages(found), codes(found)) == (["dev", "test"], [("SectionsMissing", "block")])
        assert "evaluation_details, training_details" in found.findings[0].detail

    def test_it_opens_with_them(self) -> None:
        card = a_card(sections=(*self.rules.cards.required_sections, "extra"))
        assert "prod" in stages(entitled(card, a_record(), rules=self.rules))

    def test_a_stage_without_a_gate_doesnt(self) -> None:
        assert stages(entitled(a_card(PENDING, sections=()), rules=self.rules)) == ["dev", "test"]


class TestFourEyes:
    rules = some_rules(four_eyes=True)

    def found(self, *records: AuditRecord, card: Card | None = None, seconds: float = 60) -> Entitled:
        return entitled(card or a_card(), *records, rules=self.rules, seconds=seconds)

    def test_the_author_is_not_the_approver(self) -> None:
        assert "prod" in stages(self.found(written(AUTHOR), a_record()))

    def test_who_wrote_the_content_cant_approve_it(self) -> None:
        found = self.found(written(APPROVER), a_record())
        assert (stages(found), codes(found)) == (["dev", "test"], [("FourEyes", "block")])

    def test_one_of_several_authors_is_an_author(self) -> None:
        both = (written(AUTHOR), written(APPROVER, -60, version=1))
        assert codes(self.found(*both, a_record())) == [("FourEyes", "block")]

    def test_an_author_of_the_same_content_in_another_version_is_an_author(self) -> None:
        again = (written(APPROVER, -120, version=1), written(AUTHOR, -60, version=2), a_record(version=2))
        assert codes(self.found(*again, card=a_card(version=2))) == [("FourEyes", "block")]

    def test_one_person_in_two_roles_is_one_person(self) -> None:
        writer = Actor(arn=AUTHOR.arn, source_identity="ann")
        approver = Actor(arn=APPROVER.arn, role_arn=APPROVER.role_arn, source_identity="ann")
        assert codes(self.found(written(writer), a_record(actor=approver))) == [("FourEyes", "block")]

    def test_an_unknown_author_is_waited_for_and_then_asked_about(self) -> None:
        assert self.found(a_record()).waiting == ("prod",)
        late = self.found(a_record(), seconds=PATIENCE.total_seconds() + 1)
        assert (late.waiting, codes(late)) == ((), [("RecordMissing", "block")])

    def test_an_earlier_card_of_the_name_has_no_authors_for_this_one(self) -> None:
        reborn = a_card(created=at(-10))
        assert self.found(written(AUTHOR), a_record(), card=reborn).waiting == ("prod",)

    def test_a_studio_user_who_may_be_the_author_is_not_the_second_pair_of_eyes(self) -> None:
        rules = some_rules(four_eyes=True, approvers=[Approvers(stage="prod", principals=(PROFILE.arn,))])
        card, approval = a_card(), a_record(actor=PROFILE)
        found = entitled(card, written(STUDIO), approval, rules=rules)
        assert (stages(found), codes(found)) == (["dev", "test"], [("FourEyes", "block")])
        assert "ExecutionRoleIdentityConfig" in found.findings[0].detail
        assert "prod" in stages(entitled(card, written(AUTHOR), approval, rules=rules))


class TestAnEditAfterTheApproval:
    card = a_card(version=2, content="two", modified=60.4)
    records = (written(), a_record(), written(AUTHOR, 60, version=2, content="two"))

    @pytest.mark.parametrize(
        ("after_edit", "open_", "is_open", "code"),
        [
            (AfterEdit.CLOSE, "prod", False, "ApprovalVoid"),
            (AfterEdit.CLOSE, "", False, "ApprovalVoid"),
            (AfterEdit.ASK, "prod", True, "ApprovalOutdated"),
            (AfterEdit.ASK, "", False, "ApprovalVoid"),
        ],
    )
    @pytest.mark.parametrize("four_eyes", [True, False])
    def test_closes_the_stage_or_asks_again(
        self, after_edit: AfterEdit, open_: str, code: str, *, is_open: bool, four_eyes: bool
    ) -> None:
        rules = some_rules(after_edit=after_edit, four_eyes=four_eyes)
        found = entitled(self.card, *self.records, rules=rules, open_=open_)
        assert ("prod" in stages(found)) is is_open
        assert [c for c, _ in codes(found)] == [code]
        severity = Severity.WARN if is_open else Severity.BLOCK
        assert found.findings[0].severity is severity

    def test_an_open_stage_doesnt_close_while_the_record_of_the_edit_is_on_its_way(self) -> None:
        rules = some_rules(after_edit=AfterEdit.ASK, four_eyes=True)
        found = entitled(self.card, *self.records[:2], rules=rules, open_="prod")
        assert ("prod" in stages(found), found.waiting) == (True, ())

    def test_an_approver_who_edits_afterwards_approves_nothing_more(self) -> None:
        rules = some_rules(after_edit=AfterEdit.ASK, four_eyes=True)
        edit = written(APPROVER, 60, version=2, content="two")
        assert codes(entitled(self.card, *self.records[:2], edit, rules=rules, open_="prod")) == [("FourEyes", "block")]

    def test_an_edit_that_changes_the_risk_asks_the_other_list(self) -> None:
        high = Approvers(stage="prod", principals=(APPROVER_ROLE,), risks=(RiskRating.HIGH,))
        low = Approvers(stage="prod", principals=("arn:aws:iam::111122223333:role/Other",), risks=(RiskRating.LOW,))
        rules = some_rules(after_edit=AfterEdit.ASK, approvers=[high, low])
        card = a_card(version=2, content="two", modified=60.4, risk=RiskRating.LOW)
        assert "prod" not in stages(entitled(card, *self.records, rules=rules, open_="prod"))


class TestWhileARecordIsAwaited:
    def test_a_closed_stage_waits_and_says_nothing(self) -> None:
        found = entitled(a_card())
        assert (stages(found), found.waiting, found.findings) == (["dev", "test"], ("prod",), ())

    def test_an_approval_of_before_opens_nothing_new(self) -> None:
        assert entitled(a_card(modified=120.4), a_record(), seconds=130).waiting == ("prod",)

    def test_a_stage_that_is_open_on_an_approval_that_stands_stays_open(self) -> None:
        found = entitled(a_card(modified=120.4), a_record(), seconds=130, open_="dev test prod")
        assert (stages(found), found.waiting) == (["dev", "test", "prod"], ())

    def test_a_stage_that_is_open_without_one_closes(self) -> None:
        records = (a_record(), a_record(DRAFT, AUTHOR, 60))
        assert "prod" not in stages(entitled(a_card(modified=120.4), *records, seconds=130, open_="prod"))

    @pytest.mark.parametrize(("seconds", "missing"), [(-1, False), (0, True)])
    def test_patience_ends(self, seconds: float, *, missing: bool) -> None:
        found = entitled(a_card(modified=0), seconds=PATIENCE.total_seconds() + seconds)
        assert codes(found) == ([("RecordMissing", "block")] if missing else [])
        assert found.waiting == (() if missing else ("prod",))


class TestWhatSageMakerItselfSays:
    rules = some_rules(approvers=[Approvers(stage="prod", principals=(PROFILE.arn,))])

    def test_it_opens_nothing_before_it_is_on_record(self) -> None:
        found = entitled(a_card(by=PROFILE), rules=self.rules)
        assert ("prod" in stages(found), found.waiting, found.is_unrecorded) == (False, ("prod",), True)

    def test_it_goes_on_record_once_and_opens(self) -> None:
        card = a_card(by=PROFILE)
        own = own_record(card, ())
        assert own
        again = entitled(card, own, rules=self.rules)
        assert ("prod" in stages(again), again.is_unrecorded) == (True, False)

    def test_it_is_nothing_to_a_status_without_a_gate(self) -> None:
        assert not entitled(a_card(DRAFT, by=PROFILE), rules=self.rules).is_unrecorded

    def test_somebody_who_isnt_on_the_list_goes_nowhere(self) -> None:
        card = a_card(by=AUTHOR)
        own = own_record(card, ())
        assert own
        assert codes(entitled(card, own, rules=self.rules)) == [("NotAnApprover", "block")]
