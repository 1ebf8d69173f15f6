"""Where the sandbox lies: one Region, and so one partition, for the life of the process.

Nothing reaches from one partition of AWS into another, so nobody has to see two of them at a time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import botocore.session
from botocore.exceptions import UnknownRegionError

_HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""The Region of a partition that is named without one."""


class Place(NamedTuple):
    """A Region, its partition, and what the names of hosts there end in."""

    region: str
    partition: str
    url_suffix: str


def place_of(environment: Mapping[str, str]) -> Place:
    """Where `SANDBOX_PARTITION` and `SANDBOX_REGION` say, each optional. Raises ValueError where there is none."""
    partition, region = environment.get("SANDBOX_PARTITION"), environment.get("SANDBOX_REGION")
    if not region:
        if (partition or "aws") not in _HOMES:
            raise ValueError(
                f"SANDBOX_PARTITION: found {partition!r}; allowed: {', '.join(_HOMES)}, or a Region as well"
            )
        region = _HOMES[partition or "aws"]
    session = botocore.session.get_session()
    try:
        home = session.get_partition_for_region(region)
    except UnknownRegionError as error:
        raise ValueError(f"SANDBOX_REGION: found {region!r}; allowed: a Region of AWS") from error
    if partition not in (None, "", home):
        raise ValueError(f"SANDBOX_REGION: found {region!r} of {home}; allowed: one of {partition}")
    partitions = session.get_component("data_loader").load_data("endpoints")["partitions"]
    (suffix,) = [each["dnsSuffix"] for each in partitions if each["partition"] == home]
    return Place(region, home, suffix)


def home_of(service: str, partition: str) -> str:
    """The Region that a service of a whole partition has its one endpoint in, where CloudTrail records its calls."""
    data = botocore.session.get_session().get_component("data_loader").load_data("endpoints")
    (found,) = [each for each in data["partitions"] if each["partition"] == partition]
    of = found["services"][service]
    return str(of["endpoints"][of["partitionEndpoint"]]["credentialScope"]["region"])


REGION, PARTITION, URL_SUFFIX = place_of(os.environ)


def located(region: str = REGION) -> dict[str, Any]:
    """What CreateBucket takes besides the name: its Region, which it may not take in `us-east-1` ("CreateBucket")."""
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
