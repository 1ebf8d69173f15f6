"""What must be so in an account of a stage that was closed, or that AWS has opened again."""

from __future__ import annotations

from collections.abc import Callable

from soak.oracle.facts import Closure, History
from soak.oracle.verdict import BOTH, Known, Must, Verdict, closed, either, known_after, whichever


def judge(decide: Callable[[bool], Verdict], subject: History, closure: Closure | None, *, was: Known) -> Verdict:
    """What must be so there, given what `decide` says of a stage that was open before, or wasn't.

    Nobody of a closed account is let in anywhere ("How to close an AWS account"). Once it is open again, the next sweep
    looks at it.
    """
    verdict = whichever(decide, was)
    if closure is None:
        return verdict
    if closure.is_closed:
        return closed("its account is closed")
    if verdict.must is Must.OPEN and _is_unswept(subject, closure):
        return either("its account was opened again, and no sweep has come by")
    return verdict


def known(decide: Callable[[bool], Verdict], subject: History, closure: Closure | None, *, was: Known) -> Known:
    """Whether the stage is open after that, as far as anything has been decided. Of a closed account nobody here knows
    when Stagegate closed it.
    """
    if closure is not None and (closure.is_closed or _is_unswept(subject, closure)):
        return BOTH
    return known_after(whichever(decide, was))


def _is_unswept(subject: History, closure: Closure) -> bool:
    return closure.turned > subject.last_sweep
