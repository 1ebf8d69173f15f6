"""What must be so in an account of a stage that was closed, or that AWS has opened again."""

from __future__ import annotations

from collections.abc import Callable

from soak.oracle.facts import Closure, History
from soak.oracle.verdict import Must, Verdict, closed, either


def judge(
    decide: Callable[[bool], Verdict], subject: History, closure: Closure | None, *, was_open: bool, is_unsure: bool
) -> Verdict:
    """What must be so there, given what `decide` says of a stage that was open before, or wasn't.

    Nobody of a closed account is let in anywhere ("How to close an AWS account"). Once it is open again, the next sweep
    looks at it. Meanwhile nobody here knows when Stagegate closed it (`is_unsure`): either may be so then.
    """
    verdict = decide(was_open)
    if closure is None:
        return verdict
    if closure.is_closed:
        return closed("its account is closed")
    if verdict.must is Must.OPEN and closure.turned > max(
        (look.at for look in subject.looks if look.full), default=0.0
    ):
        return either("its account was opened again, and no sweep has come by")
    if is_unsure and decide(not was_open).must is not verdict.must:
        return either("it isn't known whether it was open when its account was opened again")
    return verdict
