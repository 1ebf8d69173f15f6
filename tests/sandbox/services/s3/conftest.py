from typing import Any

import pytest

from sandbox.kernel.wire.transport import client
from tests.sandbox.services.s3.buckets import KEY
from tests.support.authorization import CONSUMER, OWNER, as_role, make_role, may


@pytest.fixture(autouse=True)
def in_two_accounts(two_accounts: None) -> None:
    """Every test of this service begins there."""


@pytest.fixture
def s3() -> Any:
    """The owner's bucket, versioned, with one object."""
    made = client("s3", OWNER)
    made.create_bucket(Bucket="artifacts")
    made.put_bucket_versioning(Bucket="artifacts", VersioningConfiguration={"Status": "Enabled"})
    made.put_object(Bucket="artifacts", Key=KEY, Body=b"weights")
    return made


@pytest.fixture
def reader() -> Any:
    return as_role("s3", make_role(CONSUMER, "Serving", may(["s3:*", "kms:*"])))
