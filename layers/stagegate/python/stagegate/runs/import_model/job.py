"""The steps of one import: wait for its turn, begin, look how far it is, leave."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from stagegate.aws.json import to_json
from stagegate.core.findings import Finding
from stagegate.ledger import imports, queues
from stagegate.runs.import_model import bytes as import_bytes
from stagegate.runs.import_model.failures import Held, explain, full, name_taken
from stagegate.runs.import_model.importer import Importer, Run
from stagegate.surfaces.imports import observe as observe_imports
from stagegate.surfaces.imports import write_model
from stagegate.surfaces.imports.write_model import NoRoomError

PERMISSIONS = queues.PERMISSIONS | imports.READ_PERMISSIONS
MEMBER_PERMISSIONS = write_model.PERMISSIONS


def wait(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take or renew a place in the queue. The answer's `turn` is "ours"; "theirs"; or "over", as it isn't wanted any
    more, or has failed in another run's hands.

    Another run that imports the same is waited for: it may have died, and leave its place when its time has run out.
    """
    run, now = Run.of(request), datetime.now(UTC)
    failed = imports.has_failed(importer.dynamodb, importer.table, run.subject, run.target.id, run.digest)
    if failed or not run.is_desired(importer):
        return {"turn": "over", "before": 0}
    if not queues.wait(importer.dynamodb, importer.table, run.ticket, now):
        return {"turn": "theirs", "before": 1}
    before = queues.take_turn(importer.dynamodb, importer.table, run.ticket, now)
    return {"turn": "theirs" if before else "ours", "before": before}


def begin(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Start the job. The answer's `state` is "started" with its `job`; "there" with a `model` that is there already;
    "done" where another run has seen to the same meanwhile; "busy" while somebody else's job runs; or "blocked" with
    `findings`.

    A model that has lost its tags gets them back. One of this name that was made of what the package was before is
    deleted first, and what lies at the address is
    compared with what was approved: a run may have waited for days. Raises NotSettledError while
    Bedrock doesn't take the role yet.
    """
    run = Run.of(request)
    bedrock = importer.host("bedrock", run.target, run.external_id, _allowed(run))
    found = observe_imports.model(bedrock, run.model.name)
    recorded = _recorded(importer, run)
    known = recorded.model if recorded else ""
    if found and not found.is_of(run.subject, known):
        return _blocked(name_taken(run.model))
    is_done = found is not None and recorded == _record_of(run, found.arn)
    if found and (is_done or found.content == run.model.content):
        if (found.package, found.content) != (run.subject, run.model.content):
            write_model.put_tags(bedrock, found, run.model.tags(run.subject))
        return {"state": "done" if is_done else "there", "model": found.arn}
    if found:
        write_model.delete_model(bedrock, run.model.name, run.subject, known)
    if changed := import_bytes.before(importer, run):
        return _blocked(changed)
    prefix = importer.environment.prefix
    try:
        job = write_model.create_job(bedrock, run.model, run.subject, run.execution, prefix)
    except NoRoomError:
        if observe_imports.running(bedrock):
            return {"state": "busy"}
        held = [Held(name=model.name, package=model.package) for model in observe_imports.models(bedrock)]
        return _blocked(full(run.model, held))
    return {"state": "started", "job": job}


def look(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Renew the turn, and return the job's `status`, with its `model` or the `findings` that explain its failure."""
    run = Run.of(request)
    queues.renew(importer.dynamodb, importer.table, run.ticket, datetime.now(UTC))
    bedrock = importer.host("bedrock", run.target, run.external_id, {"bedrock:GetModelImportJob": request["job"]})
    job = write_model.job(bedrock, request["job"])
    findings = [explain(run.model, job.failure)] if job.status == "Failed" else []
    return {"status": job.status, "model": job.model_arn, "findings": [to_json(each) for each in findings]}


def leave(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give the turn back, for whoever is next."""
    queues.leave(importer.dynamodb, importer.table, Run.of(request).ticket)
    return {"left": True}


def _recorded(importer: Importer, run: Run) -> imports.Imported | None:
    there = imports.imported(importer.dynamodb, importer.table, run.model.queue, run.subject)
    return there.get(run.model.version)


def _record_of(run: Run, model_arn: str) -> imports.Imported:
    """Return the record of a model that was made of exactly what the run asks for."""
    return imports.Imported(package=run.subject, model=model_arn, digest=run.digest)


def _blocked(finding: Finding) -> dict[str, Any]:
    return {"state": "blocked", "findings": [to_json(finding)]}


def _allowed(run: Run) -> dict[str, str | list[str]]:
    """Each action that beginning takes, and on what."""
    home = f"arn:{run.target.partition}:bedrock:{run.target.region}:{run.target.account}"
    return {
        "bedrock:CreateModelImportJob": "*",
        "bedrock:DeleteImportedModel": f"{home}:imported-model/*",
        "bedrock:ListImportedModels": "*",
        "bedrock:ListModelImportJobs": "*",
        "bedrock:ListTagsForResource": f"{home}:imported-model/*",
        "bedrock:TagResource": [f"{home}:imported-model/*", f"{home}:model-import-job/*"],
        "iam:PassRole": run.model.role_arn,
    }
