"""Which own events a record makes, each by the schema that readers have."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from stagegate.core.findings import blocked, warned
from stagegate.core.messages.kinds import MessageKind
from stagegate.core.messages.mail import Labels
from stagegate.core.own_events import OwnEvent, OwnEventKind, own_event
from stagegate.plans.grants import Grant
from stagegate.plans.record import Outcome, Record
from stagegate.runs.own_events.decide import Said, own_events
from tests.support.builders import DEV, NOON, PROD, TEST, a_grant, the_subject
from tests.support.guardrails import the_guardrail
from tests.support.hubs import HUB_ARN

SCHEMA = json.loads(Path("docs/event.schema.json").read_text(encoding="utf-8"))
EXAMPLES = sorted(Path("events").glob("own_*.json"))
OPENED, REMOVED = OwnEventKind.ACCESS_OPENED, OwnEventKind.ACCESS_REMOVED
PACKAGE = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/3"


def a_record(*grants: Grant, **more: Any) -> Record:
    made = {"subject": the_subject(), "outcome": Outcome.CHANGES, "status": "Approved", "version": 3, **more}
    return Record(grants=grants, **made)


def said(*kinds: MessageKind, told: bool = True, sequence: int = 4, execution: str = "run", round_: int = 0) -> Said:
    labels = Labels(kind=kinds, subject_type="model-card", stages=("prod",), risk="High", audience="retail")
    return Said(execution=execution, round=round_, at=NOON.isoformat(), labels=labels, told=told, sequence=sequence)


def made(before: tuple[Grant, ...], found: Record, by: Said | None = None) -> list[tuple[Any, ...]]:
    events = own_events(before, found, by or said())
    for each in events:
        assert is_by_the_schema(each)
        assert own_event(json.loads(json.dumps(each.as_values()))) == each
    return [(each.kind, *each.stages, each.accounts, each.partly) for each in events]


def is_by_the_schema(event: OwnEvent) -> bool:
    envelope = json.loads(EXAMPLES[0].read_text(encoding="utf-8"))
    resources = [event.subject] if event.subject.startswith("arn:") else []
    Draft202012Validator(SCHEMA).validate(
        {**envelope, "detail-type": event.kind.value, "resources": resources, "detail": dict(event.detail())}
    )
    return True


class TestAccess:
    def test_that_is_the_same_says_nothing(self) -> None:
        grants = (a_grant("dev", DEV), a_grant("prod", PROD))
        assert made(grants, a_record(*reversed(grants), outcome=Outcome.UNCHANGED)) == []

    def test_that_opens_names_who_has_it_now_and_had_not(self) -> None:
        before = (a_grant("test", TEST),)
        assert made(before, a_record(a_grant("test", TEST, DEV), a_grant("prod", PROD))) == [
            (OPENED, "test", (DEV,), ()),
            (OPENED, "prod", (PROD,), ()),
        ]

    def test_that_closes_is_said_before_what_opens(self) -> None:
        assert made((a_grant("test", TEST),), a_record(a_grant("prod", PROD))) == [
            (REMOVED, "test", (TEST,), ()),
            (OPENED, "prod", (PROD,), ()),
        ]

    def test_that_closes_in_part_says_who_keeps_some(self) -> None:
        assert made((a_grant("dev", DEV, write=True),), a_record(a_grant("dev", DEV))) == [
            (REMOVED, "dev", (DEV,), (DEV,))
        ]
        targets = tuple(replace(a_grant("prod", PROD), target=target) for target in ("bucket", "key"))
        assert made(targets, a_record(*targets[:1])) == [(REMOVED, "prod", (PROD,), (PROD,))]
        assert made(targets, a_record()) == [(REMOVED, "prod", (PROD,), ())]

    def test_in_another_share_or_by_another_approval_is_the_same_access(self) -> None:
        now = replace(a_grant("prod", PROD, name="prod-1", approval="event-2"), audience="retail")
        assert made((a_grant("prod", PROD),), a_record(now)) == []

    def test_is_said_of_what_is_left_open_by_a_failure_as_well(self) -> None:
        before = (a_grant("test", TEST), a_grant("prod", PROD))
        found = a_record(a_grant("prod", PROD), outcome=Outcome.STILL_OPEN, findings=(blocked("FourEyes", "."),))
        assert made(before, found, said(MessageKind.CLOSED, MessageKind.BLOCKED)) == [(REMOVED, "test", (TEST,), ())]

    def test_is_not_what_a_guardrail_has(self) -> None:
        found = a_record(a_grant("prod", PROD), subject=the_guardrail())
        assert made((), found, said(MessageKind.CLOSED)) == []

    def test_to_the_contents_of_a_hub_is_each_stages_that_has_it(self) -> None:
        grants = (a_grant("dev", DEV), a_grant("prod", PROD))
        hub = the_subject(HUB_ARN)
        found = a_record(*grants, subject=hub)
        assert made(grants, found, said(MessageKind.CLOSED)) == [
            (REMOVED, "dev", (DEV,), (DEV,)),
            (REMOVED, "prod", (PROD,), (PROD,)),
        ]
        assert made(grants, found, said(MessageKind.OPENED)) == [
            (OPENED, "dev", (DEV,), ()),
            (OPENED, "prod", (PROD,), ()),
        ]
        assert made(grants, replace(found, outcome=Outcome.MORE), said(MessageKind.OPENED)) == []

    def test_that_was_only_planned_while_paused_is_no_news(self) -> None:
        assert made((), a_record(outcome=Outcome.PAUSED), said(MessageKind.PAUSED)) == []


class TestWhatPeopleAreTold:
    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            (MessageKind.DECIDE, OwnEventKind.DECISION_NEEDED),
            (MessageKind.BLOCKED, OwnEventKind.PROMOTION_BLOCKED),
            (MessageKind.DRIFT, OwnEventKind.DRIFT_FOUND),
        ],
    )
    def test_is_told_to_programs(self, kind: MessageKind, expected: OwnEventKind) -> None:
        found = a_record(findings=(blocked("FourEyes", "Somebody else."),))
        assert made((), found, said(kind)) == [(expected, "prod", (), ())]
        assert made((), found, said(kind, told=False)) == []
        assert made((), replace(found, outcome=Outcome.MORE), said(kind)) == []

    @pytest.mark.parametrize(
        "kind", [MessageKind.WAITING, MessageKind.WARNING, MessageKind.SETTLED, MessageKind.FAILED, MessageKind.OPENED]
    )
    def test_and_is_no_news_to_programs_is_left_to_people(self, kind: MessageKind) -> None:
        assert made((), a_record(), said(kind)) == []

    def test_has_the_codes_that_block_once_and_no_words_of_anybody(self) -> None:
        findings = (
            blocked("FourEyes", "ann's words", "prod"),
            blocked("FourEyes", "other words", "test"),
            blocked("RecordMissing", "later", "prod"),
            warned("ForeignShare", "who sees by it"),
        )
        (event,) = own_events((), a_record(findings=findings), said(MessageKind.BLOCKED))
        assert event.codes == ("FourEyes",)
        assert "words" not in json.dumps(event.detail())


class TestNumbers:
    def test_grow_by_one_from_the_last_one_on_record(self) -> None:
        before, found = (a_grant("test", TEST),), a_record(a_grant("prod", PROD))
        events = own_events(before, found, said(MessageKind.DECIDE, sequence=4))
        assert [each.sequence for each in events] == [5, 6, 7]
        assert len({each.id for each in events}) == 3

    def test_and_ids_are_the_same_for_the_same_record_and_no_others(self) -> None:
        found = a_record(a_grant("prod", PROD))
        (first,) = own_events((), found, said())
        assert own_events((), found, said()) == (first,)
        others = [said(execution="another"), said(round_=1), said(sequence=5)]
        ids = {first.id, *(own_events((), found, by)[0].id for by in others)}
        assert len({*ids, own_events((), replace(found, subject=the_subject(PACKAGE)), said())[0].id}) == 5


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_by_the_schema(example: Path) -> None:
    said_ = json.loads(example.read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(said_)
    assert own_event({**said_["detail"], "kind": said_["detail-type"]}).detail() == said_["detail"]


def test_there_is_an_example_of_each_kind() -> None:
    found = [json.loads(path.read_text(encoding="utf-8"))["detail-type"] for path in EXAMPLES]
    assert sorted(found) == sorted(kind.value for kind in OwnEventKind)
    assert sorted(SCHEMA["properties"]["detail-type"]["enum"]) == sorted(found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "aws.sagemaker"},
        {"detail-type": "Access Granted"},
        {"detail": {"sequence": 0}},
        {"detail": {"accounts": []}},
        {"detail": {"stages": ["prod", "test"]}},
        {"detail": {"reason": "somebody's words"}},
    ],
)
def test_the_schema_refuses_others(wrong: dict[str, Any]) -> None:
    event = json.loads(Path("events/own_access_opened.json").read_text(encoding="utf-8"))
    changed = {**event, **wrong, "detail": {**event["detail"], **wrong.get("detail", {})}}
    assert not Draft202012Validator(SCHEMA).is_valid(changed)
