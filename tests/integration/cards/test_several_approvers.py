"""A card that two different people have to approve: whoever does what, prod sees it by two of them alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kernel.delays import Delays, delays
from sandbox.stagegate.organization import Organization
from tests.integration.cards.test_approvals import A_LONG_CALL_S, Cards
from tests.support.numbers import stated
from tests.support.sweeps import settings

ONE = 'principals = ["arn:aws:iam::111122223333:role/ModelApprover"]'
TWO = """needed = 2
principals = [
    "arn:aws:iam::111122223333:role/ModelApprover",
    "arn:aws:iam::111122223333:role/RiskOfficer",
    "arn:aws:iam::222233334444:role/ModelDeveloper",
]"""
QUICKLY_S, LATE_S = 0.1, 30.0
YES = "Approved"
COSTS_OF_A_REPEAT = stated(r"repeats a status starts (\d+) runs, which make (\d+) calls")


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cards]:
    """Two of three have to: the approver, the risk officer, and dev, who writes the cards."""
    rules: Path = settings(tmp_path_factory.mktemp("rules"), (ONE, TWO))
    quick = Delays(cloudtrail=QUICKLY_S, ram_association=0.05, wait_factor=0.05)
    with Organization.start(rules, delays=quick) as opened:
        yield Cards(opened)


def sets(cards: Cards, who: str, status: str = YES) -> None:
    cards.does(who, ModelCardStatus=status)


APPROVER, OFFICER = "approver", "approver-2"
TABLE = {
    "one": ([(APPROVER, YES)], False, "1 of 2 approved the card"),
    "twice": ([(APPROVER, YES), (APPROVER, YES)], False, "1 of 2 approved the card"),
    "two": ([(APPROVER, YES), (OFFICER, YES)], True, "approved by "),
    "other-order": ([(OFFICER, YES), (APPROVER, YES)], True, "approved by "),
    "dev-wrote-it": ([(APPROVER, YES), ("dev", YES)], False, "FourEyes"),
    "owner": ([(APPROVER, YES), ("governance", YES)], False, "1 of 2 approved the card"),
    "sent-back": ([(APPROVER, YES), ("governance", "Draft"), (OFFICER, YES)], False, "1 of 2 approved the card"),
    "repeats": ([(APPROVER, YES), (OFFICER, YES), (APPROVER, YES), ("governance", YES)], True, "approved by "),
}


@pytest.mark.parametrize(("did", "opens", "said"), TABLE.values(), ids=TABLE)
def test_who_did_what(
    cards: Cards, request: pytest.FixtureRequest, did: list[tuple[str, str]], said: str, *, opens: bool
) -> None:
    cards.has(f"by-{request.node.callspec.id}")
    assert "(0 of 2 approved)" in cards.heard()
    for who, status in did:
        sets(cards, who, status)
    assert cards.prod_sees_it() is opens
    messages = [m.text for m in cards.organization.outbox if cards.arn(cards.name) in m.text]
    assert any(said in text for text in messages)


def test_an_edit_in_between_begins_anew(cards: Cards) -> None:
    cards.has("edited")
    sets(cards, APPROVER)
    cards.writes("another")
    sets(cards, OFFICER)
    assert not cards.prod_sees_it()
    assert "DECIDE edited: Approved; Approved would open prod (1 of 2 approved)" in cards.heard()
    assert "Still asked: arn:aws:iam::111122223333:role/ModelApprover" in cards.heard()
    sets(cards, APPROVER)
    assert cards.prod_sees_it()


def test_whose_record_comes_late_counts_once_it_is_there(cards: Cards) -> None:
    cards.has("late")
    delays.cloudtrail = LATE_S
    cards.organization.clock.next_second()
    cards.organization.client("sagemaker", APPROVER).update_model_card(ModelCardName="late", ModelCardStatus=YES)
    cards.organization.clock.sleep(LATE_S / 2)
    delays.cloudtrail = QUICKLY_S
    sets(cards, OFFICER)
    assert not cards.prod_sees_it(), "who was first is heard of after the second"
    cards.organization.clock.sleep(LATE_S)
    assert cards.organization.settle()
    assert cards.prod_sees_it()


def test_what_a_repeat_costs(cards: Cards) -> None:
    """Once two have approved, a third approval begins another set: it opens nothing, and asks nobody."""
    cards.has("counted")
    cards.organization.clock.sleep(A_LONG_CALL_S)
    for who in (APPROVER, OFFICER):
        sets(cards, who)
    assert cards.prod_sees_it()
    before, messages, mark = len(cards.organization.executions()), len(cards.organization.outbox), calls(cards)
    sets(cards, APPROVER)
    runs, most_calls = COSTS_OF_A_REPEAT
    assert len(cards.organization.executions()) - before == runs
    assert calls(cards) - mark <= most_calls
    assert len(cards.organization.outbox) == messages


def calls(cards: Cards) -> int:
    """How many calls Stagegate has made so far."""
    return sum(":assumed-role/stagegate-" in call.principal_arn for call in cards.organization.calls)
