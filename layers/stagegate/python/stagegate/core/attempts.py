"""Doing the same to several things: one that can't be done keeps none of the others from being done."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from stagegate.core.errors import RefusedError, RetryableError, StagegateError

T = TypeVar("T")


def try_each(things: Iterable[T], attempt: Callable[[T], None]) -> None:
    """Attempt each of these things, and only then raise what went wrong.

    Raises the error of one that may succeed a little later, if there is any: the whole is tried again then. Else raises
    the only error, or a RefusedError that names all of them.
    """
    failed: list[StagegateError] = []
    for thing in things:
        try:
            attempt(thing)
        except StagegateError as error:
            failed.append(error)
    if not failed:
        return
    passing = next((error for error in failed if isinstance(error, RetryableError)), None)
    if passing or len(failed) == 1:
        raise passing or failed[0]
    raise RefusedError("; ".join(map(str, failed))) from failed[0]
