"""Sessions share what they know of AWS's services, and nothing else."""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from stagegate.aws import models
from stagegate.aws.sessions import session_of

ROUNDS = 30
"""At most, as in tests/contract/test_architecture.py."""


def of_a_member(number: int = 1) -> dict[str, str]:
    """What STS gives, by boto3's names."""
    return {
        "aws_access_key_id": f"key-{number}",
        "aws_secret_access_key": f"secret-{number}",
        "aws_session_token": f"token-{number}",
    }


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The files that were read, by a loader that has read none."""
    found: list[str] = []
    real = models._Files.load_file

    def noted(self: models._Files, file_path: str) -> Any:
        data = real(self, file_path)
        if data is not None:
            found.append(file_path)
        return data

    monkeypatch.setattr(models._Files, "load_file", noted)
    models.loader.cache_clear()
    yield found
    models.loader.cache_clear()


def test_the_clients_of_many_sessions_read_each_file_once(read: list[str]) -> None:
    for number in range(3):
        for region in ("us-east-1", "eu-west-1"):
            session_of(**of_a_member(number)).client("sts", region_name=region)
    assert any(path.endswith("service-2") for path in read)
    assert len(read) == len(set(read))


def test_what_is_read_is_what_botocore_reads() -> None:
    ours, botocores = models.loader(), Loader()
    for service, kind in (("s3", "service-2"), ("sagemaker", "service-2"), ("kms", "endpoint-rule-set-1")):
        assert ours.load_service_model(service, kind) == botocores.load_service_model(service, kind)
    assert ours.load_data("endpoints") == botocores.load_data("endpoints")
    with pytest.raises(UnknownServiceError, match="no-such-service"):
        ours.load_service_model("no-such-service", "service-2")


def test_the_loader_looks_in_no_more_places_for_more_sessions() -> None:
    session_of(**of_a_member())
    before = models.loader().search_paths
    session_of(**of_a_member())
    assert models.loader().search_paths == before


def test_each_session_signs_with_its_own_credentials() -> None:
    clients: list[Any] = [session_of(**of_a_member(number)).client("sts", "us-east-1") for number in (1, 2)]
    keys = [client._request_signer._credentials.get_frozen_credentials() for client in clients]
    assert [(key.access_key, key.token) for key in keys] == [("key-1", "token-1"), ("key-2", "token-2")]


@pytest.mark.timed
@pytest.mark.parametrize("service", ["s3", "kms", "ecr", "sagemaker"])
def test_the_next_sessions_client_takes_less_than_half_of_what_boto3s_takes(service: str) -> None:
    shared: Callable[[], Any] = lambda: session_of(**of_a_member()).client(service, "us-east-1")  # type: ignore[call-overload]  # noqa: E731
    alone: Callable[[], Any] = lambda: boto3.Session(**of_a_member()).client(service, "us-east-1")  # type: ignore[call-overload,arg-type]  # noqa: E731
    shared()
    ours = theirs = math.inf
    for _ in range(ROUNDS):
        ours, theirs = min(ours, seconds(shared)), min(theirs, seconds(alone))
        if ours <= theirs / 2:
            return
    pytest.fail(f"{service}: {ours:.4f} s, boto3's own session {theirs:.4f} s")


def seconds(act: Callable[[], Any]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started
