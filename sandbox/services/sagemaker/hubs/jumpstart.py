"""JumpStart's own buckets: the artifacts of open models, readable for everybody, and those of gated ones.

https://github.com/aws/sagemaker-python-sdk, jumpstart/region_config.json names them. Which account owns them isn't
known, so here it is `aws`. They hold a sample of what the SDK and the notebooks read; the point is who may.
"""

from __future__ import annotations

import json

from moto.s3.models import s3_backends

from sandbox.kernel.place import PARTITION
from sandbox.services.s3.models import BucketsBackend
from sandbox.services.sagemaker.hubs.catalogue import CACHE_BUCKET, GATED_BUCKET

_OWNER = "aws"
_OBJECTS = {
    "models_manifest.json": b"[]",
    "pytorch-notebooks/deploy.ipynb": b"{}",
    "fmhMetadata/eula/sample/eula.txt": b"terms",
}


def provide(region: str) -> None:
    """Make the buckets of a Region, of which one lets every account read: the caller's own policies decide."""
    backend = s3_backends[_OWNER][PARTITION]
    if not isinstance(backend, BucketsBackend):
        raise TypeError("sandbox.services.boot.install() has not run")
    opened, gated = CACHE_BUCKET.format(region=region), GATED_BUCKET.format(region=region)
    for name in (opened, gated):
        backend.create_bucket(name, region)
    for key, content in _OBJECTS.items():
        backend.put_object(opened, key, content)
    bucket = f"arn:{PARTITION}:s3:::{opened}"
    backend.policies[opened] = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["s3:GetObject", "s3:GetObjectTagging", "s3:ListBucket"],
                "Resource": [bucket, f"{bucket}/*"],
            },
        }
    )
