"""A copy of the process goes on from within a task, and the task itself goes on as if there were none."""

from collections.abc import Iterator

from soak.simulation.copies import Report
from soak.simulation.scheduler import scheduler
from soak.trials.branches import alone, branch, is_possible


def run() -> None:
    while scheduler.run_one():
        pass


def test_a_copy_goes_on_from_where_the_task_stands() -> None:
    seen, reports = list[str](), list[Report]()

    def ends() -> Iterator[Report]:
        run()
        yield {"seen": seen}

    def work() -> None:
        seen.append("before")
        found = branch(ends)
        seen.append("in the copy" if found is None else "here")
        reports.extend(found or ())
        scheduler.spawn(lambda: seen.append("after"), "another task")

    with alone():
        scheduler.spawn(work, "work")
        run()
    assert reports == [{"seen": ["before", "in the copy", "after"]}]
    assert seen == ["before", "here", "after"]


def test_what_breaks_in_a_copy_is_reported() -> None:
    reports: list[Report] = []

    def ends() -> Iterator[Report]:
        yield {}

    def work() -> None:
        found = branch(ends)
        if found is None:
            raise ValueError("in the copy")
        reports.extend(found)

    scheduler.spawn(work, "work")
    run()
    (report,) = reports
    assert "ValueError: in the copy" in report["died"]


def test_a_copy_is_not_possible_while_another_task_is_in_the_middle_of_something() -> None:
    found: list[bool] = []

    def waits() -> None:
        found.append(is_possible())
        scheduler.rest()

    def looks() -> None:
        found.append(is_possible())

    first = scheduler.spawn(waits, "waits")
    scheduler.run_one()
    scheduler.spawn(looks, "looks")
    scheduler.run_one()
    scheduler.wake(first)
    run()
    assert found == [True, False]
