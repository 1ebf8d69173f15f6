"""Whose word a tag is: the last record decides, if somebody entitled made it, and SageMaker has to agree."""

from datetime import UTC, datetime, timedelta

import pytest

from stagegate.approvals.principals import Actor
from stagegate.approvals.tags.record import TagRecord
from stagegate.approvals.tags.settle import tags_of

REGISTRAR, DEVELOPER = (f"arn:aws:iam::111122223333:role/{name}" for name in ("Registrar", "Developer"))
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def record(second: int, role: str, value: str | None, *, key: str = "team") -> TagRecord:
    name = role.rpartition("/")[2]
    actor = Actor(arn=f"arn:aws:sts::111122223333:assumed-role/{name}/somebody", role_arn=role) if role else None
    at = START + timedelta(seconds=second)
    return TagRecord(id=f"{second}-{name}-{value}", at=at, actor=actor, key=key, value=value)


def counts(records: list[TagRecord], shown: dict[str, str] | None) -> str | None:
    """The value that counts; "unsettled: ..." for none."""
    found = tags_of(records, {"team": (REGISTRAR,)}, shown)
    assert set(found.values) ^ set(found.unsettled) == {"team"}
    return f"unsettled: {found.unsettled['team']}" if found.unsettled else found.values["team"]


CREATED_WITH = record(0, DEVELOPER, "fraud")
SET = record(10, REGISTRAR, "fraud")
FRAUD = {"team": "fraud"}


@pytest.mark.parametrize(
    ("records", "shown", "value"),
    [
        ([], {}, None),
        ([SET], FRAUD, "fraud"),
        ([CREATED_WITH, SET], {**FRAUD, "TEAM": "churn", "other": "x"}, "fraud"),
        ([SET, CREATED_WITH], FRAUD, "fraud"),
        ([record(0, REGISTRAR, "fraud")], FRAUD, "fraud"),
        ([SET, record(20, REGISTRAR, None)], {}, None),
        ([SET, record(20, DEVELOPER, "churn"), record(30, REGISTRAR, "fraud")], FRAUD, "fraud"),
        ([record(10, REGISTRAR, "fraud", key="TEAM")], {"TEAM": "fraud"}, None),
        ([SET], None, "fraud"),
    ],
)
def test_the_last_record_of_somebody_entitled_counts(
    records: list[TagRecord], shown: dict[str, str] | None, value: str | None
) -> None:
    assert counts(records, shown) == value


@pytest.mark.parametrize(
    ("records", "shown", "why"),
    [
        ([], FRAUD, "SageMaker shows"),
        ([CREATED_WITH], FRAUD, "may not set it"),
        ([CREATED_WITH], {}, "may not set it"),
        ([SET, record(20, DEVELOPER, None), record(30, DEVELOPER, "fraud")], FRAUD, "may not set it"),
        ([SET, record(20, DEVELOPER, None)], {}, "may not set it"),
        ([SET, record(20, DEVELOPER, None)], None, "may not set it"),
        ([SET, record(20, "", "fraud")], FRAUD, "doesn't name"),
        ([SET], {}, "SageMaker shows nothing"),
        ([SET], {"team": "churn"}, 'SageMaker shows "churn"'),
        ([SET], {"team": "Fraud"}, 'SageMaker shows "Fraud"'),
        ([SET, record(10, REGISTRAR, "churn")], FRAUD, "nobody knows which was last"),
        ([SET, record(10, DEVELOPER, "churn")], {"team": "churn"}, "nobody knows which was last"),
        ([record(10, DEVELOPER, "fraud"), SET], FRAUD, "nobody knows which was last"),
    ],
)
def test_anything_else_counts_for_nothing(records: list[TagRecord], shown: dict[str, str] | None, why: str) -> None:
    found = counts(records, shown)
    assert found is not None
    assert found.startswith("unsettled: ")
    assert why in found
