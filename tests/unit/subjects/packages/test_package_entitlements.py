"""Who may deploy a package: its status, its lifecycle, and an approval of exactly what it is made of."""

from dataclasses import replace

import pytest

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.fingerprints import Fingerprints
from stagegate.approvals.gate import PATIENCE
from stagegate.approvals.records import AuditRecord, own_record
from stagegate.core.card_link import CardLink
from stagegate.core.statuses import RiskRating
from stagegate.rules.model import AfterChange, Approvers, LifecycleRule, Rules
from stagegate.subjects.packages.artifacts import Artifacts, Data
from stagegate.subjects.packages.entitle import entitle_package, lets_in
from stagegate.subjects.packages.model import Package
from tests.support.builders import APPROVER, APPROVER_ROLE, AUTHOR, a_record, asked_about, at, some_rules
from tests.support.packages import (
    APPROVED,
    ARTIFACTS,
    CONTAINER,
    CONTENT,
    DATA,
    OBJECT,
    PENDING,
    REJECTED,
    a_package,
    package_rules,
)

RULES = package_rules()
APPROVAL = a_record(APPROVED, APPROVER, 0, version=3, content=CONTENT)
METADATA = replace(a_record(None, AUTHOR, 2, version=3, content=None), metadata_only=True)


def entitled(
    *records: AuditRecord,
    package: Package | None = None,
    rules: Rules = RULES,
    open_: tuple[str, ...] = (),
    artifacts: Artifacts | None = None,
    seconds: float = 60,
) -> Entitled:
    return entitle_package(
        rules,
        package or a_package(),
        records,
        questions=asked_about(records),
        open_stages=open_,
        artifacts=artifacts,
        now=at(seconds),
    )


def stages(found: Entitled) -> list[str]:
    return [entitlement.stage for entitlement in found.entitlements]


def codes(found: Entitled) -> list[str]:
    return [finding.code for finding in found.findings]


def test_an_approvers_record_lets_the_stage_in() -> None:
    found = entitled(APPROVAL)
    assert [(e.stage, e.write, e.approval) for e in found.entitlements] == [("prod", False, APPROVAL)]
    assert not found.findings
    assert not found.waiting
    assert not found.is_unrecorded


@pytest.mark.parametrize("status", [PENDING, REJECTED])
def test_another_status_lets_nobody_in(status: object) -> None:
    assert entitled(APPROVAL, package=a_package(REJECTED if status is REJECTED else PENDING)) == Entitled()


def test_a_package_that_is_gone_and_one_that_nobody_governs_let_nobody_in() -> None:
    assert entitle_package(RULES, None, [APPROVAL], now=at(60)) == Entitled()
    assert entitled(APPROVAL, rules=some_rules()) == Entitled()


def test_a_package_that_isnt_complete_opens_nothing() -> None:
    found = entitled(APPROVAL, package=a_package(complete=False))
    assert (stages(found), codes(found)) == ([], ["NotComplete"])


def test_until_the_record_is_there_the_stage_waits() -> None:
    found = entitled()
    assert (stages(found), found.waiting, codes(found)) == ([], ("prod",), [])


def test_a_record_that_never_comes_is_a_finding() -> None:
    assert codes(entitled(seconds=PATIENCE.total_seconds() + 1)) == ["RecordMissing"]


def test_somebody_elses_approval_lets_nobody_in() -> None:
    found = entitled(replace(APPROVAL, actor=AUTHOR))
    assert (stages(found), codes(found)) == ([], ["NotAnApprover"])


def test_what_was_approved_is_what_is_used() -> None:
    other = a_package(APPROVED, replace(CONTAINER, image_digest=f"sha256:{'b' * 64}"), modified=60.4)
    edit = a_record(None, AUTHOR, 60, version=3, content=other.content_hash)
    dated = (replace(APPROVAL, moment=at(0.4)), replace(edit, moment=at(60.4)))
    assert (stages(entitled(*dated, package=other)), codes(entitled(*dated, package=other))) == ([], ["ApprovalVoid"])
    assert codes(entitled(APPROVAL, edit, package=other)) == ["ApprovalUnclear"]


def test_whoever_made_the_package_changed_nothing_that_was_approved() -> None:
    creation = replace(a_record(None, AUTHOR, -30, version=3, content=CONTENT), creates=True)
    assert stages(entitled(creation, APPROVAL)) == ["prod"]


def test_an_edit_of_the_metadata_changes_nothing() -> None:
    found = entitled(APPROVAL, METADATA, package=a_package(modified=2.3), open_=("prod",))
    assert stages(found) == ["prod"]
    late = replace(METADATA, at=at(60))
    assert stages(entitled(APPROVAL, late, package=a_package(modified=60.3))) == ["prod"]


def test_while_the_record_of_an_edit_is_awaited_an_open_stage_stays_and_another_waits() -> None:
    edited = a_package(modified=60.3)
    assert stages(entitled(APPROVAL, package=edited, open_=("prod",))) == ["prod"]
    assert entitled(APPROVAL, package=edited).waiting == ("prod",)


def test_an_edit_of_somebody_else_right_after_the_approval_leaves_it_unclear() -> None:
    edit = a_record(None, AUTHOR, 3, version=3, content=None)
    found = entitled(APPROVAL, edit, package=a_package(modified=4.2), open_=("prod",))
    assert codes(found) == ["ApprovalUnclear"]
    assert stages(found) == []


def test_an_approval_whose_content_is_unknown_is_unclear() -> None:
    assert codes(entitled(replace(APPROVAL, content_hash=None))) == ["ApprovalUnclear"]


def test_whoever_takes_it_back_ends_the_approval() -> None:
    back = a_record(REJECTED, AUTHOR, 20, version=3, content=CONTENT)
    again = a_record(APPROVED, AUTHOR, 40, version=3, content=CONTENT)
    assert codes(entitled(APPROVAL, back, again, package=a_package(modified=40.2))) == ["NotAnApprover"]


def test_a_package_created_approved_counts_by_its_creator_once_that_is_on_record() -> None:
    for creator, expected in ((AUTHOR, ["NotAnApprover"]), (APPROVER, [])):
        package = a_package(modified=None, created=at(0), by=creator)
        assert (entitled(package=package).waiting, entitled(package=package).is_unrecorded) == (("prod",), True)
        own = own_record(package, ())
        assert own
        assert codes(entitled(own, package=package)) == expected


def test_a_package_of_the_same_number_that_was_deleted_has_left_no_approval() -> None:
    again = a_package(modified=None, created=at(3600))
    assert stages(entitled(APPROVAL, package=again, seconds=3700)) == []


def test_a_stage_without_approvers_opens_by_status_alone() -> None:
    assert stages(entitled(rules=package_rules(opens={APPROVED: ("test",)}))) == ["test"]


def test_approvers_decide_on_the_risk_that_the_packages_card_has() -> None:
    low_only = replace(
        RULES, approvers=(Approvers(stage="prod", principals=(APPROVER_ROLE,), risks=(RiskRating.LOW,)),)
    )
    assert codes(entitled(APPROVAL, rules=low_only)) == ["NoApprover"]
    assert stages(entitled(APPROVAL, rules=low_only, package=a_package(risk=RiskRating.LOW))) == ["prod"]


class TestTheLifecycle:
    rules = package_rules(
        lifecycle=[
            LifecycleRule(stage="prod", lifecycle_stage="Production", lifecycle_status="Approved"),
            LifecycleRule(stage="prod", lifecycle_stage="Canary", lifecycle_status="Approved"),
        ]
    )

    @pytest.mark.parametrize("lifecycle", [("Production", "Approved"), ("Canary", "Approved")])
    def test_lets_a_stage_in_at_any_place_that_is_asked_for(self, lifecycle: tuple[str, str]) -> None:
        assert stages(entitled(APPROVAL, rules=self.rules, package=a_package(lifecycle=lifecycle))) == ["prod"]

    @pytest.mark.parametrize("lifecycle", [None, ("Production", "Rejected"), ("Staging", "Approved")])
    def test_keeps_it_out_anywhere_else(self, lifecycle: tuple[str, str] | None) -> None:
        found = entitled(APPROVAL, rules=self.rules, package=a_package(lifecycle=lifecycle))
        assert (stages(found), codes(found)) == ([], ["OutsideLifecycle"])

    def test_is_asked_of_the_stages_that_are_named(self) -> None:
        rules = replace(self.rules, packages=package_rules(opens={APPROVED: ("test",)}).packages)
        assert stages(entitled(rules=rules)) == ["test"]


OTHERS = replace(ARTIFACTS, data=(Data(uri=DATA, objects=(replace(OBJECT, version_id="v2"),)),))
PINNED = replace(APPROVAL, fingerprints=ARTIFACTS.fingerprints)
UNPINNED = replace(APPROVAL, not_fingerprinted="nobody could look")


class TestTheBytes:
    def test_that_were_approved_let_the_stage_in(self) -> None:
        found = entitled(PINNED, artifacts=ARTIFACTS)
        assert ([e.approval for e in found.entitlements], codes(found)) == ([PINNED], [])

    def test_are_said_nothing_of_where_nobody_has_looked(self) -> None:
        assert stages(entitled(UNPINNED)) == ["prod"]

    @pytest.mark.parametrize(
        ("after_change", "open_", "is_open", "severity"),
        [
            (AfterChange.CLOSE, (), False, "block"),
            (AfterChange.CLOSE, ("prod",), False, "block"),
            (AfterChange.ASK, (), False, "block"),
            (AfterChange.ASK, ("prod",), True, "warn"),
        ],
    )
    @pytest.mark.parametrize(
        ("record", "code", "said"),
        [(PINNED, "BytesChanged", str(DATA)), (UNPINNED, "BytesUnknown", "nobody could look")],
    )
    def test_that_are_others_close_or_ask(
        self,
        record: AuditRecord,
        code: str,
        said: str,
        after_change: AfterChange,
        open_: tuple[str, ...],
        severity: str,
        *,
        is_open: bool,
    ) -> None:
        found = entitled(record, rules=package_rules(after_change=after_change), open_=open_, artifacts=OTHERS)
        assert (stages(found), [(f.code, f.severity) for f in found.findings]) == (
            ["prod"] if is_open else [],
            [(code, severity)],
        )
        assert said in found.findings[0].detail

    def test_that_were_approved_anew_let_the_stage_in_again(self) -> None:
        again = replace(PINNED, id="again", at=at(30), fingerprints=OTHERS.fingerprints)
        package = a_package(modified=30.2)
        assert [e.approval for e in entitled(PINNED, again, package=package, artifacts=OTHERS).entitlements] == [again]

    def test_that_are_the_approved_ones_again_let_the_stage_in_again(self) -> None:
        """An approval stands until somebody takes the package out of its status."""
        again = replace(PINNED, id="again", at=at(30), fingerprints=OTHERS.fingerprints)
        package = a_package(modified=30.2)
        found = entitled(PINNED, again, package=package, artifacts=ARTIFACTS)
        assert [e.approval for e in found.entitlements] == [PINNED]

    def test_that_somebody_else_says_are_right_count_for_nothing(self) -> None:
        again = replace(PINNED, id="again", at=at(30), actor=AUTHOR, fingerprints=OTHERS.fingerprints)
        assert codes(entitled(PINNED, again, package=a_package(modified=30.2), artifacts=OTHERS)) == ["BytesChanged"]

    def test_of_another_content_are_not_spoken_of(self) -> None:
        other = a_package(APPROVED, replace(CONTAINER, image_digest=f"sha256:{'b' * 64}"))
        assert codes(entitled(PINNED, package=other, artifacts=OTHERS)) == ["ApprovalVoid"]

    def test_are_nothing_to_a_stage_without_approvers(self) -> None:
        found = entitled(rules=package_rules(opens={APPROVED: ("test",)}), artifacts=OTHERS)
        assert (stages(found), codes(found)) == (["test"], [])

    def test_that_are_many_and_others_are_counted(self) -> None:
        fingerprints = Fingerprints(digest="then", count=1000)
        (finding,) = entitled(replace(APPROVAL, fingerprints=fingerprints), artifacts=ARTIFACTS).findings
        assert "something of 1000 objects and images, now 1," in finding.detail

    def test_that_are_several_others_are_named_first_and_counted(self) -> None:
        objects = tuple(replace(OBJECT, key=f"{DATA.key}{each}") for each in range(4))
        (finding,) = entitled(PINNED, artifacts=Artifacts(data=(Data(uri=DATA, objects=objects),))).findings
        assert f"{DATA}, {DATA}0, {DATA}1 and 2 more has been written anew" in finding.detail


class TestWhetherAnybodyIsLetIn:
    def test_is_so_for_a_stage_that_isnt_in_yet(self) -> None:
        assert lets_in(entitled(PINNED), ())
        assert not lets_in(entitled(PINNED), {"prod"})

    def test_is_not_so_while_a_record_is_awaited(self) -> None:
        assert not lets_in(entitled(), ())


class TestTheRiskOfAnApproval:
    """A package's risk isn't part of what it is made of: somebody may lower it after the approval."""

    rules = replace(
        RULES,
        approvers=(
            Approvers(stage="prod", principals=(APPROVER_ROLE,), risks=(RiskRating.LOW,)),
            Approvers(stage="prod", principals=("arn:aws:iam::111122223333:role/ChiefRisk",), risks=(RiskRating.HIGH,)),
        ),
    )

    def test_counts_for_whom_it_was_approved_by(self) -> None:
        high, low = (replace(APPROVAL, risk=risk) for risk in (RiskRating.HIGH, RiskRating.LOW))
        now = a_package(risk=RiskRating.LOW)
        found = entitled(high, package=now, rules=self.rules)
        assert (stages(found), codes(found)) == ([], ["ApprovalVoid"])
        assert "as of risk High" in found.findings[0].detail
        assert stages(entitled(low, package=now, rules=self.rules)) == ["prod"]

    def test_counts_for_what_it_is_now(self) -> None:
        low = replace(APPROVAL, risk=RiskRating.LOW)
        found = entitled(low, package=a_package(risk=RiskRating.HIGH), rules=self.rules)
        assert (stages(found), codes(found)) == ([], ["NotAnApprover"])


def asking(link: CardLink | None) -> Rules:
    assert RULES.packages
    return replace(RULES, packages=replace(RULES.packages, card=link))


@pytest.mark.parametrize("link", [CardLink.REQUIRED, CardLink.IF_LINKED])
def test_where_cards_count_an_approval_is_of_the_card_that_the_package_named_then(link: CardLink) -> None:
    moved = replace(a_package(), card="another")
    then = replace(APPROVAL, card="one")
    found = entitled(then, package=moved, rules=asking(link), open_=("prod",))
    assert (stages(found), codes(found)) == ([], ["ApprovalVoid"])
    assert stages(entitled(then, package=replace(moved, card="one"), rules=asking(link))) == ["prod"]
    anew = replace(a_record(APPROVED, APPROVER, 20, version=3, content=CONTENT), card="another")
    assert stages(entitled(then, anew, package=moved, rules=asking(link))) == ["prod"]
    assert codes(entitled(replace(then, card=""), package=moved, rules=asking(link))) == ["ApprovalVoid"]
    assert stages(entitled(APPROVAL, package=moved, rules=asking(link))) == ["prod"], "a record of an earlier release"


@pytest.mark.parametrize("link", [CardLink.IGNORED, None])
def test_where_cards_are_ignored_it_doesnt_matter_which_one_the_package_names(link: CardLink | None) -> None:
    moved = replace(a_package(), card="another")
    assert stages(entitled(replace(APPROVAL, card="one"), package=moved, rules=asking(link))) == ["prod"]
