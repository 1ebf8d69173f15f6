"""What of a request or a response breaks botocore's models."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.kernel.wire import contract
from sandbox.kernel.wire.contract import ContractError

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
