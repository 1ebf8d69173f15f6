"""Runs of imports that meet one another, or a job that ends at the wrong moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stagegate.aws.environment import Environment
from stagegate.aws.json import to_json
from stagegate.ledger import imports, items
from stagegate.plans.grants import FailedImport
from stagegate.runs.import_model.importer import Importer
from stagegate.runs.import_model.job import leave, wait
from stagegate.runs.import_model.request import ask
from stagegate.surfaces.wire import change_to_json
from stagegate.targets.changes import open_target
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.target import CloseTarget, Target
from tests.support.builders import NOON, PROD
from tests.support.imports import import_rules, wants_for
from tests.support.packages import PACKAGE_ARN, the_package_subject
from tests.support.scripted import Scripted
from tests.support.table import Table

DESIRED = wants_for(import_rules())
(GRANT,) = [desired_grant for desired_grant in DESIRED if desired_grant.model]
assert GRANT.model is not None
HOME = f"arn:aws:bedrock:us-east-1:{PROD}"
TEXT = desired_text_of(open_target(the_package_subject(), GRANT.target, DESIRED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Here(Importer):
    """An importer whose hosting account has one scripted client."""

    bedrock: Any = None

    def host(self, service: str, target: Target, *_: Any) -> Any:
        assert (service, target.id) == ("bedrock", GRANT.target.id)
        return self.bedrock


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield Table.create(boto3.client("dynamodb"))


@pytest.fixture
def importer(environment: Environment, table: Table) -> Here:
    table.put(items.target_key(GRANT.target.id), f"{items.DESIRED}{PACKAGE_ARN}", {"desired": TEXT})
    machine = "arn:aws:states:us-east-1:111122223333:stateMachine:none"
    stepfunctions = Scripted("stepfunctions").client
    return Here(
        environment=replace(environment, table=table.name),
        dynamodb=table.client,
        stepfunctions=stepfunctions,
        govern=machine,
        imports=machine,
    )


def run(execution: str) -> dict[str, Any]:
    """What the state machine asks with, for a run of that name."""
    assert GRANT.model is not None
    requested = {"subject": PACKAGE_ARN, "target": to_json(GRANT.target), "model": to_json(GRANT.model)}
    return {"execution": execution, "requested": {**requested, "digest": digest_of(TEXT), "external_id": None}}


def test_a_run_waits_for_another_that_imports_the_same(importer: Here) -> None:
    assert wait(importer, run("first"))["turn"] == "ours"
    assert wait(importer, run("second"))["turn"] == "theirs", "the first may have died, and left a job"
    leave(importer, run("first"))
    assert wait(importer, run("second"))["turn"] == "ours"


def test_what_has_failed_in_anothers_hands_or_isnt_wanted_any_more_is_over(importer: Here, table: Table) -> None:
    assert wait(importer, run("first"))["turn"] == "ours"
    failure = FailedImport(digest=digest_of(TEXT), approval="", detail="")
    imports.record_failed(importer.dynamodb, importer.table, PACKAGE_ARN, GRANT.target.id, failure)
    assert wait(importer, run("second"))["turn"] == "over"
    imports.record_failed(importer.dynamodb, importer.table, PACKAGE_ARN, GRANT.target.id, None)
    assert wait(importer, run("second"))["turn"] == "theirs"
    table.client.delete_item(
        TableName=table.name, Key=items.key(items.target_key(GRANT.target.id), f"{items.DESIRED}{PACKAGE_ARN}")
    )
    assert wait(importer, run("second"))["turn"] == "over"


class Ending:
    """A hosting account in which a job ends, and leaves its model, between the first call and the second."""

    def __init__(self) -> None:
        self.model: str | None = None
        self.bedrock = Scripted(
            "bedrock",
            ListModelImportJobs=self.jobs,
            ListImportedModels=self.models,
            ListTagsForResource={"tags": [{"key": "stagegate:package", "value": PACKAGE_ARN}]},
            DeleteImportedModel=self.delete,
        )

    def jobs(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        assert GRANT.model is not None
        job = {
            "jobArn": f"{HOME}:model-import-job/abcdefghijkl",
            "jobName": "stagegate-1",
            "status": "InProgress",
            "creationTime": NOON,
            "importedModelName": GRANT.model.name,
        }
        return {"modelImportJobSummaries": [] if self._has_ended() else [job]}

    def models(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        if not self._has_ended() or self.model is None:
            return {"modelSummaries": []}
        return {"modelSummaries": [{"modelArn": self.model, "modelName": GRANT.target.name, "creationTime": NOON}]}

    def delete(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        self.model = None
        return {}

    def _has_ended(self) -> bool:
        """Whether it had, before the call at hand."""
        had_ended = len(self.bedrock.calls) > 1
        if not had_ended:
            self.model = f"{HOME}:imported-model/abcdefghijkl"
        return had_ended


def test_a_job_that_ends_while_an_import_is_taken_back_leaves_no_model(importer: Here, table: Table) -> None:
    table.claim("run", PACKAGE_ARN)
    account = Ending()
    there = replace(importer, bedrock=account.bedrock.client)
    change = change_to_json(CloseTarget(subject_arn=PACKAGE_ARN, target=GRANT.target))
    ask(there, {**change, "execution": "run", "round": 1})
    assert account.model is None
