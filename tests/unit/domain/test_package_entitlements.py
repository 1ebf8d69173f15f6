"""Who may deploy a package: its status, its lifecycle, and an approval of exactly what it is made of."""

from dataclasses import replace

import pytest

from stagegate.domain.approvals import ChangeRecord
from stagegate.domain.entitlements import Entitled
from stagegate.domain.gate import PATIENCE
from stagegate.domain.lifecycle import RiskRating
from stagegate.domain.package_entitlements import entitle_package
from stagegate.domain.packages import Package
from stagegate.domain.rules import Approvers, LifecycleRule, Rules
from tests.support.builders import APPROVER, APPROVER_ROLE, AUTHOR, a_record, at, some_rules
from tests.support.packages import APPROVED, CONTAINER, CONTENT, PENDING, REJECTED, a_package, package_rules

RULES = package_rules()
APPROVAL = a_record(APPROVED, APPROVER, 0, version=3, content=CONTENT)
METADATA = replace(a_record(None, AUTHOR, 2, version=3, content=None), metadata_only=True)


def entitled(
    *records: ChangeRecord,
    package: Package | None = None,
    rules: Rules = RULES,
    open_: tuple[str, ...] = (),
    seconds: float = 60,
) -> Entitled:
    return entitle_package(rules, package or a_package(), records, open_stages=open_, now=at(seconds))


def stages(found: Entitled) -> list[str]:
    return [entitlement.stage for entitlement in found.entitlements]


def codes(found: Entitled) -> list[str]:
    return [finding.code for finding in found.findings]


def test_an_approvers_record_lets_the_stage_in() -> None:
    found = entitled(APPROVAL)
    assert [(e.stage, e.write, e.approval) for e in found.entitlements] == [("prod", False, APPROVAL)]
    assert not found.findings
    assert not found.waiting
    assert not found.new_records


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
    found = entitled(APPROVAL, a_record(None, AUTHOR, 60, version=3, content=other.content_hash), package=other)
    assert (stages(found), codes(found)) == ([], ["ApprovalVoid"])


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


def test_a_package_created_approved_counts_by_its_creator() -> None:
    by_author = entitled(package=a_package(modified=None, created=at(0)))
    assert codes(by_author) == ["NotAnApprover"]
    by_approver = entitled(package=a_package(modified=None, created=at(0), by=APPROVER))
    assert stages(by_approver) == ["prod"]
    assert [record.actor for record in by_approver.new_records] == [APPROVER]


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
