"""Requests and responses are held to botocore's models, where all of them pass."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.kernel.wire import transport
from sandbox.kernel.wire.contract import ContractError
from sandbox.services import boot
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


pytestmark = pytest.mark.usefixtures("two_accounts")


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
    boot.install()
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
