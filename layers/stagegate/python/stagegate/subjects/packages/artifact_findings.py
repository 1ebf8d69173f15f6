"""What is in the way of a package at the addresses that it names: nothing is there, or its key can't be opened."""

from collections.abc import Iterator

from stagegate.core.findings import Finding, blocked
from stagegate.rules.model import Bucket, Rules
from stagegate.subjects.packages.artifacts import MOST_LISTED, Artifacts, Encryption

_DEFAULT_KEY = "alias/aws/s3"
_KMS = "aws:kms"


def artifact_blockers(rules: Rules, artifacts: Artifacts) -> tuple[Finding, ...]:
    """Return what keeps a package closed, of what was seen of its data, its images and its buckets."""
    return (*_missing(artifacts), *_too_many(artifacts), *_encryption(rules, artifacts))


def _missing(artifacts: Artifacts) -> Iterator[Finding]:
    for data in artifacts.data:
        if not data.objects and data.is_whole:
            yield blocked("ArtifactMissing", f"The package has data at {data.uri}, and nothing is there.")
    for image in artifacts.images:
        if not image.digest:
            yield blocked("ImageMissing", f"The package has the image {image.uri}, and there is none of that tag.")


def _too_many(artifacts: Artifacts) -> Iterator[Finding]:
    for data in artifacts.data:
        if not data.is_whole:
            yield blocked(
                "ArtifactsTooMany",
                f"At {data.uri} are more than {MOST_LISTED} objects and older versions, too many to tell whether what"
                " was approved is what is used. Keep the model below a prefix of its own; let older versions expire.",
            )


def _encryption(rules: Rules, artifacts: Artifacts) -> Iterator[Finding]:
    for found in artifacts.encryption:
        entry = rules.bucket(found.bucket)
        if entry is None or not found.algorithm.startswith(_KMS):
            continue
        if found.key is None or found.key.endswith(_DEFAULT_KEY):
            yield blocked(
                "DefaultKey",
                f"Bucket {found.bucket} encrypts with its account's default key for S3 (aws/s3), which no other account"
                " can be let use. Have it encrypt with a customer key, write the artifacts anew, and name that key's"
                " ARN as key of its [[buckets]] in governance.toml.",
            )
        elif not _is_named(entry, found):
            yield blocked(
                "KeyUnnamed",
                f"Bucket {found.bucket} encrypts with {found.key}, which governance.toml doesn't name: the stages could"
                f' read the data and not decrypt it. Add key = "{_arn(found.key)}" to its [[buckets]], and the key to'
                f" the parameters of the stack of {entry.account}.",
            )


def _is_named(entry: Bucket, found: Encryption) -> bool:
    """Tell whether the rules name the key. Which one an alias stands for isn't to be seen: any that is named counts."""
    if entry.key is None or found.key is None:
        return False
    return ":alias/" in f":{found.key}" or entry.key in (found.key, _with_id(entry.key, found.key))


def _with_id(arn: str, key: str) -> str:
    return f"{arn.rpartition('/')[0]}/{key}"


def _arn(key: str) -> str:
    return key if ":key/" in key else f"<the ARN of {key}>"
