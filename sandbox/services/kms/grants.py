"""Grants on a key.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.kms.models import Key, KmsBackend

from sandbox.authorization.principal_ids import shown_principal, unique_id
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import caller, root
from sandbox.kernel.paging import InvalidTokenError, page
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.kms.models import key_of, require_usable

DEFAULT_PAGE = 50
_ACCOUNT = re.compile(rf"arn:{PARTITION}:iam::\d{{12}}:root")
_UNSUPPORTED = ("DryRun", "GranteeServicePrincipal", "RetiringServicePrincipal")


@dataclass(slots=True)
class Grant:
    """A grant; the members besides `issuer` and `created_at` are what moto expects of one.

    `grantee_principal` and `retiring_principal` are as KMS keeps them, roles and users by unique id. `created_at` is
    epoch seconds.
    """

    id: str
    token: str
    key_id: str
    name: str | None
    grantee_principal: str
    retiring_principal: str | None
    operations: list[str]
    constraints: Json
    issuer: str
    created_at: float

    def is_same(self, other: Grant) -> bool:
        """Whether both were asked for with identical parameters."""
        return self._asked() == other._asked()

    def _asked(self) -> tuple[Any, ...]:
        operations = tuple(sorted(self.operations))
        return (self.name, self.grantee_principal, self.retiring_principal, operations, self.constraints)


def create_grant(backend: KmsBackend, request: Mapping[str, Any]) -> Json:
    """CreateGrant: with a Name, a repeated request gets the grant that is there and a new token.

    The grant holds at once; on AWS it may take up to five minutes, unless the token is used.
    """
    for name in _UNSUPPORTED:
        if name in request:
            raise NotInSandboxError(f"CreateGrant with {name}")
    constraints = request.get("Constraints", {})
    if unsupported := set(constraints) - {"EncryptionContextEquals", "EncryptionContextSubset"}:
        raise NotInSandboxError(f"CreateGrant with the constraint {min(unsupported)}")
    if "GranteePrincipal" not in request:
        raise aws_error("ValidationException", "GranteePrincipal is required.")
    key = key_of(backend.account_id, backend.region_name, request["KeyId"])
    require_usable(key)
    retiring = request.get("RetiringPrincipal")
    grant = Grant(
        id=secrets.token_hex(32),
        token=secrets.token_urlsafe(48),
        key_id=key.id,
        name=request.get("Name"),
        grantee_principal=_kept(request["GranteePrincipal"]),
        retiring_principal=_kept(retiring) if retiring else None,
        operations=list(request["Operations"]),
        constraints=dict(constraints),
        issuer=(caller.get() or root(backend.account_id)).account,
        created_at=clock.now(),
    )
    present = next((each for each in _of(key) if grant.name is not None and each.is_same(grant)), None)
    if present is None:
        key.grants[grant.id] = grant
    return {"GrantId": (present or grant).id, "GrantToken": grant.token}


def _kept(principal: str) -> str:
    """InvalidArnException for what is no ARN (an account's 12 digits), and for a role or user that doesn't exist."""
    kept = principal if _ACCOUNT.fullmatch(principal) else unique_id(principal)
    if kept is None:
        raise aws_error("InvalidArnException", f"The ARN of the principal is not valid: {principal}")
    return kept


def list_grants(backend: KmsBackend, request: Mapping[str, Any]) -> Json:
    """ListGrants of a key, filtered by grant and grantee, in pages."""
    if "GranteeServicePrincipal" in request:
        raise NotInSandboxError("ListGrants with GranteeServicePrincipal")
    key = key_of(backend.account_id, backend.region_name, request["KeyId"])
    wanted, grantee = request.get("GrantId"), request.get("GranteePrincipal")
    grants = [
        grant
        for grant in _of(key)
        if wanted in (None, grant.id) and grantee in (None, shown_principal(grant.grantee_principal))
    ]
    filters = {name: value for name, value in request.items() if name not in ("Limit", "Marker")}
    try:
        shown, marker = page(grants, request.get("Limit", DEFAULT_PAGE), request.get("Marker"), filters)
    except InvalidTokenError as error:
        raise aws_error("InvalidMarkerException", "The marker is not valid.") from error
    return {"Grants": [_entry(key, grant) for grant in shown], "Truncated": marker is not None, "NextMarker": marker}


def revoke_grant(backend: KmsBackend, request: Mapping[str, Any]) -> Json:
    """RevokeGrant: at once; InvalidGrantIdException for one that the key doesn't have."""
    if "DryRun" in request:
        raise NotInSandboxError("RevokeGrant with DryRun")
    key = key_of(backend.account_id, backend.region_name, request["KeyId"])
    if key.grants.pop(request["GrantId"], None) is None:
        raise aws_error("InvalidGrantIdException", f"{key.arn} has no grant {request['GrantId']}.")
    return {}


def _of(key: Key) -> list[Grant]:
    return [grant for grant in key.grants.values() if isinstance(grant, Grant)]


def _entry(key: Key, grant: Grant) -> Json:
    members = {
        "KeyId": key.arn,
        "GrantId": grant.id,
        "Name": grant.name,
        "CreationDate": datetime.fromtimestamp(grant.created_at, UTC),
        "GranteePrincipal": shown_principal(grant.grantee_principal),
        "RetiringPrincipal": shown_principal(grant.retiring_principal) if grant.retiring_principal else None,
        "IssuingAccount": f"arn:{PARTITION}:iam::{grant.issuer}:root",
        "Operations": grant.operations,
        "Constraints": grant.constraints or None,
    }
    return {name: value for name, value in members.items() if value is not None}
