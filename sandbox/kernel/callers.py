"""Who sends a request: the owner of its access key, or whom the in-process transport vouches for."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from functools import lru_cache

from moto.core.request import Request

from sandbox.kernel.identity import Principal, registry

PRINCIPAL_HEADER = "x-sandbox-principal"
TOKEN_HEADER = "x-sandbox-token"  # noqa: S105  the header's name
ACCOUNT_HEADER = "x-moto-account-id"
"""moto's own: which account's backend answers."""

_TOKEN = secrets.token_hex(16)
_CREDENTIAL = re.compile(r"Credential=([A-Za-z0-9]+)/")


class Unauthenticated(Exception):
    """A request that nobody known has sent; `problem` is `missing` (no credentials), `unknown` or `expired`."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"{problem} credentials")
        self.problem = problem


@lru_cache(maxsize=4096)
def in_process_headers(principal: Principal | None) -> Mapping[str, str]:
    """What the in-process transport sends with each request: for whom it calls; None is the administrator.

    The token proves that the request comes from this process. It is never sent to anybody.
    """
    return {PRINCIPAL_HEADER: principal.to_json() if principal else "null", TOKEN_HEADER: _TOKEN}


def caller_of(request: Request, now: float) -> Principal | None:
    """The sender of a request; None is the sandbox's own administrator. Raises Unauthenticated.

    Signatures are not checked: the sandbox listens on loopback only, and gives its credentials to everybody there.
    """
    if secrets.compare_digest(request.headers.get(TOKEN_HEADER, ""), _TOKEN):
        written = request.headers.get(PRINCIPAL_HEADER, "null")
        return None if written == "null" else Principal.from_json(written)
    key = _access_key(request)
    if key is None:
        raise Unauthenticated("missing")
    credential = registry.find(key)
    if credential is None:
        raise Unauthenticated("unknown")
    if credential.expires_at is not None and now >= credential.expires_at:
        raise Unauthenticated("expired")
    return credential.principal


def route(request: Request, principal: Principal | None) -> str:
    """Make moto answer from the principal's account, whatever the request says; returns that account.

    A service and the administrator have no account: the in-process transport says where they call.
    """
    account = (principal.account if principal else "") or request.headers.get(ACCOUNT_HEADER, "")
    request.environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    # moto's S3 takes a request without this header for an anonymous one; in-process requests aren't signed.
    request.environ.setdefault("HTTP_AUTHORIZATION", "in-process")
    return account


def _access_key(request: Request) -> str | None:
    """From the Authorization header, or from a presigned URL."""
    if found := _CREDENTIAL.search(request.headers.get("Authorization", "")):
        return found.group(1)
    presigned = request.args.get("X-Amz-Credential")
    return presigned.split("/", 1)[0] if presigned else None
