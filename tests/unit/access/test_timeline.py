"""What has happened to a subject, in one list."""

from stagegate.access.model import Entry, ImportEnd, SubjectRecord, recorded_subject
from stagegate.access.timeline import Happening, changed_since, timeline
from stagegate.core.findings import warned
from tests.support.builders import APPROVER, CARD_ARN, a_question, a_record, at, written

RECORD = SubjectRecord(
    subject=recorded_subject(CARD_ARN),
    history=(
        Entry(at=at(0), execution="run-1", outcome="unchanged", status="Draft", version=1),
        Entry(
            at=at(60),
            execution="run-2",
            outcome="changes",
            status="Approved",
            version=2,
            changes=("open prod",),
            models={"added": ("a", "b")},
            findings=(warned("KeyUnusable", "The key is disabled."),),
        ),
    ),
    records=(written(seconds=-10), a_record(seconds=50)),
    questions=(a_question(seconds=20),),
    imports=(ImportEnd(at=at(90), execution="import-1", outcome="failed", lines=("no weights",)),),
)


def test_it_has_everything_from_the_latest_on() -> None:
    assert [event.happening for event in timeline(RECORD)] == [
        Happening.IMPORT,
        Happening.RUN,
        Happening.STATUS,
        Happening.QUESTION,
        Happening.RUN,
        Happening.EDIT,
    ]


def test_a_run_says_what_it_changed_and_found() -> None:
    run = timeline(RECORD)[1]
    assert (run.title, run.by, run.changes_access) == ("Approved, version 2: changes", "run-2", True)
    assert run.lines == ("open prod", "added: a, b", "[warn] KeyUnusable: The key is disabled.")


def test_a_record_says_who_and_on_whose_word() -> None:
    record = timeline(RECORD)[2]
    assert (record.title, record.by, record.lines) == (
        "Set to Approved",
        APPROVER.arn,
        ("version 1, by CloudTrail's record",),
    )


def test_only_runs_that_opened_or_closed_something_are_changes() -> None:
    assert [entry.execution for _, entry in changed_since([RECORD], at(0))] == ["run-2"]
    assert changed_since([RECORD], at(61)) == ()
