"""Look at the weights right before a job, and once more when its model is there."""

from typing import Any

from stagegate.core.findings import Finding
from stagegate.runs.import_model.evidence import other_bytes, unseen, written_meanwhile
from stagegate.runs.import_model.importer import Importer, Run
from stagegate.subjects.packages import observe_artifacts
from stagegate.subjects.packages.artifacts import Data
from stagegate.surfaces.imports import observe as observe_imports

PERMISSIONS = observe_artifacts.BUCKET_PERMISSIONS
MEMBER_PERMISSIONS = frozenset({"bedrock:ListModelImportJobs"})


def before(importer: Importer, run: Run) -> Finding | None:
    """Return what is in the way of a job: something else lies there than was approved. Raises MemberRoleError,
    RefusedError.
    """
    if run.model.fingerprints is None:  # nobody is asked, so no bytes were approved
        return None
    return other_bytes(run.model, run.model.fingerprints, _data(importer, run))


def after(importer: Importer, run: Run, model_arn: str) -> tuple[Finding | None, Finding | None]:
    """Return what speaks against a model that a job has made, and what can't be known of it.

    Raises MemberRoleError, RefusedError: then nobody knows, and the model isn't put on record.
    """
    requested = run.model
    if requested.fingerprints is None:
        return None, None
    now = _data(importer, run)
    spoilt = other_bytes(requested, requested.fingerprints, now)
    if spoilt is None:
        bedrock = importer.host("bedrock", run.target, run.external_id, dict.fromkeys(MEMBER_PERMISSIONS, "*"))
        began = observe_imports.began(bedrock, model_arn, f"{importer.environment.prefix}-")
        keys = observe_artifacts.written_since(_s3(importer, run), requested.source, requested.source_account, began)
        spoilt = written_meanwhile(requested, keys)
    return spoilt, unseen(requested, now)


def _data(importer: Importer, run: Run) -> Data:
    return observe_artifacts.data(_s3(importer, run), run.model.source, run.model.source_account)


def _s3(importer: Importer, run: Run) -> Any:
    requested = run.model
    return importer.owners(run.external_id).client(
        "s3",
        observe_artifacts.BUCKET_PERMISSIONS,
        f"arn:{requested.partition}:s3:::{requested.source.bucket}",
        account=requested.source_account,
        region=requested.region,
        partition=requested.partition,
    )
