"""Where what a model is made of lies: addresses of data in S3 and of images in ECR."""

import re
from dataclasses import dataclass

from stagegate.core.untrusted import word

_SURROGATES = re.compile(r"[\ud800-\udfff]")
_S3_URI = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>.+)")


# "Private registry concepts", Amazon ECR user guide: with FIPS and dual-stack endpoints, and China's domain.
_IMAGE = re.compile(
    r"(?P<account>[0-9]{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)/"
    r"(?P<name>[a-z0-9][a-z0-9._/-]*?)(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Uri:
    """An object; or with `is_prefix` the object of that key, if there is one, and everything below it as a folder.

    A prefix without its last slash is not taken as S3 takes one: `fraud/1` would have `fraud/10` in it.
    """

    bucket: str
    key: str
    is_prefix: bool = False

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def shown(self) -> str:
        """The address for people: with a star where it is all that lies below it."""
        if not self.is_prefix:
            return word(self)
        return word(f"{self}*") if self.key.endswith("/") else f"{word(self)} and {word(f'{self}/*')}"

    @property
    def parts(self) -> "tuple[S3Uri, ...]":
        """The one object or the one folder that this is, or both: a folder's key ends in a slash."""
        if not self.is_prefix or self.key.endswith("/"):
            return (self,)
        return (S3Uri(bucket=self.bucket, key=self.key), S3Uri(bucket=self.bucket, key=f"{self.key}/", is_prefix=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """An ECR repository."""

    account: str
    region: str
    name: str


def s3_uri(text: str, *, is_prefix: bool = False) -> S3Uri | None:
    """Return the address of data, or None for one that isn't `s3://bucket/key`, with a key in UTF-8."""
    found = None if _SURROGATES.search(text) else _S3_URI.fullmatch(text)
    return S3Uri(bucket=found["bucket"], key=found["key"], is_prefix=is_prefix) if found else None


def tag_of(image_uri: str) -> str | None:
    """Return the tag that an image is named by, or None where it is named by its digest."""
    if "@" in image_uri:
        return None
    return image_uri.rpartition("/")[2].partition(":")[2] or "latest"


def repository_of(image_uri: str) -> Repository | None:
    """Return the ECR repository that an image is in, or None for one in another registry."""
    found = _IMAGE.fullmatch(image_uri)
    return Repository(account=found["account"], region=found["region"], name=found["name"]) if found else None
