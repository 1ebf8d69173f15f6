"""An approved package becomes a model in Bedrock, in another account; a rejected one goes with all that it needed."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sandbox.authorization.evaluator.documents import Document
from sandbox.authorization.evaluator.evaluate import Decision, Policies, Request, evaluate
from sandbox.kernel.delays import Delays, delays
from sandbox.services import cloudformation
from sandbox.services.bedrock.faults import faults
from sandbox.services.bedrock.quotas import quotas
from sandbox.stagegate.organization import ROOT
from stagegate.ledger.queues import LIVE
from tests.support.importing import BUCKET, FILES, GROUP, HOSTING, Hosted, hosted
from tests.support.scenes import without

OPEN, CLOSED = (True,) * 4, (False,) * 4
MOST_STATES = 30
"""Of an import whose job is looked at twice."""

Judged = dict[str, list[tuple[Request, Policies]]]
"""Every access that was allowed, by the name of the role that had it."""


@pytest.fixture(scope="module")
def judged() -> Iterator[Judged]:
    found: Judged = {}

    def remember(request: Request, policies: Policies) -> Decision:
        decision = evaluate(request, policies)
        if decision.allowed:
            role = (request.principal.role_arn or request.principal.arn).rpartition("/")[2]
            found.setdefault(role, []).append((request, policies))
        return decision

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["sandbox.authorization.authorize"], "evaluate", remember)
        yield found


@pytest.fixture(scope="module")
def everywhere(judged: Judged, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    timing = Delays(cloudtrail=0.2, model_import=0.2, wait_factor=0.01)
    with hosted(tmp_path_factory.mktemp("settings"), timing) as found:
        yield found


@pytest.fixture
def place(everywhere: Hosted) -> Iterator[Hosted]:
    """Nothing is imported before a test, and nothing after it."""
    assert everywhere.is_open() == CLOSED
    yield everywhere
    faults.clear()
    quotas.reset()
    for version in everywhere.approved():
        everywhere.sets("approver", "Rejected", version)
    assert everywhere.is_open() == CLOSED


def test_an_approved_package_is_imported_and_a_rejected_one_goes(place: Hosted) -> None:
    place.sets("governance", "Approved")
    assert place.is_open() == CLOSED, "its owner is no approver"
    place.sets("approver", "PendingManualApproval")
    place.sets("approver", "Approved")
    runs = [(run.status, run.error, run.cause) for run in place.organization.executions()]
    assert [run for run in runs if run[0] != "SUCCEEDED"] == []
    assert place.is_open() == OPEN
    assert place.models() == ["mistral-1"]
    (model,) = place.admin("bedrock").list_imported_models()["modelSummaries"]
    tags = place.admin("bedrock").list_tags_for_resource(resourceARN=model["modelArn"])["tags"]
    assert {tag["key"]: tag["value"] for tag in tags}["stagegate:package"] == place.packages[1]
    assert any("ModelConsumer has invoked it" in said for said in place.heard())
    assert any("ImportUnproven: Bucket model-artifacts-weights keeps no versions" in said for said in place.heard())
    states = [
        sum(event["type"].endswith("StateEntered") for event in place.organization.history(run.execution_arn))
        for run in place.imports()
    ]
    assert max(states) <= MOST_STATES, states
    assert json.loads(place.by_hand().output or "{}")["outcome"] == "unchanged"
    place.admin("bedrock").delete_imported_model(modelIdentifier="mistral-1")
    place.admin("iam").delete_role_policy(RoleName=place.roles()[0], PolicyName="import")
    assert json.loads(place.by_hand().output or "{}")["outcome"] == "changes"
    assert place.models() == ["mistral-1"], "what somebody took away is found by hand and made again"


def test_what_bedrock_refuses_is_explained_and_closes_until_a_person_tries_again(place: Hosted) -> None:
    faults.fail("Amazon Bedrock does not have access to the S3 location s3://x. Update the permissions and try again.")
    place.sets("approver", "Approved")
    assert place.is_open() == CLOSED
    (said,) = [said for said in place.heard() if said.startswith("FAILED import")]
    assert "ImportBucketClosed" in said
    assert "look in account 222233334444" in said
    tried = len(place.imports())
    assert json.loads(place.sweeps(mode="plan").output or "{}")["totals"]["drifting"] == 0
    assert place.sweeps().status == "SUCCEEDED"
    assert (len(place.imports()), place.is_open()) == (tried, CLOSED), "no sweep tries it again"
    assert place.by_hand(mode="plan").output is not None
    assert place.by_hand().status == "SUCCEEDED"
    assert place.is_open() == OPEN


def test_a_service_control_policy_in_the_way_is_named_before_a_job_is_spent(place: Hosted) -> None:
    organizations = place.admin("organizations", "management")
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    made = organizations.create_policy(
        Content=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
        Description="no reading",
        Name="no-reading",
        Type="SERVICE_CONTROL_POLICY",
    )
    policy = made["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=HOSTING)
    jobs = len(place.admin("bedrock").list_model_import_jobs()["modelImportJobSummaries"])
    try:
        place.sets("approver", "Approved")
    finally:
        organizations.detach_policy(PolicyId=policy, TargetId=HOSTING)
        organizations.delete_policy(PolicyId=policy)
    assert place.is_open() == CLOSED
    assert f"a service control policy on account {HOSTING}" in place.heard()[-1]
    assert len(place.admin("bedrock").list_model_import_jobs()["modelImportJobSummaries"]) == jobs


def test_a_consumer_that_cant_be_taken_keeps_no_model_off_the_record(place: Hosted) -> None:
    iam = place.admin("iam")
    trust = iam.get_role(RoleName="ModelConsumer")["Role"]["AssumeRolePolicyDocument"]
    another = (
        json.dumps(trust).replace('"AWS"', '"Service"').replace(f"arn:aws:iam::{HOSTING}:root", "lambda.amazonaws.com")
    )
    iam.update_assume_role_policy(RoleName="ModelConsumer", PolicyDocument=another)
    try:
        place.sets("approver", "Approved")
    finally:
        iam.update_assume_role_policy(RoleName="ModelConsumer", PolicyDocument=json.dumps(trust))
    assert (place.imports()[-1].status, place.is_open(), place.recorded()) == ("SUCCEEDED", OPEN, [1])
    assert "mistral-1 is in Amazon Bedrock" in place.heard()[-1]
    assert "ImportConsumerClosed: arn:aws:iam::777788889999:role/ModelConsumer can't be taken by" in place.heard()[-1]
    assert "has invoked it" not in place.heard()[-1]


def test_weights_that_cant_be_imported_open_nothing(place: Hosted) -> None:
    place.puts(1, {"config.json": b'{"architectures": ["BertModel"]}'})
    try:
        place.sets("approver", "Approved")
        assert place.is_open() == CLOSED
        assert "ImportArchitecture: config.json names the architecture BertModel" in place.heard()[-1]
    finally:
        place.puts(1, FILES)


def test_two_versions_wait_their_turn_and_the_quota_names_what_could_go(place: Hosted) -> None:
    place.registers(2)
    place.registers(3)
    quotas.imported_models = 1
    delays.model_import = 1.0
    try:
        place.sets("approver", "Approved", 2)
        assert place.models() == ["mistral-2"]
        place.sets("approver", "Approved", 3)
        assert place.models() == ["mistral-2"]
        assert any("ImportQuota" in said and "mistral-2 (" in said for said in place.heard())
        quotas.imported_models = 3
        sagemaker = place.organization.client("sagemaker", "approver")
        sagemaker.update_model_package(ModelPackageArn=place.packages[1], ModelApprovalStatus="Approved")
        place.sets("approver", "PendingManualApproval", 3)
        place.sets("approver", "Approved", 3)
        assert place.models() == ["mistral-2", "mistral-1", "mistral-3"]
    finally:
        delays.model_import = 0.2


def test_a_rejection_while_the_job_runs_leaves_no_model(place: Hosted) -> None:
    delays.model_import = 2.0
    try:
        place.begins()
        place.sets("approver", "Rejected")
        assert place.organization.settle()
    finally:
        delays.model_import = 0.2
    assert place.is_open() == CLOSED
    assert place.organization.executions()[-1].status == "SUCCEEDED"


@pytest.fixture
def versioned(place: Hosted) -> Iterator[Any]:
    """S3 as the weights' owner, whose bucket keeps versions."""
    s3 = place.admin("s3", "dev")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    place.puts(1, FILES)
    yield s3
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})


def test_no_model_is_made_or_kept_of_other_bytes_than_were_approved(place: Hosted, versioned: Any) -> None:
    delays.model_import = 2.0
    try:
        place.begins()
        sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": place.key}
        config = {"Bucket": BUCKET, "Key": f"{GROUP}/1/config.json"}
        evil = versioned.put_object(**config, **sealed, Body=b'{"architectures": ["LlamaForCausalLM"]}')
        assert place.organization.settle()
        assert (place.is_open(), place.recorded()) == (CLOSED, [])
        said = f"BytesChanged: Since the approval, s3://{BUCKET}/{GROUP}/1/config.json has been written anew"
        assert said in next(each for each in reversed(place.heard()) if each.startswith("FAILED import"))
        versioned.delete_object(**config, VersionId=evil["VersionId"])
        place.starts_by_hand()
        place.until(place.jobs)
        more = {"Bucket": BUCKET, "Key": f"{GROUP}/1/more.safetensors"}
        versioned.put_object(**more, **sealed, Body=b"weights")
        versioned.delete_object(**more)
        assert place.organization.settle()
        assert (place.is_open(), place.recorded()) == (CLOSED, [])
        assert any(f"{GROUP}/1/more.safetensors was written or deleted" in said for said in place.heard())
    finally:
        delays.model_import = 0.2
    assert place.by_hand().status == "SUCCEEDED"
    assert (place.models(), place.recorded()) == (["mistral-1"], [1])
    assert "ImportUnproven" not in place.heard()[-1]


def test_what_a_run_that_has_died_leaves_is_put_on_record(place: Hosted) -> None:
    """A person stops it while its job runs; the next waits until nobody believes it any more, and then sees the end."""
    faults.refuse("ModelErrorException")
    delays.model_import = 60.0
    try:
        place.begins()
        place.stops(place.imports()[-1])
        known = len(place.imports())
        place.starts_by_hand()
        place.until(lambda: len(place.imports()) > known and place.runs_over())
        place.organization.clock.advance(LIVE.total_seconds() + 1)
        assert place.organization.settle(60)
    finally:
        delays.model_import = 0.2
    assert (place.imports()[-1].status, place.models(), place.recorded()) == ("SUCCEEDED", ["mistral-1"], [1])
    assert "mistral-1 is in Amazon Bedrock" in place.heard()[-1]
    assert "ImportNotInvoked: mistral-1 is there" in place.heard()[-1], "and a model that fails is recorded as well"
    assert "has invoked it" not in place.heard()[-1]


def test_a_model_that_no_run_has_seen_the_end_of_is_found_by_the_sweep(place: Hosted) -> None:
    delays.model_import = 60.0
    try:
        place.begins()
        place.stops(place.imports()[-1])
        place.organization.clock.advance(LIVE.total_seconds() + 1)
        assert place.organization.settle(60)
    finally:
        delays.model_import = 0.2
    assert (place.models(), place.recorded()) == (["mistral-1"], [])
    shown = json.loads(place.by_hand(mode="plan").output or "{}")
    assert "it is there, and no run has put it on record" in " ".join(shown["would_change"]) + shown["message"]
    jobs = place.admin("bedrock").list_model_import_jobs()["modelImportJobSummaries"]
    assert place.sweeps().status == "SUCCEEDED"
    assert (place.models(), place.recorded()) == (["mistral-1"], [1])
    assert place.admin("bedrock").list_model_import_jobs()["modelImportJobSummaries"] == jobs


def test_an_account_that_cant_be_entered_is_one_finding_and_nothing_is_opened(place: Hosted) -> None:
    with without(place, ("stagegate-member-observe", "ReadImportRoles"), account="hosting"):
        place.sets("approver", "Approved")
    assert place.is_open() == CLOSED
    assert "ImportHostClosed: Account 777788889999 can't be imported into" in place.heard()[-1]


def test_a_newer_version_replaces_older_ones_under_a_key_of_the_host(place: Hosted) -> None:
    key = place.admin("kms").create_key()["KeyMetadata"]["Arn"]
    before = place.settings
    rules = f'[[imports]]\ngroups = ["mistral*"]\nstage = "hosting"\nwhen_replaced = "delete"\nkey = "{key}"\n'
    place.follows(f'{rules}consumer = "ModelConsumer"\n')
    place.registers(4)
    place.admin("iam").delete_role_policy(RoleName="ModelConsumer", PolicyName="invoke")
    place.sets("approver", "Approved", 1)
    assert place.models() == ["mistral-1"]
    assert place.admin("bedrock").get_imported_model(modelIdentifier="mistral-1")["modelKmsKeyArn"] == key
    assert any("ImportConsumerDenied" in said for said in place.heard())
    place.sets("approver", "Approved", 4)
    assert place.models() == ["mistral-4"]
    assert place.roles() == [role for role in place.roles() if place.statements()], "the other's role went with it"
    assert len(place.roles()) == len(place.grants()) == 1
    place.sets("approver", "Rejected", 4)
    assert place.by_hand(1).status == "SUCCEEDED"
    assert place.models() == ["mistral-1"], "it is approved still, and replaced by nothing any more"
    place.sets("approver", "Rejected", 1)
    place.organization.update_settings(before)


@pytest.mark.parametrize("of_host", [False, True], ids=["no key", "the host's key"])
def test_weights_that_no_key_of_ours_encrypts_need_no_grant(place: Hosted, *, of_host: bool) -> None:
    key = place.admin("kms").create_key()["KeyMetadata"]["Arn"] if of_host else None
    before = place.settings
    rules = '[[imports]]\ngroups = ["mistral*"]\nstage = "hosting"\n'
    place.follows(f'{rules}key = "{key}"\n' if key else rules, key="")
    version = 6 if of_host else 5
    place.registers(version, key="")
    place.sets("approver", "Approved", version)
    assert place.models() == [f"mistral-{version}"]
    assert place.admin("bedrock").get_imported_model(modelIdentifier=f"mistral-{version}").get("modelKmsKeyArn") == key
    assert (len(place.roles()), len(place.grants()), bool(place.statements())) == (1, 0, True)
    place.sets("approver", "Rejected", version)
    assert place.is_open() == CLOSED
    place.organization.update_settings(before)


def _statements() -> Iterator[tuple[str, str]]:
    """The statements of the roles that only imports have, in both accounts, and of imports in the others' roles."""
    for template in ("template.yaml", "member-template.yaml"):
        resources = cloudformation.read(ROOT / template)["Resources"]
        names = {
            name: resource["Properties"]["RoleName"]["Fn::Sub"].replace("${Prefix}", "stagegate")
            for name, resource in resources.items()
            if resource["Type"] == "AWS::IAM::Role"
        }
        for name, resource in resources.items():
            if resource["Type"] == "AWS::IAM::Role":
                policies = [policy["PolicyDocument"] for policy in resource["Properties"].get("Policies", ())]
                roles = [names[name]]
            elif resource["Type"] == "AWS::IAM::Policy":
                policies = [resource["Properties"]["PolicyDocument"]]
                roles = [names[role["Ref"]] for role in resource["Properties"]["Roles"]]
            else:
                continue
            for policy in policies:
                for statement in policy["Statement"]:
                    for role in roles:
                        if "import" in role or statement["Sid"] in OF_IMPORTS:
                            yield role, statement["Sid"]


OF_IMPORTS = {
    "DecryptConfigurations",
    "ListImportedModels",
    "ReadConfigurations",
    "ReadImportRoles",
    "ReadImportedModels",
}
UNNOTICED = {
    "Log": "Lambda itself writes a function's output in the sandbox",
    "LogAndTrace": "Step Functions' log delivery and X-Ray are not embedded",
    "Trace": "there is no X-Ray in the sandbox",
}
OWN = {
    ("stagegate-plan", "DecryptConfigurations"),
    ("stagegate-plan", "ReadConfigurations"),
    ("stagegate-import-model", "ReadBuckets"),
    ("stagegate-import-model", "ReadKeys"),
}
"""For weights of the governance account's own buckets: the same as the member role's, which stand in a member."""
STATEMENTS = sorted(set(_statements()))


@pytest.mark.parametrize(("role", "sid"), [s for s in STATEMENTS if s[1] not in UNNOTICED and s not in OWN])
def test_every_statement_allows_something_that_nothing_else_does(judged: Judged, role: str, sid: str) -> None:
    """All that was allowed in the stories above is judged again, by the evaluator alone, without the statement."""
    assert any(not evaluate(request, _without(policies, sid)).allowed for request, policies in judged.get(role, []))


def test_every_statement_is_accounted_for() -> None:
    assert set(STATEMENTS) >= OWN
    assert {sid for _, sid in STATEMENTS} >= OF_IMPORTS | {"Log", "Trace", "LogAndTrace"}


def _without(policies: Policies, sid: str) -> Policies:
    def less(document: Document) -> Document:
        left = tuple(each for each in document.statements if sid not in each.label)
        return replace(document, statements=left)

    return replace(policies, identity=tuple(map(less, policies.identity)))
