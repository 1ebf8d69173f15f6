"""The documents that every version is written in, and other teams too: a bucket's policy, and a repository's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from moto.s3.models import s3_backends

from sandbox.kernel.place import PARTITION
from sandbox.stagegate.members import HOSTING
from soak.histories.world import DEV, World

BUCKET, REPOSITORY = "soak-artifacts", "soak/serving"
AUDITORS = 64
"""The number of the statement that is there from the beginning."""
_LIKE_OURS = ("StagegateReadOnly", "Stagegate0000000123456789", "stagegate")
"""Sids of other teams: a word behind ours, another stack's statement, and other letters."""
_ID = "others"
_ROOT = re.compile(r"arn:aws:iam::\d{12}:root")
_AUDITS: dict[str, dict[str, Any]] = {
    "bucket": {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/audit/*"},
    "repository": {"Action": "ecr:DescribeImages"},
}
_WRITES: dict[str, dict[str, Any]] = {
    "bucket": {"Action": ["s3:PutObject", "s3:AbortMultipartUpload"], "Resource": [f"arn:aws:s3:::{BUCKET}/logs/*"]},
    "repository": {"Action": ["ecr:PutImage", "ecr:InitiateLayerUpload"]},
}
Document = dict[str, Any]


def statements(world: World) -> dict[str, list[Document]]:
    """Every statement of both documents."""
    return {name: found.get("Statement", []) for name, found in read(world).items()}


def foreign_edit(world: World, number: int) -> None:
    """Another team adds a statement of its own to both documents. What it calls it may look much like one of ours; some
    have no Sid at all, and some deny.
    """
    for document, found in read(world).items():
        made = _statement(document, number)
        kept = [each for each in found.get("Statement", []) if each != made and _sid(each) != made.get("Sid", "-")]
        write(world, document, {"Version": "2012-10-17", "Id": _ID, **found, "Statement": [*kept, made]})
        theirs = world.foreign.setdefault(document, [])
        world.happened()
        theirs[:] = [*(each for each in theirs if each != made and _sid(each) != made.get("Sid", "-")), made]


def tamper(world: World) -> None:
    """Somebody takes out all that isn't theirs."""
    for document, found in read(world).items():
        theirs = [each for each in found["Statement"] if is_foreign(world, document, each)]
        if theirs != found["Statement"]:
            write(world, document, {**found, "Statement": theirs})
            world.tampered = world.now()
            world.happened()


def is_foreign(world: World, document: str, statement: Document) -> bool:
    """Whether another team has written it so."""
    return _canonical(statement) in map(_canonical, world.foreign.get(document, ()))


def lost(world: World) -> str:
    """What other teams have written and isn't there any more as they have written it; "" for nothing."""
    for document, found in read(world).items():
        there = [_canonical(each) for each in found.get("Statement", [])]
        if gone := [each for each in world.foreign[document] if there.count(_canonical(each)) != 1]:
            return f"{document}: other teams' statements are lost, changed or doubled: {json.dumps(gone)}"
        if found.get("Id") != _ID:
            return f"{document}: its Id was {_ID} and is {found.get('Id')}"
    return world.key.lost(world)


def _statement(document: str, number: int) -> Document:
    sid = _LIKE_OURS[number] if number < len(_LIKE_OURS) else f"Theirs{number}"
    who = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HOSTING}:root"}}
    match number % 4:
        case 1:
            return {"Sid": sid, **who, **_WRITES[document], "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
        case 2:
            return {
                "Sid": sid,
                **who,
                **_AUDITS[document],
                "Principal": {"AWS": f"arn:aws:iam::{HOSTING}:role/ModelConsumer"},
            }
        case 3:
            tag = {"StringNotEquals": {"aws:PrincipalTag/team": [f"audit-{number}", "platform"]}}
            return {**who, "Effect": "Deny", "Principal": "*", **_WRITES[document], "Condition": tag}
        case _:
            return {"Sid": sid, **who, **_AUDITS[document]}


def _canonical(value: Any) -> Any:
    """A statement, or a part of it, in one form for all that services make of it: what is a list of one, in which order
    lists are, and whether an account is named by its id or its root.
    """
    if isinstance(value, dict):
        return {name: _canonical(each) for name, each in value.items()}
    if isinstance(value, list):
        listed = sorted(map(str, map(_canonical, value)))
        return listed[0] if len(listed) == 1 else listed
    return value.split(":")[4] if isinstance(value, str) and _ROOT.fullmatch(value) else value


def _sid(statement: Document) -> str:
    return str(statement.get("Sid", ""))


def read(world: World) -> dict[str, Document]:
    """Both documents as they stand; {} for one that isn't there."""
    ecr, bucket = world.admin("ecr"), s3_backends[DEV][PARTITION].get_bucket_policy(BUCKET)
    return {
        "bucket": json.loads(bucket) if bucket else {},
        "repository": _of(lambda: ecr.get_repository_policy(repositoryName=REPOSITORY)["policyText"]),
    }


def _of(text: Callable[[], str]) -> Document:
    try:
        found: Document = json.loads(text())
    except ClientError:
        return {}
    return found


def write(world: World, document: str, policy: Document) -> None:
    """Write the whole of one, as any team can."""
    if document == "bucket":
        world.admin("s3", DEV).put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    else:
        world.admin("ecr").set_repository_policy(repositoryName=REPOSITORY, policyText=json.dumps(policy))
