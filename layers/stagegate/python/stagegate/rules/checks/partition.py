"""Finds names of another partition of AWS, and what the partition doesn't have.

Nothing reaches from one partition into another: an approver of another would never be one, and a role never be let in.
"""

import re
from collections.abc import Iterator, Mapping

from stagegate.core.partitions import WITH_IMPORTS, WITHOUT_BEDROCK, partition_of
from stagegate.rules.formats import ANY, select
from stagegate.rules.problems import Problem, shown
from stagegate.rules.toml_lines import KeyPath

_ARN = re.compile(r"arn:(?P<partition>aws(?:-[a-z]+)*):[a-z0-9-]+:(?P<region>[a-z0-9-]*):")
_IMAGE = re.compile(r"[0-9]{12}\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")


def check(tables: Mapping[str, object], partition: str | None) -> Iterator[Problem]:
    """Yield what is of another partition than `partition`; where that isn't known, than what the file names first."""
    home = partition
    for path, text in _texts(tables, ()):
        for found in _named(text):
            home = home or found
            if found != home:
                allowed = f"names of {home}, where this is deployed" if partition else f"names of {home}, as above"
                yield Problem(path=path, found=f"{shown(text)}, of the partition {found}", allowed=allowed)
                break
    if home:
        yield from _absent(tables, home)


def _absent(tables: Mapping[str, object], partition: str) -> Iterator[Problem]:
    for path, _ in select(tables, ("imports", ANY)) if partition not in WITH_IMPORTS else ():
        allowed = "none: Amazon Bedrock imports no models there"
        yield Problem(path=path, found=f"an import in the partition {partition}", allowed=allowed)
    for path, _ in select(tables, ("guardrails", ANY, "bedrock")) if partition in WITHOUT_BEDROCK else ():
        allowed = "none: there is no Amazon Bedrock"
        yield Problem(path=path, found=f"models of Bedrock in the partition {partition}", allowed=allowed)


def _texts(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(below, (*path, key))


def _named(text: str) -> Iterator[str]:
    """Yield the partitions that a text names: those of an ARN, of its Region, and of an image's Region."""
    if arn := _ARN.match(text):
        yield arn["partition"]
        if arn["region"]:
            yield partition_of(arn["region"])
    elif image := _IMAGE.match(text):
        yield partition_of(image["region"])
