"""A card under a customer key: its key opens with it, for this card and no other, and closes with it."""

import json
from collections.abc import Iterator

import pytest

from demo.judge.costs import Cost, cost_of
from demo.judge.limits import ANOTHER_TAKE, CALLS_WITH_FENCE, OPENS_ONE_STAGE_WITH_FENCE, STARTS_PACKAGES
from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import Organization
from tests.integration.cards.sealed import Sealed
from tests.support.numbers import stated
from tests.support.printed import has_what_is_printed
from tests.support.shipped import reading_in_test

READ, WRITE = ["Decrypt", "DescribeKey"], ["GenerateDataKey"]
OF_A_KEY = stated(r"customer key, the key adds (\d+) state and (\d+) calls")
MOST_STATES, MOST_CALLS = OPENS_ONE_STAGE_WITH_FENCE + OF_A_KEY[0], CALLS_WITH_FENCE + OF_A_KEY[1]
"""Of a promotion that raises a fence as well."""


@pytest.fixture(scope="module")
def organization(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organization]:
    """The stages' roles have what `make consumer-policy` prints, and nothing else. Test and prod only read."""
    delays = Delays(cloudtrail=0.1, ram_association=0.05, wait_factor=0.05)
    settings = tmp_path_factory.mktemp("settings") / "governance.toml"
    settings.write_text(reading_in_test())
    with Organization.start(settings, delays=delays) as opened:
        for stage, role in (("dev", "ModelDeveloper"), ("test", "ModelTester"), ("prod", "ModelOperator")):
            has_what_is_printed(opened, settings, stage, role)
        yield opened


@pytest.fixture(scope="module")
def key(organization: Organization) -> str:
    """A key of the governance account, on which another team has a grant."""
    kms = organization.admin("kms", "governance")
    made = str(kms.create_key()["KeyMetadata"]["Arn"])
    auditors = f"arn:aws:iam::{organization.accounts['hosting']}:root"
    kms.create_grant(KeyId=made, GranteePrincipal=auditors, Operations=["Decrypt"], Name="auditors")
    return made


def costs(organization: Organization, since: int, before: int) -> list[Cost]:
    """What the runs since then have cost, but for those that went round again: how often that is says nothing."""
    found = [cost_of(organization, e, organization.calls.since(since)) for e in organization.executions()[before:]]
    assert [cost.error for cost in found if cost.error] == []
    return [cost for cost in found if "LetTheBurstGather" not in cost.states]


def is_within(cost: Cost) -> bool:
    """Whether it has cost no more than it may. The approval starts two runs, one of which may find the claim held."""
    more = ANOTHER_TAKE * cost.states.count("Mark") + STARTS_PACKAGES * cost.states.count("StartPackages")
    return cost.transitions <= MOST_STATES + more and cost.calls <= MOST_CALLS + more


def test_the_story_of_an_encrypted_card(organization: Organization, key: str) -> None:
    dev, test, prod = (organization.accounts[name] for name in ("dev", "test", "prod"))
    card = Sealed(organization, "story", key).created()
    assert card.access() == "dev rw  test -  prod -"
    assert card.grants() == [(dev, READ), (dev, WRITE)]

    card.sets("governance", "PendingReview")
    assert card.access() == "dev rw  test r  prod -"

    since, before = len(organization.calls), len(organization.executions())
    card.sets("approver", "Approved")
    opening = [cost for cost in costs(organization, since, before) if cost.changes]
    assert all(cost.changes == ("DenyWrites", "OpenTarget", "OpenShare") for cost in opening)
    assert [cost for cost in opening if not is_within(cost)] == []
    assert card.access() == "dev rw  test r  prod r"
    assert card.grants() == [(dev, READ), (dev, WRITE), (test, READ), (prod, READ)]

    since = len(organization.calls)
    nothing = cost_of(organization, card.run(trigger="an event"), organization.calls.since(since))
    assert (nothing.changes, nothing.transitions, nothing.calls) == ((), 5, 5)

    card.sets("governance", "Archived")
    assert card.access() == "dev -  test -  prod -"
    assert card.grants() == []
    assert "auditors" in [grant["Name"] for grant in card.all_grants()]


def test_the_key_opens_for_the_card_that_a_stage_sees_and_for_no_other(organization: Organization, key: str) -> None:
    """By calls of KMS itself, as if dev had got hold of what is encrypted: its administrators may, other roles not."""
    one, other = Sealed(organization, "seen", key).created(), Sealed(organization, "unseen", key).created("Archived")
    kms = organization.client("kms", "dev", "Administrator")
    sealed = {
        card.name: organization.admin("kms", "governance").encrypt(
            KeyId=key, Plaintext=b"content", EncryptionContext={"aws:sagemaker:model-card-arn": card.arn}
        )["CiphertextBlob"]
        for card in (one, other)
    }
    kms.decrypt(KeyId=key, CiphertextBlob=sealed["seen"], EncryptionContext={"aws:sagemaker:model-card-arn": one.arn})
    for named in (other.arn, one.arn):
        with pytest.raises(kms.exceptions.ClientError, match=r"kms:Decrypt|InvalidCiphertext"):
            kms.decrypt(
                KeyId=key, CiphertextBlob=sealed["unseen"], EncryptionContext={"aws:sagemaker:model-card-arn": named}
            )
    with pytest.raises(kms.exceptions.ClientError, match="kms:GenerateDataKey"):
        kms.generate_data_key(
            KeyId=key, KeySpec="AES_256", EncryptionContext={"aws:sagemaker:model-card-arn": other.arn}
        )
    with pytest.raises(kms.exceptions.ClientError, match="kms:Decrypt"):
        organization.client("kms", "dev").decrypt(
            KeyId=key, CiphertextBlob=sealed["seen"], EncryptionContext={"aws:sagemaker:model-card-arn": one.arn}
        )
    assert (one.access(), other.access()) == ("dev rw  test -  prod -", "dev -  test -  prod -")


def test_what_becomes_of_a_grant_behind_its_back_is_found_by_a_manual_run_and_mended(
    organization: Organization, key: str
) -> None:
    card = Sealed(organization, "drifting", key).created("PendingReview")
    assert card.access() == "dev rw  test r  prod -"
    before, of_all = card.grants(), len(card.all_grants())
    kms = organization.admin("kms", "governance")
    (gone,) = [
        grant
        for grant in card.all_grants()
        if organization.accounts["test"] in grant["GranteePrincipal"]
        and card.arn in grant["Constraints"]["EncryptionContextSubset"].values()
    ]
    kms.revoke_grant(KeyId=key, GrantId=gone["GrantId"])
    kms.create_grant(  # one of ours, for every card
        KeyId=key, GranteePrincipal=gone["GranteePrincipal"], Operations=["Decrypt"], Name=gone["Name"]
    )
    shown = card.manual_run(mode="plan")["message"]
    assert f"+ arn:aws:iam::{organization.accounts['test']}:root may Decrypt, DescribeKey" in shown
    assert "which Stagegate didn't make so" in shown
    assert card.manual_run()["outcome"] == "changes"
    assert (card.grants(), len(card.all_grants())) == (before, of_all)
    assert card.access() == "dev rw  test r  prod -"
    assert card.manual_run()["outcome"] == "unchanged"


def test_a_deleted_card_leaves_no_grant(organization: Organization, key: str) -> None:
    card = Sealed(organization, "deleted", key).created()
    organization.client("sagemaker", "governance").delete_model_card(ModelCardName=card.name)
    assert organization.settle()
    assert card.grants() == []


def test_a_card_may_be_under_a_member_s_key(
    organization: Organization, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Dev's key, which dev lets the governance account use for cards: dev needs no grant, the others do."""
    dev, governance = organization.accounts["dev"], organization.accounts["governance"]
    own, cards = ({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{a}:root"}} for a in (dev, governance))
    cards |= {"Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [own | {"Action": "kms:*", "Resource": "*"}, cards]}
    key = str(organization.admin("kms", "dev").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"])
    settings = tmp_path_factory.mktemp("settings") / "governance.toml"
    settings.write_text(f'{reading_in_test().rstrip()}\nkey = "{key}"\n')
    organization.update_settings(settings)
    card = Sealed(organization, "theirs", key, owner="dev").created("PendingReview")
    assert card.access() == "dev rw  test r  prod -"
    assert card.grants() == [(organization.accounts["test"], READ)]
    assert card.manual_run()["outcome"] == "unchanged"
    card.sets("governance", "Archived")
    assert (card.access(), card.grants()) == ("dev -  test -  prod -", [])


def test_a_key_that_may_not_be_opened_opens_nothing_and_says_which(organization: Organization) -> None:
    """The key's policy lets us read, and make no grant: the run fails before the card is seen."""
    governance = f"arn:aws:iam::{organization.accounts['governance']}:root"
    statement = {"Effect": "Allow", "Principal": {"AWS": governance}, "Resource": "*"}
    actions = ["kms:Decrypt", "kms:GenerateDataKey", "kms:ListGrants", "kms:PutKeyPolicy", "kms:DescribeKey"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement | {"Action": actions}]})
    kms = organization.admin("kms", "governance")
    key = str(kms.create_key(Policy=policy)["KeyMetadata"]["Arn"])
    card = Sealed(organization, "stubborn", key).created()
    assert card.access() == "dev -  test -  prod -"
    run = card.run()
    assert (run.status, run.error) == ("FAILED", "RefusedError")
    assert key in (run.cause or "")
    assert "CreateGrant" in (run.cause or "")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement | {"Action": "kms:*"}]})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    assert card.manual_run()["outcome"] == "changes"
    assert card.access() == "dev rw  test -  prod -"


def test_a_card_that_we_cant_decrypt_stays_closed_and_says_why(organization: Organization) -> None:
    """A key that the stack wasn't told of: the card closes, as what was approved can't be told."""
    hosting, governance = (f"arn:aws:iam::{organization.accounts[a]}:root" for a in ("hosting", "governance"))
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": [hosting, governance]}, "Action": "kms:*", "Resource": "*"}
        ],
    }
    key = organization.admin("kms", "hosting").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    card = Sealed(organization, "unknown", str(key), owner="hosting").created()
    assert card.access() == "dev -  test -  prod -"
    (heard,) = card.heard("CardSealed")
    assert key in heard
    assert "ArtifactKeys" in heard


def test_the_default_key_cant_be_opened_to_anybody(organization: Organization) -> None:
    card = Sealed(organization, "default", "alias/aws/sagemaker").created()
    assert card.access() == "dev -  test -  prod -"
    (heard,) = card.heard("KeyClosed")
    assert "AWS's default keys can't be opened to another account" in heard
