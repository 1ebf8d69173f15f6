"""Where the sandbox lies: one Region, and so one partition, for the life of the process.

Nothing reaches from one partition of AWS into another, so nobody has to see two of them at a time.
"""

from __future__ import annotations

import os
from typing import Any

import botocore.session

_HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""The Region of a partition that is named without one."""


def _region() -> str:
    """`SANDBOX_REGION`, or the first one of `SANDBOX_PARTITION`. Raises ValueError for a partition without a home."""
    named, partition = os.environ.get("SANDBOX_REGION"), os.environ.get("SANDBOX_PARTITION") or "aws"
    if not named and partition not in _HOMES:
        raise ValueError(f"SANDBOX_PARTITION: found {partition!r}; allowed: {', '.join(_HOMES)}")
    return named or _HOMES[partition]


def _partition() -> dict[str, str]:
    """What botocore's data says of the Region's partition: `partition`, `dnsSuffix`. Raises for an unknown Region."""
    loader = botocore.session.get_session().get_component("data_loader")
    name = botocore.session.get_session().get_partition_for_region(REGION)
    (found,) = [each for each in loader.load_data("endpoints")["partitions"] if each["partition"] == name]
    return dict(found)


REGION = _region()
_FOUND = _partition()
PARTITION = _FOUND["partition"]
URL_SUFFIX = _FOUND["dnsSuffix"]


def located(region: str = REGION) -> dict[str, Any]:
    """What CreateBucket takes besides the name: its Region, which it may not take in `us-east-1` ("CreateBucket")."""
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
