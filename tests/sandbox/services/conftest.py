"""The embedded services: empty ones for `admin`, or an organization of two accounts for `two_accounts`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend
from moto.core.base_backend import BaseBackend

from sandbox.authorization import enforce
from sandbox.kernel.clock import clock
from sandbox.kernel.delays import Delays, delays
from sandbox.kernel.paging import paging
from sandbox.kernel.wire import transport
from sandbox.kernel.wire.transport import client
from sandbox.services import boot, events, lambda_, organizations

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


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> Emitted:
    """Catches events instead of delivering them."""
    recorder = Emitted()
    monkeypatch.setattr(events, "emit", recorder)
    return recorder


_UNGUARDED = {name: vars(BaseBackend)[name] for name in ("urls", "flask_paths")}
"""What authorization puts its guard around, as it is while tests are collected."""


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes off the guard that tests of whole organizations leave in their process."""
    for name, original in _UNGUARDED.items():
        monkeypatch.setattr(BaseBackend, name, original)


@pytest.fixture
def two_accounts(emitted: Emitted, unguarded: None) -> Iterator[None]:
    """An organization of owner and consumer, called in process; a minute for whatever settles later."""
    before = delays.copy()
    delays.update(Delays(ram_association=60.0, card_deletion=60.0))
    boot.install()
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


ACCOUNT = "111122223333"
OTHER = "222233334444"

Admin = Callable[..., Any]
MakeRole = Callable[..., str]


@pytest.fixture
def admin() -> Iterator[Admin]:
    """Administrator's clients of services that hold nothing yet."""
    boot.fresh(Delays(delivery_retry=0.01, lambda_retry=0.01, alarm_period=0.01, wait_factor=0.01))
    yield lambda service, account=ACCOUNT: client(service, account)
    lambda_.pool.stop()
    boot.forget()


@pytest.fixture
def make_role(admin: Admin) -> MakeRole:
    def make(name: str, trusted: str, *statements: dict[str, Any], account: str = ACCOUNT) -> str:
        principal = {"Service": trusted} if trusted.endswith(".com") else {"AWS": trusted}
        trust = [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]
        iam = admin("iam", account)
        arn: str = iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust})
        )["Role"]["Arn"]
        if statements:
            allowed = [{"Effect": "Allow", "Resource": "*", **statement} for statement in statements]
            document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
            iam.put_role_policy(RoleName=name, PolicyName="test", PolicyDocument=document)
        return arn

    return make


@pytest.fixture
def make_queue(admin: Admin) -> Callable[..., str]:
    def make(name: str, *, admits: bool = True, account: str = ACCOUNT) -> str:
        arn = f"arn:aws:sqs:us-east-1:{account}:{name}"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        admin("sqs", account).create_queue(QueueName=name, Attributes={"Policy": policy} if admits else {})
        return arn

    return make


@pytest.fixture
def messages(admin: Admin) -> Callable[[str], list[dict[str, Any]]]:
    """Everything that lies in a queue, once the deliveries have ended."""

    def read(queue_arn: str) -> list[dict[str, Any]]:
        assert events.deliveries.drain(10)
        account, name = queue_arn.split(":")[4:6]
        url = f"https://sqs.us-east-1.amazonaws.com/{account}/{name}"
        found: list[dict[str, Any]] = []
        while (
            batch := admin("sqs", account)
            .receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
            .get("Messages")
        ):
            found += batch
        return found

    return read


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    def wait(condition: Callable[[], bool]) -> None:
        assert clock.until(condition, 10), "it did not happen within ten seconds"

    return wait


@pytest.fixture(autouse=True)
def clean_clock() -> Iterator[None]:
    clock.reset()
    yield
    clock.reset()
