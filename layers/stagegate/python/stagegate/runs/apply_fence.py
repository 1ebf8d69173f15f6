"""Apply a change of a fence, or of a guardrail on accounts: one function has the role that writes either."""

from collections.abc import Mapping
from typing import Any

from stagegate.surfaces.fences import apply
from stagegate.surfaces.fences.apply import FenceWriter
from stagegate.surfaces.fences.model import AllowWrites, DenyWrites, RemoveFence
from stagegate.surfaces.guardrails import apply_scps
from stagegate.surfaces.guardrails.changes import PutScp, RemoveScp
from stagegate.surfaces.wire import change_from_json

PERMISSIONS = apply.PERMISSIONS | apply_scps.PERMISSIONS
MEMBER_PERMISSIONS = apply.MEMBER_PERMISSIONS


def apply_fence(writer: FenceWriter, request: Mapping[str, Any]) -> dict[str, Any]:
    """Apply one change, given as `wire.change_to_json` makes it with `execution` and `external_id` beside it."""
    change: DenyWrites | AllowWrites | RemoveFence | PutScp | RemoveScp
    change = change_from_json(request, (DenyWrites, AllowWrites, RemoveFence, PutScp, RemoveScp))
    match change:
        case DenyWrites() | AllowWrites():
            writer.apply(change, request["execution"], request.get("external_id"))
            return {"account": change.fence.account}
        case RemoveFence():
            partition = writer.organizations.meta.partition
            writer.remove(change, partition, request["execution"], request.get("external_id"))
            return {"account": change.fence.account}
        case PutScp() | RemoveScp():
            apply_scps.apply_scp(
                writer.organizations, writer.dynamodb, writer.environment, change, request["execution"]
            )
            return {"guardrail": change.guardrail}
