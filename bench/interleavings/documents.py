"""The bucket's policy in these plays: who others let in, and what we do."""

import json
from collections.abc import Iterable
from functools import cache

from stagegate.iam.encoding import encoded
from stagegate.iam.merge import merge
from stagegate.iam.read import read_policy
from stagegate.iam.statements import Statement, content_of, sid_prefix_of, statement_for
from stagegate.targets.target import CloseTarget, OpenTarget, Target, TargetType

from .aws import BUCKET

GOVERNANCE, PREFIX = "111122223333", "stagegate"
MARK = sid_prefix_of(GOVERNANCE, "us-east-1", PREFIX)
OWNER, READER = "222233334444", "444455556666"
TARGET = Target(type=TargetType.BUCKET_POLICY, account=OWNER, region="us-east-1", partition="aws", name=BUCKET)


def package(number: int) -> str:
    """The ARN of a package."""
    return f"arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/{number}"


def reads(*keys: str) -> Statement:
    """What lets the reader's account at objects."""
    resources = [f"{TARGET.arn}/{key}" for key in keys]
    return statement_for(READER, None, partition="aws", actions=["s3:GetObject"], resources=resources)


def opens(number: int, *keys: str) -> OpenTarget:
    """A package is opened: its own object, or these."""
    return OpenTarget(subject_arn=package(number), target=TARGET, statements=(reads(*(keys or [f"{number}.tar"])),))


def closes(number: int) -> CloseTarget:
    """A package is closed."""
    return CloseTarget(subject_arn=package(number), target=TARGET)


def document(foreign: Iterable[str], ours: Iterable[Statement]) -> str | None:
    """A policy in which others and we have something, or None for nothing."""
    statements = [*map(_foreign, foreign), *(encoded(each, MARK) for each in merge(ours))]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else None


def with_foreign(text: str | None, name: str) -> str:
    """A policy after somebody else has read it and added a statement."""
    standing = json.loads(text) if text else {"Version": "2012-10-17", "Statement": []}
    return json.dumps({**standing, "Statement": [*standing["Statement"], _foreign(name)]})


@cache
def foreign_in(text: str | None) -> tuple[str, ...]:
    """The Sids of others' statements."""
    return tuple(str(statement["Sid"]) for statement in read_policy(text, MARK).foreign)


@cache
def ours_in(text: str | None) -> frozenset[str]:
    """What our statements say, whatever their order."""
    return frozenset(json.dumps(raw, sort_keys=True) for raw in read_policy(text, MARK).ours)


def said_by(statements: Iterable[Statement]) -> frozenset[str]:
    """What our statements would say."""
    return frozenset(json.dumps(encoded(s, MARK), sort_keys=True) for s in sorted(merge(statements), key=content_of))


def _foreign(name: str) -> dict[str, object]:
    return {
        "Sid": name,
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::777788889999:root"},
        "Action": "s3:GetObject",
        "Resource": f"{TARGET.arn}/{name}/*",
    }
