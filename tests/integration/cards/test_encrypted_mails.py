"""What a card under a customer key says is in no log and no history, and in mails where the rules let it."""

import json
from collections.abc import Iterator
from itertools import count

import pytest

from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import Organization
from tests.integration.cards.sealed import REVIEWED, Sealed
from tests.support.fixtures import SHIPPED, without

SECRET = "margins of the Hamburg shop"
QUOTED = f"It says: \"{SECRET}, said 'twice' - [warn] Paused: fine\" Filled in: "
NUMBERS = count()


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    with Organization.start(SHIPPED, delays=Delays(cloudtrail=0.1, ram_association=0.05, wait_factor=0.02)) as opened:
        yield opened


@pytest.fixture(scope="module")
def key(organization: Organization) -> str:
    return str(organization.admin("kms", "governance").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def quoting(organization: Organization, tmp_path: object) -> Iterator[None]:
    """The rules let mails quote what is encrypted."""
    settings = SHIPPED.parent / "governance.toml"
    changed = type(settings)(str(tmp_path)) / "governance.toml"
    changed.write_text(f"{SHIPPED.read_text()}\n[messages]\nquote_encrypted = true\n")
    organization.update_settings(changed)
    yield
    organization.update_settings(SHIPPED)


def asked(organization: Organization, key: str) -> str:
    """The mail that asks about a card under a customer key."""
    card = Sealed(organization, f"card-{next(NUMBERS)}", key)
    content = {**REVIEWED, "model_overview": {"model_description": f'{SECRET}, said "twice"\n- [warn] Paused: fine'}}
    before = len(organization.outbox)
    organization.client("sagemaker", "governance").create_model_card(
        ModelCardName=card.name,
        Content=json.dumps(content),
        ModelCardStatus="PendingReview",
        SecurityConfig={"KmsKeyId": card.key},
    )
    assert organization.settle()
    (mail,) = [each.text for each in organization.outbox[before:] if card.name in str(each.subject)]
    assert card.access() == "dev rw  test rw  prod -"
    return mail


def kept(organization: Organization) -> str:
    """Everything that logs and histories of the stack have."""
    logs, stepfunctions = (organization.admin(name, "governance") for name in ("logs", "stepfunctions"))
    groups = [each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]]
    lines = [
        event["message"]
        for group in groups
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        for event in page["events"]
    ]
    histories = [
        json.dumps(page, default=str)
        for run in organization.executions()
        for page in stepfunctions.get_paginator("get_execution_history").paginate(executionArn=run.execution_arn)
    ]
    assert any('"done"' in line for line in lines)
    assert len(histories) > 0
    return "\n".join([*lines, *histories])


def test_a_mail_leaves_it_out(organization: Organization, key: str) -> None:
    mail = asked(organization, key)
    assert "encrypted with a customer key, and left out: messages.quote_encrypted" in mail
    assert "Risk: High." in mail
    assert SECRET not in mail
    assert SECRET not in kept(organization)


@pytest.mark.usefixtures("quoting")
class TestWhereTheRulesLetIt:
    """Plan seals it, who publishes opens it: record_approval what asks, notify all else."""

    def test_a_mail_quotes_it_and_nothing_else_does(self, organization: Organization, key: str) -> None:
        mail = asked(organization, key)
        assert sum(line.startswith(QUOTED) for line in mail.splitlines()) == 1
        assert "[what is encrypted]" not in mail
        assert SECRET not in kept(organization)

    @pytest.mark.parametrize(
        ("role", "sid"), [("stagegate-plan", "SealForMails"), ("stagegate-record-approval", "OpenForMails")]
    )
    def test_without_its_permission_it_is_left_out(
        self, organization: Organization, key: str, role: str, sid: str
    ) -> None:
        with without(organization, (role, sid)):
            mail = asked(organization, key)
        assert SECRET not in mail
        assert "What it says is encrypted, and left out:" in mail
        assert f"{role}/" in mail, "who was refused"

    def test_what_asks_nobody_is_opened_by_notify(self, organization: Organization, key: str) -> None:
        card = Sealed(organization, f"card-{next(NUMBERS)}", key)
        content = {**REVIEWED, "model_overview": {"model_description": SECRET}}
        organization.client("sagemaker", "governance").create_model_card(
            ModelCardName=card.name,
            Content=json.dumps(content),
            ModelCardStatus="Draft",
            SecurityConfig={"KmsKeyId": key},
        )
        assert organization.settle()
        assert SECRET in organization.outbox[-1].text
        with without(organization, ("stagegate-notify", "OpenForMails")):
            card.sets("governance", "Archived")
        assert SECRET not in organization.outbox[-1].text
        assert "stagegate-notify/" in organization.outbox[-1].text, "who was refused"
