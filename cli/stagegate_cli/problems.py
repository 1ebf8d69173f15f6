"""What stops a command: one text, which says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from stagegate_cli import codes


class Problem(Exception):  # noqa: N818 - a wrong name is no error of ours
    """What stops a command. `text` is for people, and goes to the standard error output."""

    def __init__(self, text: str, code: int = codes.FAILED) -> None:
        super().__init__(text)
        self.text = text
        self.code = code


def wrong(what: str, found: object, allowed: str) -> Problem:
    """Return the problem of a value that a person has given: what it is, what was found, and what is allowed."""
    return Problem(f"{what}: found {found!r}; allowed: {allowed}", codes.USAGE)


@contextmanager
def codes_of_looking() -> Iterator[None]:
    """Give what fails in the block the code of not having looked: in a command whose code 1 is an answer."""
    try:
        yield
    except Problem as problem:
        if problem.code == codes.FAILED:
            problem.code = codes.UNSEEN
        raise
