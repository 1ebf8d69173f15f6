"""One thing that can't be done keeps none of the others from being done."""

import pytest

from stagegate.core.attempts import try_each
from stagegate.core.errors import MemberRoleError, RefusedError, StagegateError, ThrottledError


@pytest.mark.parametrize(
    ("failures", "raised", "said"),
    [
        ({"a": MemberRoleError("no a")}, MemberRoleError, "^no a$"),
        ({"a": RefusedError("no a"), "c": RefusedError("no c")}, RefusedError, "^no a; no c$"),
        ({"a": RefusedError("no a"), "c": ThrottledError("later")}, ThrottledError, "^later$"),
    ],
)
def test_all_are_tried_and_what_failed_is_raised_then(
    failures: dict[str, StagegateError], raised: type[StagegateError], said: str
) -> None:
    done = []

    def attempt(thing: str) -> None:
        if thing in failures:
            raise failures[thing]
        done.append(thing)

    with pytest.raises(raised, match=said):
        try_each("abcd", attempt)
    assert done == [thing for thing in "abcd" if thing not in failures]


def test_nothing_is_raised_where_nothing_failed() -> None:
    try_each("abc", lambda _: None)
