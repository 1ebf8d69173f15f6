"""What lies at the addresses that a model package names, from lists alone: nothing here can read a model.

A list has an object's version, ETag, size and time. Which key an object was encrypted with is in no list, only in the
answer to a HEAD request, and that takes the permission to read the object (`s3:GetObject`; "HeadObject", API reference
of Amazon S3). So the bucket's default encryption stands in for it.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.addresses import Repository, S3Uri, tag_of
from stagegate.subjects.packages.artifacts import MOST_LISTED, Data, Encryption, Image, Stored

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_s3 import S3Client

BUCKET_PERMISSIONS = frozenset({"s3:ListBucketVersions"})
ENCRYPTION_PERMISSIONS = frozenset({"s3:GetBucketAcl", "s3:GetEncryptionConfiguration"})
REPOSITORY_PERMISSIONS = frozenset({"ecr:DescribeImages"})

_NO_IMAGE = ("ImageNotFoundException", "RepositoryNotFoundException")


def data(s3: "S3Client", uri: S3Uri, owner: str) -> Data:
    """Return the objects at an address, in their latest versions. Raises RefusedError, also for another's bucket.

    A prefix without its last slash takes a list more: one list of what starts like it would have its neighbours.
    """
    parts = [_part(s3, part, owner) for part in uri.parts]
    if not all(part.is_whole for part in parts):
        return Data(uri=uri, objects=(), is_whole=False)
    return Data(uri=uri, objects=tuple(found for part in parts for found in part.objects))


def _part(s3: "S3Client", uri: S3Uri, owner: str) -> Data:
    """Return the one object, or what lies below the one folder.

    Keys come in order, and of each key the latest version first ("Listing objects in a versioning-enabled bucket",
    Amazon S3 user guide), so an object that is there is on the first page of the keys that start like its own.
    """
    objects: list[Stored] = []
    listed = 0
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=uri.bucket, Prefix=uri.key, ExpectedBucketOwner=owner
    )
    with translated(f"list {uri}"):
        for page in pages:
            versions, deleted = page.get("Versions", []), page.get("DeleteMarkers", [])
            objects += [
                Stored(
                    key=version["Key"],
                    version_id=version["VersionId"],
                    etag=version["ETag"],
                    size=version["Size"],
                    written=version["LastModified"].astimezone(UTC),
                    storage_class=version.get("StorageClass", "STANDARD"),
                    owner=version.get("Owner", {}).get("ID", ""),
                )
                for version in versions
                if version["IsLatest"] and (uri.is_prefix or version["Key"] == uri.key)
            ]
            if not uri.is_prefix:
                break
            listed += len(versions) + len(deleted)
            if listed >= MOST_LISTED and page["IsTruncated"]:
                return Data(uri=uri, objects=(), is_whole=False)
    return Data(uri=uri, objects=tuple(objects))


def written_since(s3: "S3Client", uri: S3Uri, owner: str, since: datetime) -> tuple[str, ...]:
    """Return the keys below an address of which any version was written, or deleted by a marker, in that second or
    later. A version that was deleted by its id is in no list. Raises RefusedError.
    """
    second = since.replace(microsecond=0)
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=uri.bucket, Prefix=uri.key, ExpectedBucketOwner=owner
    )
    with translated(f"list {uri}"):
        return tuple(
            sorted(
                {
                    found["Key"]
                    for page in pages
                    for found in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
                    if found["LastModified"] >= second
                }
            )
        )


def encryption(s3: "S3Client", bucket: str, owner: str) -> Encryption:
    """Return what a bucket encrypts new objects with by itself, and whose it is. Raises RefusedError, also for
    another's bucket.
    """
    with translated(f"read the encryption of {bucket}"):
        found = s3.get_bucket_encryption(Bucket=bucket, ExpectedBucketOwner=owner)
    default = found["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    return Encryption(
        bucket=bucket,
        algorithm=default["SSEAlgorithm"],
        key=default.get("KMSMasterKeyID"),
        owner=_owner(s3, bucket, owner),
    )


def _owner(s3: "S3Client", bucket: str, account: str) -> str:
    """Return the canonical id of a bucket's owner, which S3 says of a bucket without ACLs too ("GetBucketAcl", API
    reference of Amazon S3); "" where a stack that is older than this question may not ask it.
    """
    with translated(f"read the owner of {bucket}"):
        try:
            found = s3.get_bucket_acl(Bucket=bucket, ExpectedBucketOwner=account)
        except ClientError as error:
            if code_of(error) in ("AccessDenied", "AccessDeniedException"):
                return ""
            raise
    return found.get("Owner", {}).get("ID", "")


def is_there(ecr: "ECRClient", repository: Repository, digest: str) -> bool:
    """Tell whether a repository has the image of a digest, which a rule may have deleted. Raises RefusedError."""
    with translated(f"look up {digest} in {repository.name} of {repository.account}"):
        try:
            ecr.describe_images(
                registryId=repository.account, repositoryName=repository.name, imageIds=[{"imageDigest": digest}]
            )
        except ClientError as error:
            if code_of(error) in _NO_IMAGE:
                return False
            raise
    return True


def image(ecr: "ECRClient", repository: Repository, uri: str) -> Image:
    """Return the digest that an image's tag stands for now, "" where there is no such image. Raises RefusedError."""
    with translated(f"look up {uri}"):
        try:
            found = ecr.describe_images(
                registryId=repository.account,
                repositoryName=repository.name,
                imageIds=[{"imageTag": tag_of(uri) or ""}],
            )
        except ClientError as error:
            if code_of(error) in _NO_IMAGE:
                return Image(uri=uri, digest="")
            raise
    return Image(uri=uri, digest=found["imageDetails"][0]["imageDigest"])
