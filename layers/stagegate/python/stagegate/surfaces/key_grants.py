"""The surface of KMS keys: one named grant for each principal, which KMS makes and takes back atomically.

A key's policy stays as its owner wrote it. Many subjects may want one grant; it goes with the last of them.
"""

import time
from collections.abc import Collection, Sequence

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.domain.errors import NotSettledError
from stagegate.domain.policy_changes import Target
from stagegate.sources import key_grants as source
from stagegate.sources.key_grants import OPERATIONS, KMSClient, grant_name

PERMISSIONS = source.PERMISSIONS | {"kms:CreateGrant", "kms:RevokeGrant"}

_LOOKS = (0.0, 0.3, 1.0, 3.0)
"""Seconds before each look at what is there: grants settle within five minutes ("Grants in AWS KMS")."""


def put_grants(
    kms: KMSClient, target: Target, grantees: Collection[str], prefix: str, *, is_expected: bool = True
) -> None:
    """Make the key's grants of ours exactly those of `grantees`, what is to go first; return once they are.

    Grants that don't carry our name are left alone. One of ours that somebody else made differently, or whose role
    was deleted, is made anew. Doing it again changes nothing. Where a change `is_expected`, it takes several looks to
    believe that there is none to make: a grant that was made a moment ago may not be listed yet.
    Raises RefusedError for a principal that doesn't exist or a key that can't be used, NotSettledError.
    """
    stale, missing = _first_difference(kms, target, grantees, prefix, _LOOKS[:3] if is_expected else _LOOKS[:1])
    with translated(f"take back grants of {target.id}"):
        for grant in stale:
            _revoke(kms, target, grant)
    with translated(f"make grants of {target.id}"):
        for grantee in missing:
            kms.create_grant(
                KeyId=target.name,
                GranteePrincipal=grantee,
                Operations=list(OPERATIONS),
                Name=grant_name(prefix, grantee),
            )
    if not stale and not missing:
        return
    for pause in _LOOKS:
        time.sleep(pause)
        if not any(_difference(source.observe(kms, target, prefix), grantees, prefix)):
            return
    raise NotSettledError(f"{target.id}: the key's grants aren't what was asked for yet")


def _first_difference(
    kms: KMSClient, target: Target, grantees: Collection[str], prefix: str, looks: Sequence[float]
) -> tuple[list[source.KeyGrant], list[str]]:
    """Look until something is to be changed, or often enough to believe that nothing is."""
    for pause in looks:
        time.sleep(pause)
        if any(found := _difference(source.observe(kms, target, prefix), grantees, prefix)):
            break
    return found


def _difference(
    found: Collection[source.KeyGrant], grantees: Collection[str], prefix: str
) -> tuple[list[source.KeyGrant], list[str]]:
    """Return the grants that have to go, and the principals that lack theirs. A second grant of the same name goes."""
    right = {grantee: grant for grantee in grantees for grant in found if grant.gives(prefix, grantee)}
    stale = [grant for grant in found if grant not in right.values()]
    return stale, sorted(set(grantees) - right.keys())


def _revoke(kms: KMSClient, target: Target, grant: source.KeyGrant) -> None:
    try:
        kms.revoke_grant(KeyId=target.name, GrantId=grant.id)
    except ClientError as error:
        if code_of(error) not in ("InvalidGrantIdException", "NotFoundException"):
            raise
