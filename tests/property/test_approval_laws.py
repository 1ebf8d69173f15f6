"""Laws of the gate, whatever is on record."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.records import AuditRecord
from stagegate.rules.model import Rules
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.cards.model import Card
from tests.property import strategies
from tests.support.builders import APPROVER, AUTHOR, DRAFT, a_card, a_record, asked_about, at, some_rules

LAW = settings(max_examples=100, deadline=None)
GATED = {gate.stage for gate in strategies.GATES}
OPEN = st.sets(st.sampled_from(strategies.NAMES))
OPEN_TO_ALL = some_rules(approvers=strategies.GATES)
NOBODY_ON_THE_LIST = (AUTHOR, strategies.OUTSIDER)


def entitled(rules: Rules, card: Card, records: list[AuditRecord], open_: set[str]) -> Entitled:
    return entitle(rules, card, records, questions=asked_about(records), open_stages=open_, now=at(60))


def stages(found: Entitled) -> set[str]:
    return {e.stage for e in found.entitlements}


@LAW
@given(strategies.rules(strategies.GATES), strategies.cards(), strategies.records(), OPEN, st.data())
def test_records_are_a_set(
    rules: Rules, card: Card, records: list[AuditRecord], open_: set[str], data: st.DataObject
) -> None:
    """Delivered twice, late, or in another order, they come to the same."""
    again = data.draw(st.lists(st.sampled_from(records))) if records else []
    shuffled = data.draw(st.permutations([*records, *again]))
    assert entitled(rules, card, shuffled, open_) == entitled(rules, card, records, open_)


@LAW
@given(
    strategies.rules(strategies.GATES),
    strategies.cards(NOBODY_ON_THE_LIST),
    strategies.records(NOBODY_ON_THE_LIST),
    OPEN,
)
def test_nobody_who_isnt_on_the_list_opens_a_gated_stage(
    rules: Rules, card: Card, records: list[AuditRecord], open_: set[str]
) -> None:
    assert not stages(entitled(rules, card, records, open_)) & GATED


@LAW
@given(strategies.rules(strategies.GATES), strategies.cards(), strategies.records(), OPEN)
def test_every_gated_entitlement_names_an_approvers_record_of_this_status(
    rules: Rules, card: Card, records: list[AuditRecord], open_: set[str]
) -> None:
    found = entitled(rules, card, records, open_)
    for entitlement in found.entitlements:
        if entitlement.stage not in GATED:
            assert entitlement.approval is None
            continue
        approval = entitlement.approval
        assert approval is not None
        assert (approval.actor, approval.status) == (APPROVER, card.status)
        assert approval in records
        if entitlement.stage not in open_:
            assert approval.content_hash == card.content_hash


@LAW
@given(strategies.approvals(), OPEN, st.data())
def test_of_many_approvals_it_doesnt_matter_which_came_first(
    approvals: list[AuditRecord], open_: set[str], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(approvals))
    found = entitled(OPEN_TO_ALL, a_card(modified=4.4), approvals, open_)
    assert entitled(OPEN_TO_ALL, a_card(modified=4.4), shuffled, open_) == found
    assert stages(found) & GATED


@LAW
@given(strategies.approvals(), strategies.records(), OPEN)
def test_taking_the_card_out_of_its_status_ends_every_approval_of_before(
    approvals: list[AuditRecord], others: list[AuditRecord], open_: set[str]
) -> None:
    """The card is back in the status by now, and the record of who put it there has not come."""
    left = a_record(DRAFT, AUTHOR, 13)
    assert not stages(entitled(OPEN_TO_ALL, a_card(modified=30.4), [*approvals, *others, left], open_)) & GATED


@LAW
@given(strategies.rules(strategies.GATES), strategies.cards(), strategies.records(), OPEN)
def test_a_stage_is_open_blocked_or_waiting_and_never_two_of_them(
    rules: Rules, card: Card, records: list[AuditRecord], open_: set[str]
) -> None:
    found = entitled(rules, card, records, open_)
    blocked = {f.stage for f in found.findings if f.severity == "block"}
    wanted = [access.stage for access in rules.cards.status[card.status].opens]
    assert sorted([*stages(found), *(s for s in blocked if s), *found.waiting]) == sorted(wanted)


def test_the_cases_open_block_and_wait() -> None:
    """Else the laws above would hold of nothing."""
    found: set[str] = set()

    @settings(max_examples=600, deadline=None, database=None, derandomize=True)
    @given(strategies.rules(strategies.GATES), strategies.cards(), strategies.records(), OPEN)
    def look(rules: Rules, card: Card, records: list[AuditRecord], open_: set[str]) -> None:
        outcome = entitled(rules, card, records, open_)
        found.update("open" for stage in stages(outcome) if stage in GATED)
        found.update("wait" for _ in outcome.waiting)
        found.update(finding.code for finding in outcome.findings)

    look()
    assert found >= {"open", "wait", "NotAnApprover", "NoApprover", "ApprovalVoid"}
