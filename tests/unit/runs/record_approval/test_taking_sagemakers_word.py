"""SageMaker's event and description of an approval go on record by whoever may approve and is known for certain."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from stagegate.approvals.kept import Head
from stagegate.aws.environment import Environment
from stagegate.core.errors import InputError, SettingsError
from stagegate.core.statuses import RiskRating
from stagegate.ledger import entries, items
from stagegate.rules.model import ApprovalSource, Approvers, Rules
from stagegate.runs.record_approval.recorder import Recorder
from stagegate.subjects.context import Access, Auditor
from tests.support.builders import AUTHOR, CREATED, DEV, GOVERNANCE, NOON, PROD, a_record, at
from tests.support.ledger import kept_items, reads, recorded_in
from tests.support.members import ScriptedMembers
from tests.support.packages import CONTENT, OBJECT, PACKAGE_ARN, listed, package_rules
from tests.support.scripted import Answer, Scripted, refusal
from tests.unit.runs.record_approval.test_recording_packages import IMAGE_AND_DATA, MACHINE, UNIT, in_the_unit

SESSION = f"arn:aws:sts::{PROD}:assumed-role/Approver/ann"
ROLE = f"arn:aws:iam::{PROD}:role/people/Approver"
USER = f"arn:aws:iam::{GOVERNANCE}:user/ann"
PROFILE = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:user-profile/d-1/ann"
UNIQUE = "AROAEXAMPLE1EXAMPLE"
EVENT_TIME = "2026-03-02T12:00:00.400Z"


def rules(*principals: str, source: ApprovalSource = ApprovalSource.STATE_CHANGE) -> Rules:
    made = package_rules()
    assert made.packages is not None
    return replace(
        made,
        packages=replace(made.packages, approval_source=source),
        approvers=(Approvers(stage="prod", principals=principals, risks=tuple(RiskRating)),),
    )


def an_event(time: str = EVENT_TIME, *fields: str, **more: Any) -> dict[str, Any]:
    return {
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Package State Change",
        "account": GOVERNANCE,
        "resources": [PACKAGE_ARN],
        "detail": {
            "ModelPackageArn": PACKAGE_ARN,
            "ModelApprovalStatus": "Approved",
            "LastModifiedTime": time,
            "UpdatedModelPackageFields": list(fields or ["ModelApprovalStatus"]),
        },
        **more,
    }


def described(arn: str = SESSION, principal_id: str = f"{UNIQUE}:ann", modified: float = 0.4) -> dict[str, Any]:
    return {
        "ModelPackageName": "churn",
        "ModelPackageArn": PACKAGE_ARN,
        "CreationTime": CREATED,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "ModelApprovalStatus": "Approved",
        "InferenceSpecification": {"Containers": [IMAGE_AND_DATA]},
        "LastModifiedTime": at(modified),
        "LastModifiedBy": {"IamIdentity": {"Arn": arn, "PrincipalId": principal_id}},
    }


def roles(*found: tuple[str, str]) -> dict[str, Any]:
    each = [
        {"Arn": arn, "RoleId": id_, "RoleName": arn.rpartition("/")[2], "Path": "/people/", "CreateDate": CREATED}
        for arn, id_ in found
    ]
    return {"Roles": each, "IsTruncated": False}


class Run:
    """One event of SageMaker's: what was recorded, and what was called."""

    def __init__(
        self,
        environment: Environment,
        package: Answer,
        *principals: str,
        by: Rules | SettingsError | None = None,
        event: dict[str, Any] | None = None,
        kept: Iterable[dict[str, Any]] = (),
        there: Answer | None = None,
        objects: Answer | None = None,
    ) -> None:
        self.members = ScriptedMembers(
            Scripted("s3", ListObjectVersions=objects or listed(OBJECT)),
            Scripted("iam", ListRoles=there or roles((ROLE, UNIQUE))),
        )

        def access() -> Access:
            if isinstance(by, SettingsError):
                raise by
            return Access(
                rules=by or rules(*(principals or (ROLE,))), environment=environment, members=self.members.way_in()
            )

        self.dynamodb = Scripted("dynamodb", **reads(*kept), TransactWriteItems={})
        self.stepfunctions = Scripted("stepfunctions", StartExecution={"executionArn": "arn:run", "startDate": NOON})
        self.sagemaker = Scripted("sagemaker", DescribeModelPackage=package)
        recorder = Recorder(
            environment=environment,
            partition="aws",
            state_machine=MACHINE,
            topic="arn:aws:sns:us-east-1:111122223333:stagegate-approvers",
            auditor=Auditor(sagemaker=self.sagemaker.client, dynamodb=self.dynamodb.client, access=access),
            dynamodb=self.dynamodb.client,
            stepfunctions=self.stepfunctions.client,
            sns=Scripted("sns").client,
        )
        self.answer = recorder.take_word(event or an_event())

    @property
    def recorded(self) -> list[tuple[str, str | None]]:
        """Who was put on record, and the role that IAM has for them."""
        return [(item["actor"], item.get("role_arn")) for item in recorded_in(self.dynamodb)]


def test_a_record_says_whose_word_it_is_and_starts_a_run(environment: Environment) -> None:
    run = Run(environment, described())
    (item,) = recorded_in(run.dynamodb)
    assert (item["id"], item["source"], item["actor"], item["role_arn"]) == (
        "state-change-3-20260302T120000400000",
        "state_change",
        SESSION,
        ROLE,
    )
    assert (item["status"], item["content_hash"], item["risk"]) == ("Approved", CONTENT, "Unknown")
    assert item["moment"] == items.text_of(at(0.4))
    assert item["fingerprints"]["count"] == 1
    (record,) = entries.kept_of([item], Head()).records
    assert record.source == "state_change", "it is read back as what it is"
    (started,) = run.stepfunctions.of("StartExecution")
    assert json.loads(started["input"]) == {"subject": PACKAGE_ARN, "trigger": f"record {item['id']}"}
    assert run.answer["recorded"] == 1


@pytest.mark.parametrize("which", [rules(ROLE, source=ApprovalSource.CLOUDTRAIL), replace(rules(ROLE), packages=None)])
def test_rules_that_dont_ask_for_it_cost_no_call(environment: Environment, which: Rules) -> None:
    run = Run(environment, described(), by=which)
    assert [*run.sagemaker.calls, *run.dynamodb.calls, *run.stepfunctions.calls, *run.members.entered] == []
    assert run.answer["left_to_cloudtrail"] == "governance.toml takes CloudTrail's records alone"


@pytest.mark.parametrize(
    ("package", "there", "principals"),
    [
        pytest.param(described(principal_id="AROA2:ann"), roles((ROLE, UNIQUE)), (ROLE,), id="a role made anew"),
        pytest.param(described(principal_id=""), roles((ROLE, UNIQUE)), (ROLE,), id="SageMaker gives no unique id"),
        pytest.param(
            described(),
            roles((ROLE, UNIQUE)),
            (f"arn:aws:iam::{PROD}:role/Approver",),
            id="rules that name a role without its path, which isn't there",
        ),
        pytest.param(described(), refusal("AccessDenied", "no"), (ROLE,), id="IAM may not be asked"),
        pytest.param(described(), roles((ROLE, UNIQUE)), (USER,), id="not an approver"),
        pytest.param(
            described(f"arn:aws:sts::{'9' * 12}:assumed-role/Approver/ann"),
            roles((ROLE, UNIQUE)),
            (f"arn:aws:iam::{'9' * 12}:role/Approver",),
            id="of an account that nobody can look into",
        ),
        pytest.param(
            {**described(), "LastModifiedBy": {"UserProfileArn": PROFILE}},
            roles(),
            (PROFILE,),
            id="a Studio user whose session doesn't say so",
        ),
        pytest.param({**described(), "LastModifiedBy": {}}, roles(), (ROLE,), id="nobody is named"),
    ],
)
def test_whoever_cant_be_compared_with_approvers_is_left_to_cloudtrail(
    environment: Environment, package: Answer, there: Answer, principals: tuple[str, ...]
) -> None:
    run = Run(environment, package, *principals, there=there)
    assert run.recorded == []
    assert run.answer["left_to_cloudtrail"]
    assert run.stepfunctions.calls == [], "the event has started a run already"


def test_approvers_of_a_stage_of_units_alone_are_left_to_cloudtrail(environment: Environment) -> None:
    """Who is in the units, this function doesn't ask: nobody knows here whether the stage has an account."""
    found = rules(ROLE)
    stages = tuple(replace(each, accounts=(), units=("ou-ab12-11111111",)) for each in found.stages)
    run = Run(environment, described(), by=replace(found, stages=stages))
    assert (run.recorded, bool(run.answer["left_to_cloudtrail"])) == ([], True)
    beside = tuple(replace(each, units=("ou-ab12-11111111",)) for each in found.stages)
    assert Run(environment, described(), by=replace(found, stages=beside)).recorded == [(SESSION, ROLE)]


def test_a_user_and_a_studio_user_whose_session_says_so_are_known_without_iam(environment: Environment) -> None:
    assert Run(environment, described(USER, "AIDA1"), USER).recorded == [(USER, None)]
    says = {"UserProfileArn": PROFILE, "IamIdentity": {"Arn": SESSION, "SourceIdentity": "ann"}}
    assert Run(environment, {**described(), "LastModifiedBy": says}, PROFILE).recorded == [(PROFILE, None)]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (an_event("2026-03-02T12:00:00Z"), "finer than a second"),
        (an_event("yesterday"), "finer than a second"),
        (an_event("2026-03-02T12:00:00.400"), "finer than a second"),
        (an_event("2026-03-02T12:00:00.399Z"), "another time"),
        (an_event(EVENT_TIME, "CustomerMetadataProperties"), "isn't of a status"),
        (an_event(EVENT_TIME, "ModelApprovalStatus", "InferenceSpecification"), "more than the status"),
    ],
)
def test_an_event_that_may_be_of_another_change_is_left_to_cloudtrail(
    environment: Environment, event: dict[str, Any], why: str
) -> None:
    run = Run(environment, described(), event=event)
    assert run.recorded == []
    assert why in run.answer["left_to_cloudtrail"]


def test_a_time_is_the_same_however_its_offset_is_written(environment: Environment) -> None:
    assert Run(environment, described(), event=an_event("2026-03-02T13:00:00.4+01:00")).recorded == [(SESSION, ROLE)]


def test_bytes_that_are_uncertain_are_left_to_cloudtrail(environment: Environment) -> None:
    run = Run(environment, described(), objects=listed(replace(OBJECT, written=at(1))))
    assert run.recorded == []
    assert "was written at" in run.answer["left_to_cloudtrail"]
    run = Run(environment, described(), objects=refusal("AccessDenied", "no"))
    assert "AccessDenied" in run.answer["left_to_cloudtrail"]


def test_another_change_about_then_is_left_to_cloudtrail(environment: Environment) -> None:
    kept = kept_items(PACKAGE_ARN, a_record(None, AUTHOR, 2, version=3, content=CONTENT))
    assert "about then" in Run(environment, described(), kept=kept).answer["left_to_cloudtrail"]


def test_a_package_that_is_gone_is_left_to_cloudtrail(environment: Environment) -> None:
    gone = refusal("ValidationException", f"ModelPackage {PACKAGE_ARN} does not exist.")
    assert Run(environment, gone).answer["left_to_cloudtrail"] == "the package is gone"


@pytest.mark.parametrize(
    "event",
    [
        an_event(source="custom.sagemaker"),
        an_event(account=DEV),
        {name: value for name, value in an_event().items() if name != "detail"},
    ],
)
def test_what_sagemaker_cant_have_sent_is_refused(environment: Environment, event: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="state change event"):
        Run(environment, described(), event=event)


def test_wrong_settings_are_heard_of(environment: Environment) -> None:
    with pytest.raises(SettingsError):
        Run(environment, described(), by=SettingsError("wrong"))


def test_an_approver_of_an_account_that_a_unit_brings_in_is_looked_up(environment: Environment) -> None:
    """And the stage that the unit stands for has somebody to ask."""
    stages = tuple(replace(each, accounts=()) if each.name == "prod" else each for each in rules(ROLE).stages)
    by_unit = replace(rules(ROLE), stages=tuple(replace(s, units=(UNIT,)) if not s.accounts else s for s in stages))
    run = Run(environment, described(), by=by_unit, kept=[in_the_unit(PROD)])
    assert run.recorded == [(SESSION, ROLE)]
    assert len(run.dynamodb.of("GetItem")) == 1
    unheard = Run(environment, described(), by=by_unit)
    assert (unheard.recorded, unheard.answer["recorded"]) == ([], 0)
