"""Apply a change of a private hub."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.json import to_json
from stagegate.aws.sessions import own_session
from stagegate.ledger import claims
from stagegate.surfaces.hub_contents import apply_own, write, write_references
from stagegate.surfaces.hub_contents.changes import (
    Done,
    HubChange,
    MakeHub,
    RemoveContents,
    RemoveHub,
    RemoveOwn,
    SetReferences,
)
from stagegate.surfaces.wire import change_from_json
from stagegate.targets.target import CloseTarget, OpenTarget

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sagemaker import SageMakerClient

_CHANGES = (MakeHub, SetReferences, RemoveOwn, RemoveContents, RemoveHub, OpenTarget, CloseTarget)

PERMISSIONS = write.PERMISSIONS | write_references.PERMISSIONS | apply_own.PERMISSIONS | claims.PERMISSIONS


def apply_hub(
    sagemaker: "SageMakerClient", dynamodb: "DynamoDBClient", environment: Environment, request: Mapping[str, Any]
) -> dict[str, Any]:
    """Apply one change of a hub or of a package in one, and return how many references it `removed`, `changed` and
    `added`.

    `request` has the `subject`, the `execution` and the change as `wire.change_to_json` makes it. Raises ClaimLostError
    before anything is changed.
    """
    change: HubChange | OpenTarget | CloseTarget = change_from_json(request, _CHANGES)
    table, holder = environment.table, request["execution"]
    if isinstance(change, OpenTarget | CloseTarget):
        apply_own.apply_to_package(sagemaker, dynamodb, table, change, holder)
        return to_json(Done())
    claims.ask(dynamodb, table, request["subject"], holder, closes=change.closes)
    done = Done()
    match change:
        case MakeHub():
            write.make_hub(sagemaker, change)
        case SetReferences():
            done = write_references.set_references(sagemaker, change)
        case RemoveOwn():
            apply_own.remove_own(sagemaker, dynamodb, table, change, holder)
        case RemoveContents():
            write.remove_contents(sagemaker, change)
        case RemoveHub():
            write.remove_hub(sagemaker, change)
    return to_json(done)


def client() -> "SageMakerClient":
    """Return the client that changes hubs. A repeated call finds what the first has done, and leaves it."""
    return own_session().client("sagemaker", config=REPEATABLE)


def ledger_client() -> "DynamoDBClient":
    """Return the client that asks for the claim."""
    return own_session().client("dynamodb", config=REPEATABLE)
