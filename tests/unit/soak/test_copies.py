"""What copies of the process report comes back, and so does that one of them has died."""

from collections.abc import Iterator
from functools import partial

from soak.simulation.copies import Report, beside, copied


def work(number: int, *, dies: bool = False) -> Iterator[Report]:
    yield {"number": number}
    if dies:
        raise ValueError(number)


def test_a_copy_reports_line_by_line() -> None:
    assert list(copied(partial(work, 7))) == [{"number": 7}]


def test_a_copy_that_dies_says_of_what() -> None:
    first, last = copied(partial(work, 7, dies=True))
    assert first == {"number": 7}
    assert "ValueError: 7" in last["died"]


def test_several_beside_each_other_all_report() -> None:
    found = list(beside([partial(work, number) for number in range(5)], at_once=2))
    assert sorted(each["number"] for each in found) == [0, 1, 2, 3, 4]
