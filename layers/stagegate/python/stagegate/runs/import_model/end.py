"""The end of an import: it is there and can be invoked, or it isn't and everybody hears why."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from stagegate.aws.config import REPEATABLE
from stagegate.aws.errors import cause_of, code_of, translated
from stagegate.aws.json import from_json, to_json
from stagegate.aws.sessions import Members, limited_to
from stagegate.core.errors import MemberRoleError, NotSettledError
from stagegate.core.findings import Finding
from stagegate.ledger import imports
from stagegate.plans.grants import FailedImport
from stagegate.runs.import_model import bytes as import_bytes
from stagegate.runs.import_model.failures import consumer_closed, consumer_denied, explain, not_invoked
from stagegate.runs.import_model.importer import Importer, Run
from stagegate.runs.import_model.messages import Ending, import_message
from stagegate.surfaces.imports import write_model

PERMISSIONS = imports.PERMISSIONS
MEMBER_PERMISSIONS = write_model.DELETING | {"sts:AssumeRole"}


def end(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Record what became of an import, and return its `ending` and the `message` for the approvers.

    `request` has the `model` that was made (None if none was), and the `findings` or the `failure` (the cause of a step
    that could not be taken, else None) that say why not, or of a model why it wasn't invoked; `unproven` is what
    preflight left open (None before it), which is told where the import failed. A model that is wanted no more is
    deleted, and so is one that may be of other bytes than were approved, whose import has failed. A failed import is
    recorded, so that no event starts it again, and the package is looked at: what was opened for it closes.
    Raises MemberRoleError or RefusedError where nobody can look at the weights: then the model isn't put on record.
    """
    run = Run.of(request)
    findings = [from_json(Finding, each) for each in request["findings"]]
    model, unproven = request["model"], request["unproven"]
    if request["failure"]:
        why = not_invoked if model else explain
        findings.append(why(run.model, cause_of(request["failure"])))
    is_desired = run.is_desired(importer)
    spoilt, unseen = _looked_at(importer, run, model) if is_desired and model else (None, None)
    if not is_desired:
        ending, findings = Ending.WITHDRAWN, []
        _delete(importer, run, model)
    elif model and not spoilt:
        ending = Ending.IMPORTED
        _record(importer, run, model)
        findings += [unseen] if unseen else []
    else:
        ending = Ending.FAILED
        if spoilt:
            findings, unproven = [spoilt], None
            _delete(importer, run, model)
        detail = " ".join(f"{each.code}: {each.detail}" for each in findings)
        failure = FailedImport(digest=run.digest, approval=run.model.approval, detail=detail)
        imports.record_failed(importer.dynamodb, importer.table, run.subject, run.target.id, failure)
        findings += [from_json(Finding, unproven)] if unproven else []
    message = import_message(run.model, run.subject, ending, findings, model)
    imports.record_end(
        importer.dynamodb,
        importer.table,
        run.subject,
        outcome=f"import {ending}",
        lines=[message.subject, *(f"{each.code}: {each.detail}" for each in findings)],
        holder=run.execution,
        now=datetime.now(UTC),
    )
    if ending is not Ending.IMPORTED:
        importer.look_again(run.subject, f"import {ending}")
    return {"ending": ending.value, "message": to_json(message)}


def invoke(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Invoke the model once, as the consumer that the rules name, and return `findings` where it can't.

    Raises NotSettledError while the model isn't ready: Bedrock loads it when it is invoked for the first time;
    RefusedError, also where the model itself fails.
    """
    run = Run.of(request)
    consumer = run.model.consumer
    if consumer is None:
        return {"findings": []}
    session = importer.host_session(run.target, run.external_id, {"sts:AssumeRole": consumer})
    through = Members(
        sts=session.client("sts", region_name=run.target.region, config=REPEATABLE),
        role_name=consumer.rpartition(":role/")[2],
        session_name=f"{importer.environment.prefix}-import-model"[:64],
    )
    only = limited_to(["bedrock:InvokeModel"], request["model"])
    try:
        acting = through.session(run.target.account, partition=run.target.partition, policy=only)
    except MemberRoleError:  # whose own words are about roles of the member stack
        return {"findings": [to_json(consumer_closed(run.model, importer.environment.member_role("import")))]}
    runtime = acting.client("bedrock-runtime", region_name=run.target.region, config=REPEATABLE)
    with translated(f"invoke {run.model.name} as {consumer}"):
        try:
            runtime.invoke_model(modelId=request["model"], body=json.dumps({"prompt": "Hello", "max_tokens": 1}))
        except ClientError as error:
            if code_of(error) == "ModelNotReadyException":
                raise NotSettledError(f"{run.model.name} isn't ready yet") from error
            if code_of(error) == "ValidationException":  # let in, and of a family that is asked in other words
                return {"findings": []}
            if code_of(error) != "AccessDeniedException":
                raise
            return {"findings": [to_json(consumer_denied(run.model, request["model"]))]}
    return {"findings": []}


def _looked_at(importer: Importer, run: Run, model_arn: str) -> tuple[Finding | None, Finding | None]:
    """Return what speaks against a model, and what isn't known; nothing of one that is on record: it was looked at."""
    there = imports.imported(importer.dynamodb, importer.table, run.model.queue, run.subject)
    recorded = there.get(run.model.version)
    if recorded and recorded.model == model_arn:
        return None, None
    return import_bytes.after(importer, run, model_arn)


def _record(importer: Importer, run: Run, model_arn: str) -> None:
    """Record that the version is there, and have older ones looked at, which may go now."""
    requested = run.model
    made = imports.Imported(package=run.subject, model=model_arn, digest=run.digest)
    imports.record_imported(importer.dynamodb, importer.table, requested.queue, made)
    if requested.replaces:
        there = imports.imported(importer.dynamodb, importer.table, requested.queue, run.subject)
        for version, older in sorted(there.items()):
            if version < requested.version:
                importer.look_again(older.package, f"version {requested.version} is imported")


def _delete(importer: Importer, run: Run, model: str | None) -> None:
    on_models = dict.fromkeys(("bedrock:DeleteImportedModel", "bedrock:TagResource"), run.target.arn)
    actions = dict.fromkeys(write_model.DELETING, "*") | on_models
    bedrock = importer.host("bedrock", run.target, run.external_id, actions)
    write_model.delete_model(bedrock, run.model.name, run.subject, model or "")
