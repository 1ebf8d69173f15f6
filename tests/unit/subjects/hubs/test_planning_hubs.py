"""Planning a hub reads each document once, for as long as there is time, and says what there is to do in JSON."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from moto import mock_aws

from stagegate.aws.environment import Environment
from stagegate.core.errors import ClaimLostError, NotSettledError, PlannedByAnotherReleaseError, ThrottledError
from stagegate.ledger import catalogue as ledger
from stagegate.ledger import items
from stagegate.rules.hubs import Allow, HubRules, HubShare, HubState
from stagegate.runs.plan import plan_subject
from stagegate.runs.verify import verify
from stagegate.subjects.context import Planner
from stagegate.subjects.hubs import catalogue
from stagegate.surfaces.hub_contents import apply as apply_hubs
from stagegate.surfaces.hub_contents import observe as hubs
from tests.support.builders import NOON
from tests.support.hubs import HUB_ARN, hub_rules, rules_with
from tests.support.members import ScriptedMembers
from tests.support.plan_request import plan_request
from tests.support.scripted import Answer, Scripted, refusal
from tests.support.table import Table, claimed_by
from tests.unit.surfaces.hub_contents.test_observing_hubs import HUB, OURS, a_page, described, listed

TRAINED = hub_rules(Allow(filter="framework == meta and training_supported == true"))
PUBLIC = ("meta-llm-a", "meta-llm-b", "ai21-llm-c")


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scripted answer belongs to the call before it."""
    monkeypatch.setattr(catalogue, "READERS", 1)
    monkeypatch.setattr(hubs, "READERS", 1)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Any:
    import boto3

    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield Table.create(boto3.client("dynamodb"))


class Account:
    """A governance account with one hub in its rules, and the public hub that it sees."""

    def __init__(self, environment: Environment, table: Table, hub: HubRules, **answers: Answer) -> None:
        self.public: list[dict[str, Any]] = [listed(name) for name in PUBLIC]
        self.references: list[dict[str, Any]] = []
        self.imported: list[dict[str, Any]] = []
        self.sagemaker = Scripted(
            "sagemaker",
            **{
                "DescribeHub": HUB,
                "ListTags": OURS,
                "ListHubContents": self._list,
                "DescribeHubContent": described(json.dumps({"TrainingSupported": True})),
                **answers,
            },
        )
        self.ram = Scripted(
            "ram",
            GetResourceShares={"resourceShares": []},
            GetResourceShareAssociations={"resourceShareAssociations": []},
            ListPermissions={"permissions": [{"name": "AWSRAMPermissionSageMakerHubReadAndUse"}]},
        )
        self.table = table
        self.planner = Planner(
            environment=replace(environment, table=table.name),
            rules=rules_with(hub),
            sagemaker=self.sagemaker.client,
            ram=self.ram.client,
            organizations=Scripted("organizations").client,
            dynamodb=table.client,
            members=ScriptedMembers().way_in(),
        )

    def holds(self, *names: str, status: str = "Available") -> None:
        target = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/"
        self.references = [
            listed(n, "ModelReference", SageMakerPublicHubContentArn=f"{target}{n}", HubContentStatus=status)
            for n in names
        ]

    def _list(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["HubName"] == "SageMakerPublicHub":
            return a_page(*self.public)
        return a_page(*{"ModelReference": self.references, "Model": self.imported}.get(request["HubContentType"], []))

    def plan(self, **more: Any) -> dict[str, Any]:
        answer = plan_subject(self.planner, plan_request(HUB_ARN) | more)
        assert json.loads(json.dumps(answer)) == answer
        return answer

    def put(self, **view: Any) -> None:
        self.table.put(items.subject_key(HUB_ARN), items.VIEW, view)


def added(answer: Mapping[str, Any]) -> list[str]:
    return [
        n
        for each in answer["changes"]
        if each["kind"] == "SetReferences"
        for f in each["change"]["add"]
        for n in f["names"]
    ]


class TestDocuments:
    def test_are_read_of_the_models_that_the_rules_ask_about(self, environment: Environment, table: Table) -> None:
        account = Account(environment, table, TRAINED)
        assert added(account.plan()) == ["meta-llm-a", "meta-llm-b"]
        read = [request["HubContentName"] for request in account.sagemaker.of("DescribeHubContent")]
        assert read == ["meta-llm-a", "meta-llm-b"]

    def test_are_read_once(self, environment: Environment, table: Table) -> None:
        account = Account(environment, table, TRAINED)
        account.plan()
        account.plan()
        assert len(account.sagemaker.of("DescribeHubContent")) == 2
        account.public[0] = listed("meta-llm-a", version="1.1.0")
        account.plan()
        assert len(account.sagemaker.of("DescribeHubContent")) == 3

    def test_that_there_is_no_time_for_are_read_in_the_next_round(
        self, environment: Environment, table: Table, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account = Account(environment, table, TRAINED)
        monkeypatch.setattr(catalogue, "SLICE", 1)
        monkeypatch.setattr(catalogue, "READ_SECONDS", 0.0)
        answer = account.plan()
        assert (answer["outcome"], answer["changes"], answer["report"]) == ("more", [], True)
        assert answer["record"]["waiting"] == ["2 models' documents are still to be read"]
        monkeypatch.setattr(catalogue, "READ_SECONDS", 30.0)
        assert added(account.plan()) == ["meta-llm-a", "meta-llm-b"]
        assert len(account.sagemaker.of("DescribeHubContent")) == 2

    def test_that_were_read_before_an_error_are_kept(self, environment: Environment, table: Table) -> None:
        def answer(request: Mapping[str, Any]) -> Mapping[str, Any]:
            if request["HubContentName"] == "meta-llm-b":
                raise refusal("ThrottlingException")
            return described(json.dumps({"TrainingSupported": True}))

        account = Account(environment, table, TRAINED, DescribeHubContent=answer)
        with pytest.raises(ThrottledError):
            account.plan()
        kept = ledger.read(table.client, table.name, "us-east-1")
        assert {name for name, entry in kept.items() if entry.document} == {"meta-llm-a"}


def drift(answer: dict[str, Any]) -> list[str]:
    """What the message says has changed by itself, or earlier in the run."""
    parts = answer["message"]["text"].split("\n\n")
    return [line for part in parts if part.startswith("What has changed by itself") for line in part.splitlines()[1:]]


class TestNewVersions:
    def test_are_what_came_since_the_last_record(self, environment: Environment, table: Table) -> None:
        account = Account(environment, table, hub_rules())
        account.holds("meta-llm-a", "meta-llm-b")
        assert drift(account.plan()) == []
        account.put(planner_state={"seen": account.plan()["record"]["planner_state"]["seen"]})
        account.public[0] = listed("meta-llm-a", version="1.1.0")
        answer = account.plan()
        assert (answer["report"], len(drift(answer))) == (True, 1)
        assert len(drift(account.plan())) == 1, "nobody was told yet"
        account.put(planner_state=account.plan()["record"]["planner_state"])
        assert drift(account.plan()) == []

    def test_of_a_hub_that_nobody_was_told_of_are_none(self, environment: Environment, table: Table) -> None:
        account = Account(environment, table, hub_rules())
        entry = ledger.Entry(name="meta-llm-a", version="1.0.0", seen=NOON + timedelta(days=9000), before="0.9.0")
        ledger.write(table.client, table.name, "us-east-1", [entry])
        assert drift(account.plan()) == []


class TestMinimums:
    RULES = hub_rules(Allow(filter="framework == meta"), Allow(ids=("meta-llm-a",), minimum="0.9.0"))

    def test_are_read_where_the_rules_state_them(self, environment: Environment, table: Table) -> None:
        account = Account(
            environment, table, self.RULES, DescribeHubContent=described("{}", ReferenceMinVersion="0.8.0")
        )
        account.holds("meta-llm-a", "meta-llm-b")
        account.put(planner_state={"floors": account.plan()["record"]["planner_state"]["floors"]})
        account.sagemaker.calls.clear()
        (change,) = account.plan()["changes"]
        assert change["change"]["change"] == [{"minimum": "0.9.0", "names": ["meta-llm-a"]}]
        assert len(account.sagemaker.of("DescribeHubContent")) == 1

    def test_are_all_read_where_the_rules_state_others_than_before(
        self, environment: Environment, table: Table
    ) -> None:
        account = Account(
            environment, table, hub_rules(), DescribeHubContent=described("{}", ReferenceMinVersion="0.8.0")
        )
        account.holds("meta-llm-a", "meta-llm-b")
        account.put(planner_state={"floors": "others"})
        (change,) = account.plan()["changes"]
        assert change["change"]["change"] == [{"minimum": None, "names": ["meta-llm-a", "meta-llm-b"]}]


def test_permissions_are_looked_up_only_where_something_opens(environment: Environment, table: Table) -> None:
    account = Account(environment, table, hub_rules(shares=[HubShare(stage="dev")]))
    assert account.plan()["changes"][-1]["kind"] == "OpenShare"
    assert len(account.ram.of("ListPermissions")) == 1
    closed = Account(environment, table, hub_rules())
    closed.plan()
    assert closed.ram.of("ListPermissions") == []


@pytest.mark.parametrize("status", ["Creating", "Updating", "Deleting"])
def test_a_hub_that_sagemaker_is_at_work_on_is_waited_for(environment: Environment, table: Table, status: str) -> None:
    account = Account(environment, table, hub_rules(), DescribeHub={**HUB, "HubStatus": status})
    with pytest.raises(NotSettledError, match=status):
        account.plan()


def test_a_hub_that_is_torn_down_needs_no_public_hub(environment: Environment, table: Table) -> None:
    account = Account(environment, table, hub_rules(state=HubState.ABSENT))
    account.holds("meta-llm-a")
    assert [change["kind"] for change in account.plan()["changes"]] == ["SetReferences", "RemoveHub"]
    listed_hubs = {request["HubName"] for request in account.sagemaker.of("ListHubContents")}
    assert listed_hubs == {"allowed-models"}
    types = [request["HubContentType"] for request in account.sagemaker.of("ListHubContents")]
    assert sorted(types) == ["DataSet", "JsonDoc", "Model", "ModelReference", "Notebook"]


class TestWithdrawing:
    """Of a hub goes what is ours, and the hub itself where it is ours alone."""

    KINDS = ("SetReferences", "RemoveHub")

    def withdrawn(self, account: Account) -> tuple[list[str], list[str]]:
        account.holds("meta-llm-a")
        answer = account.plan(withdrawn=True)
        findings = [found["code"] for found in answer["record"]["findings"]]
        return [change["kind"] for change in answer["changes"]], [f for f in findings if f != "StagegateWithdrawn"]

    def test_a_hub_of_ours_goes(self, environment: Environment, table: Table) -> None:
        assert self.withdrawn(Account(environment, table, hub_rules())) == (list(self.KINDS), [])

    @pytest.mark.parametrize("rules", [hub_rules(adopt=True), replace(hub_rules(), name="another")])
    def test_one_that_may_be_somebody_elses_stays(
        self, environment: Environment, table: Table, rules: HubRules
    ) -> None:
        assert self.withdrawn(Account(environment, table, rules)) == (["SetReferences"], ["HubKept"])

    def test_one_with_others_contents_stays_with_them(self, environment: Environment, table: Table) -> None:
        account = Account(environment, table, hub_rules())
        account.imported = [listed("their-model", "Model")]
        assert self.withdrawn(account) == (["SetReferences"], ["HubKept"])

    @pytest.mark.parametrize("adopt", [False, True])
    def test_one_without_our_tag_is_left_alone(self, environment: Environment, table: Table, *, adopt: bool) -> None:
        account = Account(environment, table, hub_rules(adopt=adopt), ListTags={"Tags": []})
        assert self.withdrawn(account) == ([], ["HubNotOurs"])


def test_a_hub_that_nobody_names_is_not_even_looked_at(environment: Environment, table: Table) -> None:
    account = Account(environment, table, replace(hub_rules(), name="another"))
    assert [found["code"] for found in account.plan()["record"]["findings"]] == ["HubNotInRules"]
    assert account.sagemaker.calls == []


def test_a_member_accounts_hub_is_refused(environment: Environment, table: Table) -> None:
    account = Account(environment, table, hub_rules())
    answer = account.plan(subject=HUB_ARN.replace("111122223333", "222233334444"))
    assert [found["code"] for found in answer["record"]["findings"]] == ["MemberOwnedHub"]


def test_what_earlier_rounds_have_done_is_told(environment: Environment, table: Table) -> None:
    account = Account(environment, table, hub_rules())
    account.holds("meta-llm-a", "meta-llm-b")
    results = [
        {"removed": 1, "changed": 0, "added": 200},
        {"stage": "dev", "share_arn": "x"},
        {"removed": 0, "changed": 3, "added": 9},
    ]
    answer = account.plan(results=results)
    assert drift(answer) == ["- earlier in this run: 209 added, 3 changed, 1 removed"]
    assert "209 added" in answer["message"]["text"]


class TestLookingAgain:
    def request(self, account: Account) -> dict[str, Any]:
        account.holds("meta-llm-a", "meta-llm-b")
        answer = account.plan()
        assert answer["verify"] is True
        return {"record": answer["record"], "results": []}

    def verify(self, account: Account, request: Mapping[str, Any]) -> None:
        verify(account.ram.client, request, lambda: account.sagemaker.client)

    def test_finds_what_was_planned(self, environment: Environment, table: Table) -> None:
        account = Account(environment, table, hub_rules())
        self.verify(account, self.request(account))

    @pytest.mark.parametrize(
        ("held", "error"), [(("meta-llm-a",), "DriftRemainsError"), (("meta-llm-a", "x"), "DriftRemainsError")]
    )
    def test_finds_what_was_not(
        self, environment: Environment, table: Table, held: tuple[str, ...], error: str
    ) -> None:
        account = Account(environment, table, hub_rules())
        request = self.request(account)
        account.holds(*held)
        with pytest.raises(Exception, match="not those that were planned") as raised:
            self.verify(account, request)
        assert type(raised.value).__name__ == error

    def test_waits_for_what_is_on_its_way_out(self, environment: Environment, table: Table) -> None:
        account = Account(environment, table, hub_rules())
        request = self.request(account)
        account.holds("meta-llm-a", "meta-llm-b", "x", status="Deleting")
        with pytest.raises(NotSettledError):
            self.verify(account, request)


def applied(environment: Environment, sagemaker: Scripted, holder: str = "run", **change: Any) -> dict[str, Any]:
    request = {"subject": HUB_ARN, "execution": "run", **change}
    return apply_hubs.apply_hub(sagemaker.client, claimed_by(holder).client, environment, request)


def test_another_surfaces_change_is_refused(environment: Environment) -> None:
    with pytest.raises(PlannedByAnotherReleaseError, match="CloseShare is none of"):
        applied(environment, Scripted("sagemaker"), kind="CloseShare", change={"stage": "dev", "share_arn": "x"})


CHANGE = {"hub_arn": HUB_ARN, "remove": ["a"], "change": [], "add": [{"minimum": None, "names": ["b", "c"]}]}


def test_a_change_answers_with_what_it_has_done(environment: Environment) -> None:
    made = {"HubArn": HUB_ARN, "HubContentArn": HUB_ARN}
    sagemaker = Scripted("sagemaker", DeleteHubContentReference={}, CreateHubContentReference=made)
    answer = applied(environment, sagemaker, kind="SetReferences", change=CHANGE)
    assert answer == {"removed": 1, "changed": 0, "added": 2}


def test_a_run_that_has_lost_its_claim_changes_no_hub(environment: Environment) -> None:
    sagemaker = Scripted("sagemaker")
    with pytest.raises(ClaimLostError):
        applied(environment, sagemaker, "another run", kind="SetReferences", change=CHANGE)
    assert sagemaker.calls == []
