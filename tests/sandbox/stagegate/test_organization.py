"""The whole organization, with the real templates. What Stagegate itself does there has tests of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from demo.judge.costs import cost_of
from sandbox.stagegate import members
from sandbox.stagegate.organization import ROOT, Organization

SHIPPED = ROOT / "layers" / "settings" / "governance.toml"
CARD = "arn:aws:sagemaker:us-east-1:111122223333:model-card/card"


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    with Organization.start(SHIPPED) as started:
        yield started


def test_the_accounts_and_profiles_are_those_of_the_settings(organization: Organization) -> None:
    assert organization.accounts["prod"] == "444455556666"
    assert organization.profiles["prod"].name == "ModelOperator"
    assert organization.profiles["approver"].arn == "arn:aws:iam::111122223333:role/ModelApprover"


def test_a_change_of_a_card_starts_the_state_machine_through_the_deployed_rule(organization: Organization) -> None:
    organization.client("sagemaker", "governance").create_model_card(
        ModelCardName="card", Content="{}", ModelCardStatus="Draft"
    )
    assert organization.settle()
    assert any(json.loads(each.execution_input).get("resources") == [CARD] for each in organization.executions())
    sweep, first, *_ = organization.executions()
    assert organization.history(first.execution_arn)[0]["type"] == "ExecutionStarted"
    assert first.state_machine_arn == organization.outputs["GovernStateMachine"]
    assert sweep.state_machine_arn == organization.outputs["SweepStateMachine"]  # the deployment's


def test_every_call_of_a_profile_is_authorized_and_logged(organization: Organization) -> None:
    mark = len(organization.calls)
    with pytest.raises(ClientError, match="AccessDenied"):
        organization.client("sagemaker", "hosting").describe_model_card(ModelCardName=CARD)
    (call,) = organization.calls.since(mark)
    assert (call.operation, call.error_code) == ("DescribeModelCard", "AccessDeniedException")
    assert call.principal_arn.endswith("/Administrator/hosting")


def test_each_request_carries_the_trace_of_the_execution_that_it_was_made_for(organization: Organization) -> None:
    """Two runs at once, so that neither time nor function tells whose a request is."""
    mark, machine = len(organization.calls), organization.outputs["GovernStateMachine"]
    sagemaker, states = (organization.client(name, "governance") for name in ("sagemaker", "stepfunctions"))
    for name in ("one", "two"):
        sagemaker.create_model_card(ModelCardName=name, Content="{}", ModelCardStatus="Archived")
    asked = [json.dumps({"subject": CARD.replace("/card", f"/{name}"), "mode": "plan"}) for name in ("one", "two")]
    started = [states.start_execution(stateMachineArn=machine, input=each)["executionArn"] for each in asked]
    assert organization.settle()
    runs = [run for run in organization.executions() if run.execution_arn in started]
    calls = organization.calls.since(mark)
    planned = [[c for c in calls if c.trace == run.trace and c.principal_arn.endswith("-plan")] for run in runs]
    assert len(planned) == 2
    assert all(planned)
    assert not {call.trace for call in planned[0]} & {call.trace for call in planned[1]}
    by_others = [call for call in calls if call.trace != runs[0].trace]
    assert cost_of(organization, runs[0], calls).calls > cost_of(organization, runs[0], by_others).calls
    own = [call for call in calls if call.trace == runs[0].trace]
    assert cost_of(organization, runs[0], calls).calls == cost_of(organization, runs[0], own).calls


def test_the_member_stack_trusts_the_governance_account_alone(organization: Organization) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        organization.client("sts", "governance").assume_role(
            RoleArn="arn:aws:iam::222233334444:role/stagegate-member-share", RoleSessionName="intruder"
        )


def test_the_public_hub_is_there_and_aws_changes_it(organization: Organization) -> None:
    prod = organization.client("sagemaker", "prod")
    listing = {"HubName": "SageMakerPublicHub", "HubContentType": "Model"}
    name = prod.list_hub_contents(**listing)["HubContentSummaries"][0]["HubContentName"]
    organization.public_hub.set_support_status(name, "Deprecated")
    assert prod.list_hub_contents(**listing)["HubContentSummaries"][0]["SupportStatus"] == "Deprecated"
    organization.public_hub.remove(name)
    assert prod.list_hub_contents(**listing)["HubContentSummaries"][0]["HubContentName"] != name


def test_an_update_deploys_the_new_settings_to_the_functions(organization: Organization, tmp_path: Path) -> None:
    def settings_layer() -> str:
        functions = organization.admin("lambda", "governance")
        configuration = functions.get_function_configuration(FunctionName="stagegate-plan")
        return next(str(layer["Arn"]) for layer in configuration["Layers"] if "settings" in layer["Arn"])

    before = settings_layer()
    changed = tmp_path / "governance.toml"
    changed.write_text(SHIPPED.read_text().replace("paused = false", "paused = true"))
    organization.update_settings(changed)
    assert settings_layer() != before
    organization.update_settings(SHIPPED)


def test_other_accounts_need_a_new_organization(organization: Organization, tmp_path: Path) -> None:
    changed = tmp_path / "governance.toml"
    changed.write_text(SHIPPED.read_text().replace("444455556666", "555566667777"))
    with pytest.raises(ValueError, match="new Organization"):
        organization.update_settings(changed)


def test_a_stage_may_have_several_accounts_and_be_outside_an_organization(tmp_path: Path) -> None:
    settings = tmp_path / "governance.toml"
    settings.write_text(
        '[organization]\nexternal_id = "xyz"\n'
        '[[stages]]\nname = "lab"\naccounts = ["222233334444", "333344445555"]\n'
        'roles = ["A", "B"]\nfence = "boundary"\n'
        '[[stages]]\nname = "live"\naccounts = ["444455556666"]\n'
    )
    found = members.read(settings)
    assert found.organization_id is None
    assert found.accounts["lab-2"] == "333344445555"
    assert found.profiles["live"].name == "ModelUser"
    assert found.fenced_roles["333344445555"] == [
        "arn:aws:iam::333344445555:role/A",
        "arn:aws:iam::333344445555:role/B",
    ]
    assert found.member_accounts == ["222233334444", "333344445555", "444455556666", members.HOSTING]


def test_an_account_that_only_has_artifacts_is_a_member_and_its_key_is_there(tmp_path: Path) -> None:
    key = "arn:aws:kms:us-east-1:909090909090:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
    settings = tmp_path / "governance.toml"
    text = SHIPPED.read_text().replace('account = "222233334444"', f'account = "909090909090"\nkey = "{key}"')
    settings.write_text(text)
    assert members.read(settings).members == ["222233334444", "333344445555", "444455556666", "909090909090"]
    with Organization.start(settings) as started:
        described = started.client("kms", "artifacts").describe_key(KeyId=key)["KeyMetadata"]
        assert (described["Arn"], described["KeyManager"], described["KeyState"]) == (key, "CUSTOMER", "Enabled")
        started.update_settings(settings)  # doesn't make it anew
        roles = {role["RoleName"] for role in started.admin("iam", "artifacts").list_roles()["Roles"]}
        assert {"stagegate-member-observe", "stagegate-member-policy"} <= roles


def test_a_new_organization_knows_nothing_of_the_one_before() -> None:
    for _ in range(2):
        with Organization.start(SHIPPED) as started:
            cards = started.client("sagemaker", "governance")
            assert cards.list_model_cards()["ModelCardSummaries"] == []
            (sweep,) = started.executions()
            assert sweep.status == "SUCCEEDED", (sweep.status, sweep.error, sweep.cause)
            assert json.loads(sweep.output or "")["totals"]["subjects"] == 0
            assert started.outbox == []
            cards.create_model_card(ModelCardName="card", Content="{}", ModelCardStatus="Draft")
            assert started.settle()
