"""Other stacks of the account whose names would meet with those of the one to be deployed.

Names of IAM are the account's, in all Regions. And a Region of an account takes one stack: it governs every card there,
and finds its resource shares by their tags (`docs/decisions/0024-one-stack-and-prefix-for-each-region.md`).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_iam import IAMClient

_MARK, _OTHERS = "-govern", ("-record-approval", "-apply-share")
"""Roles that each governance stack has. None is retained when a stack is deleted."""


def problems(
    iam: "IAMClient", cloudformation: "CloudFormationClient", *, prefix: str, stack: str, region: str
) -> Iterator[str]:
    """Yield why a stack can't be called so there, each with what is allowed. Its own roles are no problem."""
    for other in sorted(prefixes_in(iam)):
        owner = _stack_of(cloudformation, f"{other}{_MARK}")
        if other == prefix:
            if owner != stack:
                whose = f"stack {owner}" if owner else f"no stack in {region}, but of one in another Region"
                yield f'Prefix: found "{prefix}", whose roles are of {whose}; allowed: one that no other stack has'
        elif other.startswith(f"{prefix}-") or prefix.startswith(f"{other}-"):
            yield (
                f'Prefix: found "{prefix}" beside "{other}": what may touch all names that begin with the shorter one'
                " might touch the other's; allowed: prefixes of which none begins another"
            )
        elif owner:
            yield (
                f'Prefix: found "{prefix}" beside "{other}" of stack {owner} in {region}; allowed: one stack for an'
                " account and Region, as each governs all cards there"
            )


def prefixes_in(iam: "IAMClient") -> frozenset[str]:
    """Return the prefixes of the governance stacks that an account has, in whatever Region."""
    names = {role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]}
    found = {name.removesuffix(_MARK) for name in names if name.endswith(_MARK)}
    return frozenset(prefix for prefix in found if all(f"{prefix}{other}" in names for other in _OTHERS))


def _stack_of(cloudformation: "CloudFormationClient", role: str) -> str | None:
    """Return the stack of this Region that has made a role, None where none has ("DescribeStackResources")."""
    try:
        found = cloudformation.describe_stack_resources(PhysicalResourceId=role)["StackResources"]
    except ClientError as error:
        # It has no code of its own for what isn't there.
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    return next((each["StackName"] for each in found if each.get("PhysicalResourceId") == role), None)
