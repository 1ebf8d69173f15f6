"""The partitions of AWS: separate clouds, each with Regions and accounts of its own, and not with every service.

By `endpoints.json` of botocore, which `tests/contract/test_partitions.py` compares with what stands here.
"""

_REGIONS = (
    ("cn-", "aws-cn"),
    ("eu-isoe-", "aws-iso-e"),
    ("eusc-", "aws-eusc"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
)
"""How the names of a partition's Regions begin; all others are of `aws`."""

WITHOUT_BEDROCK = frozenset({"aws-cn", "aws-iso-e"})
WITH_IMPORTS = frozenset({"aws"})
"""Where Amazon Bedrock imports models: the Regions that its user guide lists are all of one partition."""


def partition_of(region: str) -> str:
    """Return the partition that a Region is in, by its name."""
    return next((partition for begins, partition in _REGIONS if region.startswith(begins)), "aws")
