"""The surface of KMS keys: one named grant for each principal, which KMS makes and takes back atomically.

A key's policy stays as its owner wrote it. Many subjects may want one grant; it goes with the last of them.
"""

import time
from collections.abc import Collection, Sequence

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.attempts import try_each
from stagegate.core.errors import NotSettledError, RefusedError
from stagegate.iam.key_grants import KeyUse
from stagegate.surfaces.policies import observe_keys
from stagegate.surfaces.policies.observe_keys import KMSClient
from stagegate.targets.execution_role import PATH
from stagegate.targets.target import Target

PERMISSIONS = observe_keys.PERMISSIONS | {"kms:CreateGrant", "kms:RevokeGrant"}

_LOOKS = (0.0, 0.3, 1.0, 3.0)
"""Seconds before each look at what is there: grants settle within five minutes ("Grants in AWS KMS")."""


def put_grants(
    kms: KMSClient, target: Target, uses: Collection[KeyUse], prefix: str, *, is_expected: bool = True
) -> None:
    """Make `uses` exactly what the key's grants of ours give, what is to go first; return once they do.

    Grants that don't carry our name are left alone. One of ours that somebody else made differently, or whose role
    was deleted, is made anew. Doing it again changes nothing. Where a change `is_expected`, it takes several looks to
    believe that there is none to make: a grant that was made a moment ago may not be listed yet.
    Raises RefusedError for a principal that doesn't exist or a key that can't be used, NotSettledError.
    """
    stale, missing = _first_difference(kms, target, uses, prefix, _LOOKS[:3] if is_expected else _LOOKS[:1])
    try_each(stale, lambda grant: _revoke(kms, target, grant))
    with translated(f"make grants of {target.id}"):
        for use in missing:
            _create(kms, target, use, prefix)
    if not stale and not missing:
        return
    for pause in _LOOKS:
        time.sleep(pause)
        if not any(_difference(observe_keys.observe(kms, target, prefix), uses)):
            return
    raise NotSettledError(f"{target.id}: the key's grants aren't what was asked for yet")


def _first_difference(
    kms: KMSClient, target: Target, uses: Collection[KeyUse], prefix: str, looks: Sequence[float]
) -> tuple[list[observe_keys.KeyGrant], list[KeyUse]]:
    """Look until something is to be changed, or often enough to believe that nothing is."""
    for pause in looks:
        time.sleep(pause)
        if any(found := _difference(observe_keys.observe(kms, target, prefix), uses)):
            break
    return found


def _difference(
    found: Collection[observe_keys.KeyGrant], uses: Collection[KeyUse]
) -> tuple[list[observe_keys.KeyGrant], list[KeyUse]]:
    """Return the grants that have to go, and the uses that lack theirs. A second grant of the same use goes."""
    right = {use: grant for use in uses for grant in found if grant.use == use}
    stale = [grant for grant in found if grant not in right.values()]
    return stale, sorted(set(uses) - right.keys())


def _revoke(kms: KMSClient, target: Target, grant: observe_keys.KeyGrant) -> None:
    """Take a grant back. KMS's table of key states lets that be in every state, and the call's errors have one for a
    wrong state: what isn't taken back stays open on record.
    """
    with translated(f"take back grants of {target.id}"):
        try:
            kms.revoke_grant(KeyId=target.name, GrantId=grant.id)
        except ClientError as error:
            if code_of(error) == "KMSInvalidStateException":
                raise RefusedError(
                    f"{target.id}: KMS takes no grant back from the key in the state that it is in. Nobody can use a"
                    " key that is to be deleted; if its deletion is cancelled, the grant holds again. It is tried again"
                    " by every run and sweep."
                ) from error
            if code_of(error) not in ("InvalidGrantIdException", "NotFoundException"):
                raise


def _create(kms: KMSClient, target: Target, use: KeyUse, prefix: str) -> None:
    """Make a grant. That KMS doesn't know an execution role is taken for a role that it doesn't know yet: it was made a
    moment ago, and IAM's changes take their time to be seen ("Changes that I make are not always immediately visible",
    IAM user guide). Everybody else's role was there before.
    """
    try:
        kms.create_grant(
            KeyId=target.name,
            GranteePrincipal=use.grantee,
            Operations=list(use.operations),
            Name=use.grant_name(prefix),
            **({"Constraints": use.constraints} if use.context else {}),
        )
    except ClientError as error:
        if code_of(error) == "InvalidArnException" and f":role{PATH}" in use.grantee:
            raise NotSettledError(f"{target.id}: KMS doesn't know {use.grantee} yet") from error
        raise
