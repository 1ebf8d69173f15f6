"""Every statement of every role of the stack is needed: without it a part of the story fails, where it can be seen."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from demo.card import faults
from demo.people import APPROVER, OWNER
from demo.story import Step
from sandbox.kernel.delays import Delays
from sandbox.services import cloudformation
from sandbox.stagegate.organization import ROOT
from tests.integration.hubs import test_hub_permissions
from tests.support.fixtures import CardEnvironment, asking_an_approver_alone, card_environment, problems, without

UNNOTICED = {
    "EncryptLog": "Step Functions' log delivery is not embedded",
    "Log": "Lambda itself writes a function's output in the sandbox",
    "LogAndTrace": "Step Functions' log delivery and X-Ray are not embedded",
    "Trace": "there is no X-Ray in the sandbox",
}
"""Statements without which the story goes on, and why. The last test plays it without all of them."""

ELSEWHERE = {
    ("stagegate-apply-hub", "ImportPackages"): "for packages in hubs: test_own_models.py",
    ("stagegate-apply-hub", "KeepDesiredGrants"): "for packages in hubs: test_own_models.py",
    ("stagegate-import-model", "EnterMembers"): "for imports: test_importing.py",
    ("stagegate-import-model", "LookAgain"): "for imports: test_importing.py",
    ("stagegate-import-model", "ReadChain"): "for imports: test_importing.py",
    ("stagegate-import-model", "RecordEnds"): "for imports: test_importing.py",
    ("stagegate-import-model", "ReadDesiredGrants"): "for imports: test_importing.py",
    ("stagegate-import-model", "StartImports"): "for imports: test_importing.py",
    ("stagegate-import-model", "WriteRecord"): "for imports: test_importing.py",
    ("stagegate-import-model-machine", "Functions"): "for imports: test_importing.py",
    ("stagegate-import-role", "EnterMembers"): "for imports: test_importing.py",
    ("stagegate-import-role", "WriteDesiredGrants"): "for imports: test_importing.py",
    ("stagegate-apply-boundary", "AskForClaim"): "for guardrails: test_guardrails.py",
    ("stagegate-apply-fence", "AskForClaim"): "where a fence or a guardrail is taken away: test_guardrails.py",
    ("stagegate-apply-share", "EnterMembers"): "outside an organization only: test_bad_input.py",
    ("stagegate-apply-share", "LimitShares"): "for shares changed by hand: test_shares_by_record.py",
    ("stagegate-apply-share", "ReadWhatSharesGive"): "for shares changed by hand: test_shares_by_record.py",
    ("stagegate-plan", "ReadWhatSharesGive"): "where a share was there before: test_shares_by_record.py",
    ("stagegate-record-approval", "KeepFailures"): "when recording fails three times: below",
    ("stagegate-apply-boundary", "EnterMembers"): "for guardrails: test_guardrails.py",
    ("stagegate-apply-boundary", "MarkAccounts"): "for guardrails",
    ("stagegate-govern", "LookAtRuns"): "when a run is over or was stopped: test_half_way.py, test_stopped.py",
    ("stagegate-import-model-machine", "EncryptHistory"): "for imports: test_importing.py",
    ("stagegate-run-sweep", "EncryptHistory"): "for sweeps: test_sweep_permissions.py",
    ("stagegate-govern", "StartAfresh"): "when a run fails and another event waits: below",
    ("stagegate-apply-policy", "EnterMembers"): "for model packages: test_package_permissions.py",
    ("stagegate-apply-policy", "WriteGroupPolicies"): "for model packages",
    ("stagegate-apply-policy", "WriteDesiredGrants"): "for model packages",
    ("stagegate-plan", "FindRoles"): "for readers of what is registered: test_registering.py",
    ("stagegate-govern", "StartPackages"): "for cards of packages: test_linked_cards.py",
    ("stagegate-plan", "KeepUnits"): "for organizational units: test_units.py",
    ("stagegate-plan", "ReadUnits"): "for organizational units: test_units.py",
    ("stagegate-record-approval", "KnowUnits"): "for organizational units: test_units_of_packages.py",
    ("stagegate-plan", "ReadAccounts"): "for approvers of member accounts: test_approvers_membership.py",
    ("stagegate-plan", "ReadGroups"): "for model packages",
    ("stagegate-plan", "ReadPackages"): "for model packages",
    ("stagegate-record-approval", "EnterMembers"): "for model packages: test_package_bytes.py",
    ("stagegate-record-approval", "FindRoles"): "for packages, with approval_source: test_state_changes.py",
    ("stagegate-record-approval", "ReadPackages"): "for model packages",
    **dict.fromkeys(test_hub_permissions.STATEMENTS, "for private hubs: test_hub_permissions.py"),
    (
        "stagegate-apply-hub",
        "ReadPublicModels",
    ): "no document says which of SageMaker's calls reads the bucket: live.md",
    ("stagegate-record", "KeepLinks"): "for cards of packages: test_linked_cards.py",
    ("stagegate-record", "PutMembersOwnEvents"): "what members hear fails no run: test_own_events.py",
    ("stagegate-evidence", "KeepEnds"): "for what is kept as evidence: test_evidence.py",
    ("stagegate-evidence", "ListSubjects"): "for what is kept as evidence: test_evidence.py",
    ("stagegate-evidence", "ReadEnds"): "for what is kept as evidence: test_evidence.py",
    ("stagegate-record", "ReadChain"): "where others have recorded something since the plan: test_evidence.py",
    ("stagegate-report", "ReadLedger"): "for reports: test_report.py",
    ("stagegate-report", "WriteReports"): "for reports: test_report.py",
    ("stagegate-run-sweep", "Functions"): "for sweeps: test_sweep_permissions.py",
    ("stagegate-run-sweep", "GoOn"): "for sweeps",
    ("stagegate-run-sweep", "StartGovern"): "for sweeps",
    ("stagegate-start-sweep", "Start"): "for sweeps",
    ("stagegate-sweep", "FollowCards"): "for cards of packages: test_linked_cards.py",
    ("stagegate-sweep", "ListHubs"): "for sweeps: test_sweep_permissions.py",
    ("stagegate-sweep", "TellOurHubs"): "for hubs that no rule names: test_lost_hub.py",
    ("stagegate-sweep", "KeepAccounts"): "for sweeps",
    ("stagegate-sweep", "KeepBooks"): "for sweeps",
    ("stagegate-sweep", "ListCards"): "for sweeps",
    ("stagegate-sweep", "ListGroups"): "for sweeps",
    ("stagegate-sweep", "ListPackages"): "for sweeps",
    ("stagegate-sweep", "ListSubjects"): "for sweeps",
    ("stagegate-sweep", "ReadClaims"): "for sweeps",
    ("stagegate-sweep", "Withdraw"): "for withdrawals: tests/integration/lifecycle",
}


APART = [("stagegate-apply-share", "MakeShares"), ("stagegate-apply-share", "OpenShares")]
"""In policies of their own. What else is in such a policy is about artifacts (test_package_permissions.py), or about
accounts that have left the organization (test_lost_accounts.py).
"""


def _statements() -> Iterator[tuple[str, str]]:
    for resource in cloudformation.read(ROOT / "template.yaml")["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            role = resource["Properties"]["RoleName"]["Fn::Sub"].replace("${Prefix}", "stagegate")
            for policy in resource["Properties"]["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield role, statement["Sid"]


STATEMENTS = sorted(set(_statements()))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardEnvironment]:
    """Four stages, with a gate that asks for an approver and for nothing else."""
    settings = asking_an_approver_alone(tmp_path_factory.mktemp("settings"))
    delays = Delays(cloudtrail=0.1, ram_association=0.05, card_deletion=0.0, delivery_retry=0.01, lambda_retry=0.02)
    delays.wait_factor = 0.05
    with card_environment(settings, delays) as opened:
        yield opened


@pytest.fixture
def anew(environment: CardEnvironment) -> Iterator[CardEnvironment]:
    """Nothing is left of what an earlier test has opened, fenced or recorded."""
    yield environment
    environment.organization.settle()
    _clear(environment, keep_policies=False)


@pytest.mark.parametrize(
    ("role", "sid"), [*(each for each in STATEMENTS if each[1] not in UNNOTICED and each not in ELSEWHERE), *APART]
)
def test_a_missing_statement_is_noticed(anew: CardEnvironment, role: str, sid: str) -> None:
    if sid == "FindFences":  # for a fence that a run has made and not lived to attach
        assert _first_problem(anew, steps=3) is None
        _clear(anew, keep_policies=True)
    with without(anew, (role, sid)):
        assert _first_problem(anew) is not None


def test_every_statement_is_accounted_for() -> None:
    assert set(ELSEWHERE) <= set(STATEMENTS)
    assert set(UNNOTICED) <= {sid for _, sid in STATEMENTS}


def test_what_goes_unnoticed_is_not_needed_here(anew: CardEnvironment) -> None:
    with without(anew, *(each for each in STATEMENTS if each[1] in UNNOTICED)):
        assert _first_problem(anew) is None


def test_a_record_that_fails_three_times_is_kept(anew: CardEnvironment) -> None:
    anew.organization.faults.crash("stagegate-record-approval", "before", times=3)
    anew.does(anew.actions.creates("Draft"))
    assert _waiting(anew, "stagegate-failed-records") == 1
    assert anew.alarm("-failed-records-waiting") == "ALARM"


def test_a_record_that_may_not_be_kept_is_lost_and_raises_an_alarm(anew: CardEnvironment) -> None:
    anew.organization.faults.crash("stagegate-record-approval", "before", times=3)
    with without(anew, ("stagegate-record-approval", "KeepFailures")):
        anew.does(anew.actions.creates("Draft"))
    assert _waiting(anew, "stagegate-failed-records") == 0
    assert anew.alarm("-records-lost") == "ALARM"


@pytest.mark.parametrize(("removed", "runs"), [((), 3), ((("stagegate-govern", "StartAfresh"),), 2)])
def test_a_failing_run_hands_over_what_came_in_meanwhile(
    anew: CardEnvironment, removed: tuple[tuple[str, str], ...], runs: int
) -> None:
    assert problems(anew.does(anew.actions.creates("Draft"))) == []
    two_events = faults.duplicates(anew.actions)

    def while_the_plan_crashes() -> None:
        before = _failed(anew)
        anew.organization.faults.crash("stagegate-plan", "before", times=100)
        two_events.act()
        assert anew.organization.clock.until(lambda: _failed(anew) > before, 600)  # its retries are used up
        anew.organization.faults.clear()

    with without(anew, *removed):
        result = anew.does(Step("two events", while_the_plan_crashes, two_events.expected))
    assert len(result.costs) == runs
    assert [cost.execution.status for cost in result.costs].count("FAILED") == 1
    assert anew.holder() is None


def _failed(environment: CardEnvironment) -> int:
    return sum(run.status == "FAILED" for run in environment.organization.executions())


def _first_problem(environment: CardEnvironment, steps: int = 4) -> str | None:
    """Play the story's way up and back, or its beginning; what first goes wrong, or None."""
    environment.begins_anew()
    actions = environment.actions
    way: tuple[Callable[[], Step], ...] = (
        lambda: actions.creates("Draft"),
        lambda: actions.sets(OWNER, "PendingReview"),
        lambda: actions.sets(APPROVER, "Approved"),
        lambda: actions.sets(OWNER, "Draft"),
    )
    for make in way[:steps]:
        if found := problems(environment.does(make())):
            return found[0]
    if _waiting(environment, "stagegate-undelivered-events"):
        return "an event could not be delivered"
    return None


def _clear(environment: CardEnvironment, *, keep_policies: bool) -> None:
    """Take away the card, the shares, the fences and the record."""
    for summary in environment.admin("sagemaker").list_model_cards()["ModelCardSummaries"]:
        environment.admin("sagemaker").delete_model_card(ModelCardName=summary["ModelCardName"])
    environment.organization.settle()
    ram = environment.admin("ram")
    for share in ram.get_resource_shares(resourceOwner="SELF", resourceShareStatus="ACTIVE")["resourceShares"]:
        ram.delete_resource_share(resourceShareArn=share["resourceShareArn"])
    organizations = environment.admin("organizations", "management")
    for policy in organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]:
        if policy["Name"].startswith("stagegate-"):
            for target in organizations.list_targets_for_policy(PolicyId=policy["Id"])["Targets"]:
                organizations.detach_policy(PolicyId=policy["Id"], TargetId=target["TargetId"])
            if not keep_policies:
                organizations.delete_policy(PolicyId=policy["Id"])
    _clear_boundary(environment)
    for queue in ("stagegate-undelivered-events", "stagegate-failed-records"):
        _empty(environment.admin("sqs"), queue)
    table = environment.organization.outputs["LedgerTable"]
    dynamodb = environment.admin("dynamodb")
    for item in dynamodb.scan(TableName=table)["Items"]:
        dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
    environment.organization.settle()
    environment.begins_anew()


def _clear_boundary(environment: CardEnvironment) -> None:
    iam = environment.admin("iam", "review")
    if "PermissionsBoundary" in iam.get_role(RoleName="Reviewer")["Role"]:
        iam.delete_role_permissions_boundary(RoleName="Reviewer")


def _empty(sqs: Any, queue: str) -> None:
    """PurgeQueue may be called once a minute only."""
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _waiting(environment: CardEnvironment, queue: str) -> int:
    sqs = environment.admin("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"])
