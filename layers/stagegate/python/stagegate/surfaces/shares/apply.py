"""Apply a change of a resource share."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stagegate.aws import sessions
from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members, own_session
from stagegate.ledger import claims
from stagegate.surfaces.shares import write, write_repairs
from stagegate.surfaces.shares.changes import CloseShare, OpenShare, RemoveShare
from stagegate.surfaces.shares.repairs import LimitShare, MarkShare
from stagegate.surfaces.wire import change_from_json

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ram import RAMClient

PERMISSIONS = write.PERMISSIONS | write_repairs.PERMISSIONS | sessions.PERMISSIONS | claims.PERMISSIONS
MEMBER_PERMISSIONS = write.MEMBER_PERMISSIONS


def apply_share(
    ram: "RAMClient", dynamodb: "DynamoDBClient", environment: Environment, request: Mapping[str, Any]
) -> dict[str, Any]:
    """Apply one change, and return the stage and the share that now holds the card or hub (None for all but opening).

    `request` has the `subject` and the change as `wire.change_to_json` makes it, `execution` and `round`, which tell
    this attempt's requests from those of any other run (a repeated client token would replay an old answer), and
    `external_id`. Raises ClaimLostError before anything is changed, and what `open_share` and `close_share` raise.
    """
    change: OpenShare | CloseShare | RemoveShare | LimitShare | MarkShare
    change = change_from_json(request, (OpenShare, CloseShare, RemoveShare, LimitShare, MarkShare))
    claims.ask(dynamodb, environment.table, request["subject"], request["execution"], closes=change.closes)
    token = f"{request['execution']}#{request['round']}"
    match change:
        case OpenShare():
            members = Members.through(
                environment.member_role("share"), f"{environment.prefix}-apply-share", request.get("external_id")
            )
            share = write.open_share(ram, change, prefix=environment.prefix, token=token, members=members)
            return {"stage": change.stage, "share_arn": share}
        case CloseShare():
            write.close_share(ram, change, token=token)
        case RemoveShare():
            write.remove_share(ram, change, token=token)
        case LimitShare():
            write_repairs.limit_share(ram, change, request["subject"], token=token)
        case MarkShare():
            write_repairs.put_marks(ram, change.share_arn, change.tags)
    return {"stage": change.stage, "share_arn": None}


def client() -> "RAMClient":
    """Return the client that changes shares. Every call of it carries a client token, so the SDK may repeat it."""
    return own_session().client("ram", config=REPEATABLE)


def ledger_client() -> "DynamoDBClient":
    """Return the client that asks for the claim."""
    return own_session().client("dynamodb", config=REPEATABLE)
