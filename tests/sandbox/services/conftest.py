"""The sandbox's own services in two accounts and one organization, called in process by its administrator hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend
from moto.core.base_backend import BaseBackend

from sandbox import services
from sandbox.authorization import enforce
from sandbox.kernel import transport
from sandbox.kernel.clock import clock
from sandbox.kernel.delays import Delays, delays
from sandbox.kernel.paging import paging
from sandbox.services import events, organizations

MANAGEMENT, OWNER, CONSUMER, OUTSIDER = "999900001111", "111122223333", "222233334444", "888800001111"
CONTENT = json.dumps({"intended_uses": {"risk_rating": "High"}})


@dataclass
class Emitted:
    """The events that were put on a bus, in order."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def __call__(
        self,
        account: str,
        region: str,
        source: str,
        detail_type: str,
        detail: dict[str, Any],
        resources: tuple[str, ...] = (),
        delay: float = 0.0,
    ) -> None:
        self.events.append(
            {
                "account": account,
                "region": region,
                "source": source,
                "detail-type": detail_type,
                "detail": json.loads(json.dumps(detail)),
                "resources": list(resources),
                "delay": delay,
            }
        )

    def of(self, detail_type: str) -> list[dict[str, Any]]:
        """Those of one detail type."""
        return [event for event in self.events if event["detail-type"] == detail_type]


@pytest.fixture(autouse=True)
def emitted(monkeypatch: pytest.MonkeyPatch) -> Emitted:
    """Catches events instead of delivering them."""
    recorder = Emitted()
    monkeypatch.setattr(events, "emit", recorder)
    return recorder


_UNGUARDED = {name: vars(BaseBackend)[name] for name in ("urls", "flask_paths")}
"""What authorization puts its guard around, as it is while tests are collected."""


@pytest.fixture(autouse=True)
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes off the guard that tests of whole organizations leave in their process."""
    for name, original in _UNGUARDED.items():
        monkeypatch.setattr(BaseBackend, name, original)


@pytest.fixture(autouse=True)
def organization() -> Iterator[None]:
    """An organization of owner and consumer; empty services; a minute for whatever settles later."""
    before = delays.copy()
    delays.update(Delays(ram_association=60.0, card_deletion=60.0))
    services.install()
    organizations.build("o-stagegate01", MANAGEMENT, {OWNER: "governance", CONSUMER: "dev"})
    yield
    delays.update(before)
    paging.empty_first_page = False
    clock.reset()


@pytest.fixture
def guarded(unguarded: None) -> None:
    """Every call of a principal is authorized; no role exists yet."""
    enforce.install()
    get_backend("iam").clear()


@pytest.fixture
def owner() -> Any:
    """SageMaker in the account that owns the cards."""
    return transport.client("sagemaker", OWNER)


@pytest.fixture
def consumer() -> Any:
    """SageMaker in another account."""
    return transport.client("sagemaker", CONSUMER)


@pytest.fixture
def ram() -> Any:
    """RAM in the account that owns the cards."""
    return transport.client("ram", OWNER)


@pytest.fixture
def card_arn(owner: Any) -> str:
    """A card in Draft."""
    arn: str = owner.create_model_card(ModelCardName="churn", Content=CONTENT, ModelCardStatus="Draft")["ModelCardArn"]
    return arn


Refused = Callable[..., str]


@pytest.fixture
def refused() -> Refused:
    """`refused(call, **parameters)` is the error code of a call, which must fail with a ClientError."""

    def code(call: Callable[..., Any], **parameters: Any) -> str:
        with pytest.raises(ClientError) as caught:
            call(**parameters)
        return str(caught.value.response["Error"]["Code"])

    return code
