"""What the change of a bucket's policy in a member account takes, beside the same with boto3's own sessions.

`boto3.Session` reads the models of its services for itself: each change would, because each has a session of its own.
"""

import statistics
from unittest.mock import patch

import boto3

from bench.packages.curve import aws_in_memory
from bench.packages.desired import Sharing
from bench.rows import Row, row
from stagegate.aws import sessions

GOAL = 0.5


def rows(rounds: int) -> list[Row]:
    """Return the one row: medians of so many changes of each kind, in turn."""
    sharing = Sharing(accounts=1)
    shared, alone = list[float](), list[float]()
    with aws_in_memory() as aws:
        aws.approval(sharing, 0)  # loads what is loaded once
        for _ in range(rounds):
            shared.append(aws.approval(sharing, 0))
            with (
                patch.object(sessions, "session_of", boto3.Session),
                patch.object(sessions, "own_session", boto3.Session),
            ):
                alone.append(aws.approval(sharing, 0))
    ours, beside = statistics.median(shared), statistics.median(alone)
    return [row("first event", "PolicyWriter.apply", ours=ours, beside=beside, unit="ms", goal=GOAL)]
