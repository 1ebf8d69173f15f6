"""What is found at the addresses that a package names: nothing, a key that can't be opened, or other bytes than those
that an approval was about.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from stagegate.approvals.fingerprints import Fingerprints, changed
from stagegate.approvals.records import AuditRecord
from stagegate.core.findings import Finding, blocked, warned
from stagegate.core.untrusted import word
from stagegate.rules.model import Bucket, Rules
from stagegate.subjects.packages.artifacts import MOST_LISTED, Artifacts, Encryption

_DEFAULT_KEY = "alias/aws/s3"
_KMS = "aws:kms"
_ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_SAID = 3
"""Addresses that a finding names; it counts the others."""
_OTHER_BYTES = "other bytes"
"""The content, for the gate, of a record that was about the same addresses when something else lay there."""


def artifact_blockers(rules: Rules, artifacts: Artifacts) -> tuple[Finding, ...]:
    """Return what keeps a package closed, of what was seen of its data, its images and its buckets."""
    return (
        *_missing(artifacts),
        *_too_many(artifacts),
        *_encryption(rules, artifacts),
        *_archived(artifacts),
        *_owned_elsewhere(artifacts),
    )


def _missing(artifacts: Artifacts) -> Iterator[Finding]:
    for data in artifacts.data:
        if not data.objects and data.is_whole:
            yield blocked("ArtifactMissing", f"The package has data at {word(data.uri)}, and nothing is there.")
    for image in artifacts.images:
        if not image.digest:
            yield blocked(
                "ImageMissing", f"The package has the image {word(image.uri)}, and there is none of that tag."
            )
    for uri in artifacts.gone:
        yield blocked(
            "ImageMissing",
            f"The package has the image {word(uri)}, and its repository doesn't have the one of that digest any more."
            " Has a lifecycle rule deleted it? Push it again, by its digest, or register the package anew.",
        )


def _archived(artifacts: Artifacts) -> Iterator[Finding]:
    """What has to be restored before it can be read ("Amazon S3 storage classes", user guide)."""
    for data in artifacts.data:
        if found := [each.key for each in data.objects if each.storage_class in _ARCHIVED]:
            yield blocked(
                "ArtifactArchived",
                f"{listed(word(f's3://{data.uri.bucket}/{key}') for key in found)} is archived, and can't be read"
                " before it is restored. Restore it, write it anew in a class that can be read, and have it approved.",
            )


def _owned_elsewhere(artifacts: Artifacts) -> Iterator[Finding]:
    """What a bucket's policy says nothing about: objects that another account has written and owns ("Controlling
    ownership of objects", Amazon S3 user guide).
    """
    owners = {each.bucket: each.owner for each in artifacts.encryption if each.owner}
    for data in artifacts.data:
        mine = owners.get(data.uri.bucket)
        if mine and (found := [each.key for each in data.objects if each.owner not in ("", mine)]):
            yield blocked(
                "ArtifactOwnedElsewhere",
                f"{listed(word(f's3://{data.uri.bucket}/{key}') for key in found)} is owned by another account than the"
                " bucket, whose policy lets nobody at it. Set the bucket's object ownership to BucketOwnerEnforced.",
            )


def _too_many(artifacts: Artifacts) -> Iterator[Finding]:
    for data in artifacts.data:
        if not data.is_whole:
            yield blocked(
                "ArtifactsTooMany",
                f"At {word(data.uri)} are more than {MOST_LISTED} objects and older versions, too many to tell whether"
                " what was approved is what is used. Keep the model below a prefix of its own; let older versions"
                " expire.",
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
                f"Bucket {found.bucket} encrypts with {word(found.key)}, which governance.toml doesn't name: the"
                " stages could"
                f' read the data and not decrypt it. Add key = "{_arn(found.key)}" to its [[buckets]], and the key to'
                f" the parameters of the stack of {entry.account}. If it is AWS's own key (aws/s3), which can't be"
                " opened to another account, have the bucket encrypt with a customer key, and write the artifacts"
                " anew.",
            )


def _is_named(entry: Bucket, found: Encryption) -> bool:
    """Tell whether the rules name the key. Which one an alias stands for isn't to be seen: any that is named counts."""
    if entry.key is None or found.key is None:
        return False
    return ":alias/" in f":{found.key}" or entry.key in (found.key, _with_id(entry.key, found.key))


def _with_id(arn: str, key: str) -> str:
    return f"{arn.rpartition('/')[0]}/{key}"


def _arn(key: str) -> str:
    if word(key) != key:
        return "<its ARN>"
    return key if ":key/" in key else f"<the ARN of {key}>"


def about_these_bytes(
    records: Collection[AuditRecord], content_hash: str, fingerprints: Fingerprints | None
) -> tuple[AuditRecord, ...]:
    """Return the records with another content where they are about this one and other bytes. Without pins: as is."""
    return tuple(
        replace(record, content_hash=_OTHER_BYTES)
        if fingerprints and record.content_hash == content_hash and is_about_other_bytes(record, fingerprints)
        else record
        for record in records
    )


def is_about_other_bytes(record: AuditRecord, fingerprints: Fingerprints) -> bool:
    """Tell whether a record can't be said to be about exactly these bytes: then it approves nothing."""
    return record.fingerprints is None or record.fingerprints.digest != fingerprints.digest


def void(record: AuditRecord, fingerprints: Fingerprints, stage: str) -> Finding:
    """Return the finding that keeps a stage closed, or closes it, as its approval was about something else."""
    code, detail = _said(record, fingerprints)
    return blocked(code, f"{detail} An approver has to set {record.status} once more on what is there now.", stage)


def outdated(record: AuditRecord, fingerprints: Fingerprints, stage: str) -> Finding:
    """Return the finding of a stage that stays open by the rules on an approval that was about something else."""
    code, detail = _said(record, fingerprints)
    return warned(
        code,
        f'{detail} {stage} stays open (after_change = "ask"); please set {record.status} once more on what is there'
        " now, or take it back.",
        stage,
    )


def _said(record: AuditRecord, fingerprints: Fingerprints) -> tuple[str, str]:
    who = word(record.actor.arn)
    if record.fingerprints is None:
        why = record.not_fingerprinted or "it was recorded before anybody looked"
        return "BytesUnknown", f"Which bytes {who} approved isn't known: {why}."
    return "BytesChanged", f"Since {who} approved, {what_changed(record.fingerprints, fingerprints)}."


def what_changed(before: Fingerprints, now: Fingerprints) -> str:
    """Return what has become of the bytes, in words: which they are, as far as the pins tell."""
    names = changed(before, now)
    what = listed(names) if names else f"something of {before.count} objects and images, now {now.count},"
    return f"{what} has been written anew, moved or deleted"


def listed(names: Iterable[str]) -> str:
    """Return some addresses by name, and how many more there are."""
    found = list(map(word, names))
    more = f" and {len(found) - _SAID} more" if len(found) > _SAID else ""
    return f"{', '.join(found[:_SAID])}{more}"
