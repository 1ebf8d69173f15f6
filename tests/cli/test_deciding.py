"""`decide`: a person's own call on what they were shown, and none where they aren't asked or it isn't what is there."""

import json
from typing import Any

import pytest
import typer
from botocore.session import get_session

from demo.people import OWNER
from stagegate.approvals.reasons import MOST_OF_A_TAG
from stagegate_cli import codes
from stagegate_cli.commands import decide as deciding
from stagegate_cli.commands.decide import Decided
from stagegate_cli.commands.status import Status
from tests.cli.command import Command, Ran, is_golden
from tests.support.builders import GOVERNANCE
from tests.support.fixtures import CardEnvironment

CARD = "Customer-Churn-Model-Card"


@pytest.fixture(scope="module", autouse=True)
def _story(environment: CardEnvironment) -> None:
    does, actions = environment.does, environment.actions
    does(actions.creates("Draft"))
    does(actions.fills_in(actions.writer(), "filled in"))


def status(environment: CardEnvironment) -> str:
    found = environment.admin("sagemaker").describe_model_card(ModelCardName=CARD)
    return str(found["ModelCardStatus"])


def decides(stagegate: Command, *arguments: str, profile: str = "approver") -> Ran:
    return stagegate("decide", CARD, *arguments, profile=profile)


def test_nothing_is_called_where_nothing_is_asked(stagegate: Command, environment: CardEnvironment) -> None:
    ran = decides(stagegate, "approve", "--yes")
    assert ran.code == codes.WAITS
    assert "is Draft, and nobody was asked about it. Nothing was called." in ran.err
    assert status(environment) == "Draft"


def test_nothing_is_called_for_whoever_is_not_asked(stagegate: Command, environment: CardEnvironment) -> None:
    environment.does(environment.actions.sets(OWNER, "PendingReview"))
    ran = decides(stagegate, "approve", "--yes", profile="governance")
    assert ran.code == codes.WAITS
    assert "role/ModelOwner" not in ran.out
    assert "who isn't asked; asked are arn:aws:iam::111122223333:role/ModelApprover" in ran.err
    assert status(environment) == "PendingReview"


def test_what_waits_for_a_decision_is_in_the_status(stagegate: Command) -> None:
    (waits,) = stagegate("status", "--json").json(Status)["decisions"]
    assert (waits["version"], waits["risk"]) == (2, "Medium")
    assert waits["approvers"] == ["arn:aws:iam::111122223333:role/ModelApprover"]
    assert f"model-card/{CARD} version 2, risk Medium, asked" in " ".join(stagegate("status").out.split())


def test_the_question_is_shown_first_and_no_is_no(
    stagegate: Command, environment: CardEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typer.confirm", _says_no)
    ran = decides(stagegate, "approve")
    is_golden("decide-question", ran.out)
    assert ran.code == 1
    assert status(environment) == "PendingReview"


def _says_no(*_: Any, **__: Any) -> None:
    raise typer.Abort


def test_a_version_that_is_not_the_one_asked_about_is_refused(stagegate: Command, environment: CardEnvironment) -> None:
    ran = decides(stagegate, "approve", "--yes", "--version", "1")
    assert ran.code == codes.USAGE
    assert "--version: found 1; allowed: 2, which is asked about" in ran.err
    assert status(environment) == "PendingReview"


def test_what_changes_while_it_is_shown_is_not_decided(
    stagegate: Command, environment: CardEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.loads(environment.admin("sagemaker").describe_model_card(ModelCardName=CARD)["Content"])
    other = json.dumps({**content, "additional_information": {"caveats_and_recommendations": "edited meanwhile"}})

    def edits(*_: Any, **__: Any) -> None:
        environment.organization.client("sagemaker", "governance").update_model_card(ModelCardName=CARD, Content=other)

    monkeypatch.setattr("typer.confirm", edits)
    ran = decides(stagegate, "approve")
    assert ran.code == codes.WAITS
    assert "Nothing was called" in ran.err
    assert status(environment) == "PendingReview"
    environment.organization.settle()


def test_what_waits_for_a_question_about_another_version_is_asked_anew(
    stagegate: Command, environment: CardEnvironment
) -> None:
    assert stagegate("run", CARD).code in (codes.OK, codes.WAITS)
    environment.organization.settle()
    ran = decides(stagegate, "send-back", "--json", "--yes")
    said = ran.json(Decided)
    assert (said["status"], said["version"], said["reason_kept"]) == ("Draft", 3, False)
    assert environment.organization.settle()
    assert status(environment) == "Draft"


def test_an_approval_is_the_callers_own_and_opens(stagegate: Command, environment: CardEnvironment) -> None:
    environment.does(environment.actions.sets(OWNER, "PendingReview"))
    environment.organization.clock.sleep(130)
    ran = decides(stagegate, "approve", "--yes", "--version", "3", "--reason", "better by 2 points")
    assert ran.code == codes.OK
    tags = environment.admin("sagemaker").list_tags(
        ResourceArn=f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-card/{CARD}"
    )
    assert {"Key": "stagegate:reason", "Value": "better by 2 points"} in tags["Tags"]
    assert status(environment) == "Approved"
    environment.organization.settle()
    why = stagegate("why", "ModelOperator", "read", CARD)
    assert "assumed-role/ModelApprover/approver" in why.out
    assert why.code == codes.OK
    again = decides(stagegate, "approve", "--yes")
    assert again.code == codes.WAITS
    assert "no question is open" in again.err


def test_what_keeps_yes_from_opening_is_said_and_stops_it(stagegate: Command, environment: CardEnvironment) -> None:
    sagemaker = environment.organization.client("sagemaker", "governance")
    sagemaker.update_model_card(ModelCardName=CARD, Content=json.dumps({"intended_uses": {"risk_rating": "Low"}}))
    sagemaker.update_model_card(ModelCardName=CARD, ModelCardStatus="PendingReview")
    environment.organization.settle()
    ran = decides(stagegate, "approve", "--yes")
    assert ran.code == codes.WAITS
    assert "Yes would open nothing now: sections are empty that the rules require" in ran.err
    assert status(environment) == "PendingReview"
    assert decides(stagegate, "approve", "--yes", "--anyway").code == codes.OK


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["decide", CARD, "maybe"], "Invalid value for 'DECISION'"),
        (["decide", "guardrail/canvas", "approve", "--yes"], "allowed: a model card or a model package"),
        (["decide", CARD, "approve", "--json"], "--json: found 'no --yes'; allowed: --json with --yes"),
        (
            ["decide", CARD, "reject", "--yes", "--reason", "why?!"],
            "--reason: found '! ?'; allowed: in the reason of a",
        ),
        (["decide", CARD, "reject", "--reason", "x" * 257], "--reason: found '257 characters'; allowed: 256"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_called(stagegate: Command, arguments: list[str], said: str) -> None:
    ran = stagegate(*arguments, profile="approver")
    assert (ran.code, ran.out) == (codes.USAGE, "")
    assert said in ran.err


def test_reasons_have_the_length_that_sagemaker_takes() -> None:
    model = get_session().get_service_model("sagemaker").operation_model("UpdateModelPackage")
    assert model.input_shape is not None
    shape = model.input_shape.members["ApprovalDescription"]
    assert shape.metadata["max"] == deciding.MOST_REASON
    value = get_session().get_service_model("sagemaker").shape_for("TagValue")
    assert (value.metadata["max"], value.metadata["pattern"]) == (MOST_OF_A_TAG, r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)")
