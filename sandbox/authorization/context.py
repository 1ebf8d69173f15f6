"""The global condition keys of a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from sandbox.authorization.accesses import Context
from sandbox.authorization.registry import registry
from sandbox.kernel.identity import Principal


def global_context(principal: Principal, owner: str, region: str, now: float) -> Context:
    """The keys of a request of `principal` for a resource of account `owner`, at epoch second `now`.

    A key without a value is absent, as in AWS: a service has no aws:PrincipalOrgID, a role no aws:SourceArn.
    """
    current, epoch = _times(int(now))
    values: dict[str, str | None] = {
        "aws:CurrentTime": current,
        "aws:EpochTime": epoch,
        "aws:PrincipalIsAWSService": "true" if principal.is_service else "false",
        "aws:RequestedRegion": region or None,
        "aws:ResourceAccount": owner or None,
        "aws:ResourceOrgID": _organization_id(owner),
        "aws:ResourceOrgPaths": _organization_path(owner),
        "aws:SecureTransport": "true",
        # Everybody calls over loopback, and nobody through a VPC's endpoint.
        "aws:SourceIp": None if principal.is_service else "127.0.0.1",
        "aws:ViaAWSService": "false",
    }
    if principal.is_service:
        values |= {
            "aws:PrincipalServiceName": principal.arn,
            "aws:SourceAccount": principal.source_account,
            "aws:SourceArn": principal.source_arn,
            "aws:SourceOrgID": _organization_id(principal.source_account or ""),
            "aws:SourceOrgPaths": _organization_path(principal.source_account or ""),
            # Deprecated, and still what CloudWatch sends and SNS's default topic policy asks for.
            "aws:SourceOwner": principal.source_account if principal.arn == "cloudwatch.amazonaws.com" else None,
        }
    else:
        values |= {
            "aws:PrincipalAccount": principal.account,
            "aws:PrincipalArn": principal.role_arn or principal.arn,
            "aws:PrincipalOrgID": _organization_id(principal.account),
            "aws:PrincipalOrgPaths": _organization_path(principal.account),
            "aws:PrincipalType": "AssumedRole" if principal.role_arn else "Account",
        }
    return {key: (value,) for key, value in values.items() if value is not None}


@lru_cache(maxsize=64)
def _times(second: int) -> tuple[str, str]:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), str(second)


def _organization_id(account: str) -> str | None:
    return registry.organizations.organization_id_of(account) if account else None


def _organization_path(account: str) -> str | None:
    return registry.organizations.organization_path_of(account) if account else None
