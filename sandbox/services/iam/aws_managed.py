"""AWS's own managed policies, in an account once something there attaches one.

moto has them all, and takes a second to load its 1,500 for each account; a stack needs a handful.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, iam_backends

from sandbox.kernel.place import PARTITION, REGION

_PREFIX = f"arn:{PARTITION}:iam::aws:policy/"


def provide(account: str, policy_arn: str) -> None:
    """Make an AWS managed policy known to the account's IAM; LookupError if AWS has none of that ARN."""
    if not policy_arn.startswith(_PREFIX):
        return
    backend = iam_backends[account][PARTITION]
    if policy_arn in backend.managed_policies:
        return
    name = policy_arn.rsplit("/", 1)[1]
    if name not in _policies():
        raise LookupError(f"AWS has no managed policy {policy_arn}")
    policy = AWSManagedPolicy.from_data(name, account, REGION, _policies()[name])
    if policy.arn != policy_arn:
        raise LookupError(f"AWS has no managed policy {policy_arn}; {name} is {policy.arn}")
    backend.managed_policies[policy_arn] = policy


@lru_cache(maxsize=1)
def _policies() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return found
