"""What lies at the addresses that a package names: objects by their versions, images by their digests."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from stagegate.approvals.fingerprints import Fingerprints, fingerprints_of
from stagegate.approvals.records import AuditRecord
from stagegate.core.addresses import S3Uri
from stagegate.subjects.packages.model import Package

MOST_LISTED = 10_000
"""Objects of one address, with all their older versions, that are looked at: ten calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An object as a list shows it, without its content: `etag` is a digest of that only for some ways of encryption.

    `version_id` is "null" in a bucket that keeps no versions. `written` has whole seconds; of an upload in parts it is
    when that began ("Last-Modified", Amazon S3 user guide, "Working with object metadata"). `owner` is the canonical id
    of the account that owns it, "" where the list doesn't say.
    """

    key: str
    version_id: str
    etag: str
    size: int
    written: datetime
    storage_class: str = "STANDARD"
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The objects at one address. `is_whole` is False where there were more than anybody looks at."""

    uri: S3Uri
    objects: tuple[Stored, ...]
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image that a package names by a tag alone, and the digest that the tag stands for; "" for no such image."""

    uri: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """What a bucket encrypts new objects with: S3's word for it, and the key as the bucket names it, if it does; and
    the canonical id of its `owner`.
    """

    bucket: str
    algorithm: str
    key: str | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """Everything that was looked at for one package. Data in buckets that the rules don't know is not among it.

    `gone` are the images whose digest SageMaker knows, and that their repository doesn't have any more.
    """

    data: tuple[Data, ...] = ()
    images: tuple[Image, ...] = ()
    encryption: tuple[Encryption, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def fingerprints(self) -> Fingerprints:
        """Say what the bytes are. An object that was written anew is another one, even where its ETag is the same:
        ETags are MD5 at best, and two files of one MD5 can be made.
        """
        objects = {
            f"s3://{data.uri.bucket}/{found.key}": [
                found.version_id,
                found.etag,
                found.size,
                found.written.isoformat(timespec="seconds"),
            ]
            for data in self.data
            for found in data.objects
        }
        everything = fingerprints_of({**objects, **{image.uri: image.digest for image in self.images}})
        return replace(everything, data=fingerprints_of(objects).digest if self.images else "")


def with_fingerprints(record: AuditRecord, package: Package, artifacts: Artifacts) -> AuditRecord:
    """Return a record with what its call was about, to the byte; or with the reason why that can't be told.

    `artifacts` were looked at after the call. What was written in the call's second or later is nothing that its caller
    can have meant.
    """
    reason = next(_uncertain(package, artifacts, record.at), "")
    return replace(record, not_fingerprinted=reason) if reason else replace(record, fingerprints=artifacts.fingerprints)


def _uncertain(package: Package, artifacts: Artifacts, at: datetime) -> Iterator[str]:
    looked_at = {data.uri for data in artifacts.data}
    yield from (
        f"{uri} is in a bucket that governance.toml didn't know"
        for uri in package.data_uris
        if uri not in looked_at and not package.is_left_to_aws(uri)
    )
    yield from (f"nothing was at {data.uri}" for data in artifacts.data if not data.objects)
    yield from (f"there was too much at {data.uri} to look at" for data in artifacts.data if not data.is_whole)
    yield from (f"no image was at {image.uri}" for image in artifacts.images if not image.digest)
    for data in artifacts.data:
        for found in data.objects:
            if found.written >= at:
                when = f"{found.written:%Y-%m-%d %H:%M:%S} UTC"
                yield f"s3://{data.uri.bucket}/{found.key} was written at {when}, not before the approval"
