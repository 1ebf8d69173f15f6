"""The plan: what changes and in which order, what goes on record, and what is worth telling."""

from dataclasses import replace

import pytest

from stagegate.approvals.entitlement import Entitled
from stagegate.core.findings import blocked, warned
from stagegate.core.statuses import CardStatus
from stagegate.plans.change import Change
from stagegate.plans.grants import View
from stagegate.plans.plan import Plan, refused
from stagegate.plans.record import Outcome
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.covers import Cover
from stagegate.subjects.cards.decide import is_nothing_new, unchanged
from stagegate.subjects.cards.model import Card
from stagegate.subjects.registry import kind_of
from stagegate.surfaces.fences.model import EXCEPTED, AllowWrites, DenyWrites, ObservedFence, fence_of
from stagegate.surfaces.shares.changes import CloseShare, OpenShare
from stagegate.targets.fences import fence_target
from tests.support.builders import (
    APPROVED,
    ARCHIVED,
    CARD_ARN,
    DEV,
    DRAFT,
    GOVERNANCE,
    NOON,
    PENDING,
    PROD,
    TEST,
    a_basis,
    a_card,
    a_fence,
    a_grant,
    a_plan,
    a_record,
    a_share,
    a_stage,
    all_fences,
    at,
    entitled_to,
    no_fences,
    reads,
    recorded_by,
    share_arn,
    shares,
    some_rules,
    the_subject,
    writes,
)

RULES = some_rules()
OPEN = shares(
    a_share("dev", DEV),
    a_share("test", TEST),
    a_share("prod", PROD),
    dev_0="ASSOCIATED",
    test_0="ASSOCIATED",
    prod_0="ASSOCIATED",
)
EVERYBODY = entitled_to(writes("dev"), reads("test"), reads("prod"))
GRANTS = (a_grant("dev", DEV, write=True), a_grant("test", TEST), a_grant("prod", PROD))


def kinds(plan: Plan) -> list[tuple[str, str]]:
    def about(change: Change) -> str:
        match change:
            case DenyWrites(fence=fence) | AllowWrites(fence=fence):
                return fence.account
            case OpenShare(stage=stage) | CloseShare(stage=stage):
                return stage
        raise TypeError(f"{change} is about no card")

    return [(type(change).__name__, about(change)) for change in plan.changes]


class TestTheOrder:
    def test_fences_go_up_before_anything_opens(self) -> None:
        assert kinds(a_plan(RULES, EVERYBODY)) == [
            ("DenyWrites", TEST),
            ("DenyWrites", PROD),
            ("OpenShare", "dev"),
            ("OpenShare", "prod"),
            ("OpenShare", "test"),
        ]

    def test_they_come_down_after_everything_has_opened(self) -> None:
        """Dev read some cards, and may write all that it sees now; prod goes."""
        kept = a_fence(replace(fence_of(RULES, DEV), covers=Cover.ALL))
        seen = replace(OPEN, associations={share_arn("prod-0"): "ASSOCIATED"})
        plan = a_plan(RULES, entitled_to(writes("dev")), seen=seen, fences={DEV: kept})
        assert kinds(plan) == [("CloseShare", "prod"), ("OpenShare", "dev"), ("AllowWrites", DEV)]

    def test_what_closes_closes_before_anything_opens(self) -> None:
        seen = replace(OPEN, associations={share_arn("prod-0"): "ASSOCIATED"})
        entitled = entitled_to(reads("test"))
        plan = a_plan(RULES, entitled, seen=seen, fences=all_fences(RULES, entitled))
        assert kinds(plan) == [("CloseShare", "prod"), ("OpenShare", "test")]


class TestAStageThatCantBeFenced:
    rules = some_rules(stages=[a_stage("dev", DEV), a_stage("test", TEST), a_stage("prod", PROD, TEST)])
    broken = ObservedFence(account=TEST, findings=(blocked("OtherBoundary", "Role Reader has another boundary."),))

    def plan(self, entitled: Entitled, *, seen: bool = False, rules: Rules | None = None) -> Plan:
        rules = rules or self.rules
        fences = {**no_fences(rules, entitled), TEST: self.broken}
        return a_plan(rules, entitled, fences=fences, seen=OPEN if seen else None)

    def test_stays_closed_and_so_does_every_other_in_the_account(self) -> None:
        plan = self.plan(EVERYBODY)
        assert kinds(plan) == [("OpenShare", "dev")]
        assert [grant.stage for grant in plan.record.grants] == ["dev"]
        assert [finding.code for finding in plan.record.findings] == ["OtherBoundary"]

    def test_closes_if_it_is_open(self) -> None:
        assert ("CloseShare", "test") in kinds(self.plan(EVERYBODY, seen=True))

    def test_is_nobodys_business_where_no_fence_is_needed(self) -> None:
        plan = self.plan(entitled_to(writes("test")))
        assert (kinds(plan), plan.record.findings) == ([("OpenShare", "test")], ())


class TestTheGrants:
    def test_keep_the_time_since_which_they_are_open(self) -> None:
        view = View(grants=GRANTS[:1])
        dev, test, _ = a_plan(RULES, EVERYBODY, view=view, seen=OPEN, fences=all_fences(RULES, EVERYBODY)).record.grants
        assert (dev.since, test.since) == (NOON, at(60))

    @pytest.mark.parametrize(
        "before",
        [a_grant("dev", DEV), replace(a_grant("dev", DEV, write=True), permission="Other")],
    )
    def test_are_new_where_they_give_something_else(self, before: object) -> None:
        view = View(grants=(before,))  # type: ignore[arg-type]  # one of two kinds of grant
        assert a_plan(RULES, entitled_to(writes("dev")), view=view).record.grants[0].since == at(60)

    def test_name_their_share_and_the_approval(self) -> None:
        entitled = entitled_to(reads("prod"), approval=a_record(id_="event-1"))
        (grant,) = a_plan(RULES, entitled, seen=OPEN, fences=all_fences(RULES, entitled)).record.grants
        assert (grant.share_arn, grant.approval) == (share_arn("prod-0"), "event-1")

    def test_name_no_share_that_is_being_closed(self) -> None:
        seen = shares(a_share("dev", DEV, external=True), dev_0="ASSOCIATED")
        assert a_plan(RULES, entitled_to(writes("dev")), seen=seen).record.grants[0].share_arn is None


class TestPaused:
    rules = some_rules(paused=True)

    def test_plans_and_changes_nothing(self) -> None:
        view = View(grants=GRANTS[:1])
        plan, running = (a_plan(rules, EVERYBODY, view=view) for rules in (self.rules, RULES))
        assert (plan.outcome, plan.changes, plan.record.grants) == (Outcome.PAUSED, (), view.grants)
        assert [finding.code for finding in plan.record.findings] == ["Paused"]
        assert (plan.decision.changes, plan.decision.grants, plan.grant_counts.opens) == (
            running.changes,
            running.record.grants,
            running.grant_counts.opens,
        )
        assert plan.decision.changes
        assert plan.report

    def test_says_nothing_where_there_is_nothing_to_do(self) -> None:
        plan = a_plan(self.rules, EVERYBODY, view=View(grants=GRANTS), seen=OPEN, fences=all_fences(RULES, EVERYBODY))
        assert (plan.outcome, plan.record.findings, plan.notify) == (Outcome.UNCHANGED, (), False)


@pytest.mark.parametrize(
    ("entitled", "expected"),
    [
        (EVERYBODY, Outcome.CHANGES),
        (replace(EVERYBODY, findings=(blocked("X", "x"),)), Outcome.CHANGES),
        (Entitled(), Outcome.UNCHANGED),
        (Entitled(findings=(warned("X", "x"),)), Outcome.UNCHANGED),
        (Entitled(findings=(blocked("X", "x"),), waiting=("prod",)), Outcome.BLOCKED),
        (Entitled(waiting=("prod",)), Outcome.WAITING),
    ],
)
def test_what_a_plan_comes_to(entitled: Entitled, expected: Outcome) -> None:
    assert a_plan(RULES, entitled).outcome is expected


class TestTelling:
    """Each plan's view is what the plan before it put on record."""

    def told_by(self, plan: Plan, before: View | None = None) -> View:
        return recorded_by(plan) if plan.report else before or View()

    def settled(self, status: CardStatus, view: View, *, rules: Rules = RULES, found: Entitled | None = None) -> Plan:
        entitled = found or Entitled()
        return unchanged(a_basis(rules, view), a_card(status), entitled)

    def test_a_change_is_told_and_the_same_once_more_isnt(self) -> None:
        fences = all_fences(RULES, EVERYBODY)
        first = a_plan(RULES, EVERYBODY, seen=shares(), fences=fences)
        assert first.report
        recorded = replace(recorded_by(first), grants=GRANTS)
        again = a_plan(RULES, EVERYBODY, view=recorded, seen=OPEN, fences=fences)
        assert (again.outcome, again.report) == (Outcome.UNCHANGED, False)
        assert not self.settled(APPROVED, recorded, found=EVERYBODY).report

    def test_a_finding_is_told_once_until_it_changes(self) -> None:
        found = Entitled(findings=(blocked("SectionsMissing", "Nothing under training_details.", "prod"),))
        view = View()
        plan = self.settled(APPROVED, view, found=found)
        assert plan.report
        view = self.told_by(plan)
        assert not self.settled(APPROVED, view, found=found).report
        other = Entitled(findings=(blocked("SectionsMissing", "Nothing under intended_uses.", "prod"),))
        assert self.settled(APPROVED, view, found=other).report

    def test_a_finding_that_is_cleared_and_comes_back_is_told_again(self) -> None:
        found = Entitled(findings=(blocked("NotAnApprover", "Somebody set Approved.", "prod"),))
        view = self.told_by(self.settled(APPROVED, View(), found=found))
        cleared = self.settled(DRAFT, view)
        assert cleared.report
        assert self.settled(APPROVED, self.told_by(cleared, view), found=found).report

    def test_a_question_that_is_taken_back_and_asked_again_is_told_again(self) -> None:
        rules = some_rules(opens={})
        view = self.told_by(self.settled(PENDING, View(), rules=rules))
        assert view.last_notified_digest
        back = self.settled(DRAFT, view, rules=rules)
        assert self.settled(PENDING, self.told_by(back, view), rules=rules).report

    def test_a_status_that_asks_nobody_and_changes_nothing_is_not_worth_telling(self) -> None:
        plan = self.settled(ARCHIVED, View())
        assert (plan.outcome, plan.notify) == (Outcome.UNCHANGED, False)
        assert not self.settled(ARCHIVED, self.told_by(plan)).report

    def test_waiting_is_not_worth_telling(self) -> None:
        view = self.told_by(self.settled(PENDING, View()))
        plan = self.settled(APPROVED, view, found=Entitled(waiting=("prod",)))
        assert (plan.outcome, plan.notify) == (Outcome.WAITING, False)
        assert self.told_by(plan, view).last_notified_digest == view.last_notified_digest

    def test_a_short_look_says_what_a_long_one_says(self) -> None:
        """Else every event after a manual run would tell the same once more."""
        rules = some_rules(stages=[a_stage("dev", DEV), a_stage("test", TEST, fence=FenceKind.BOUNDARY)], approvers=())
        entitled = entitled_to(writes("dev"), reads("test"))
        long = a_plan(rules, entitled, card=a_card(PENDING), seen=OPEN, fences=all_fences(rules, entitled))
        assert [finding.code for finding in long.record.findings] == ["FenceCoversRoles"]
        view = self.told_by(long)
        assert not self.settled(PENDING, view, rules=rules, found=entitled).report

    @pytest.mark.parametrize("recorded", [(), GRANTS[:2], (*GRANTS[:2], replace(GRANTS[2], approval="an earlier one"))])
    def test_what_a_run_did_and_couldnt_put_down_is_put_down(self, recorded: tuple[object, ...]) -> None:
        view = View(grants=recorded)  # type: ignore[arg-type]  # a slice of grants
        plan = a_plan(RULES, EVERYBODY, view=view, seen=OPEN, fences=all_fences(RULES, EVERYBODY))
        assert (plan.changes, plan.report) == ((), True)


class TestNothingNew:
    associations = OPEN.associations
    view = View(grants=GRANTS)

    def test_is_when_the_record_and_the_associations_agree_with_the_rules(self) -> None:
        assert is_nothing_new(RULES, EVERYBODY, self.view, self.associations)

    @pytest.mark.parametrize(
        "entitled",
        [
            entitled_to(writes("dev"), reads("test")),
            entitled_to(reads("dev"), reads("test"), reads("prod")),
            # Another approval is the same access on another record.
            replace(EVERYBODY, entitlements=tuple(replace(e, approval=a_record()) for e in EVERYBODY.entitlements)),
        ],
    )
    def test_isnt_when_the_rules_say_something_else(self, entitled: Entitled) -> None:
        assert not is_nothing_new(RULES, entitled, self.view, self.associations)

    @pytest.mark.parametrize(
        "rules",
        [some_rules(export=True), some_rules(stages=[a_stage("dev", DEV, PROD), *RULES.stages[1:]])],
    )
    def test_isnt_when_the_rules_have_changed(self, rules: Rules) -> None:
        assert not is_nothing_new(rules, EVERYBODY, self.view, self.associations)

    @pytest.mark.parametrize("change", [{}, {"foreign": "ASSOCIATED"}, {"dev-0": "DISASSOCIATING"}])
    def test_isnt_when_the_card_is_somewhere_else(self, change: dict[str, str]) -> None:
        changed = {share_arn(name): status for name, status in change.items()}
        associations = {**self.associations, **changed} if change else {}
        assert not is_nothing_new(RULES, EVERYBODY, self.view, associations)


def test_a_deleted_card_is_closed_everywhere_and_then_excepted_nowhere() -> None:
    rules = some_rules(opens={DRAFT: (writes("dev"),), APPROVED: (reads("dev"),)}, approvers=())
    view = View(grants=GRANTS, written={fence_target(DEV): EXCEPTED})
    fences = {DEV: a_fence(fence_of(rules, DEV), CARD_ARN)}
    plan = a_plan(rules, Entitled(), view=view, seen=OPEN, fences=fences)
    assert kinds(plan) == [
        ("CloseShare", "dev"),
        ("CloseShare", "test"),
        ("CloseShare", "prod"),
        ("DenyWrites", DEV),
    ]
    assert plan.record.grants == ()
    gone: Card | None = None
    assert unchanged(a_basis(RULES), gone, Entitled()).record.status == "Deleted"


def test_a_foreign_share_is_a_warning_and_no_change() -> None:
    seen = replace(OPEN, associations={**OPEN.associations, share_arn("theirs"): "ASSOCIATED"})
    plan = a_plan(RULES, EVERYBODY, view=View(grants=GRANTS), seen=seen, fences=all_fences(RULES, EVERYBODY))
    assert (plan.changes, plan.record.foreign) == ((), (share_arn("theirs"),))
    (finding,) = plan.record.findings
    assert finding.code == "ForeignShare"
    assert share_arn("theirs") in finding.detail


def test_a_members_card_is_refused_and_told_once() -> None:
    subject = the_subject(CARD_ARN.replace(GOVERNANCE, DEV))
    finding = kind_of(subject).of_a_member(subject, GOVERNANCE)
    plan = refused(a_basis(RULES, subject=subject), finding)
    assert (plan.outcome, plan.changes, plan.record.grants, plan.report) == (Outcome.BLOCKED, (), (), True)
    assert [finding.code for finding in plan.record.findings] == ["MemberOwnedCard"]
    last = View(last_notified_digest=plan.record.last_notified_digest)
    assert not refused(a_basis(RULES, last, subject=subject), finding).report


def test_a_change_that_isnt_on_record_is_seen_to_and_nobody_is_told() -> None:
    plan = a_plan(RULES, Entitled(waiting=("prod",), is_unrecorded=True))
    assert (plan.decision.is_unrecorded, plan.changes, plan.report, plan.notify) == (True, (), True, False)


def test_closing_names_the_card_and_opening_the_stages_accounts() -> None:
    seen = replace(OPEN, associations={share_arn("test-0"): "ASSOCIATED"})
    closing, opening = a_plan(RULES, entitled_to(writes("dev")), seen=seen).changes
    assert closing == CloseShare(stage="test", share_arn=share_arn("test-0"), subject_arn=CARD_ARN)
    assert isinstance(opening, OpenShare)
    assert (opening.accounts, opening.external, opening.share_arns) == ((DEV,), False, (share_arn("dev-0"),))
