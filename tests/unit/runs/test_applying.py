"""Each function takes the change that is its own, with what the state machine gives it, and looks again afterwards."""

from dataclasses import replace
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.aws.json import to_json
from stagegate.aws.sessions import Members
from stagegate.core.errors import (
    ClaimLostError,
    DocumentTooLargeError,
    DriftRemainsError,
    NotSettledError,
    PlannedByAnotherReleaseError,
    RefusedError,
)
from stagegate.plans.change import Change
from stagegate.plans.record import Record
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.narrowed.covers import Cover
from stagegate.runs.apply_fence import apply_fence
from stagegate.runs.notify import notify
from stagegate.runs.verify import verify
from stagegate.surfaces.fences.apply import FenceWriter
from stagegate.surfaces.fences.model import AllowWrites, DenyWrites, Fence, document_of
from stagegate.surfaces.shares.apply import apply_share
from stagegate.surfaces.shares.changes import CARD_PERMISSION, CloseShare, OpenShare
from stagegate.surfaces.wire import change_to_json
from tests.support.builders import (
    CARD_ARN,
    DEV,
    GOVERNANCE,
    NOON,
    PROD,
    a_grant,
    a_plan,
    entitled_to,
    share_arn,
    shares,
    some_rules,
    writes,
)
from tests.support.members import ScriptedMembers
from tests.support.messages import handed_on, mailed
from tests.support.scripted import Answer, Scripted, refusal
from tests.support.table import claimed_by

FIRST = share_arn("dev-0")
OPEN = OpenShare(
    subject_arn=CARD_ARN, stage="dev", accounts=(DEV,), permission=CARD_PERMISSION, external=False, share_arns=(FIRST,)
)
CLOSE = CloseShare(stage="dev", share_arn=FIRST, subject_arn=CARD_ARN)
SCP = Fence(account=PROD, kind=FenceKind.SCP)
MIXED = replace(SCP, covers=Cover.OTHERS)
NOTHING = replace(SCP, covers=Cover.NONE)
OTHER_CARD = CARD_ARN.replace("churn", "fraud")
BOUNDARY = Fence(account=PROD, kind=FenceKind.BOUNDARY, roles=("Reader",))
RAISE = DenyWrites(card_arn=CARD_ARN, fence=SCP)
HELD = claimed_by("run").client


def request(change: Change) -> dict[str, Any]:
    return {"subject": CARD_ARN, "execution": "run", "round": 0, "external_id": None, **change_to_json(change)}


def held(*associations: tuple[str, str]) -> Answer:
    return {
        "resourceShareAssociations": [
            {"resourceShareArn": arn, "associatedEntity": CARD_ARN, "status": status} for arn, status in associations
        ]
    }


class TestShares:
    def test_open_and_say_where_the_card_is(self, environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Members, "through", lambda *_: None)
        ram = Scripted("ram", AssociateResourceShare={}, GetResourceShareAssociations=held((FIRST, "ASSOCIATED")))
        assert apply_share(ram.client, HELD, environment, request(OPEN)) == {"stage": "dev", "share_arn": FIRST}

    def test_close_and_say_that_it_is_nowhere(self, environment: Environment) -> None:
        ram = Scripted("ram", DisassociateResourceShare={}, GetResourceShareAssociations=held())
        assert apply_share(ram.client, HELD, environment, request(CLOSE)) == {"stage": "dev", "share_arn": None}

    def test_are_no_fences(self, environment: Environment) -> None:
        with pytest.raises(PlannedByAnotherReleaseError, match="DenyWrites is none of"):
            apply_share(Scripted("ram").client, HELD, environment, request(RAISE))

    @pytest.mark.parametrize("change", [OPEN, CLOSE])
    @pytest.mark.parametrize("holder", ["another run", None])
    def test_are_left_alone_by_a_run_that_has_lost_its_claim(
        self, environment: Environment, change: Change, holder: str | None
    ) -> None:
        ram = Scripted("ram")
        with pytest.raises(ClaimLostError):
            apply_share(ram.client, claimed_by(holder).client, environment, request(change))
        assert ram.calls == []

    def test_close_where_nobody_says_who_holds_the_claim(self, environment: Environment) -> None:
        ram = Scripted("ram", DisassociateResourceShare={}, GetResourceShareAssociations=held())
        unanswered = Scripted("dynamodb", GetItem=refusal("AccessDeniedException"))
        apply_share(ram.client, unanswered.client, environment, request(CLOSE))
        assert "DisassociateResourceShare" in ram.operations
        with pytest.raises(RefusedError, match="claim"):
            apply_share(ram.client, unanswered.client, environment, request(OPEN))


def stored(document: str) -> Answer:
    return {"Policy": {"PolicySummary": {"Id": "p-12345678"}, "Content": document}}


ATTACHED: Answer = {"Policies": [{"Id": "p-12345678", "Name": "any"}]}


class TestFences:
    def writer(self, environment: Environment, organizations: Scripted, dynamodb: Scripted) -> FenceWriter:
        return FenceWriter(environment=environment, organizations=organizations.client, dynamodb=dynamodb.client)

    def test_over_every_card_need_no_lease(self, environment: Environment) -> None:
        document = document_of(SCP, (), partition="aws", governance_account=GOVERNANCE)
        organizations = Scripted(
            "organizations", CreatePolicy=stored(document), AttachPolicy={}, ListPoliciesForTarget=ATTACHED
        )
        dynamodb = Scripted("dynamodb")
        answer = apply_fence(self.writer(environment, organizations, dynamodb), request(RAISE))
        assert (answer, dynamodb.calls) == ({"account": PROD}, [])

    def record(self, *excepted: str, holder: str = "run") -> Scripted:
        """The ledger, where these cards are on record as excepted."""
        return claimed_by(
            holder,
            TransactWriteItems={},
            UpdateItem={},
            Query={"Items": [{"sk": {"S": f"DESIRED#{arn}"}} for arn in excepted]},
        )

    def recorded(self, dynamodb: Scripted) -> list[tuple[str, str, str]]:
        """What was written of desired grants and notes, in order."""
        found = []
        for transaction in dynamodb.of("TransactWriteItems"):
            for write in transaction["TransactItems"][1:]:
                ((kind, made),) = write.items()
                item = made.get("Item") or made["Key"]
                found.append((kind, item["sk"]["S"].split("#")[0], item.get("digest", {}).get("S", "")))
        return found

    def written(self, fence: Fence, *excepted: str) -> Scripted:
        """Organizations, taking the document with these exceptions."""
        document = document_of(fence, excepted, partition="aws", governance_account=GOVERNANCE)
        return Scripted("organizations", UpdatePolicy=stored(document), ListPoliciesForTarget=ATTACHED)

    def test_except_what_everybody_wants_excepted(self, environment: Environment) -> None:
        organizations, dynamodb = self.written(MIXED, CARD_ARN, OTHER_CARD), self.record(OTHER_CARD)
        change = AllowWrites(card_arn=CARD_ARN, fence=MIXED, policy="p-12345678")
        apply_fence(self.writer(environment, organizations, dynamodb), request(change))
        assert organizations.operations == ["UpdatePolicy", "ListPoliciesForTarget"]
        assert dynamodb.operations == ["UpdateItem", "Query", "TransactWriteItems", "TransactWriteItems", "UpdateItem"]
        assert self.recorded(dynamodb) == [
            ("Put", "DESIRED", ""),
            ("Put", "WRITTEN", ""),
            ("Put", "DESIRED", ""),
            ("Put", "WRITTEN", "excepted"),
        ]

    @pytest.mark.parametrize("left", [(), (OTHER_CARD,)])
    def test_are_raised_for_a_card_by_taking_back_its_desired_grants(
        self, environment: Environment, left: tuple[str, ...]
    ) -> None:
        organizations, dynamodb = self.written(MIXED, *left), self.record(CARD_ARN, *left)
        change = DenyWrites(card_arn=CARD_ARN, fence=MIXED, policy="p-12345678", noted=True)
        apply_fence(self.writer(environment, organizations, dynamodb), request(change))
        assert organizations.operations == ["UpdatePolicy", "ListPoliciesForTarget"]
        assert self.recorded(dynamodb) == [
            ("Delete", "DESIRED", ""),
            ("Put", "WRITTEN", ""),
            ("Delete", "DESIRED", ""),
            ("Delete", "WRITTEN", ""),
        ]

    def test_over_every_card_take_back_what_is_noted_of_one(self, environment: Environment) -> None:
        organizations, dynamodb = self.written(SCP), self.record(CARD_ARN, OTHER_CARD)
        change = DenyWrites(card_arn=CARD_ARN, fence=SCP, policy="p-12345678", noted=True)
        apply_fence(self.writer(environment, organizations, dynamodb), request(change))
        assert self.recorded(dynamodb)[0] == ("Delete", "DESIRED", "")

    @pytest.mark.parametrize(("noted", "recorded"), [(False, 0), (True, 2)])
    def test_over_no_card_are_taken_away(
        self,
        environment: Environment,
        noted: bool,  # noqa: FBT001 - a table's column
        recorded: int,
    ) -> None:
        organizations, dynamodb = Scripted("organizations", DetachPolicy={}, DeletePolicy={}), self.record(CARD_ARN)
        change = AllowWrites(card_arn=CARD_ARN, fence=NOTHING, policy="p-12345678", noted=noted)
        apply_fence(self.writer(environment, organizations, dynamodb), request(change))
        assert organizations.operations == ["DetachPolicy", "DeletePolicy"]
        assert len(dynamodb.of("TransactWriteItems")) == recorded

    def test_are_not_taken_away_by_a_run_that_has_lost_its_claim(self, environment: Environment) -> None:
        organizations = Scripted("organizations")
        change = AllowWrites(card_arn=CARD_ARN, fence=NOTHING, policy="p-12345678")
        with pytest.raises(ClaimLostError):
            apply_fence(self.writer(environment, organizations, claimed_by("another run")), request(change))
        assert organizations.calls == []

    def test_that_would_be_too_large_leave_no_desired_grants_and_give_the_lease_back(
        self, environment: Environment
    ) -> None:
        dynamodb = self.record(*(f"{CARD_ARN}-{number}" for number in range(100)))
        organizations = Scripted("organizations")
        with pytest.raises(DocumentTooLargeError, match="the 101 that may be written now"):
            apply_fence(
                self.writer(environment, organizations, dynamodb), request(AllowWrites(card_arn=CARD_ARN, fence=MIXED))
            )
        assert (organizations.calls, dynamodb.of("TransactWriteItems")) == ([], [])
        assert dynamodb.of("UpdateItem")[-1]["UpdateExpression"] == "REMOVE holder, expires"

    @pytest.mark.parametrize(
        ("before", "after"),
        [((), [("Delete", "DESIRED", ""), ("Put", "WRITTEN", "")]), ((CARD_ARN,), [])],
    )
    def test_that_aws_refuses_leave_the_record_as_it_was_and_the_note_unknown(
        self, environment: Environment, before: tuple[str, ...], after: list[tuple[str, str, str]]
    ) -> None:
        refused = refusal("AccessDeniedException")
        organizations = Scripted("organizations", UpdatePolicy=refused, TagResource=refused)
        dynamodb = self.record(*before)
        change = AllowWrites(card_arn=CARD_ARN, fence=MIXED, policy="p-12345678")
        with pytest.raises(RefusedError):
            apply_fence(self.writer(environment, organizations, dynamodb), request(change))
        assert self.recorded(dynamodb) == [("Put", "DESIRED", ""), ("Put", "WRITTEN", ""), *after]

    def test_are_no_shares(self, environment: Environment) -> None:
        writer = self.writer(environment, Scripted("organizations"), Scripted("dynamodb"))
        with pytest.raises(PlannedByAnotherReleaseError, match="OpenShare is none of"):
            apply_fence(writer, request(OPEN))


class TestABoundary:
    """A role has got another boundary since the plan was made."""

    @pytest.fixture
    def writer(self, environment: Environment, monkeypatch: pytest.MonkeyPatch) -> FenceWriter:
        other = {"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/PowerUserAccess"}
        role = {
            "Path": "/",
            "RoleName": "Reader",
            "RoleId": "AROAEXAMPLEEXAMPLE",
            "Arn": f"arn:aws:iam::{PROD}:role/Reader",
            "CreateDate": NOON,
            "PermissionsBoundary": other,
        }
        iam = Scripted(
            "iam",
            ListPolicyVersions={"Versions": []},
            CreatePolicyVersion={"PolicyVersion": {}},
            GetRole={"Role": role},
        )
        monkeypatch.setattr(Members, "through", lambda *_: ScriptedMembers(iam))
        return FenceWriter(
            environment=environment,
            organizations=Scripted("organizations").client,
            dynamodb=Scripted("dynamodb", TransactWriteItems={}, UpdateItem={}, Query={"Items": []}).client,
        )

    def test_that_is_to_be_raised_has_a_gap(self, writer: FenceWriter) -> None:
        with pytest.raises(RefusedError, match="PowerUserAccess"):
            apply_fence(writer, request(DenyWrites(card_arn=CARD_ARN, fence=BOUNDARY)))

    def test_that_is_to_be_lowered_is_lowered(self, writer: FenceWriter) -> None:
        fence = replace(BOUNDARY, covers=Cover.OTHERS)
        assert apply_fence(writer, request(AllowWrites(card_arn=CARD_ARN, fence=fence))) == {"account": PROD}


PLAN = a_plan(some_rules(), entitled_to(writes("dev")), seen=shares(foreign="ASSOCIATED"))


def verified(*found: tuple[str, str], record: Record = PLAN.record, opened: str | None = FIRST) -> Any:
    ram = Scripted("ram", GetResourceShareAssociations=held(*found))
    results = [{"account": PROD}, {"stage": "prod", "share_arn": None}, {"stage": "dev", "share_arn": opened}]
    return verify(ram.client, {"record": to_json(record), "results": results})["grants"]


class TestLookingAgain:
    foreign = (share_arn("foreign"), "ASSOCIATED")

    def test_finds_what_was_planned_and_says_which_share_gives_it(self) -> None:
        (grant,) = verified((FIRST, "ASSOCIATED"), self.foreign)
        assert grant == {**to_json(PLAN.record.grants[0]), "share_arn": FIRST}

    def test_keeps_the_share_of_a_grant_that_was_open_before(self) -> None:
        record = replace(PLAN.record, grants=(a_grant("dev", DEV, write=True),))
        (grant,) = verified((FIRST, "ASSOCIATED"), record=record, opened=None)
        assert grant["share_arn"] == FIRST

    def test_leaves_what_stands_on_a_key_to_whoever_wrote_it(self) -> None:
        on_key = replace(PLAN.record.grants[0], permission="decrypt", target="key-grants/1/r/key", digest="d")
        record = replace(PLAN.record, grants=(*PLAN.record.grants, on_key))
        assert verified((FIRST, "ASSOCIATED"), record=record)[1] == to_json(on_key)

    def test_waits_for_ram(self) -> None:
        with pytest.raises(NotSettledError):
            verified((FIRST, "ASSOCIATING"))

    @pytest.mark.parametrize(
        "found",
        [
            [],
            [(FIRST, "DISASSOCIATING")],
            [(FIRST, "ASSOCIATED"), (share_arn("prod-0"), "ASSOCIATED")],
            [(share_arn("dev-1"), "ASSOCIATED")],
        ],
    )
    def test_finds_what_wasnt_planned(self, found: list[tuple[str, str]]) -> None:
        with pytest.raises(DriftRemainsError, match=CARD_ARN):
            verified(*found)


class TestTelling:
    def sent(self, request: dict[str, Any]) -> dict[str, Any]:
        sns = Scripted("sns", Publish={"MessageId": "message-1"})
        assert notify(sns.client, "arn:topic", request) == {"message_id": "message-1"}
        (published,) = sns.of("Publish")
        return published

    def test_what_was_planned(self) -> None:
        said = handed_on("SETTLED churn: Draft", "All of it.")
        sent = self.sent({"outcome": "changes", "execution": "run", "message": said})
        assert (sent["TopicArn"], sent["Subject"], mailed(sent)) == ("arn:topic", said["subject"], "All of it.")
        assert sent["MessageAttributes"]["outcome"] == {"DataType": "String", "StringValue": "changes"}

    @pytest.mark.parametrize(("subject", "name"), [(CARD_ARN, "churn"), (None, "input")])
    def test_what_failed(self, subject: str | None, name: str) -> None:
        sent = self.sent({"subject": subject, "execution": "run", "error": "RefusedError", "cause": "no"})
        assert sent["Subject"] == f"FAILED RefusedError: {name}"
        assert sent["MessageAttributes"]["outcome"]["StringValue"] == "failed"

    def test_cant_be_refused_in_silence(self) -> None:
        with pytest.raises(RefusedError, match="notify the approvers"):
            notify(
                Scripted("sns", Publish=refusal("AuthorizationError")).client,
                "arn:topic",
                {"message": handed_on("s", "t"), "execution": "run"},
            )
