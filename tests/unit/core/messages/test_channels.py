"""One message, as each protocol delivers it: what filters go by, what chats and programs get, and SNS's limits."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from stagegate.core.messages.channels import TOTAL_LIMIT, attributes, bodies
from stagegate.core.messages.kinds import MessageKind, in_order
from stagegate.core.messages.mail import Labels, Message, mail, message_from
from tests.support.builders import CARD_ARN
from tests.support.hostile import HOSTILE

SCHEMA = json.loads(Path("docs/message.schema.json").read_text(encoding="utf-8"))
LABELS = Labels(
    kind=(MessageKind.DECIDE, MessageKind.OPENED),
    subject_type="model-card",
    stages=("test", "prod"),
    risk="High",
    audience="retail",
)
ABOUT = {"subject": CARD_ARN, "execution": "arn:execution", "outcome": "changes"}


def parts(message: Message) -> Mapping[str, str]:
    found: dict[str, str] = json.loads(bodies(message, message.text, ABOUT))
    return found


def for_programs(message: Message) -> dict[str, Any]:
    found = parts(message)
    assert found["sqs"] == found["lambda"] == found["firehose"]
    said: dict[str, Any] = json.loads(found["sqs"])
    Draft202012Validator(SCHEMA).validate(said)
    return said


def test_filters_go_by_attributes_of_which_none_is_empty() -> None:
    assert attributes(mail("churn", [], LABELS), "changes") == {
        "kind": {"DataType": "String.Array", "StringValue": '["DECIDE", "OPENED"]'},
        "stages": {"DataType": "String.Array", "StringValue": '["test", "prod"]'},
        "subject_type": {"DataType": "String", "StringValue": "model-card"},
        "risk": {"DataType": "String", "StringValue": "High"},
        "audience": {"DataType": "String", "StringValue": "retail"},
        "outcome": {"DataType": "String", "StringValue": "changes"},
    }
    bare = mail("input", [], Labels(kind=(MessageKind.FAILED,), subject_type=""))
    assert set(attributes(bare, "failed")) == {"kind", "outcome"}


def test_the_kind_that_leads_is_the_first_word() -> None:
    assert mail("churn: prod", [], LABELS).subject == "DECIDE churn: prod"
    assert in_order({MessageKind.WARNING, MessageKind.CLOSED}) == (MessageKind.CLOSED, MessageKind.WARNING)
    assert in_order(set()) == (MessageKind.SETTLED,)


def test_programs_get_what_the_schema_says() -> None:
    said = for_programs(mail("churn: prod", [["Text."]], LABELS, {"status": "Approved"}))
    assert said == {
        "schema": "1",
        "title": "DECIDE churn: prod",
        "kind": ["DECIDE", "OPENED"],
        "subject": CARD_ARN,
        "subject_type": "model-card",
        "stages": ["test", "prod"],
        "risk": "High",
        "audience": "retail",
        "outcome": "changes",
        "execution": "arn:execution",
        "details": {"status": "Approved"},
    }


def test_the_schema_knows_every_kind() -> None:
    assert SCHEMA["properties"]["kind"]["items"]["enum"] == [kind.value for kind in MessageKind]


def test_a_chat_gets_a_notification_in_the_thread_of_the_subject() -> None:
    found = parts(mail("churn: prod", [["Model card churn.", "A [link](https://example.com) <!here> `code`"]], LABELS))
    assert found["https"] == found["http"]
    assert json.loads(found["https"]) == {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": "DECIDE churn: prod",
            "description": "Model card churn.\nA (link)(https://example.com) (!here) 'code'\n",
            "keywords": ["DECIDE", "OPENED"],
        },
        "metadata": {
            "threadId": CARD_ARN,
            "summary": "DECIDE churn: prod",
            "eventType": "DECIDE",
            "relatedResources": [CARD_ARN],
        },
    }


@pytest.mark.parametrize("line", ["x" * 6_000, '"' * 6_000, "\U0001f600" * 5_000, HOSTILE])
def test_whatever_is_in_it_it_fits(line: str) -> None:
    message = mail(line, [[line] * 100], LABELS, {"changes": [line] * 100})
    sent = bodies(message, message.text, ABOUT)
    assert len(sent.encode()) <= TOTAL_LIMIT - 4_096
    found = json.loads(sent)
    assert found["default"].splitlines()[0] == message.text.splitlines()[0]
    assert found["default"].splitlines()[-1].endswith("lines more: a dry run says them all.")
    assert json.loads(found["https"])["content"]["description"].endswith("lines more: the mail has them all.")
    assert for_programs(message)["details"] == {"left_out": True}
    assert len(json.loads(found["https"])["content"]["description"].encode()) < 2_600


def test_what_is_short_is_whole() -> None:
    message = mail("churn", [["one", "two"]], LABELS, {"changes": ["one"]})
    assert parts(message)["default"] == "one\ntwo\n"
    assert for_programs(message)["details"] == {"changes": ["one"]}


@given(st.text(st.characters(), max_size=200))
def test_a_chat_shows_no_markup_of_others(text: str) -> None:
    said = json.loads(parts(mail(text, [[text]], LABELS))["https"])
    for shown in (said["content"]["title"], said["content"]["description"], said["metadata"]["summary"]):
        assert not set(shown) & set("<>[]`*~")


def test_a_chat_makes_nothing_bold_or_italic_and_keeps_names() -> None:
    said = json.loads(parts(mail("churn", [["*bold* _it_ ~gone~ f1_score __x__"]], LABELS))["https"])
    shown = "\u2217bold\u2217 \uff3fit\uff3f \u223cgone\u223c f1_score \uff3f\uff3fx\uff3f\uff3f\n"
    assert said["content"]["description"] == shown


def test_a_chat_has_what_is_to_decide_before_what_the_card_says() -> None:
    about = [f"Metric {number}: {'x' * 300}" for number in range(20)]
    message = mail("churn", [["Model card churn."], about, ["To decide:", "! prod stays closed", "Yes: aws"]], LABELS)
    found = parts(message)
    assert found["default"] == message.text
    said = json.loads(found["https"])["content"]["description"]
    assert said.startswith("Model card churn.\n\nTo decide:\n! prod stays closed\nYes: aws\n\nMetric 0: ")


def test_it_is_understood_as_it_is_handed_on() -> None:
    message = mail("churn", [["one"]], LABELS, {"status": "Draft"})
    labels = {
        "kind": ["DECIDE", "OPENED"],
        "subject_type": "model-card",
        "stages": ["test", "prod"],
        "risk": "High",
        "audience": "retail",
    }
    as_json = {"subject": message.subject, "text": "one\n", "details": {"status": "Draft"}, "labels": labels}
    assert message_from({**as_json, "sealed": "c2VhbGVk"}) == replace(message, sealed="c2VhbGVk")
    without = {name: said for name, said in as_json.items() if name != "labels"}
    assert message_from(without).labels == Labels(kind=(MessageKind.WARNING,), subject_type="")
    with pytest.raises(ValueError, match="NEWS"):
        message_from({**as_json, "labels": {**labels, "kind": ["NEWS"]}})
