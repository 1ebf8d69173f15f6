"""The fields of an ARN."""

from __future__ import annotations

from typing import NamedTuple


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
