"""The surface of resource shares: a stage's share, the cards and hubs in it, and the invitations it may need."""

import hashlib
import time
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.config import REPEATABLE
from stagegate.aws.errors import code_of, translated
from stagegate.aws.sessions import Members, limited_to
from stagegate.core.arns import subject_of
from stagegate.core.errors import NotSettledError, RefusedError
from stagegate.surfaces.shares import observe
from stagegate.surfaces.shares.changes import CloseShare, OpenShare, RemoveShare
from stagegate.surfaces.shares.observe_held import holding
from stagegate.surfaces.shares.write_repairs import put_marks

if TYPE_CHECKING:
    from mypy_boto3_ram import RAMClient

PERMISSIONS = frozenset(
    {
        "ram:AssociateResourceShare",
        "ram:CreateResourceShare",
        "ram:DeleteResourceShare",
        "ram:DisassociateResourceShare",
        "ram:GetResourceShareAssociations",
        "ram:TagResource",
        "sagemaker:DeleteResourcePolicy",
        "sagemaker:GetResourcePolicy",
        "sagemaker:PutResourcePolicy",
    }
)
"""The last two are RAM's: it writes the resource policy of what is shared, as whoever changes the share."""

MEMBER_PERMISSIONS = frozenset({"ram:AcceptResourceShareInvitation", "ram:GetResourceShareInvitations"})

SETTLE_SECONDS = 10.0
"""How long a function waits for RAM, which "may take a few minutes": after that the state machine tries again, and a
run has ten minutes.
"""

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedException"})


def open_share(ram: "RAMClient", change: OpenShare, *, prefix: str, token: str, members: Members) -> str:
    """Put the subject into the stage's share and return the share's ARN, once RAM says that it is there.

    Makes the share if there is none and a further one when it is full; sends the accounts that are missing in it an
    invitation where the organization doesn't make that unnecessary, and accepts it. Doing it again changes nothing.
    `token` tells attempts of different runs apart.

    Raises NotSettledError when RAM takes longer than a function should wait (an association that failed is one that
    never comes), RefusedError when RAM doesn't take it at all.
    """
    share = _associate(ram, change, prefix, token)
    if change.missing_principals and share in change.share_arns:
        with translated(f"add accounts to {share}"):
            try:
                ram.associate_resource_share(
                    resourceShareArn=share,
                    principals=list(change.missing_principals),
                    clientToken=_token(share, *change.missing_principals, token),
                )
            except ClientError as error:
                if code_of(error) == "InvalidStateTransitionException":
                    raise NotSettledError(f"{share}: RAM is still taking out an account that is to be added") from error
                raise
    if change.external:
        _accept(members, share, change)
    _settle(ram, share, change)
    return share


def close_share(ram: "RAMClient", change: CloseShare, *, token: str) -> None:
    """Take the subject, or the accounts, out of a share. What is already out stays out; a share that is gone is closed.
    One that has lost tags of ours gets them back first, as we may change no other.

    Raises NotSettledError while RAM hasn't finished, or a tag that was put back doesn't count yet: until then it may
    still be seen.
    """
    if change.lacks:
        put_marks(ram, change.share_arn, change.lacks)
    what: dict[str, list[str]] = {"principals": list(change.principals)}
    if change.subject_arn:
        what = {"resourceArns": [change.subject_arn]}
    with translated(f"close {change.share_arn}"):
        try:
            ram.disassociate_resource_share(
                resourceShareArn=change.share_arn,
                clientToken=_token("close", change.share_arn, str(change.subject_arn), *change.principals, token),
                **what,
            )
        except ClientError as error:
            if code_of(error) == "InvalidStateTransitionException":
                raise NotSettledError(f"{change.share_arn}: RAM is still opening what is to be closed") from error
            if change.lacks and code_of(error) in _DENIED:
                raise NotSettledError(f"{change.share_arn}: the tags that were put back don't count yet") from error
            if code_of(error) != "UnknownResourceException":
                raise
    if change.subject_arn:
        subject_arn = change.subject_arn
        _until(lambda: change.share_arn not in observe.associations(ram, subject_arn), f"take {subject_arn} out")
    else:
        out = set(change.principals)
        _until(lambda: not out & _principals(ram, change.share_arn).keys(), f"take {', '.join(sorted(out))} out")


def remove_share(ram: "RAMClient", change: RemoveShare, *, token: str) -> None:
    """Delete a share that nothing is in. One that is gone is deleted.

    Raises NotSettledError where something is in it: what that is has to be closed by itself.
    """
    if holding(ram, [change.share_arn]):
        raise NotSettledError(f"{change.share_arn}: something is in it, and it isn't deleted")
    with translated(f"delete {change.share_arn}"):
        try:
            ram.delete_resource_share(
                resourceShareArn=change.share_arn, clientToken=_token("delete", change.share_arn, token)
            )
        except ClientError as error:
            if code_of(error) != "UnknownResourceException":
                raise


def _associate(ram: "RAMClient", change: OpenShare, prefix: str, token: str) -> str:
    """Associate the subject with the first share of the stage that has room, or with a new one; return its ARN.

    Two runs that make a share at once make one: they send the same token, which RAM answers with the same share. RAM
    may remember the token of a share that has been deleted since, and answer with that: then this run's own token
    makes a new one.
    """
    for share in change.share_arns:
        if _put(ram, share, change.subject_arn, token) is _Put.IN:
            return share
    for salt in ("", token):
        made = _create(ram, change, prefix, shard=len(change.share_arns), salt=salt)
        put = _put(ram, made, change.subject_arn, token) if made else _Put.GONE
        if made and put is _Put.IN:
            return made
        if put is _Put.FULL:
            raise RefusedError(f"{made}: RAM takes nothing more into a new share; this Region's quota is used up")
    raise RefusedError(f"make a share for {change.stage}: RAM answered with shares that are gone")


class _Put(Enum):
    """What became of putting a subject into a share."""

    IN = "in"
    FULL = "full"
    GONE = "gone"


def _put(ram: "RAMClient", share: str, subject_arn: str, token: str) -> _Put:
    with translated(f"put {subject_arn} into {share}"):
        try:
            ram.associate_resource_share(
                resourceShareArn=share,
                resourceArns=[subject_arn],
                clientToken=_token("open", share, subject_arn, token),
            )
        except ClientError as error:
            match code_of(error):
                case "ResourceShareLimitExceededException":
                    return _Put.FULL
                case "UnknownResourceException":
                    return _Put.GONE
                case "InvalidStateTransitionException":
                    raise NotSettledError(f"{share}: RAM is still closing what is to be opened") from error
            raise
    return _Put.IN


def _create(ram: "RAMClient", change: OpenShare, prefix: str, *, shard: int, salt: str) -> str | None:
    """Make the stage's share, with its accounts and its permission; None where RAM answers with one that is gone, or
    isn't so any more.
    """
    partition = subject_of(change.subject_arn).partition
    resource_type = observe.resource_type_of(change.subject_arn)
    made_of = (prefix, change.stage, change.permission, str(change.external), str(shard), *change.accounts)
    made_of += (f"audience={change.audience}",) if change.audience else ()
    stage = f"{change.stage}-{change.audience}" if change.audience else change.stage
    with translated(f"make a share for {change.stage}"):
        share = ram.create_resource_share(
            name=f"{prefix}-{stage}-{resource_type}s-{shard}",
            principals=list(change.accounts),
            permissionArns=[f"arn:{partition}:ram::aws:permission/{change.permission}"],
            allowExternalPrincipals=change.external,
            tags=[
                {"key": name, "value": value}
                for name, value in observe.marks_of(
                    resource_type, change.stage, change.permission, shard, change.audience
                ).items()
            ],
            clientToken=_token("create", *made_of, salt),
        )["resourceShare"]
    is_there = share["status"] in ("ACTIVE", "PENDING")
    # RAM may remember the token of a share that somebody has changed since.
    is_so = share.get("allowExternalPrincipals", change.external) == change.external
    return share["resourceShareArn"] if is_there and is_so else None


def _accept(members: Members, share: str, change: OpenShare) -> None:
    """Accept the invitations of accounts outside the organization. An account without one has accepted before."""
    partition, region = share.split(":")[1], share.split(":")[3]
    policy = limited_to(MEMBER_PERMISSIONS, "*")
    for account in change.accounts:
        session = members.session(account, partition=partition, policy=policy)
        ram = session.client("ram", region_name=region, config=REPEATABLE)
        with translated(f"accept the invitation of {share} in {account}"):
            for page in ram.get_paginator("get_resource_share_invitations").paginate(resourceShareArns=[share]):
                for invitation in page["resourceShareInvitations"]:
                    if invitation["status"] == "PENDING":
                        ram.accept_resource_share_invitation(
                            resourceShareInvitationArn=invitation["resourceShareInvitationArn"],
                            clientToken=_token("accept", invitation["resourceShareInvitationArn"]),
                        )


def _settle(ram: "RAMClient", share: str, change: OpenShare) -> None:
    """Wait until the subject is associated, and the accounts too if any of them was added."""
    _until(
        lambda: observe.associations(ram, change.subject_arn).get(share) == "ASSOCIATED",
        f"put {change.subject_arn} into {share}",
    )
    if change.missing_principals or change.external or share not in change.share_arns:
        wanted = dict.fromkeys(change.accounts, "ASSOCIATED")
        _until(lambda: wanted.items() <= _principals(ram, share).items(), f"add {', '.join(wanted)} to {share}")


def _principals(ram: "RAMClient", share: str) -> dict[str, str]:
    return observe.principals_of(ram, [share]).get(share, {})


def _until(is_done: Callable[[], bool], doing: str) -> None:
    """Poll with growing waits. Raises NotSettledError when RAM takes longer than a function should wait."""
    waited, pause = 0.0, 0.2
    while not is_done():
        if waited >= SETTLE_SECONDS:
            raise NotSettledError(f"{doing}: RAM hasn't finished after {waited:.0f} s")
        time.sleep(pause)
        waited, pause = waited + pause, min(pause * 1.6, 3.0)


def _token(*parts: str) -> str:
    """Return a client token: RAM answers a repeated one with the first answer instead of doing it twice."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
