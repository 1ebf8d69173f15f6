"""Facts about what the embedded services keep: roles, shares, keys, the organization.

The seam to moto's stores, which are untyped where they are read here; hence the `Any`s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, NamedTuple

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.ram.models import ram_backends
from moto.s3.models import s3_backends
from moto.sagemaker.models import sagemaker_backends


class Fields(NamedTuple):
    """The fields of an ARN that say where a resource is."""

    service: str
    region: str
    account: str
    resource: str


def split(arn: str) -> Fields | None:
    """The fields of an ARN; None for what isn't one."""
    fields = arn.split(":", 5)
    return Fields(*fields[2:]) if len(fields) == 6 and fields[0] == "arn" else None


@dataclass(frozen=True, slots=True)
class StoredRole:
    """A role and its policies. `identity` is policy name -> document, inline and attached.

    `created_at` is epoch seconds.
    """

    arn: str
    unique_id: str
    trust: str
    identity: Mapping[str, str]
    boundary_arn: str | None
    boundary: str | None
    created_at: float


@dataclass(frozen=True, slots=True)
class StoredShare:
    """What condition keys say about a resource share."""

    name: str
    owner: str
    allows_external: bool
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Organization:
    """The organization of an account."""

    id: str
    management_account: str


def role_named(account: str, name: str) -> StoredRole | None:
    """The role of that name, whatever its path."""
    return _role(account, lambda role: bool(role.name == name))


def role(arn: str) -> StoredRole | None:
    """The role of that ARN, path included."""
    fields = split(arn)
    return _role(fields.account, lambda role: bool(role.arn == arn)) if fields else None


def _role(account: str, wanted: Any) -> StoredRole | None:
    found = next((each for each in list(iam_backends[account]["aws"].roles.values()) if wanted(each)), None)
    if found is None:
        return None
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
    policy = iam_backends[account]["aws"].managed_policies.get(arn)
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
    iam = iam_backends[account]["aws"]
    return [*list(iam.roles.values()), *list(iam.users.values())]


def sagemaker_tags(arn: str) -> Mapping[str, str]:
    """The tags of a SageMaker resource; a version of a group has the group's. Nothing for a type without tags here."""
    fields = split(arn)
    if fields is None:
        return {}
    kind, _, named = fields.resource.partition("/")
    backend: Any = sagemaker_backends[fields.account][fields.region]
    if kind == "model-card":
        found = backend.find_card(named)
    elif kind in ("model-package-group", "model-package"):
        found = backend.find_group(named.partition("/")[0])
    elif kind == "user-profile":
        domain, _, profile = named.partition("/")
        found = backend.domains[domain].profiles.get(profile) if domain in backend.domains else None
    elif kind == "hub-content":
        hub, _, content = named.partition("/")
        found = backend.hubs[hub].items.get(tuple(content.split("/")[:2])) if hub in backend.hubs else None
    elif kind in _TAGGED:
        found = getattr(backend, _TAGGED[kind]).get(named)
    else:
        return {}
    return dict(found.tags) if found else {}


_TAGGED = {
    "domain": "domains",
    "endpoint": "endpoints",
    "endpoint-config": "endpoint_configs",
    "hub": "hubs",
    "model": "models",
}
"""Resource type -> where the backend keeps them by name."""


def sagemaker_key(arn: str) -> str | None:
    """The customer's key of a model card, or of the card in a model package."""
    fields = split(arn)
    if fields is None:
        return None
    kind, _, named = fields.resource.partition("/")
    backend: Any = sagemaker_backends[fields.account][fields.region]
    if kind == "model-card":
        card = backend.find_card(named)
        key: str | None = card.kms_key_id if card else None
        return key
    group = backend.find_group(named.partition("/")[0])
    package = group.packages.get(int(named.partition("/")[2] or 0)) if group else None
    members = package.members if package and "ModelCard" in package.members else {}
    found: str | None = members.get("SecurityConfig", {}).get("KmsKeyId")
    return found


def next_package_version(group: str, account: str, region: str) -> int:
    """The version that the next model package of a group will have."""
    backend: Any = sagemaker_backends[account][region]
    found = backend.find_group(group)
    return found.last_version + 1 if found else 1


def resource_share(arn: str) -> StoredShare | None:
    """The share of that ARN; None for one that doesn't exist, which the service then says."""
    fields = split(arn)
    if fields is None:
        return None
    backend: Any = ram_backends[fields.account][fields.region]
    share = backend.shares.get(arn)
    return _share(share) if share else None


def share_invited_to(invitation_arn: str) -> StoredShare | None:
    """The share that an invitation is for."""
    fields = split(invitation_arn)
    if fields is None:
        return None
    backend: Any = ram_backends[fields.account][fields.region]
    for share in list(backend.shares.values()):
        for association in list(share.associations.values()):
            if association.invitation is not None and association.invitation.arn == invitation_arn:
                return _share(share)
    return None


def shareable_type(resource: str) -> str:
    """RAM's name for the type of a resource (`sagemaker:ModelCard`).

    A resource that RAM doesn't share is `unknown`, so that a condition on the type doesn't let it pass.
    """
    # Late, because the service's own modules import this package's callers.
    from sandbox.services.ram.catalog import RESOURCE_TYPES

    return next((kind.name for kind in RESOURCE_TYPES if kind.arn.fullmatch(resource)), "unknown")


def _share(share: Any) -> StoredShare:
    return StoredShare(share.name, share.owner, share.allow_external, dict(share.tags))


def key_arn(named: str, account: str, region: str) -> str:
    """The ARN of a key given by id, ARN, alias or alias ARN. An alias without a key keeps its own ARN.

    AWS managed keys (`alias/aws/…`) keep their alias as well: their policy is AWS's, not in any store.
    """
    if fields := split(named):
        region, account, named = fields.region, fields.account, fields.resource
        if named.startswith("key/"):
            return f"arn:aws:kms:{region}:{account}:{named}"
    if named.startswith("alias/"):
        if not named.startswith("alias/aws/"):
            for key in list(kms_backends[account][region].keys.values()):
                if named in key.aliases:
                    return str(key.arn)
        return f"arn:aws:kms:{region}:{account}:{named}"
    return f"arn:aws:kms:{region}:{account}:key/{named}"


def key_of_ciphertext(blob: bytes) -> str | None:
    """The ARN of the key that a ciphertext was made with; None for what no key made."""
    key_id = blob[:_KEY_ID_LENGTH].decode(errors="replace")
    for backends in list(kms_backends.values()):
        for backend in list(backends.values()):
            if key_id in backend.keys:
                return str(backend.keys[key_id].arn)
    return None


_KEY_ID_LENGTH = 36
"""moto begins a ciphertext with the id of its key."""


def bucket_owner(name: str) -> str | None:
    """The account that owns a bucket; names are unique over all accounts."""
    owner = s3_backends.bucket_accounts.get(name)
    return owner[1] if owner else None


def organization_of(account: str) -> Organization | None:
    """The organization that an account belongs to."""
    # Late, because the service's own modules import this package's callers.
    from sandbox.services import organizations

    if not organizations.in_organization(account):
        return None
    organization_id, management = organizations.organization_id(), organizations.management_account()
    return Organization(organization_id, management) if organization_id and management else None


def organization_tags(resource: str) -> dict[str, str]:
    """The tags of a policy, an account or the root by its id."""
    from sandbox.services import organizations  # late, as above

    return organizations.resource_tags(resource)
