"""What is different without HTTP is found."""

from typing import Any

import pytest
from moto.sagemaker.models import sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse

from sandbox.kernel.wire.contract import operation_model
from soak.simulation import compared, direct
from soak.simulation.direct import Operation

DESCRIBE = Operation(operation_model("sagemaker", "DescribeModelCard"), SageMakerResponse, "", is_exact=True)


@pytest.fixture(autouse=True)
def installed() -> Any:
    before = direct.SENT, direct.RECEIVED
    compared.install()
    yield
    direct.SENT, direct.RECEIVED = before
    sagemaker_backends.clear()


def test_what_is_the_same_passes() -> None:
    assert direct.SENT(DESCRIBE, {"ModelCardName": "churn"}) == {"ModelCardName": "churn"}


def test_a_parameter_that_arrives_otherwise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compared, "_sent", lambda _operation, parameters: {**parameters, "ModelCardVersion": 1})
    with pytest.raises(compared.DifferentError, match="sagemaker:DescribeModelCard"):
        direct.SENT(DESCRIBE, {"ModelCardName": "churn"})
