"""Withdrawn, everything of ours goes, whatever others say meanwhile, and comes back when it is taken back."""

import json
from collections.abc import Iterator

import pytest

from tests.integration.lifecycle.lifecycle_environment import CARD, LEFT, TEST, Lifecycle, lifecycle
from tests.support.registry import BUCKET
from tests.support.sweeps import output


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lifecycle]:
    with lifecycle(tmp_path_factory.mktemp("settings")) as found:
        found.opens_everything()
        yield found


def test_what_carries_our_name_and_no_subject_knows_of_goes_by_a_sweep(environment: Lifecycle) -> None:
    """As a ledger that was lost leaves it. What isn't ours stays, and so does what somebody wants."""
    s3, ours = environment.admin("s3", "test"), environment.ours()
    sid = environment.sids_of_ours()[0]
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject"}
    theirs, lost = ({**statement, "Sid": name, "Resource": f"arn:aws:s3:::{LEFT}/{name}"} for name in ("Theirs", sid))
    s3.create_bucket(Bucket=LEFT)
    s3.put_bucket_policy(Bucket=LEFT, Policy=json.dumps({"Version": "2012-10-17", "Statement": [theirs, lost]}))
    shown = output(environment.registry.sweeps({"mode": "plan"}))
    assert f"- account/{TEST}: closes 1, opens 0" in shown["message"]
    output(environment.registry.sweeps())
    assert environment.registry.organization.settle(60)
    left = json.loads(s3.get_bucket_policy(Bucket=LEFT)["Policy"])["Statement"]
    assert [each["Sid"] for each in left] == ["Theirs"]
    assert environment.ours() == ours
    assert output(environment.registry.sweeps({"mode": "plan"}))["totals"]["drifting"] == 0


def test_it_is_shown_confirmed_complete_and_can_be_taken_back(environment: Lifecycle) -> None:
    registry = environment.registry
    organization = registry.organization
    before, ours = environment.access(), environment.ours()
    kinds = ("share", "bucket", "repository", "group", "key", "service control policy stagegate-read-only", "hub")
    for kind in (*kinds, "service control policy stagegate-guardrail", "boundary"):
        assert any(each.startswith(kind) for each in ours), (kind, ours)
    foreign = registry.sids("bucket")

    shown = output(registry.sweeps({"mode": "withdraw"}))
    assert (environment.access(), environment.ours()) == (before, ours), "it was shown, and nothing more"
    assert environment.card in shown["message"]

    output(registry.sweeps({"sweep": shown["sweep"]}))
    assert organization.settle(60)
    assert environment.access() == {"prod lists the public hub", "test lists the public hub"}
    assert set(environment.ours()) <= {each for each in ours if each.startswith(("share", "service control policy"))}
    output(registry.sweeps())  # fences wait for the last card
    assert environment.ours() == []
    assert environment.open_in_the_ledger() == []
    assert environment.access() == {"prod lists the public hub", "test lists the public hub"}
    assert [sid for sid in foreign if not sid.startswith("Stagegate")] == registry.sids("bucket"), "others' stay"

    # An event, a person and a sweep find nothing to open; the sweep finds nothing to close either.
    registry.sets("approver", "PendingManualApproval")
    registry.sets("approver", "Approved")
    environment.admin("sagemaker").update_model_card(ModelCardName=CARD, ModelCardStatus="Draft")
    assert organization.settle()
    for subject in (environment.card, registry.package, environment.hub, "guardrail/canvas"):
        registry.changed_by_manual_run(subject)
    assert output(registry.sweeps())["totals"]["to_close"] == 0
    assert output(registry.sweeps({"mode": "plan"}))["totals"]["drifting"] == 0
    assert (environment.ours(), environment.open_in_the_ledger()) == ([], [])
    assert registry.alarm("still-open") == "OK"

    # Somebody takes it back.
    environment.admin("sagemaker").update_model_card(ModelCardName=CARD, ModelCardStatus="PendingReview")
    assert organization.settle()
    environment.takes_the_withdrawal_back()
    assert environment.access() == before
    assert json.loads(environment.admin("s3", "dev").get_bucket_policy(Bucket=BUCKET)["Policy"])
