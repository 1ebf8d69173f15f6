"""Every statement that encrypted cards need is needed: without it a card doesn't open as it should, or a run fails."""

import json
from collections.abc import Iterator
from itertools import count

import pytest

from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import Organization
from tests.integration.cards.sealed import Sealed
from tests.support.fixtures import SHIPPED, without

GOVERNANCE, MEMBER = "governance", "test"
STATEMENTS = [
    ("governance", "stagegate-apply-policy", "MakeGrants", "Draft"),
    ("governance", "stagegate-apply-policy", "MakeWritersGrants", "Draft"),
    ("governance", "stagegate-apply-policy", "ReadAndRevokeGrants", "Draft"),
    ("governance", "stagegate-plan", "ReadEncryptedCards", "Draft"),
    ("governance", "stagegate-plan", "ReadKeys", "Draft"),
    ("governance", "stagegate-record-approval", "ReadEncryptedCards", "Approved"),
    (MEMBER, "stagegate-member-policy", "MakeWritersGrants", "Draft"),
]
"""Account, role, Sid, and the status in which it is missed. A key of that account is what the card is under."""

EXPECTED = {"Draft": "dev rw  test -  prod -", "Approved": "dev rw  test rw  prod r"}
NUMBERS = count()


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    with Organization.start(SHIPPED, delays=Delays(cloudtrail=0.1, ram_association=0.05, wait_factor=0.02)) as opened:
        yield opened


@pytest.fixture(scope="module")
def keys(organization: Organization, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A key of the governance account, and one of a member, which lets the governance account use it for cards."""
    member, owner = (f"arn:aws:iam::{organization.accounts[name]}:root" for name in (MEMBER, GOVERNANCE))
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": "*"}
            for principal, actions in ((member, ["kms:*"]), (owner, ["kms:Decrypt", "kms:GenerateDataKey"]))
        ],
    }
    found = {
        GOVERNANCE: organization.admin("kms", GOVERNANCE).create_key(),
        MEMBER: organization.admin("kms", MEMBER).create_key(Policy=json.dumps(policy)),
    }
    arns = {account: str(made["KeyMetadata"]["Arn"]) for account, made in found.items()}
    settings = tmp_path_factory.mktemp("settings") / "governance.toml"
    settings.write_text(f'{SHIPPED.read_text().rstrip()}\nkey = "{arns[MEMBER]}"\n')
    organization.update_settings(settings)
    return arns


def goes_wrong(organization: Organization, key: str, owner: str, status: str) -> bool:
    """Make a card, have it get that status, and have a person look at everything."""
    card = Sealed(organization, f"card-{next(NUMBERS)}", key, owner=owner).created()
    if status == "Approved":
        card.sets("governance", "PendingReview")  # nobody approves what nobody was asked about
    if status != "Draft":
        card.sets("approver", status)
    is_open = card.access() == EXPECTED[status]
    manual = card.run()
    return not is_open or manual.status != "SUCCEEDED" or bool(json.loads(manual.output or "{}")["findings"])


@pytest.mark.parametrize(("account", "status"), [(GOVERNANCE, "Approved"), (MEMBER, "Draft")])
def test_with_every_statement_nothing_goes_wrong(
    organization: Organization, keys: dict[str, str], account: str, status: str
) -> None:
    assert not goes_wrong(organization, keys[account], account, status)


@pytest.mark.parametrize(("account", "role", "sid", "status"), STATEMENTS)
def test_a_missing_statement_is_noticed(
    organization: Organization, keys: dict[str, str], account: str, role: str, sid: str, status: str
) -> None:
    with without(organization, (role, sid), account=account):
        assert goes_wrong(organization, keys[account], account, status)
