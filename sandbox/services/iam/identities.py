"""The roles and users that IAM keeps, with their policies.

The seam to moto's store, which is untyped where it is read here; hence the `Any`s.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from moto.iam.models import iam_backends

from sandbox.authorization.providers import StoredRole
from sandbox.kernel.arns import split
from sandbox.kernel.place import PARTITION


def role_named(account: str, name: str) -> StoredRole | None:
    """The role of that name, whatever its path."""
    return next((_stored(account, each) for each in _roles(account) if each.name == name), None)


def role(arn: str) -> StoredRole | None:
    """The role of that ARN, path included."""
    fields = split(arn)
    if fields is None:
        return None
    # moto puts an ARN together for each look at one.
    name = arn.rsplit("/", 1)[-1]
    found = (each for each in _roles(fields.account) if each.name == name and each.arn == arn)
    return next((_stored(fields.account, each) for each in found), None)


def _roles(account: str) -> list[Any]:
    return list(iam_backends[account][PARTITION].roles.values())


def _stored(account: str, found: Any) -> StoredRole:
    identity = dict(found.policies) | {arn: _document(policy) for arn, policy in found.managed_policies.items()}
    boundary_arn = found.permissions_boundary_arn or None
    return StoredRole(
        arn=found.arn,
        unique_id=found.id,
        trust=found.assume_role_policy_document,
        identity=identity,
        boundary_arn=boundary_arn,
        # A boundary that was deleted allows nothing: IAM keeps its ARN on the role.
        boundary=_managed_policy(account, boundary_arn) or _NOTHING if boundary_arn else None,
        created_at=found.create_date.replace(tzinfo=UTC).timestamp(),  # moto's are naive, in UTC
    )


_NOTHING = '{"Version": "2012-10-17", "Statement": []}'


def _managed_policy(account: str, arn: str) -> str | None:
    policy = iam_backends[account][PARTITION].managed_policies.get(arn)
    return _document(policy) if policy else None


def _document(policy: Any) -> str:
    """The default version of a managed policy."""
    text: str = next(version.document for version in policy.versions if version.version_id == policy.default_version_id)
    return text


def unique_id(arn: str) -> str | None:
    """The unique id of the role or user of that ARN; None for one that doesn't exist."""
    fields = split(arn)
    if fields is None or not fields.account:
        return None
    return next((each.id for each in _identities(fields.account) if each.arn == arn), None)


def arns_by_unique_id() -> dict[str, str]:
    """Every role and user there is, in all accounts."""
    return {each.id: each.arn for account in list(iam_backends) for each in _identities(account)}


def _identities(account: str) -> list[Any]:
    iam = iam_backends[account][PARTITION]
    return [*list(iam.roles.values()), *list(iam.users.values())]
