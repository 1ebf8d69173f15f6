"""Puts there what a training team has made, before the story begins: artifacts, images, and their key."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING

from demo.package import others
from demo.package.expectations import Bucket
from demo.package.registry import GROUP, REPOSITORY, VERSIONS, Registry, artifact
from sandbox.kernel.place import located
from sandbox.stagegate.members import GOVERNANCE

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


def seed(organization: Organization, bucket: Bucket, lifecycle: tuple[str, str] | None) -> Registry:
    """Make everything that the versions are made of, in the account and with the key that governance.toml names.

    Where it names no key for the bucket, S3's own encrypts the objects, and a key of the registry's account the
    packages. Other teams have statements of their own on all of it.
    """
    key = bucket.key or organization.admin("kms", GOVERNANCE).create_key()["KeyMetadata"]["Arn"]
    encrypted = organization.admin("kms", key.split(":")[4]).encrypt(KeyId=key, Plaintext=b"the weights")
    registry = Registry(
        organization=organization,
        owner=GOVERNANCE,
        holder=bucket.account,
        bucket=f"{bucket.name[:-1]}{GROUP}"[:63] if bucket.name.endswith("*") else bucket.name,
        key=key,
        seals_packages=bucket.key is None,
        ciphertext=encrypted["CiphertextBlob"],
        opens_whole_group=bucket.whole_group,
        lifecycle=lifecycle,
    )
    _make_bucket(registry)
    _make_images(registry)
    others.take_part(registry, "bucket", "repository")
    return registry


def _make_bucket(registry: Registry) -> None:
    s3 = registry.admin("bucket", "s3")
    s3.create_bucket(Bucket=registry.bucket, **located())
    s3.put_bucket_versioning(Bucket=registry.bucket, VersioningConfiguration={"Status": "Enabled"})
    default = {"SSEAlgorithm": "AES256"}
    asked = {}
    if not registry.seals_packages:
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": registry.key}
        asked = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": registry.key}
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    s3.put_bucket_encryption(Bucket=registry.bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    for number in VERSIONS:
        s3.put_object(Bucket=registry.bucket, Key=artifact(number), Body=_archive(number), **asked)


def _archive(number: int) -> bytes:
    """A small model as SageMaker takes one: a tar archive, compressed with gzip."""
    model = json.dumps({"booster": "gbtree", "max_depth": 6, "trees": 200 + number}).encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("model.json")
        entry.size = len(model)
        archive.addfile(entry, io.BytesIO(model))
    return packed.getvalue()


def _make_images(registry: Registry) -> None:
    ecr = registry.admin("repository", "ecr")
    ecr.create_repository(repositoryName=REPOSITORY)
    for number in VERSIONS:
        layer = f"sha256:{hashlib.sha256(f'serving {number}'.encode()).hexdigest()}"
        manifest = {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "layers": [{"digest": layer, "size": number}],
        }
        ecr.put_image(repositoryName=REPOSITORY, imageManifest=json.dumps(manifest), imageTag=str(number))
