"""Whoever changed a package is recorded with the content, if that is certain to be what the call was about."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from stagegate.approvals.principals import Actor
from stagegate.aws.environment import Environment
from stagegate.core.errors import RefusedError, SettingsError, ThrottledError
from stagegate.ledger import items
from stagegate.rules.model import Rules, Stage
from stagegate.runs.record_approval.recorder import Recorder
from stagegate.subjects.context import Access, Auditor
from stagegate.subjects.packages.artifacts import Artifacts, Data
from tests.support.builders import (
    APPROVER,
    AUTHOR,
    CREATED,
    DEV,
    GOVERNANCE,
    NOON,
    PROD,
    TEST,
    a_question,
    a_record,
    at,
)
from tests.support.ledger import kept_items, reads, recorded_in
from tests.support.members import ScriptedMembers
from tests.support.packages import BUCKET, CONTENT, DATA, OBJECT, PACKAGE_ARN, PENDING, listed, package_rules
from tests.support.scripted import Answer, Scripted, refusal

RULES = package_rules()
MACHINE = f"arn:aws:states:us-east-1:{GOVERNANCE}:stateMachine:stagegate-govern"
IMAGE_AND_DATA = {
    "Image": f"{DEV}.dkr.ecr.us-east-1.amazonaws.com/team/serving:1.4",
    "ImageDigest": f"sha256:{'a' * 64}",
    "ModelDataUrl": "s3://model-artifacts-dev/churn/3/model.tar.gz",
}


def described(modified: float | None = 0.4, by: Actor = APPROVER, created: float | None = None) -> dict[str, Any]:
    last = {} if modified is None else {"LastModifiedTime": at(modified), "LastModifiedBy": identity(by)}
    return {
        "ModelPackageName": "churn",
        "ModelPackageArn": PACKAGE_ARN,
        "CreationTime": CREATED if created is None else at(created),
        "CreatedBy": identity(by),
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "ModelApprovalStatus": "Approved",
        "InferenceSpecification": {"Containers": [IMAGE_AND_DATA]},
        **last,
    }


def identity(actor: Actor) -> dict[str, Any]:
    return {"IamIdentity": {"Arn": actor.arn}}


def a_call(name: str = "UpdateModelPackage", by: Actor = APPROVER, **parameters: Any) -> dict[str, Any]:
    return {
        "account": by.arn.split(":")[4],
        "detail": {
            "eventID": "event-1",
            "eventName": name,
            "eventTime": NOON.isoformat(),
            "awsRegion": "us-east-1",
            "userIdentity": {"arn": by.arn},
            "requestParameters": {"modelPackageArn": PACKAGE_ARN, **parameters},
            "responseElements": {"modelPackageArn": PACKAGE_ARN},
        },
    }


APPROVES = a_call(modelApprovalStatus="Approved")


class Run:
    """One recording: what was recorded, and what was started."""

    def __init__(
        self,
        environment: Environment,
        event: dict[str, Any],
        package: Answer,
        *,
        rules: Rules | SettingsError = RULES,
        kept: Iterable[dict[str, Any]] = (),
        units: Answer | None = None,
        **answers: Answer,
    ) -> None:
        self.s3 = Scripted("s3", **{"ListObjectVersions": listed(OBJECT), **answers})
        ecr = Scripted("ecr", DescribeImages={"imageDetails": [{"imageDigest": f"sha256:{'b' * 64}"}]})
        self.members = ScriptedMembers(self.s3, ecr)

        asked = reads(*kept)
        if units is not None:
            asked["GetItem"] = units

        def access() -> Access:
            if isinstance(rules, SettingsError):
                raise rules
            return Access(rules=rules, environment=environment, members=self.members.way_in())

        self.dynamodb = Scripted("dynamodb", **asked, TransactWriteItems={})
        self.stepfunctions = Scripted(
            "stepfunctions", StartExecution={"executionArn": "arn:execution", "startDate": NOON}
        )
        self.sagemaker = Scripted("sagemaker", DescribeModelPackage=package)
        self.answer = Recorder(
            environment=environment,
            partition="aws",
            state_machine=MACHINE,
            topic="arn:aws:sns:us-east-1:111122223333:stagegate-approvers",
            auditor=Auditor(sagemaker=self.sagemaker.client, dynamodb=self.dynamodb.client, access=access),
            dynamodb=self.dynamodb.client,
            stepfunctions=self.stepfunctions.client,
            sns=Scripted("sns").client,
        ).record(event)

    def records(self) -> list[tuple[str, str | None, bool, bool]]:
        """What was recorded: id, status, whether the content is known, and whether it was the metadata alone."""
        items = recorded_in(self.dynamodb)
        assert {int(item["version"]) for item in items} <= {3}
        return [
            (i["id"], i.get("status"), i.get("content_hash") == CONTENT, i.get("metadata_only", False)) for i in items
        ]

    def fingerprints(self) -> dict[str, str]:
        """What was recorded of the bytes: for each record, the address of what is pinned, or why nothing is."""
        found = recorded_in(self.dynamodb)
        return {
            i["id"]: " ".join(i["fingerprints"]["named"]) if "fingerprints" in i else i.get("not_fingerprinted", "")
            for i in found
        }


def test_an_approval_is_put_down_with_what_the_package_is_made_of(environment: Environment) -> None:
    card = {"ModelCardStatus": "Draft", "ModelCardContent": '{"intended_uses": {"risk_rating": "High"}}'}
    run = Run(environment, APPROVES, {**described(), "ModelCard": card})
    assert run.records() == [("event-1", "Approved", True, False)]
    assert [item["risk"] for item in recorded_in(run.dynamodb)] == ["High"]
    (started,) = run.stepfunctions.of("StartExecution")
    assert json.loads(started["input"]) == {"subject": PACKAGE_ARN, "trigger": "record event-1"}
    (look,) = run.sagemaker.of("DescribeModelPackage")
    assert look["IncludedData"] == "MetadataOnly", "this role has no key"


@pytest.mark.parametrize(
    "package",
    [
        pytest.param(described(3, AUTHOR), id="somebody else changed it a moment later"),
        pytest.param(described(6), id="the same person changed it later"),
        pytest.param(described(-120), id="the same person changed it long before"),
        pytest.param({**described(), "LastModifiedBy": {}}, id="nobody knows who changed it last"),
        pytest.param(refusal("ValidationException", f"ModelPackage {PACKAGE_ARN} does not exist."), id="it is gone"),
    ],
)
def test_an_approval_of_what_may_be_another_content_is_put_down_without(
    environment: Environment, package: Answer
) -> None:
    assert Run(environment, APPROVES, package).records() == [("event-1", "Approved", False, False)]


STUDIO = Actor(arn=f"arn:aws:sts::{GOVERNANCE}:assumed-role/Studio/SageMaker")
ANN = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:user-profile/d-1/ann"


@pytest.mark.parametrize(("says", "expected"), [("ann", ANN), ("bob", STUDIO.arn), (None, STUDIO.arn)])
def test_a_studio_user_is_named_as_sagemaker_does_where_the_session_says_so_too(
    environment: Environment, says: str | None, expected: str
) -> None:
    """Rules may list a profile, and CloudTrail never names one."""
    call = a_call(by=STUDIO, modelApprovalStatus="Approved")
    if says:
        call["detail"]["userIdentity"]["sessionContext"] = {"sourceIdentity": says}
    run = Run(environment, call, {**described(), "LastModifiedBy": {"UserProfileArn": ANN}})
    assert [item["actor"] for item in recorded_in(run.dynamodb)] == [expected]


REPEATED = described(40, AUTHOR)
"""Somebody else has set the same status since: SageMaker dates the package by that."""


@pytest.mark.parametrize(
    ("kept", "known"),
    [
        pytest.param((), False, id="nobody knows what it was made of"),
        pytest.param([a_question(3, CONTENT)], True, id="it was asked about as it is"),
        pytest.param([a_question(3, "other")], False, id="it was asked about as it was"),
        pytest.param([a_question(3, CONTENT, seconds=20)], False, id="it was asked about since"),
        pytest.param([a_record(PENDING, AUTHOR, -900, version=3, content=CONTENT)], True, id="it was registered so"),
        pytest.param(
            [a_question(3, CONTENT), a_record(PENDING, AUTHOR, -900, version=3, content="other")],
            False,
            id="it was another since it was asked about",
        ),
        pytest.param(
            [a_question(3, CONTENT), a_record(None, AUTHOR, -900, version=3, content=None)],
            False,
            id="somebody has edited it since, and nobody knows to what",
        ),
    ],
)
def test_whoever_repeats_a_status_takes_no_approval_away(
    environment: Environment, kept: list[Any], *, known: bool
) -> None:
    run = Run(environment, APPROVES, REPEATED, kept=kept_items(PACKAGE_ARN, *kept))
    assert run.records() == [("event-1", "Approved", known, False)]


def test_the_card_that_the_package_named_then_is_put_down(environment: Environment) -> None:
    """What it names when the record arrives may be the edit of somebody else, a moment after."""
    home = PACKAGE_ARN.partition(":model-package/")[0]
    one, two = f"{home}:model-card/one", f"{home}:model-card/two"
    named = {"ModelCard": {"ModelCardContent": json.dumps({"model_overview": {"model_id": two}})}}
    before = replace(a_record(PENDING, AUTHOR, -900, version=3, content=CONTENT), card=one)
    cards = [
        [item.get("card") for item in recorded_in(run.dynamodb)]
        for run in (
            Run(environment, APPROVES, {**described(), **named}),
            Run(environment, APPROVES, described()),
            Run(environment, APPROVES, {**REPEATED, **named}, kept=kept_items(PACKAGE_ARN, before)),
            Run(environment, APPROVES, {**REPEATED, **named}),
        )
    ]
    assert cards == [[two], [""], [one], [None]]


def test_a_creation_is_an_edit_and_a_status(environment: Environment) -> None:
    event = a_call("CreateModelPackage", AUTHOR)
    run = Run(environment, event, described(None, AUTHOR, created=0.6))
    assert run.records() == [
        ("event-1-content", None, True, False),
        ("event-1", "PendingManualApproval", True, False),
    ]


def test_an_update_of_the_metadata_is_told_from_an_edit(environment: Environment) -> None:
    assert Run(environment, a_call(), described()).records() == [("event-1-content", None, True, True)]
    edit = a_call(inferenceSpecification={"containers": []})
    assert Run(environment, edit, described()).records() == [("event-1-content", None, True, False)]


def test_who_moves_the_package_to_another_card_and_approves_in_one_call_is_put_down_for_both(
    environment: Environment,
) -> None:
    both = a_call(modelCard={"modelCardContent": "{}"}, modelApprovalStatus="Approved")
    run = Run(environment, both, described())
    assert [(r["id"], r.get("links", False), r["card"]) for r in recorded_in(run.dynamodb)] == [
        ("event-1-content", True, ""),
        ("event-1", False, ""),
    ]
    late = Run(environment, both, REPEATED, kept=kept_items(PACKAGE_ARN, replace(a_question(3, CONTENT))))
    assert "card" not in recorded_in(late.dynamodb)[0], "it may have been moved once more"


def test_an_update_that_does_both_is_both(environment: Environment) -> None:
    both = a_call(inferenceSpecification={"containers": []}, modelApprovalStatus="Approved")
    assert [record[:2] for record in Run(environment, both, described()).records()] == [
        ("event-1-content", None),
        ("event-1", "Approved"),
    ]


def test_a_members_own_package_has_no_record_here_and_is_looked_at(environment: Environment) -> None:
    own = PACKAGE_ARN.replace(GOVERNANCE, DEV)
    event = a_call("CreateModelPackage", AUTHOR)
    event["detail"]["responseElements"]["modelPackageArn"] = own
    run = Run(environment, event, described())
    assert (run.records(), run.sagemaker.calls, run.answer["subject"]) == ([], [], own)


class TestTheBytes:
    def test_are_put_down_with_an_approval_and_read_through_a_session_for_them_alone(
        self, environment: Environment
    ) -> None:
        run = Run(environment, APPROVES, described())
        assert run.fingerprints() == {"event-1": str(DATA)}
        ((account, policy),) = run.members.entered
        assert (account, policy["Statement"]) == (
            DEV,
            [{"Effect": "Allow", "Action": ["s3:ListBucketVersions"], "Resource": f"arn:aws:s3:::{BUCKET}"}],
        )

    def test_are_put_down_with_a_creation_in_a_status_that_opens_something(self, environment: Environment) -> None:
        event, package = a_call("CreateModelPackage"), described(None, created=0.6)
        opening = package_rules(opens={PENDING: ("prod",)})
        assert Run(environment, event, package, rules=opening).fingerprints() == {
            "event-1-content": "",
            "event-1": str(DATA),
        }

    def test_are_not_looked_at_for_a_status_that_opens_nothing(self, environment: Environment) -> None:
        run = Run(environment, a_call(modelApprovalStatus="Rejected"), described())
        assert run.fingerprints() == {"event-1": "governance.toml let Rejected open nothing at the time"}
        assert run.members.entered == []

    def test_are_not_looked_at_where_the_content_is_unknown(self, environment: Environment) -> None:
        assert Run(environment, APPROVES, described(6)).members.entered == []

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (listed(replace(OBJECT, written=NOON)), f"{DATA} was written at"),
            (listed(), f"nothing was at {DATA}"),
        ],
    )
    def test_that_are_uncertain_keep_no_approval_from_being_put_down(
        self, environment: Environment, answer: Answer, reason: str
    ) -> None:
        run = Run(environment, APPROVES, described(), ListObjectVersions=answer)
        assert run.records() == [("event-1", "Approved", True, False)]
        assert run.fingerprints()["event-1"].startswith(reason)

    def test_that_may_not_be_looked_at_are_an_error_and_nothing_is_put_down(self, environment: Environment) -> None:
        """Else one refused call would void the approval, and nobody would hear of it. Lambda tries again."""
        denied = refusal("AccessDenied", "no")
        with pytest.raises(RefusedError, match=f'list {DATA}: ListObjectVersions was refused: AccessDenied: "no"'):
            Run(environment, APPROVES, described(), ListObjectVersions=denied)
        run = Run(environment, a_call(modelApprovalStatus="Rejected"), described(), ListObjectVersions=denied)
        assert run.records() == [("event-1", "Rejected", True, False)]

    def test_that_were_asked_about_before_and_are_the_same_now_were_so_in_between(
        self, environment: Environment
    ) -> None:
        late = replace(OBJECT, written=at(0.2))
        then = Artifacts(data=(Data(uri=DATA, objects=(late,)),)).fingerprints
        for asked, expected in (
            ([], f"{DATA} was written at"),
            ([a_question(3, CONTENT, fingerprints=then)], str(DATA)),
        ):
            kept = kept_items(PACKAGE_ARN, *asked)
            package = {**described(), "ModelCard": {"ModelCardContent": '{"intended_uses": {"risk_rating": "High"}}'}}
            run = Run(environment, APPROVES, package, kept=kept, ListObjectVersions=listed(late))
            assert run.fingerprints()["event-1"].startswith(expected)

    def test_nor_do_wrong_rules(self, environment: Environment) -> None:
        run = Run(environment, APPROVES, described(), rules=SettingsError("governance.toml:1: wrong"))
        assert run.fingerprints() == {"event-1": "governance.toml:1: wrong"}

    def test_are_looked_at_again_when_s3_is_busy(self, environment: Environment) -> None:
        with pytest.raises(ThrottledError):
            Run(environment, APPROVES, described(), ListObjectVersions=refusal("SlowDown"))


UNIT, INSIDE = "ou-ab12-11111111", "777788889999"
BY_UNIT = package_rules(
    stages=(
        Stage(name="dev", accounts=(DEV,), roles=("ModelDeveloper",)),
        Stage(name="test", accounts=(TEST,), roles=("ModelTester",)),
        Stage(name="prod", units=(UNIT,), roles=("ModelOperator",)),
    )
)


def in_the_unit(*accounts: str, unheard: int = 0) -> dict[str, Any]:
    """Who is in the unit by the ledger."""
    said = {UNIT: {"accounts": list(accounts), "unheard": unheard}}
    return items.item(items.UNITS, items.CURRENT, {"sweep": "", "units": said})


def test_an_image_of_an_account_that_a_unit_brings_in_is_among_what_was_approved(environment: Environment) -> None:
    """The plan looks it up, too: an approval that said nothing of it would open nothing."""
    tagged = {**IMAGE_AND_DATA, "Image": f"{INSIDE}.dkr.ecr.us-east-1.amazonaws.com/team/serving:1.4"}
    del tagged["ImageDigest"]
    package = {**described(), "InferenceSpecification": {"Containers": [tagged]}}
    for stored, named in (
        ((in_the_unit(PROD, INSIDE),), True),
        ((), False),
        ((in_the_unit(PROD),), False),
        ((in_the_unit(INSIDE, unheard=BY_UNIT.sweep.close_after_blind_sweeps),), False),
    ):
        run = Run(environment, APPROVES, package, rules=BY_UNIT, kept=stored)
        assert (tagged["Image"] in run.fingerprints()["event-1"]) is named
        assert len(run.dynamodb.of("GetItem")) == 1


def test_rules_without_units_cost_no_read_of_them(environment: Environment) -> None:
    run = Run(environment, APPROVES, described())
    assert run.fingerprints()["event-1"]
    assert run.dynamodb.of("GetItem") == []


def test_who_is_in_the_units_and_cant_be_read_records_no_approval_without_bytes(environment: Environment) -> None:
    with pytest.raises(RefusedError, match="read who is in the units"):
        Run(environment, APPROVES, described(), rules=BY_UNIT, units=refusal("AccessDeniedException"))
