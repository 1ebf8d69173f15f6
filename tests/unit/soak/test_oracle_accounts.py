"""What the oracle says of a stage whose account was closed, and opened again."""

from soak.oracle import accounts
from soak.oracle.facts import Closure, History, Looked
from soak.oracle.verdict import BOTH, SHUT, Known, Must, Verdict, closed, opened


def judged(verdict: Verdict, closure: Closure | None, looks: list[Looked], was: Known = frozenset({True})) -> Must:
    def decide(was_open: bool) -> Verdict:  # noqa: FBT001  as the oracle calls it
        return verdict if was_open else closed("it waits")

    history = History(looks=looks)
    return accounts.judge(decide, history, closure, was=was).must


EVENT, SWEEP = [Looked(20.0)], [Looked(20.0, full=True)]


def test_nobody_of_a_closed_account_is_let_in() -> None:
    assert judged(opened("approved"), Closure(is_closed=True, turned=10.0), SWEEP) is Must.CLOSED
    assert judged(opened("approved"), None, SWEEP) is Must.OPEN


def test_the_next_sweep_opens_what_is_open_elsewhere() -> None:
    assert judged(opened("approved"), Closure(turned=10.0), EVENT) is Must.EITHER
    assert judged(opened("approved"), Closure(turned=10.0), SWEEP) is Must.OPEN


def test_what_is_to_be_closed_is_so_without_a_sweep() -> None:
    assert judged(closed("archived"), Closure(turned=10.0), EVENT) is Must.CLOSED


def test_it_isnt_known_whether_it_was_open_meanwhile() -> None:
    assert judged(opened("it stays open"), Closure(turned=10.0), SWEEP, BOTH) is Must.EITHER


def test_what_is_known_of_it_comes_back_with_the_sweep() -> None:
    def known(closure: Closure | None, looks: list[Looked]) -> Known:
        return accounts.known(lambda _: closed("it waits"), History(looks=looks), closure, was=frozenset({True}))

    assert known(None, EVENT) == SHUT
    assert known(Closure(is_closed=True, turned=10.0), SWEEP) == BOTH
    assert [known(Closure(turned=10.0), looks) for looks in (EVENT, SWEEP)] == [BOTH, SHUT]
