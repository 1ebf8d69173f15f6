"""A private hub holds exactly the models that the rules let in, for the stages that they name."""

import json
from collections.abc import Iterator

import pytest

from sandbox.kernel.delays import Delays
from sandbox.services.sagemaker.hubs.catalogue import Entry
from sandbox.services.sagemaker.quotas import quotas
from sandbox.stagegate.organization import ROOT
from tests.integration.hubs.hub_environment import ALLOWED, HUB, MODELS, RULES, HubEnvironment, hub_environment


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubEnvironment]:
    delays = Delays(cloudtrail=0.05, ram_association=0.02, hub=0.02, wait_factor=0.02)
    with hub_environment(tmp_path_factory.mktemp("settings"), delays) as opened:
        yield opened


@pytest.fixture
def synced(environment: HubEnvironment) -> Iterator[HubEnvironment]:
    """A hub that is as it should be, by the rules and the models of the beginning."""
    environment.public.refill(MODELS)
    environment.rules()
    assert environment.outcome(force=True) in ("changes", "unchanged")
    assert environment.holds() == ALLOWED
    yield environment
    environment.organization.faults.clear()
    quotas.reset()


def test_the_first_sync_makes_the_hub_and_shares_it(environment: HubEnvironment) -> None:
    assert environment.holds() is None
    assert [json.loads((ROOT / "events" / f"manual_hub{more}.json").read_text()) for more in ("", "_force")] == [
        {"subject": environment.arn},
        {"subject": environment.arn, "mode": "apply", "force": True},
    ]
    shown = environment.sync(mode="plan")
    assert (shown.status, "make the hub" in str(shown.output)) == ("SUCCEEDED", True)
    assert environment.holds() is None
    assert environment.outcome() == "changes"
    assert environment.holds() == environment.holds("dev") == environment.holds("prod") == ALLOWED
    assert environment.holds("test") is None
    assert sorted(environment.writes()) == sorted(
        ["CreateHub", *3 * ["CreateHubContentReference"], *2 * ["CreateResourceShare", "AssociateResourceShare"]]
    )
    assert environment.deploys("dev", "meta-llm-small")
    assert not environment.deploys("prod", "meta-llm-small"), "it may only read"
    assert not environment.deploys("dev", "hf-llm-other")
    heard = [message.subject for message in environment.organization.outbox]
    assert heard == ["DRIFT a sweep would close 0 and open 2 grants", f"OPENED hub {HUB}: dev, prod (Present)"], (
        "the first is of the deployment"
    )
    assert environment.outcome() == "unchanged"
    assert len(environment.organization.outbox) == 2, "nobody is told the same again"


def test_with_nothing_to_do_nothing_is_written_and_nobody_is_told(synced: HubEnvironment) -> None:
    since, heard = synced.position(), len(synced.organization.outbox)
    assert synced.outcome() == "unchanged"
    assert synced.writes(since) == []
    assert len(synced.organization.outbox) == heard


def test_a_hub_that_was_edited_by_hand_is_put_right(synced: HubEnvironment) -> None:
    sagemaker = synced.admin("sagemaker")
    sagemaker.delete_hub_content_reference(
        HubName=HUB, HubContentType="ModelReference", HubContentName="meta-llm-small"
    )
    for name, target in (("hf-llm-other", "hf-llm-other"), ("meta-llm-nice", "hf-llm-other")):
        sagemaker.create_hub_content_reference(
            HubName=HUB, HubContentName=name, SageMakerPublicHubContentArn=synced.public.model_arn(target)
        )
    synced.organization.settle()
    assert synced.outcome() == "changes"
    assert synced.holds("dev") == ALLOWED


def test_what_aws_publishes_and_withdraws_is_seen_by_the_next_sweep(synced: HubEnvironment) -> None:
    assert synced.sweep()["drifting"] == 0
    synced.public.publish(Entry(id="meta-llm-new", version="1.0.0", framework="meta"))
    synced.public.remove("meta-llm-small")
    since = synced.position()
    assert synced.sweep() == {
        "subjects": 1,
        "drifting": 1,
        "failed": 0,
        "open": 2,
        "closes": 0,
        "opens": 0,
        "to_close": 1,
        "misnamed": [],
        "accounts": [],
        "unseen": [],
        "asked": 1,
        "asked_closes": 0,
    }
    assert synced.holds("dev") == ALLOWED - {"meta-llm-small"} | {"meta-llm-new"}
    assert synced.writes(since) == ["DeleteHubContentReference", "CreateHubContentReference"]
    assert [synced.sweep()["drifting"] for _ in range(2)] == [1, 0], "what was told of the withdrawn one is taken back"
    assert len(synced.writes(since)) == 2


def test_a_sweep_lets_nobody_empty_a_hub_and_asks_once(synced: HubEnvironment) -> None:
    for name in ("meta-llm-small", "meta-llm-large"):
        synced.public.remove(name)
    heard = len(synced.organization.outbox)
    assert [synced.sweep()["drifting"] for _ in range(2)] == [1, 0]
    assert synced.holds() == ALLOWED
    assert "TooManyRemovals" in synced.organization.outbox[heard].text
    assert len(synced.organization.outbox) == heard + 1


def test_new_rules_are_synced_by_the_sweep_after_they_were_reported(synced: HubEnvironment) -> None:
    synced.rules(RULES.replace('access = "use"', 'access = "read"').replace('["*-vision"]', '["*-small"]'))
    assert synced.holds() == ALLOWED
    assert synced.sweep()["closes"] == 1, "dev may only see the hub"
    assert synced.holds("dev") == ALLOWED - {"meta-llm-small"} | {"meta-llm-vision"}
    assert not synced.deploys("dev", "meta-llm-large")


def test_a_minimum_that_somebody_has_lowered_is_raised_again(synced: HubEnvironment) -> None:
    sagemaker = synced.admin("sagemaker")
    named = {"HubName": HUB, "HubContentName": "ai21-jamba-mini", "HubContentType": "ModelReference"}
    assert sagemaker.describe_hub_content(**named)["ReferenceMinVersion"] == "1.1.0"
    sagemaker.update_hub_content_reference(**named, MinVersion="1.0.0")
    assert synced.outcome() == "changes"
    assert sagemaker.describe_hub_content(**named)["ReferenceMinVersion"] == "1.1.0"


def test_a_new_version_flows_in_and_is_told_once(synced: HubEnvironment) -> None:
    synced.public.publish(Entry(id="meta-llm-small", version="1.1.0", framework="meta"))
    heard = len(synced.organization.outbox)
    assert synced.outcome() == "unchanged"
    (message,) = synced.organization.outbox[heard:]
    assert "meta-llm-small 1.1.0 (before it 1.0.0)" in message.text
    assert synced.outcome() == "unchanged"
    assert len(synced.organization.outbox) == heard + 1


def test_a_new_version_waits_where_a_rule_asks_for_a_look_first(synced: HubEnvironment) -> None:
    reviewed = RULES.replace(
        '{ filter = "framework == meta" }', '{ filter = "framework == meta", reviewed = "2024-01-01" }'
    )
    synced.rules(reviewed)
    assert synced.outcome() == "unchanged"
    synced.public.publish(Entry(id="meta-llm-small", version="1.1.0", framework="meta"))
    assert synced.findings() == ["ModelDeprecated", "ModelNotReviewed"]
    assert synced.holds("dev") == ALLOWED - {"meta-llm-small"}
    synced.rules(reviewed.replace("2024-01-01", "2999-01-01"))
    assert synced.outcome() == "changes"
    assert synced.holds("dev") == ALLOWED


def test_what_the_public_hub_warns_of_or_has_no_longer_goes(synced: HubEnvironment) -> None:
    synced.public.set_support_status("meta-llm-small", "Restricted")
    synced.public.remove("meta-llm-large")
    assert synced.findings(force=True) == ["ModelDeprecated", "ModelRestricted", "ModelGone"]
    assert synced.holds("dev") == frozenset({"ai21-jamba-mini"})


def test_a_sync_that_would_remove_most_of_the_hub_stops_and_asks(synced: HubEnvironment) -> None:
    synced.public.refill([Entry(id="meta-llm-small", version="1.0.0", framework="meta")])
    since = synced.position()
    assert synced.findings()[:2] == ["TooManyRemovals", "ModelGone"]
    assert synced.writes(since) == []
    assert synced.holds("dev") == ALLOWED
    assert synced.outcome(force=True) == "changes"
    assert synced.holds("dev") == frozenset({"meta-llm-small"})


def test_a_stage_that_is_no_longer_named_loses_the_hub(synced: HubEnvironment) -> None:
    synced.rules(RULES.replace(', { stage = "prod", access = "read" }', ""))
    assert synced.outcome() == "changes"
    assert (synced.holds("prod"), synced.holds("dev")) == (None, ALLOWED)


def test_a_full_hub_fails_and_says_so_after_all_else_was_tried(synced: HubEnvironment) -> None:
    synced.rules(RULES.replace('keep_out = [{ names = ["*-vision"] }]', 'keep_out = [{ names = ["*-small"] }]'))
    quotas.hub_contents = 2
    run = synced.sync()
    assert (run.status, run.error) == ("FAILED", "HubFullError")
    assert synced.holds() == ALLOWED - {"meta-llm-small"}
    quotas.reset()
    assert synced.outcome() == "changes"
    assert synced.holds() == ALLOWED - {"meta-llm-small"} | {"meta-llm-vision"}


def test_an_interrupted_sync_goes_on_where_it_stopped(synced: HubEnvironment) -> None:
    synced.rules(RULES.replace('["*-vision"]', '["*-small"]'))
    synced.organization.faults.crash("stagegate-apply-hub", "after", times=21)
    assert synced.sync().status == "FAILED"
    synced.organization.faults.clear()
    synced.outcome()
    assert synced.holds("dev") == ALLOWED - {"meta-llm-small"} | {"meta-llm-vision"}


def test_two_syncs_at_once_write_once(synced: HubEnvironment) -> None:
    synced.rules(RULES.replace('["*-vision"]', '["*-small"]'))
    since = synced.position()
    runs = [synced.start(), synced.start()]
    assert synced.organization.settle()
    assert [synced.run(arn).status for arn in runs] == ["SUCCEEDED", "SUCCEEDED"]
    assert sorted(synced.writes(since)) == ["CreateHubContentReference", "DeleteHubContentReference"]


def test_a_hub_of_somebody_else_is_taken_over_only_if_the_rules_say_so(synced: HubEnvironment) -> None:
    sagemaker = synced.admin("sagemaker")
    sagemaker.delete_tags(ResourceArn=synced.arn, TagKeys=["stagegate:resource-type"])
    synced.public.publish(Entry(id="meta-llm-new", version="1.0.0", framework="meta"))
    since = synced.position()
    assert synced.findings() == ["HubNotOurs"]
    assert synced.writes(since) == []
    synced.rules(f"{RULES}\nadopt = true\n")
    assert synced.outcome() == "changes"
    assert synced.holds() == ALLOWED | {"meta-llm-new"}


def test_a_hub_is_torn_down_only_when_the_rules_call_it_absent(synced: HubEnvironment) -> None:
    sagemaker = synced.admin("sagemaker")
    sagemaker.import_hub_content(
        HubName=HUB,
        HubContentType="Notebook",
        HubContentName="notes",
        DocumentSchemaVersion="2.3.0",
        HubContentDocument="{}",
    )
    synced.rules(f'{RULES}\nstate = "absent"\n')
    since = synced.position()
    assert synced.outcome() == "changes"
    *before, last = synced.writes(since)
    while before[-1] == last:  # a call whose answer comes late on a busy machine is made again
        before.pop()
    assert before == [*2 * ["DisassociateResourceShare"], *3 * ["DeleteHubContentReference"], "DeleteHubContent"]
    assert last == "DeleteHub"
    assert synced.holds() is None
    assert synced.holds("dev") is None
    assert synced.outcome() == "unchanged"


def test_an_input_that_cannot_be_meant_is_refused(environment: HubEnvironment) -> None:
    run = environment.sync(force="yes")
    assert (run.status, run.error) == ("FAILED", "InputError")
    assert '"force":"yes"' in str(run.cause)
