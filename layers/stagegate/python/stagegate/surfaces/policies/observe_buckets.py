"""The buckets that an account has, by the beginning of their names."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stagegate.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PERMISSIONS = frozenset({"s3:ListAllMyBuckets"})
"""Of a list, for which S3 has no resource. It names buckets, and says nothing of what is in them."""

_PAGE = 1000


def names(s3: "S3Client", prefix: str) -> Iterator[str]:
    """Yield the names of the account's own buckets, of all Regions, that begin so ("ListBuckets", API reference).

    Raises RefusedError, ThrottledError.
    """
    with translated(f"list the buckets that begin with {prefix}"):
        for page in s3.get_paginator("list_buckets").paginate(Prefix=prefix, PaginationConfig={"PageSize": _PAGE}):
            yield from (found["Name"] for found in page.get("Buckets", []))
