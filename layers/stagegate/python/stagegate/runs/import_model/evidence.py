"""Whether a model was made of the bytes that were approved, as far as lists of objects tell (ADR 10)."""

from collections.abc import Collection

from stagegate.approvals.fingerprints import Fingerprints
from stagegate.core.findings import Finding, blocked, warned
from stagegate.core.untrusted import word
from stagegate.subjects.packages.artifact_findings import listed, what_changed
from stagegate.subjects.packages.artifacts import MOST_LISTED, Artifacts, Data
from stagegate.targets.model_import import ModelImport

_ANEW = "An approver has to set the status once more on what is there now; or put back what was approved."


def other_bytes(requested: ModelImport, approved: Fingerprints, now: Data) -> Finding | None:
    """Return the finding for something else than what was approved, None for the same bytes."""
    if not now.is_whole:
        return blocked(
            "ArtifactsTooMany",
            f"At {word(requested.source)} are more than {MOST_LISTED} objects and older versions, too many to tell"
            " whether what was approved is what is imported.",
            requested.stage,
        )
    fingerprints = Artifacts(data=(now,)).fingerprints
    if fingerprints.digest == approved.digest:
        return None
    return blocked(
        "BytesChanged",
        f"Since the approval, {what_changed(approved, fingerprints)}. No model is made or kept of it. {_ANEW}",
        requested.stage,
    )


def written_meanwhile(requested: ModelImport, keys: Collection[str]) -> Finding | None:
    """Return the finding for keys that were written or deleted while the job read, None where there are none."""
    if not keys:
        return None
    names = listed(f"s3://{requested.source.bucket}/{key}" for key in keys)
    return blocked(
        "BytesChanged",
        f"While Bedrock read {word(requested.source)}, {names} was written or deleted, and is as before now: which"
        " bytes the model was made of isn't known. It is deleted. Find out who did it, and start the package by hand.",
        requested.stage,
    )


def unseen(requested: ModelImport, now: Data) -> Finding | None:
    """Return the warning for objects without versions, None where all have one."""
    if all(found.version_id != "null" for found in now.objects):
        return None
    return warned(
        "ImportUnproven",
        f"Bucket {requested.source.bucket} keeps no versions of what lies at {word(requested.source)}: what was put"
        " there and deleted again while Bedrock read can't be seen. Switch versioning on before the next model is"
        " approved.",
        requested.stage,
    )
