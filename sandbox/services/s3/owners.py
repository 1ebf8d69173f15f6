"""Whose a bucket is."""

from __future__ import annotations

from moto.s3.models import s3_backends


def bucket_owner(name: str) -> str | None:
    """The account that owns a bucket; names are unique over all accounts."""
    owner = s3_backends.bucket_accounts.get(name)
    return owner[1] if owner else None
