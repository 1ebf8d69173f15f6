"""Whose word a tag is: the last record decides, if somebody entitled made it, and SageMaker has to agree."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from stagegate.approvals.principals import Actor
from stagegate.approvals.tags.record import TagRecord
from stagegate.approvals.tags.settle import is_entitled, says_more, tags_of

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


TOUCHED = record(20, DEVELOPER, "churn")


@pytest.mark.parametrize(
    ("kept", "created", "new", "more"),
    [
        ((), None, TOUCHED, True),
        ((SET,), None, TOUCHED, True),
        ((SET, TOUCHED), None, record(30, DEVELOPER, "fraud"), False),
        ((SET, TOUCHED), None, record(30, "", None), False),
        ((SET, TOUCHED), None, record(20, DEVELOPER, "fraud"), False),
        ((SET, TOUCHED), None, record(30, REGISTRAR, "fraud"), True),
        ((SET, TOUCHED), None, record(30, DEVELOPER, "fraud", key="owner"), True),
        ((TOUCHED, record(40, REGISTRAR, "fraud")), None, record(30, DEVELOPER, "fraud"), False),
        ((TOUCHED, record(40, REGISTRAR, "fraud")), None, record(50, DEVELOPER, "fraud"), True),
        ((SET, record(10, DEVELOPER, "churn")), None, record(20, DEVELOPER, "churn"), True),
        ((SET, TOUCHED), 25, record(30, DEVELOPER, "fraud"), True),
        ((TOUCHED,), 20, record(30, DEVELOPER, "fraud"), False),
    ],
)
def test_what_changes_nothing_isnt_kept(
    kept: Sequence[TagRecord], created: int | None, new: TagRecord, *, more: bool
) -> None:
    at = None if created is None else START + timedelta(seconds=created)
    assert says_more(new, kept, (REGISTRAR,), at) is more


@pytest.mark.parametrize("shown", [FRAUD, {"team": "churn"}, {}, None])
@pytest.mark.parametrize("seed", range(40))
def test_what_isnt_kept_would_have_counted_for_nothing(shown: dict[str, str] | None, seed: int) -> None:
    """In whatever order the roles touch the tag, each in a second of its own: the same counts as with all records."""
    values, roles = ("fraud", "churn", None), (REGISTRAR, DEVELOPER, DEVELOPER, "")
    draw = Random(seed)  # noqa: S311  not for secrets
    every: list[TagRecord] = []
    kept: list[TagRecord] = []
    for second in range(12):
        every.append(record(second, draw.choice(roles), draw.choice(values)))
        if says_more(every[-1], kept, (REGISTRAR,)):
            kept.append(every[-1])
        settled, of_all = (tags_of(found, {"team": (REGISTRAR,)}, shown) for found in (kept, every))
        assert (settled.values, set(settled.unsettled)) == (of_all.values, set(of_all.unsettled))
    entitled = sum(is_entitled(each, (REGISTRAR,)) for each in every)
    assert len(kept) <= 2 * entitled + 1
