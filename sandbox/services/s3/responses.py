"""S3's operations: moto's, which asks this package's backend for policies and objects."""

from __future__ import annotations

from typing import Any  # moto's signatures

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.s3.responses import S3Response as MotoS3Response

from sandbox.services.s3.errors import NotTheExpectedOwner
from sandbox.services.s3.owners import bucket_owner


class S3Response(MotoS3Response):
    """Buckets and objects."""

    def _bucket_response(self, request: Any, full_url: str) -> TYPE_RESPONSE:
        return self._unexpected_owner() or super()._bucket_response(request, full_url)

    def _key_response(self, request: Any, full_url: str) -> TYPE_RESPONSE:
        return self._unexpected_owner() or super()._key_response(request, full_url)

    def _unexpected_owner(self) -> TYPE_RESPONSE | None:
        """The refusal of a request that expects another owner of the bucket.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
        """
        expected = self.headers.get("x-amz-expected-bucket-owner")
        if expected is None or bucket_owner(self.bucket_name) in (None, expected):
            return None
        _, headers, body = self.serialized(ActionResult(NotTheExpectedOwner()))
        return 403, headers, body
