"""The embedded services, empty, and the few resources that most tests here begin with."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox import boot
from sandbox.kernel.clock import clock
from sandbox.kernel.delays import Delays
from sandbox.services import events as bus
from sandbox.services import lambda_ as lambda_runtime
from sandbox.transport import client

ACCOUNT = "111122223333"
OTHER = "222233334444"

Admin = Callable[..., Any]
MakeRole = Callable[..., str]


@pytest.fixture
def admin() -> Iterator[Admin]:
    """Administrator's clients of services that hold nothing yet."""
    boot.fresh(Delays(delivery_retry=0.01, lambda_retry=0.01, alarm_period=0.01, wait_factor=0.01))
    yield lambda service, account=ACCOUNT: client(service, account)
    lambda_runtime.pool.stop()
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
        assert bus.deliveries.drain(10)
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
