"""A package opens on SageMaker's own word for who approved it, where the rules take it, and closes if it was wrong."""

from dataclasses import replace

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.gate import PATIENCE
from stagegate.approvals.records import AuditRecord, RecordSource
from stagegate.rules.model import ApprovalSource, Rules
from tests.support.builders import APPROVER, AUTHOR, a_record, at
from tests.support.packages import APPROVED, CONTENT, REJECTED, a_package
from tests.unit.subjects.packages.test_package_entitlements import RULES, codes, entitled, stages

assert RULES.packages is not None
TAKES = replace(RULES, packages=replace(RULES.packages, approval_source=ApprovalSource.STATE_CHANGE))
assert TAKES.packages is not None
SECOND = replace(TAKES, packages=replace(TAKES.packages, four_eyes=True))
TOLD = replace(
    a_record(APPROVED, APPROVER, 0, version=3, content=CONTENT, id_="state-change-3"),
    moment=at(0.4),
    source=RecordSource.STATE_CHANGE,
)
REGISTERED = replace(a_record(None, AUTHOR, -900, version=3, content=CONTENT), creates=True)
CONFIRMS = a_record(APPROVED, APPROVER, 1, version=3, content=CONTENT)


def found(
    *records: AuditRecord, rules: Rules = TAKES, modified: float = 0.4, open_: bool = False, seconds: float = 60
) -> Entitled:
    package = replace(a_package(modified=modified, by=APPROVER), creator=AUTHOR)
    return entitled(*records, package=package, rules=rules, seconds=seconds, open_=("prod",) if open_ else ())


def test_opens_before_cloudtrails_record() -> None:
    assert stages(found(TOLD)) == ["prod"]


def test_opens_nothing_where_the_rules_dont_take_it() -> None:
    assert found(TOLD, rules=RULES).waiting == ("prod",)
    assert stages(found(TOLD, CONFIRMS, rules=RULES)) == ["prod"]


def test_rules_that_dont_take_it_any_more_close_what_cloudtrail_never_confirmed() -> None:
    late = PATIENCE.total_seconds() + 1
    assert codes(found(TOLD, rules=RULES, open_=True, seconds=late)) == ["RecordMissing"]


def test_a_change_a_moment_later_waits_for_its_own_record() -> None:
    assert found(TOLD, modified=0.9).waiting == ("prod",)
    assert stages(found(TOLD, modified=0.9, open_=True)) == ["prod"], "what is open on it stays so"


def test_cloudtrails_agreement_changes_nothing() -> None:
    (before,), (after,) = (found(*records).entitlements for records in ((TOLD,), (TOLD, CONFIRMS)))
    assert before.approval
    assert after.approval
    assert (before.approval.id, str(before.approval)) == (after.approval.id, str(after.approval))


def test_cloudtrails_contradiction_closes_and_is_said() -> None:
    other = a_record(APPROVED, AUTHOR, 1, version=3, content=CONTENT)
    closed = found(TOLD, other, open_=True)
    assert stages(closed) == []
    assert codes(closed) == ["NotAnApprover", "RecordsDisagree"]


def test_a_later_approval_by_cloudtrail_stands_whatever_was_contradicted() -> None:
    other = a_record(APPROVED, AUTHOR, 1, version=3, content=CONTENT)
    again = a_record(APPROVED, APPROVER, 600, version=3, content=CONTENT)
    assert codes(found(TOLD, other, again, modified=600.2, seconds=700)) == []


def test_a_way_out_of_the_status_ends_it() -> None:
    left = a_record(REJECTED, AUTHOR, 30, version=3, content=CONTENT)
    assert stages(found(TOLD, left, modified=60.1, seconds=70)) == []


class TestFourEyes:
    def test_waits_until_cloudtrail_has_said_who_wrote_the_content(self) -> None:
        """An approver edits and approves at once: the edit's record is minutes behind."""
        assert found(TOLD, rules=SECOND).waiting == ("prod",)
        assert found(TOLD, replace(REGISTERED, content_hash="before"), rules=SECOND).waiting == ("prod",)
        assert stages(found(TOLD, REGISTERED, rules=SECOND)) == ["prod"]

    def test_waits_where_an_author_acts_for_somebody_and_the_approver_may_too(self) -> None:
        somebody = replace(REGISTERED, actor=replace(AUTHOR, on_behalf_of="directory/ann"))
        assert found(TOLD, somebody, rules=SECOND).waiting == ("prod",)
        same = replace(CONFIRMS, actor=replace(APPROVER, on_behalf_of="directory/ann"))
        assert codes(found(TOLD, somebody, same, rules=SECOND)) == ["FourEyes"]
        other = replace(CONFIRMS, actor=replace(APPROVER, on_behalf_of="directory/eve"))
        assert stages(found(TOLD, somebody, other, rules=SECOND)) == ["prod"]

    def test_sees_an_author_in_the_approver(self) -> None:
        assert codes(found(TOLD, replace(REGISTERED, actor=APPROVER), rules=SECOND)) == ["FourEyes"]
