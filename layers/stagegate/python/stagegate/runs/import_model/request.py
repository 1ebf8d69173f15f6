"""Ask for an import, or take one back: what govern's runs do, as the holders of the claim on the package."""

import hashlib
from collections.abc import Mapping
from typing import Any

from stagegate.aws.json import to_json
from stagegate.core.errors import PermanentError
from stagegate.ledger import imports, targets
from stagegate.runs.import_model.importer import Importer
from stagegate.surfaces.imports import observe as observe_imports
from stagegate.surfaces.imports import write_model
from stagegate.surfaces.wire import change_from_json
from stagegate.targets.desired import desired_text_of, digest_of, written
from stagegate.targets.target import CloseTarget, OpenTarget, Target, is_closed_anyway

PERMISSIONS = targets.DESIRED_PERMISSIONS | imports.PERMISSIONS
MEMBER_PERMISSIONS = write_model.DELETING | {"bedrock:ListModelImportJobs"}


def ask(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Apply one change of an imported model, given as `wire.change_to_json` makes it.

    An import is put on record as wanted and started: it takes hours, and no run of govern waits for it. One that is
    wanted no more is taken off the record, and its model deleted unless the rules keep it. A job can't be stopped: what
    is running deletes its own model when it ends, and the package is looked at again then. In an account that is
    closed, where nobody can delete a model, and nobody invoke it, it counts as gone.
    Raises ClaimLostError before anything is changed.
    """
    change: OpenTarget | CloseTarget = change_from_json(request, (OpenTarget, CloseTarget))
    if isinstance(change, OpenTarget) and change.model:
        desired_text = desired_text_of(change)
        _desired_grant(importer, change, desired_text, request["execution"])
        digest = digest_of(desired_text)
        said = [change.target.id, digest, request["execution"], request["round"]]
        importer.start(
            importer.imports,
            hashlib.sha256("#".join(map(str, said)).encode()).hexdigest(),
            {
                "subject": change.subject_arn,
                "target": to_json(change.target),
                "model": to_json(change.model),
                "digest": digest,
                "external_id": request.get("external_id"),
            },
        )
        _written(importer, change, desired_text, request["execution"])
        return {"target": change.target.id, "opened": True}
    if not isinstance(change, CloseTarget):
        raise TypeError(f"{change.target.id}: there is no model to import")
    _desired_grant(importer, change, None, request["execution"])
    is_gone, is_entered = change.keep, True
    try:
        is_gone = is_gone or _is_gone(importer, change, request.get("external_id"))
    except PermanentError as error:
        is_gone, is_entered = True, not is_closed_anyway(change, error)
        if is_entered:
            raise
    # Not before: the record knows which model it is, should somebody have taken its tag off.
    imports.forget_imported(importer.dynamodb, importer.table, _queue(change.target), change.subject_arn)
    if is_gone:
        _written(importer, change, None, request["execution"], is_entered=is_entered)
    return {"target": change.target.id, "opened": False}


def _is_gone(importer: Importer, change: CloseTarget, external_id: str | None) -> bool:
    """Delete the model, and tell whether nothing was running that would make it again.

    What runs is looked at first: a job that ends after that leaves a model that is deleted here, or the next time.
    """
    target = change.target
    on_models = dict.fromkeys(("bedrock:DeleteImportedModel", "bedrock:TagResource"), target.arn)
    actions = dict.fromkeys(MEMBER_PERMISSIONS, "*") | on_models
    bedrock = importer.host("bedrock", target, external_id, actions)
    running = observe_imports.running(bedrock)
    there = imports.imported(importer.dynamodb, importer.table, _queue(target), change.subject_arn)
    recorded = there.get(imports.version_of(change.subject_arn)[1])
    write_model.delete_model(bedrock, target.name, change.subject_arn, recorded.model if recorded else "")
    return all(job.get("importedModelName") != target.name for job in running)


def _desired_grant(importer: Importer, change: OpenTarget | CloseTarget, desired_text: str | None, holder: str) -> None:
    targets.record_desired(
        importer.dynamodb,
        importer.table,
        change.target.id,
        arn=change.subject_arn,
        desired_text=desired_text,
        holder=holder,
    )
    if desired_text is not None:
        imports.record_failed(importer.dynamodb, importer.table, change.subject_arn, change.target.id, None)


def _queue(target: Target) -> str:
    return f"{target.account}/{target.region}"


def _written(
    importer: Importer,
    change: OpenTarget | CloseTarget,
    desired_text: str | None,
    holder: str,
    *,
    is_entered: bool = True,
) -> None:
    targets.record_written(
        importer.dynamodb,
        importer.table,
        change.target.id,
        arn=change.subject_arn,
        desired_text=desired_text,
        digest=written(desired_text, is_entered=is_entered),
        holder=holder,
    )
