"""Runs of imports that meet one another, or a job that ends at the wrong moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

import boto3
import pytest
from moto import mock_aws

from stagegate.aws.environment import Environment
from stagegate.aws.json import to_json
from stagegate.core.errors import MemberRoleError, NotSettledError
from stagegate.ledger import imports, items
from stagegate.plans.grants import FailedImport
from stagegate.runs.import_model.importer import Importer
from stagegate.runs.import_model.job import begin, leave, wait
from stagegate.runs.import_model.request import ask
from stagegate.surfaces.wire import change_to_json
from stagegate.targets.changes import open_target
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.target import ACCOUNT_CLOSED, CloseTarget, Target
from tests.support.builders import NOON, PROD
from tests.support.imports import import_rules, wants_for
from tests.support.packages import PACKAGE_ARN, the_package_subject
from tests.support.scripted import Scripted, refusal
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut(Here):
    """One whose hosting account can't be entered."""

    def host(self, service: str, target: Target, *_: Any) -> Any:
        raise MemberRoleError(f"{target.account} {service}: found no way in")


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


class Kept:
    """A hosting account with one model of the package's name, and its tags."""

    ARN = f"{HOME}:imported-model/abcdefghijkl"

    def __init__(self, arn: str = ARN, package: str = "") -> None:
        self.arn, self.tags = arn, {"stagegate:package": package} if package else {}
        self.is_there = True
        self.counts = True
        self.bedrock = Scripted(
            "bedrock",
            ListModelImportJobs={"modelImportJobSummaries": []},
            ListImportedModels=self.models,
            ListTagsForResource=lambda _: {"tags": [{"key": k, "value": v} for k, v in self.tags.items()]},
            TagResource=self.tag,
            DeleteImportedModel=self.delete,
        )

    def models(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        listed = [{"modelArn": self.arn, "modelName": GRANT.target.name, "creationTime": NOON}]
        return {"modelSummaries": listed if self.is_there else []}

    def tag(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.tags |= {tag["key"]: tag["value"] for tag in request["tags"]}
        return {}

    def delete(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        if not self.tags.get("stagegate:package", "").startswith(PACKAGE_ARN) or not self.counts:
            raise refusal("AccessDeniedException")
        self.is_there = False
        return {}


class TestAModelWithoutItsTags:
    CLOSE: ClassVar = {
        **change_to_json(CloseTarget(subject_arn=PACKAGE_ARN, target=GRANT.target)),
        "execution": "run",
        "round": 1,
    }

    @pytest.fixture(autouse=True)
    def recorded(self, importer: Here, table: Table) -> None:
        assert GRANT.model is not None
        table.claim("run", PACKAGE_ARN)
        made = imports.Imported(package=PACKAGE_ARN, model=Kept.ARN, digest=digest_of(TEXT))
        imports.record_imported(importer.dynamodb, importer.table, GRANT.model.queue, made)

    def test_is_deleted_by_the_record(self, importer: Here) -> None:
        account = Kept()
        ask(replace(importer, bedrock=account.bedrock.client), self.CLOSE)
        assert not account.is_there

    def test_in_a_closed_account_counts_as_deleted(self, importer: Here, table: Table) -> None:
        shut = Shut(**{each.name: getattr(importer, each.name) for each in fields(Here)})
        with pytest.raises(MemberRoleError):
            ask(shut, self.CLOSE)
        closed = CloseTarget(subject_arn=PACKAGE_ARN, target=GRANT.target, account_closed=True)
        ask(shut, {**self.CLOSE, **change_to_json(closed)})
        assert table.recorded(PACKAGE_ARN).view.written == {GRANT.target.id: ACCOUNT_CLOSED}
        assert GRANT.model is not None
        assert imports.imported(importer.dynamodb, importer.table, GRANT.model.queue, PACKAGE_ARN) == {}

    def test_is_tried_again_while_the_tag_doesnt_count(self, importer: Here) -> None:
        account = Kept()
        account.counts = False
        there = replace(importer, bedrock=account.bedrock.client)
        with pytest.raises(NotSettledError):
            ask(there, self.CLOSE)
        account.counts = True
        ask(there, self.CLOSE)
        assert not account.is_there, "the record has kept which model it is"

    def test_of_that_name_that_somebody_else_has_made_since_is_left_alone(self, importer: Here) -> None:
        account = Kept(f"{HOME}:imported-model/zzzzzzzzzzzz")
        ask(replace(importer, bedrock=account.bedrock.client), self.CLOSE)
        assert (account.is_there, account.tags) == (True, {})

    def test_gets_them_back_where_it_is_wanted(self, importer: Here) -> None:
        assert GRANT.model is not None
        account = Kept()
        begun = begin(replace(importer, bedrock=account.bedrock.client), run("run"))
        assert begun == {"state": "done", "model": Kept.ARN}
        assert account.tags == {tag["key"]: tag["value"] for tag in GRANT.model.tags(PACKAGE_ARN)}

    def test_that_another_package_has_marked_is_its_own(self, importer: Here) -> None:
        account = Kept(f"{HOME}:imported-model/zzzzzzzzzzzz", package=f"{PACKAGE_ARN}1")
        begun = begin(replace(importer, bedrock=account.bedrock.client), run("run"))
        assert begun["state"] == "blocked"


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
