"""The condition keys that requests of this sandbox carry; a policy that asks for another one is an error, not a no.

The global ones: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html. Each service
registers its own, from its page of https://docs.aws.amazon.com/service-authorization/latest/reference/.
"""

from __future__ import annotations

from functools import cache

from sandbox.authorization.evaluator.errors import UnknownConditionKey

GLOBAL = frozenset(
    (
        "aws:CalledVia",
        "aws:CurrentTime",
        "aws:EpochTime",
        "aws:FederatedProvider",
        "aws:MultiFactorAuthPresent",
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalIsAWSService",
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "aws:PrincipalTag/",
        "aws:PrincipalType",
        "aws:Referer",
        "aws:RequestedRegion",
        "aws:ResourceAccount",
        "aws:ResourceOrgID",
        "aws:ResourceOrgPaths",
        "aws:SecureTransport",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceIdentity",
        "aws:SourceIp",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
        "aws:SourceOwner",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:TokenIssueTime",
        "aws:UserAgent",
        "aws:userid",
        "aws:username",
        "aws:ViaAWSService",
        # Of ways that no request here takes: by a VPC's endpoint, with a second factor, through another service.
        "aws:CalledVia",
        "aws:CalledViaFirst",
        "aws:CalledViaLast",
        "aws:MultiFactorAuthAge",
        "aws:MultiFactorAuthPresent",
        "aws:SourceVpcArn",
        "aws:VpcSourceIp",
        "aws:VpceAccount",
        "aws:VpceOrgID",
        "aws:VpceOrgPaths",
    )
)

_services: dict[str, frozenset[str]] = {}
"""IAM prefix -> the keys that its requests may carry, beside the global ones."""


def register(prefix: str, keys: frozenset[str]) -> None:
    """Let requests of an IAM prefix carry `keys`; a name that ends in `/` or `:` is every key that begins with it."""
    _services[prefix] = keys
    _is_known.cache_clear()


def check(key: str, service: str, where: str) -> None:
    """Raise UnknownConditionKey unless a request of `service` may carry `key`, or `key` is another service's own.

    AWS treats a key that a request doesn't carry as absent: for another service's known key that is the rule here too.
    """
    if not _is_known(key.lower(), service):
        raise UnknownConditionKey(f"{where}: condition key {key} is not supported for {service}")


@cache
def _is_known(wanted: str, service: str) -> bool:
    """Asked again for each condition of each policy of each request."""
    if _in(wanted, GLOBAL) or _in(wanted, _services.get(service, frozenset())):
        return True
    owner = wanted.split(":", 1)[0]
    return owner != service and owner in _services and _in(wanted, _services[owner])


def _in(wanted: str, keys: frozenset[str]) -> bool:
    return any(wanted.startswith(key.lower()) if key.endswith(("/", ":")) else wanted == key.lower() for key in keys)
