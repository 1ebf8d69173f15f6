"""Logs that an earlier installation has left: a stack that is made anew can't make groups of the same names."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tools.preflight.resolve import Resource

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


def names(resources: Mapping[str, Resource]) -> set[str]:
    """Return the names of the log groups of a stack."""
    return {each["Properties"]["LogGroupName"] for each in resources.values() if each["Type"] == "AWS::Logs::LogGroup"}


def problems(logs: "CloudWatchLogsClient", wanted: Iterable[str]) -> list[str]:
    """Return a line for each group that is there already. Nothing is deleted here: an audit may ask for it."""
    there = {
        group["logGroupName"]
        for name in sorted(wanted)
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
        for group in page["logGroups"]
        if group["logGroupName"] == name
    }
    return [
        f"log group {name}: found one of an earlier installation; allowed: none. If its ledger is there, take both"
        " over with ADOPT=1; else delete it once its logs are exported (docs/remove.md)"
        for name in sorted(there)
    ]
