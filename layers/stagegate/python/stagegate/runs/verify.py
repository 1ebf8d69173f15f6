"""Verify: look again, and compare with what was planned."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from stagegate.aws.config import REPEATABLE
from stagegate.aws.json import from_json, to_json
from stagegate.aws.sessions import own_session
from stagegate.plans.record import Record
from stagegate.subjects.context import Verifier
from stagegate.subjects.registry import kind_of

if TYPE_CHECKING:
    from mypy_boto3_ram import RAMClient
    from mypy_boto3_sagemaker import SageMakerClient


def hub_client() -> "SageMakerClient":
    """Return the client that looks at hubs."""
    return own_session().client("sagemaker", config=REPEATABLE)


def verify(
    ram: "RAMClient", request: Mapping[str, Any], sagemaker: "Callable[[], SageMakerClient]" = hub_client
) -> dict[str, Any]:
    """Return the grants as they are now.

    `request` has `record` (of a plan whose `verify` says that there is something to look at) and `results`, what the
    surfaces answered. Raises NotSettledError while AWS is still at work, DriftRemainsError if something isn't as it was
    planned, TypeError for a kind whose surfaces have looked again themselves (`Kind.is_verified`).
    """
    record = from_json(Record, request["record"])
    verifier = Verifier(ram=ram, sagemaker=sagemaker)
    grants = kind_of(record.subject).verifying().verify(verifier, record, request["results"])
    return {"grants": [to_json(grant) for grant in grants]}


def client() -> "RAMClient":
    """Return the client that looks at shares."""
    return own_session().client("ram", config=REPEATABLE)
