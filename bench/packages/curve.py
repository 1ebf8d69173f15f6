"""The time for one approval when many packages are in the bucket's policy already.

What is timed is the product's own `PolicyWriter.apply` in this process, with real boto3 clients, on moto's DynamoDB,
STS and S3: the lease, the desired grants, everybody's desired grants, the document read, rendered, written and read
back, the record. The peer is the published recipe: one PUT of a whole document with one statement, by a client that is
there already.
"""

import gc
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import boto3
from moto import mock_aws

from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members
from stagegate.iam.limits import BUCKET_POLICY
from stagegate.iam.render import Rendered, render
from stagegate.iam.statements import sid_prefix_of, to_json
from stagegate.ledger import items
from stagegate.surfaces.policies.apply import PolicyWriter
from stagegate.targets.desired import desired_text_of
from stagegate.targets.target import TargetType
from tests.support.builders import DEV, GOVERNANCE
from tests.support.table import Table

from .desired import BUCKET, Sharing, desired_text, desired_texts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RUN = "run"
OURS = sid_prefix_of(GOVERNANCE, "us-east-1", "stagegate")
"""How the Sids of the stack that is measured start: what starts otherwise is somebody else's, and kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """With so many packages in the document: its size, and the median milliseconds of an approval, of rendering alone
    (which an approval does twice), and of the peer's PUT, all measured in turn.
    """

    packages: int
    percent: float
    approval: float
    rendering: float
    peer: float


def curve(sharing: Sharing, sizes: Sequence[int], repeats: int = 9) -> list[Point]:
    """Return the points of the curve. Each repeat takes every size in turn, so that what disturbs one disturbs all."""
    with aws_in_memory() as aws:
        aws.approval(sharing, 0)  # loads what is loaded once
        timed = [
            [(aws.approval(sharing, size), _rendering(sharing, size), aws.peer(sharing)) for size in sizes]
            for _ in range(repeats)
        ]
    middle = [tuple(map(statistics.median, zip(*each, strict=True))) for each in zip(*timed, strict=True)]
    return [
        Point(packages=size, percent=_before(sharing, size).percent, approval=approval, rendering=rendering, peer=peer)
        for size, (approval, rendering, peer) in zip(sizes, middle, strict=True)
    ]


@dataclass(frozen=True)
class Aws:
    """A ledger and a bucket in memory: the writer of policies, and a client of the bucket's account."""

    writer: PolicyWriter
    table: Table
    s3: "S3Client"

    def approval(self, sharing: Sharing, packages: int) -> float:
        """One more package is approved when so many are wanted, on record and in the document."""
        for pk, sk in self.table.all_keys():
            self.table.client.delete_item(TableName=self.table.name, Key=items.key(pk, sk))
        for change in desired_texts(sharing, TargetType.BUCKET_POLICY, packages):
            sk = f"{items.DESIRED}{change.subject_arn}"
            self.table.put(items.target_key(change.target.id), sk, {"desired": desired_text_of(change)})
        if packages:
            self.s3.put_bucket_policy(Bucket=BUCKET, Policy=_before(sharing, packages).text)
        else:
            self.s3.delete_bucket_policy(Bucket=BUCKET)
        change = desired_text(sharing, TargetType.BUCKET_POLICY, packages)
        self.table.claim(RUN, change.subject_arn)
        return _timed(lambda: self.writer.apply(change, RUN, None))

    def peer(self, sharing: Sharing) -> float:
        """The whole document is overwritten with one statement."""
        statement = to_json(desired_text(sharing, TargetType.BUCKET_POLICY, 0).statements[0])
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return _timed(lambda: self.s3.put_bucket_policy(Bucket=BUCKET, Policy=text))


@contextmanager
def aws_in_memory() -> Iterator[Aws]:
    """Make ledger and bucket, and the writer with the clients that it has before its first event."""
    environment = Environment(
        account=GOVERNANCE, region="us-east-1", prefix="stagegate", table=Table.name, settings=Path("governance.toml")
    )
    keys = {"AWS_ACCESS_KEY_ID": "example", "AWS_SECRET_ACCESS_KEY": "example", "AWS_DEFAULT_REGION": "us-east-1"}
    with patch.dict("os.environ", keys), mock_aws():
        dynamodb = boto3.client("dynamodb")
        writer = PolicyWriter(environment=environment, dynamodb=dynamodb, sts=boto3.client("sts"))
        session = Members.through("member", "bench", None).session(DEV, partition="aws", policy={})
        s3 = session.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        yield Aws(writer, Table.create(dynamodb), s3)


def _rendering(sharing: Sharing, packages: int) -> float:
    """The document with one package more, from the one that stands there."""
    standing = _before(sharing, packages).text if packages else None
    after = [s for change in desired_texts(sharing, TargetType.BUCKET_POLICY, packages + 1) for s in change.statements]
    return _timed(lambda: render(standing, after, BUCKET_POLICY, OURS))


@cache
def _before(sharing: Sharing, packages: int) -> Rendered:
    """The document with so many packages."""
    changes = desired_texts(sharing, TargetType.BUCKET_POLICY, packages)
    return render(None, [statement for change in changes for statement in change.statements], BUCKET_POLICY, OURS)


def _timed(run: Callable[[], object]) -> float:
    """Milliseconds of processor time: what other processes do is no part of it."""
    gc.collect()
    gc.disable()
    started = time.process_time()
    run()
    spent = time.process_time() - started
    gc.enable()
    return spent * 1000
