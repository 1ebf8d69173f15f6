"""Requests and responses are held to botocore's models, at the one place through which all of them pass."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox import services
from sandbox.kernel import contract, transport
from sandbox.kernel.contract import ContractError
from sandbox.services.ram.responses import RamResponse
from sandbox.services.sagemaker.responses import SageMakerResponse

OWNER = "111122223333"
CONTENT = json.dumps({"intended_uses": {"risk_rating": "High"}})


CARD = {"ModelCardName": "churn", "Content": CONTENT, "ModelCardStatus": "Draft"}
SUMMARY = {
    "ModelCardName": "churn",
    "ModelCardArn": f"arn:aws:sagemaker:us-east-1:{OWNER}:model-card/churn",
    "ModelCardStatus": "Draft",
    "CreationTime": datetime.now(UTC),
}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"ModelCardName": "a_b"}, "ModelCardName: value 'a_b' must satisfy regular expression"),
        ({"ModelCardName": "x" * 64}, "ModelCardName: length 64"),
        ({"Content": None}, "Content: must not be null"),
        ({"ModelCardStatus": "Ready"}, "ModelCardStatus: value 'Ready' must satisfy enum"),
        ({"Tags": [{"Key": "k" * 129, "Value": ""}]}, "Tags[0].Key: length 129"),
        ({"Tags": [{"Key": "ключ", "Value": "naïve café"}, {"Key": "a{b", "Value": ""}]}, "Tags[1].Key: value"),
        ({"SecurityConfig": {"Key": "x"}}, "SecurityConfig.Key: unknown member"),
        ({"Colour": "red"}, "Colour: unknown member"),
        ({"Content": 1}, "Content: expected string, got int"),
    ],
)
def test_a_request_names_the_place_that_breaks_its_shape(change: dict[str, Any], where: str) -> None:
    assert contract.request_violations("sagemaker", "CreateModelCard", CARD) == []
    violation = contract.request_violations("sagemaker", "CreateModelCard", CARD | change)[0]
    assert str(violation).startswith(where)


def test_numbers_have_bounds_and_a_boolean_is_no_number() -> None:
    for value in (0, 101, True):
        assert contract.request_violations("sagemaker", "ListModelCards", {"MaxResults": value})
    assert contract.request_violations("sagemaker", "ListModelCards", {"MaxResults": 100}) == []


@pytest.mark.parametrize(
    ("response", "where"),
    [
        ({}, "ModelCardSummaries: must not be null"),
        ({"ModelCardSummaries": [SUMMARY | {"Content": "x"}]}, r"ModelCardSummaries\[0\].Content: unknown member"),
        ({"ModelCardSummaries": [SUMMARY | {"CreationTime": "today"}]}, "CreationTime: expected timestamp"),
        ({"ModelCardSummaries": [], "Next": "x"}, "Next: unknown member"),
    ],
)
def test_a_response_out_of_contract_is_a_fault_of_the_sandbox(response: dict[str, Any], where: str) -> None:
    contract.require_response("sagemaker", "ListModelCards", {"ModelCardSummaries": [SUMMARY]})
    with pytest.raises(ContractError, match=f"sagemaker:ListModelCards answered out of contract.*{where}"):
        contract.require_response("sagemaker", "ListModelCards", response)


def test_an_operation_without_output_may_not_answer() -> None:
    contract.require_response("sagemaker", "DeleteModelCard", {})
    with pytest.raises(ContractError, match="DeleteModelCard"):
        contract.require_response("sagemaker", "DeleteModelCard", {"ModelCardArn": "x"})


def test_every_answer_passes_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that answers wrongly can't get past the seam."""
    monkeypatch.setitem(SageMakerResponse.operations, "ListModelCards", lambda _backend, _request: {"Cards": []})
    monkeypatch.setitem(RamResponse.operations, "GetResourceShares", lambda _backend, _request: {"shares": []})
    with pytest.raises(ContractError, match="Cards: unknown member"):
        transport.client("sagemaker", OWNER).list_model_cards()
    with pytest.raises(ContractError, match="shares: unknown member"):
        transport.client("ram", OWNER).get_resource_shares(resourceOwner="SELF")


def test_an_operation_outside_the_table_names_itself() -> None:
    client = transport.client("sagemaker", OWNER)
    with pytest.raises(client.exceptions.ClientError, match="sagemaker:ListPipelines is not part of the sandbox"):
        client.list_pipelines()


def test_installing_again_starts_empty() -> None:
    client = transport.client("sagemaker", OWNER)
    client.create_model_card(**CARD)
    services.install()
    assert client.list_model_cards()["ModelCardSummaries"] == []


def test_unknown_members_are_seen_on_the_wire() -> None:
    """moto's own parser drops them, and botocore's client would not let them out."""
    client = transport.client("sagemaker", OWNER)

    def add(params: dict[str, Any], **_: object) -> None:
        body = json.loads(params["body"]) | {"Tags": [{"Key": "a", "Value": "b", "Colour": "red"}]}
        params["body"] = json.dumps(body).encode()

    client.meta.events.register("before-call.sagemaker.CreateModelCard", add, unique_id="unknown-member")
    try:
        with pytest.raises(client.exceptions.ClientError, match=r"CreateModelCard: Tags\[0\].Colour: unknown member"):
            client.create_model_card(**CARD)
    finally:
        client.meta.events.unregister("before-call.sagemaker.CreateModelCard", unique_id="unknown-member")
