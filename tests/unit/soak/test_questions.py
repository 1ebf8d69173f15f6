"""A question counts that went to the approvers, is about the content of then, and names who may answer it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from soak.histories import questions
from soak.histories.wrong import Wrong, WrongError
from soak.oracle.facts import Asked, Change, History, Set, Wrote
from soak.oracle.rules import read

ROOT = Path(__file__).parents[3]
TOPIC = "arn:aws:sns:us-east-1:111122223333:stagegate-approvers"
OWNER, APPROVER, REVIEWER = (
    f"arn:aws:iam::111122223333:role/Model{name}" for name in ("Owner", "Approver", "Reviewer")
)
MAY = f"- Approved lets prod deploy it; may be set by {APPROVER}, {REVIEWER}"


def asked(text: str = MAY, *, topic: str = TOPIC, about: str = "soak-0/1", deployed: float = 0.0) -> list[Asked]:
    """What is written down of a question at second 50 about a version that was written at 0 and anew at 100."""
    message = SimpleNamespace(subject=f"DECIDE {about}: PendingManualApproval", text=text, at=50.0, topic_arn=topic)
    rules = read(ROOT / "soak" / "rules" / "base.toml")
    organization = SimpleNamespace(outbox=[message], outputs={"ApproversTopic": TOPIC})
    world: Any = SimpleNamespace(organization=organization, rules=rules, read={}, deployed=deployed)
    changes: list[Change] = [Wrote(0.0, OWNER, 1), Set(0.0, OWNER, "PendingManualApproval", 1), Wrote(100.0, OWNER, 2)]
    package: Any = SimpleNamespace(name="soak-0/1", group="soak-0", history=History(changes))
    questions.of_a_package(world, package)
    questions.of_a_package(world, package)  # and each once
    found: list[Asked] = package.history.questions
    return found


def test_a_question_is_about_what_there_was_then() -> None:
    assert asked() == [Asked(50.0, 1)]


def test_one_about_another_subject_is_none() -> None:
    assert asked(about="soak-0/11") == []


def test_one_that_others_got_is_wrong() -> None:
    with pytest.raises(WrongError, match="the question went to") as wrong:
        asked(topic=TOPIC.replace("approvers", "operations"))
    assert wrong.value.kind is Wrong.UNASKED


@pytest.mark.parametrize(
    "text",
    [
        "nobody is named",
        MAY.replace(f", {REVIEWER}", ""),
        MAY.replace(REVIEWER, OWNER),
        MAY.replace(APPROVER, "nobody"),
    ],
)
def test_one_that_names_others_than_may_answer_is_wrong(text: str) -> None:
    with pytest.raises(WrongError, match="it names"):
        asked(text)


def test_one_that_was_asked_by_other_rules_names_whom_they_named() -> None:
    assert asked("nobody is named", deployed=60.0) == [Asked(50.0, 1)]
