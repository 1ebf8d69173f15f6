"""What the ledger says of all subjects, for people: the same as a run reads, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from stagegate.access.as_of import as_of
from stagegate.core.errors import RefusedError
from stagegate.core.findings import blocked
from stagegate.ledger import imports, items, sweeps, targets, withdrawal, write
from stagegate.ledger.survey.table import survey, survey_one
from stagegate.plans.grants import FailedImport
from stagegate.plans.record import Outcome, Record
from stagegate.plans.sweep import Drift
from tests.support.builders import CARD_ARN, DEV, NOON, PROD, a_grant, a_question, a_record, at, the_subject
from tests.support.packages import PACKAGE_ARN
from tests.support.scripted import Scripted, refusal
from tests.support.table import Table

RECORD = Record(
    subject=the_subject(),
    outcome=Outcome.CHANGES,
    status="Approved",
    version=3,
    content_hash="one",
    grants=(replace(a_grant("prod", PROD, approval="r1"), audience="fraud", approved_by="ann"),),
    findings=(blocked("NoAudience", "nobody"),),
)
BY = write.Round(execution="me", number=0, at=NOON, lines=("open prod",))


@pytest.fixture
def recorded(table: Table) -> Table:
    table.claim("me")
    write.record(table.client, table.name, RECORD, BY)
    return table


def test_a_subject_is_as_it_was_recorded(recorded: Table) -> None:
    recorded.keep(a_record(seconds=5), a_question(seconds=1))
    (found,) = survey(recorded.client, recorded.name).subjects
    assert found == survey_one(recorded.client, recorded.name, CARD_ARN)
    assert found.now is not None
    assert (found.now.status, found.now.version, found.grants, found.now.changes) == ("Approved", 3, RECORD.grants, ())
    assert found.history[0].changes == ("open prod",)
    assert (found.now.findings, found.records, found.questions) == (
        RECORD.findings,
        (a_record(seconds=5),),
        (a_question(seconds=1),),
    )


def test_a_package_has_the_card_that_its_last_run_followed(recorded: Table) -> None:
    assert survey_one(recorded.client, recorded.name, CARD_ARN).card == ""
    follows = replace(RECORD, planner_state={"card": "its card"})
    write.record(recorded.client, recorded.name, follows, replace(BY, number=1, at=NOON + timedelta(minutes=1)))
    assert survey_one(recorded.client, recorded.name, CARD_ARN).card == "its card"


def test_a_card_has_the_packages_that_its_contents_have_named(recorded: Table) -> None:
    assert survey_one(recorded.client, recorded.name, CARD_ARN).names == ((),)
    names = {"names": '["now"]', "approved": '{"prod": ["a content", ["then"]]}'}
    follows = replace(RECORD, planner_state=names)
    write.record(recorded.client, recorded.name, follows, replace(BY, number=1, at=NOON + timedelta(minutes=1)))
    assert survey_one(recorded.client, recorded.name, CARD_ARN).names == (("now",), ("then",))


def test_a_subject_that_was_never_recorded_is_there_and_behind(table: Table) -> None:
    table.knows(CARD_ARN, wanted=2)
    (found,) = survey(table.client, table.name).subjects
    assert (found.now, found.is_behind) == (None, True)
    assert survey_one(table.client, table.name, "guardrail/none").now is None


def test_the_newest_entries_are_kept_and_with_a_time_those_up_to_it(recorded: Table) -> None:
    for minute in range(1, 6):
        round_ = replace(BY, number=minute, at=NOON + timedelta(minutes=minute))
        grants = RECORD.grants if minute < 4 else ()
        write.record(recorded.client, recorded.name, replace(RECORD, grants=grants), round_)
    (newest,) = survey(recorded.client, recorded.name, most_entries=2).subjects
    assert ([entry.round for entry in newest.history], newest.is_cut) == ([4, 5], True)
    (then,) = survey(recorded.client, recorded.name, until=at(200), most_entries=2).subjects
    assert [entry.round for entry in then.history] == [2, 3]
    assert as_of(then, at(200)).grants == RECORD.grants


def test_when_the_history_began_is_known_whatever_was_kept_of_it(recorded: Table) -> None:
    write.record(recorded.client, recorded.name, RECORD, replace(BY, number=1, at=NOON + timedelta(minutes=1)))
    assert survey(recorded.client, recorded.name, until=at(-1)).began == NOON
    assert survey(recorded.client, recorded.name, most_entries=1).began == NOON


def test_a_table_without_history_never_began(table: Table) -> None:
    assert survey(table.client, table.name).began is None


def test_a_view_that_history_doesnt_have_opens_nothing_to_the_eye(recorded: Table) -> None:
    """Others may write beside the claim: what they say there is nobody's access."""
    forged = {"grants": [], "status": "Archived", "execution": "me", "at": items.text_of(at(99)), "outcome": "changes"}
    recorded.put(items.subject_key(CARD_ARN), items.VIEW, forged)
    assert survey_one(recorded.client, recorded.name, CARD_ARN).grants == RECORD.grants
    another = {**forged, "grants": [{"stage": "prod", "accounts": [DEV], "write": True, "permission": "p"}]}
    another["grants"][0]["since"] = items.text_of(NOON)  # type: ignore[index]
    recorded.put(items.subject_key(PACKAGE_ARN), items.VIEW, another)
    assert survey_one(recorded.client, recorded.name, PACKAGE_ARN).now is None


def test_what_nobody_approves_lies_beside_its_claim(table: Table) -> None:
    table.claim("me")
    write.record(table.client, table.name, RECORD, replace(BY, has_approvals=False))
    assert survey_one(table.client, table.name, CARD_ARN).grants == RECORD.grants


def test_imports_and_desired_grants_are_read(recorded: Table) -> None:
    imports.record_end(
        recorded.client, recorded.name, PACKAGE_ARN, outcome="failed", lines=["no"], holder="import", now=NOON
    )
    failure = FailedImport(digest="d", approval="r", detail="no weights")
    imports.record_failed(recorded.client, recorded.name, PACKAGE_ARN, "model-import/1/us-east-1/m", failure)
    targets.record_desired(
        recorded.client, recorded.name, "bucket-policy/1/us-east-1/b", arn=CARD_ARN, desired_text="{}", holder="me"
    )
    found = survey(recorded.client, recorded.name)
    package = next(each for each in found.subjects if each.subject.arn == PACKAGE_ARN)
    assert [end.outcome for end in package.imports] == ["failed"]
    assert package.failed == {"model-import/1/us-east-1/m": failure}
    assert found.desired == {"bucket-policy/1/us-east-1/b": {CARD_ARN: "{}"}}


def test_the_newest_sweep_and_a_withdrawal_are_read(table: Table) -> None:
    page = sweeps.Page(number=1, drifting=(Drift(subject=CARD_ARN, closes=1, opens=0, asked=False),), failed=())
    sweeps.put_page(table.client, table.name, "2026-03-01T000000-aaaaaaaa", replace(page, drifting=()))
    sweeps.put_page(table.client, table.name, "2026-03-02T000000-aaaaaaaa", page)
    assert not survey(table.client, table.name).is_withdrawn
    withdrawal.put(table.client, table.name, "a sweep", NOON)
    found = survey(table.client, table.name)
    assert (found.last_sweep, found.sweep_pages, found.is_withdrawn) == ("2026-03-02T000000-aaaaaaaa", (page,), True)
    assert found.subjects == ()


def test_a_refusal_is_named(table: Table) -> None:
    with pytest.raises(RefusedError, match="read the ledger"):
        survey(Scripted("dynamodb", Scan=refusal("AccessDeniedException")).client, "t")


def test_which_accounts_are_outside_is_no_units(table: Table) -> None:
    """It stands beside them, and comes after them."""
    table.put(items.UNITS, items.CURRENT, {"sweep": "one", "units": {}})
    table.put(items.UNITS, items.OUTSIDE, {"sweep": "one", "accounts": [PROD]})
    assert survey(table.client, table.name).subjects == ()
