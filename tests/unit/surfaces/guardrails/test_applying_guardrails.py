"""The functions that put guardrails on: by which way in, what goes on record first, and what is none of theirs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members
from stagegate.core.errors import ClaimLostError, PlannedByAnotherReleaseError
from stagegate.runs.apply_fence import apply_fence
from stagegate.surfaces.fences.apply import FenceWriter
from stagegate.surfaces.guardrails.apply import BoundaryWriter, apply_boundary
from stagegate.surfaces.guardrails.changes import (
    GuardrailChange,
    PutBoundary,
    PutScp,
    RemoveBoundary,
    RemoveScp,
    SetDirectDeployment,
)
from stagegate.surfaces.wire import change_to_json
from tests.support.builders import DEV, PROD, TEST
from tests.support.members import ScriptedMembers
from tests.support.scripted import Answer, Scripted, refusal
from tests.support.table import claimed_by

DOCUMENT = '{"Statement":[],"Version":"2012-10-17"}'
RAISE = PutBoundary(guardrail="canvas", account=DEV, partition="aws", document=DOCUMENT)
LOWER = RemoveBoundary(guardrail="canvas", account=DEV, partition="aws", delete=True)
DIRECT = SetDirectDeployment(
    guardrail="canvas", account=DEV, partition="aws", domain="d-1", profile=None, status="ENABLED"
)
LOST = refusal("TransactionCanceledException", CancellationReasons=[{"Code": "ConditionalCheckFailed"}])


def request(change: GuardrailChange) -> dict[str, Any]:
    return {"execution": "run", "round": 0, "external_id": "an-id", **change_to_json(change)}


def marks(dynamodb: Scripted) -> list[tuple[str, str]]:
    """What was done to the marks of accounts, with the claim as a condition of each."""
    done = []
    for call in dynamodb.of("TransactWriteItems"):
        claim, write = call["TransactItems"]
        assert claim["ConditionCheck"]["Key"]["pk"] == {"S": "SUBJECT#guardrail/canvas"}
        ((kind, item),) = write.items()
        done.append((kind, item.get("Item", item.get("Key"))["sk"]["S"]))
    return done


@dataclass
class Ways:
    """The ways into members that were asked for, as role, session and external id; and what is there."""

    iam: Scripted
    sagemaker: Scripted
    requested: list[tuple[str, str, str | None]] = field(default_factory=list)
    entered: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def through(self, role: str, session: str, external_id: str | None, _sts: object) -> Members:
        """In place of `Members.through`."""
        self.requested.append((role, session, external_id))
        members = ScriptedMembers(self.iam, self.sagemaker)
        members.entered = self.entered
        return members.way_in()


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Ways:
    made = Ways(
        iam=Scripted("iam", CreatePolicy={"Policy": {}}, ListPolicyVersions={"Versions": []}, DeletePolicy={}),
        sagemaker=Scripted(
            "sagemaker", DescribeDomain={}, UpdateDomain={}, DescribeUserProfile={}, UpdateUserProfile={}
        ),
    )
    monkeypatch.setattr(Members, "through", made.through)
    return made


class TestBoundaries:
    def apply(self, environment: Environment, change: GuardrailChange, dynamodb: Scripted) -> dict[str, Any]:
        return apply_boundary(BoundaryWriter(environment=environment, dynamodb=dynamodb.client), request(change))

    def test_are_written_through_the_member_role_by_a_session_for_this_one(
        self, environment: Environment, ways: Ways
    ) -> None:
        dynamodb = claimed_by("run", TransactWriteItems={})
        assert self.apply(environment, RAISE, dynamodb) == {"guardrail": "canvas", "account": DEV}
        assert ways.requested == [("stagegate-member-boundary", "stagegate-apply-boundary", "an-id")]
        ((account, policy),) = ways.entered
        (statement,) = policy["Statement"]
        assert account == DEV
        assert statement["Resource"] == [
            f"arn:aws:iam::{DEV}:policy/stagegate/stagegate-guardrail-canvas",
            f"arn:aws:iam::{DEV}:role/*",
        ]
        assert not [action for action in statement["Action"] if "Attach" in action or "*" in action]

    @pytest.mark.usefixtures("ways")
    def test_are_on_record_before_they_stand_and_until_they_are_gone(self, environment: Environment) -> None:
        dynamodb = claimed_by("run", TransactWriteItems={})
        self.apply(environment, RAISE, dynamodb)
        self.apply(environment, LOWER, dynamodb)
        assert marks(dynamodb) == [("Put", f"WRITTEN#boundary/{DEV}"), ("Delete", f"WRITTEN#boundary/{DEV}")]

    def test_stay_on_record_while_some_role_has_them(self, environment: Environment, ways: Ways) -> None:
        some = RemoveBoundary(guardrail="canvas", account=DEV, partition="aws")
        self.apply(environment, some, claimed_by("run"))
        assert ways.iam.operations == []

    def test_are_not_written_by_a_run_that_has_lost_its_claim(self, environment: Environment, ways: Ways) -> None:
        with pytest.raises(ClaimLostError):
            self.apply(environment, RAISE, Scripted("dynamodb", TransactWriteItems=LOST))
        assert ways.iam.operations == []

    @pytest.mark.parametrize("change", [LOWER, DIRECT])
    def test_are_not_lowered_by_a_run_that_has_lost_its_claim(
        self, environment: Environment, ways: Ways, change: GuardrailChange
    ) -> None:
        with pytest.raises(ClaimLostError):
            self.apply(environment, change, claimed_by("another run"))
        assert (ways.iam.operations, ways.sagemaker.operations) == ([], [])

    @pytest.mark.parametrize(("profile", "named"), [(None, "domain/d-1"), ("ann", "user-profile/d-1/ann")])
    def test_have_beside_them_canvas_s_setting_with_a_way_in_of_its_own(
        self,
        environment: Environment,
        ways: Ways,
        profile: str | None,
        named: str,
    ) -> None:
        change = SetDirectDeployment(
            guardrail="canvas", account=DEV, partition="aws", domain="d-1", profile=profile, status="DISABLED"
        )
        self.apply(environment, change, claimed_by("run"))
        assert ways.requested == [("stagegate-member-canvas", "stagegate-apply-boundary", "an-id")]
        ((_, policy),) = ways.entered
        assert policy["Statement"][0]["Resource"] == f"arn:aws:sagemaker:us-east-1:{DEV}:{named}"

    def test_are_no_service_control_policies(self, environment: Environment) -> None:
        with pytest.raises(PlannedByAnotherReleaseError, match="RemoveScp is none of"):
            self.apply(environment, RemoveScp(guardrail="canvas"), claimed_by("run"))


def stored() -> Mapping[str, Any]:
    return {"Policy": {"PolicySummary": {"Id": "p-12345678"}, "Content": DOCUMENT}}


class TestServiceControlPolicies:
    def apply(
        self, environment: Environment, change: GuardrailChange, organizations: Scripted, dynamodb: Scripted
    ) -> dict[str, Any]:
        writer = FenceWriter(environment=environment, organizations=organizations.client, dynamodb=dynamodb.client)
        return apply_fence(writer, request(change))

    def test_are_marked_as_guardrails_and_on_record_before_they_stand(self, environment: Environment) -> None:
        order: list[str] = []

        def note(what: str, answer: Mapping[str, Any]) -> Answer:
            def answered(_: Mapping[str, Any]) -> Mapping[str, Any]:
                order.append(what)
                return answer

            return answered

        organizations = Scripted(
            "organizations",
            CreatePolicy=note("made", stored()),
            AttachPolicy=note("attached", {}),
            ListPoliciesForTarget={"Policies": [{"Id": "p-12345678", "Name": "any"}]},
        )
        dynamodb = Scripted("dynamodb", TransactWriteItems=note("marked", {}))
        change = PutScp(guardrail="canvas", document=DOCUMENT, accounts=(PROD, TEST), missing=(PROD, TEST))
        assert self.apply(environment, change, organizations, dynamodb) == {"guardrail": "canvas"}
        assert order == ["marked", "marked", "made", "attached", "attached"]
        (made,) = organizations.of("CreatePolicy")
        assert (made["Name"], made["Tags"]) == (
            "stagegate-guardrail-canvas",
            [{"Key": "stagegate:resource-type", "Value": "guardrail"}],
        )

    def test_that_are_to_be_on_more_accounts_are_attached_to_these(self, environment: Environment) -> None:
        organizations = Scripted(
            "organizations",
            UpdatePolicy=stored(),
            AttachPolicy={},
            ListPoliciesForTarget={"Policies": [{"Id": "p-12345678", "Name": "any"}]},
        )
        change = PutScp(
            guardrail="canvas", document=DOCUMENT, accounts=(PROD, TEST), missing=(TEST,), policy="p-12345678"
        )
        self.apply(environment, change, organizations, claimed_by("run", TransactWriteItems={}))
        assert organizations.of("AttachPolicy") == [{"PolicyId": "p-12345678", "TargetId": TEST}]
        assert [call["TargetId"] for call in organizations.of("ListPoliciesForTarget")] == [PROD, TEST]

    def test_are_taken_off_and_stay_for_the_others(self, environment: Environment) -> None:
        organizations = Scripted("organizations", DetachPolicy={})
        dynamodb = claimed_by("run", TransactWriteItems={})
        change = RemoveScp(guardrail="canvas", accounts=(PROD,), policy="p-12345678")
        self.apply(environment, change, organizations, dynamodb)
        assert organizations.operations == ["DetachPolicy"]
        assert marks(dynamodb) == [("Delete", f"WRITTEN#scp/{PROD}")]

    @pytest.mark.parametrize(
        ("listed", "deleted"),
        [([], []), ([{"Id": "p-12345678", "Name": "stagegate-guardrail-canvas"}], [{"PolicyId": "p-12345678"}])],
    )
    def test_that_no_account_has_any_more_are_looked_for_by_name(
        self, environment: Environment, listed: list[dict[str, str]], deleted: list[dict[str, str]]
    ) -> None:
        organizations = Scripted(
            "organizations",
            ListPolicies={"Policies": [{"Id": "p-FullAWSAccess", "Name": "FullAWSAccess"}, *listed]},
            DetachPolicy=refusal("PolicyNotAttachedException"),
            DeletePolicy={},
        )
        dynamodb = claimed_by("run", TransactWriteItems={})
        change = RemoveScp(guardrail="canvas", accounts=(PROD,), delete=True)
        self.apply(environment, change, organizations, dynamodb)
        assert organizations.of("DeletePolicy") == deleted
        assert marks(dynamodb) == [("Delete", f"WRITTEN#scp/{PROD}")]

    def test_are_not_taken_off_by_a_run_that_has_lost_its_claim(self, environment: Environment) -> None:
        organizations = Scripted("organizations")
        change = RemoveScp(guardrail="canvas", accounts=(PROD,), policy="p-12345678")
        with pytest.raises(ClaimLostError):
            self.apply(environment, change, organizations, claimed_by("another run"))
        assert organizations.calls == []
