"""Verify: look again, and compare with what was planned."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws.config import REPEATABLE
from stagegate.aws.json import from_json, to_json
from stagegate.plans.record import Record
from stagegate.subjects.context import Verifier
from stagegate.subjects.registry import kind_of

if TYPE_CHECKING:
    from mypy_boto3_ram import RAMClient
    from mypy_boto3_sagemaker import SageMakerClient


def hub_client() -> "SageMakerClient":
    """Return the client that looks at hubs."""
    return boto3.client("sagemaker", config=REPEATABLE)


def verify(
    ram: "RAMClient", request: Mapping[str, Any], sagemaker: "Callable[[], SageMakerClient]" = hub_client
) -> dict[str, Any]:
    """Return the grants as they are now.

    `request` has `record` (of a plan whose `verify` says that there is something to look at) and `results`, what the
    surfaces answered. Raises NotSettledError while AWS is still at work, DriftRemainsError if something isn't as it was
    planned.

    Grants of packages and groups stand in documents that others write as well, and so do those of a card on its key.
    Whoever wrote one has read it back while nobody else could write it; a look from here could be at the next writer's.
    A guardrail's are answered for by the functions that wrote them, which have read back what settles later.
    """
    record = from_json(Record, request["record"])
    verifying = kind_of(record.subject).verifying()
    grants = record.grants
    if verifying:
        grants = verifying.verify(Verifier(ram=ram, sagemaker=sagemaker), record, request["results"])
    return {"grants": [to_json(grant) for grant in grants]}


def client() -> "RAMClient":
    """Return the client that looks at shares."""
    return boto3.client("ram", config=REPEATABLE)
