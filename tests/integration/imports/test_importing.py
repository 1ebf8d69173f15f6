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
from sandbox.stagegate.deployment import Company
from sandbox.stagegate.organization import ROOT
from stagegate.ledger.queues import LIVE
from tests.integration.imports.import_environment import BUCKET, FILES, GROUP, HOSTING, Hosted, hosted
from tests.support.fixtures import without

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
    # Tags of the stack, so that roles are made with some.
    company = Company(tags={"owner": "ml-platform"})
    with hosted(tmp_path_factory.mktemp("settings"), timing, company=company) as found:
        yield found


@pytest.fixture
def environment(everywhere: Hosted) -> Iterator[Hosted]:
    """Nothing is imported before a test, and nothing after it."""
    assert everywhere.is_open() == CLOSED
    yield everywhere
    faults.clear()
    quotas.reset()
    for version in everywhere.approved():
        everywhere.sets("approver", "Rejected", version)
    assert everywhere.is_open() == CLOSED


def test_an_approved_package_is_imported_and_a_rejected_one_goes(environment: Hosted) -> None:
    environment.sets("governance", "Approved")
    assert environment.is_open() == CLOSED, "its owner is no approver"
    environment.sets("approver", "PendingManualApproval")
    environment.sets("approver", "Approved")
    runs = [(run.status, run.error, run.cause) for run in environment.organization.executions()]
    assert [run for run in runs if run[0] != "SUCCEEDED"] == []
    assert environment.is_open() == OPEN
    assert environment.models() == ["mistral-1"]
    (model,) = environment.admin("bedrock").list_imported_models()["modelSummaries"]
    tags = environment.admin("bedrock").list_tags_for_resource(resourceARN=model["modelArn"])["tags"]
    assert {tag["key"]: tag["value"] for tag in tags}["stagegate:package"] == environment.packages[1]
    assert any("ModelConsumer has invoked it" in said for said in environment.heard())
    assert any(
        "ImportUnproven: Bucket model-artifacts-weights keeps no versions" in said for said in environment.heard()
    )
    states = [
        sum(event["type"].endswith("StateEntered") for event in environment.organization.history(run.execution_arn))
        for run in environment.imports()
    ]
    assert max(states) <= MOST_STATES, states
    assert json.loads(environment.manual_run().output or "{}")["outcome"] == "unchanged"
    environment.admin("bedrock").delete_imported_model(modelIdentifier="mistral-1")
    environment.admin("iam").delete_role_policy(RoleName=environment.roles()[0], PolicyName="import")
    assert json.loads(environment.manual_run().output or "{}")["outcome"] == "changes"
    assert environment.models() == ["mistral-1"], "what somebody took away is found by hand and made again"


def untagged(environment: Hosted) -> Any:
    """Somebody takes all tags off the imported model."""
    bedrock = environment.admin("bedrock")
    (model,) = bedrock.list_imported_models()["modelSummaries"]
    tags = bedrock.list_tags_for_resource(resourceARN=model["modelArn"])["tags"]
    bedrock.untag_resource(resourceARN=model["modelArn"], tagKeys=[tag["key"] for tag in tags])
    return {"arn": model["modelArn"], "tags": tags}


def test_a_model_is_known_by_the_record_when_somebody_takes_its_tags_off(environment: Hosted) -> None:
    environment.sets("approver", "Approved")
    before = untagged(environment)
    assert environment.sweeps().status == "SUCCEEDED"
    bedrock = environment.admin("bedrock")
    assert bedrock.list_tags_for_resource(resourceARN=before["arn"])["tags"] == before["tags"], "put back"
    assert json.loads(environment.manual_run().output or "{}")["outcome"] == "unchanged"
    untagged(environment)
    environment.sets("approver", "Rejected")
    assert environment.is_open() == CLOSED, "without a sweep in between"


def test_what_bedrock_refuses_is_explained_and_closes_until_a_person_tries_again(environment: Hosted) -> None:
    faults.fail("Amazon Bedrock does not have access to the S3 location s3://x. Update the permissions and try again.")
    environment.sets("approver", "Approved")
    assert environment.is_open() == CLOSED
    (said,) = [said for said in environment.heard() if said.startswith("FAILED import")]
    assert "ImportBucketClosed" in said
    assert "look in account 222233334444" in said
    tried = len(environment.imports())
    assert json.loads(environment.sweeps(mode="plan").output or "{}")["totals"]["drifting"] == 0
    assert environment.sweeps().status == "SUCCEEDED"
    assert (len(environment.imports()), environment.is_open()) == (tried, CLOSED), "no sweep tries it again"
    assert environment.manual_run(mode="plan").output is not None
    assert environment.manual_run().status == "SUCCEEDED"
    assert environment.is_open() == OPEN


def test_a_service_control_policy_in_the_way_is_named_before_a_job_is_spent(environment: Hosted) -> None:
    organizations = environment.admin("organizations", "management")
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    made = organizations.create_policy(
        Content=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
        Description="no reading",
        Name="no-reading",
        Type="SERVICE_CONTROL_POLICY",
    )
    policy = made["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=HOSTING)
    jobs = len(environment.admin("bedrock").list_model_import_jobs()["modelImportJobSummaries"])
    try:
        environment.sets("approver", "Approved")
    finally:
        organizations.detach_policy(PolicyId=policy, TargetId=HOSTING)
        organizations.delete_policy(PolicyId=policy)
    assert environment.is_open() == CLOSED
    assert f"a service control policy on account {HOSTING}" in environment.heard()[-1]
    assert len(environment.admin("bedrock").list_model_import_jobs()["modelImportJobSummaries"]) == jobs


def test_a_consumer_that_cant_be_taken_keeps_no_model_off_the_record(environment: Hosted) -> None:
    iam = environment.admin("iam")
    trust = iam.get_role(RoleName="ModelConsumer")["Role"]["AssumeRolePolicyDocument"]
    another = (
        json.dumps(trust).replace('"AWS"', '"Service"').replace(f"arn:aws:iam::{HOSTING}:root", "lambda.amazonaws.com")
    )
    iam.update_assume_role_policy(RoleName="ModelConsumer", PolicyDocument=another)
    try:
        environment.sets("approver", "Approved")
    finally:
        iam.update_assume_role_policy(RoleName="ModelConsumer", PolicyDocument=json.dumps(trust))
    assert (environment.imports()[-1].status, environment.is_open(), environment.recorded()) == ("SUCCEEDED", OPEN, [1])
    assert "mistral-1 is in Amazon Bedrock" in environment.heard()[-1]
    assert (
        "ImportConsumerClosed: arn:aws:iam::777788889999:role/ModelConsumer can't be taken by"
        in environment.heard()[-1]
    )
    assert "has invoked it" not in environment.heard()[-1]


def test_weights_that_cant_be_imported_open_nothing(environment: Hosted) -> None:
    environment.puts(1, {"config.json": b'{"architectures": ["BertModel"]}'})
    try:
        environment.sets("approver", "Approved")
        assert environment.is_open() == CLOSED
        assert "ImportArchitecture: config.json names the architecture BertModel" in environment.heard()[-1]
    finally:
        environment.puts(1, FILES)


@pytest.mark.parametrize(
    ("name", "index", "code"),
    [
        ("merged/{}", None, "ImportNoConfig"),
        ("{}", "model-00002-of-00002.safetensors", "ImportShardMissing"),
    ],
)
def test_a_layout_that_bedrock_doesnt_take_opens_nothing(
    environment: Hosted, name: str, index: str | None, code: str
) -> None:
    files = {name.format(each): body for each, body in FILES.items()}
    if index:
        files["model.safetensors.index.json"] = json.dumps({"weight_map": {"a": index}}).encode()
    s3, below = environment.admin("s3", "dev"), f"{GROUP}/1/"
    for each in FILES:
        s3.delete_object(Bucket=BUCKET, Key=f"{below}{each}")
    environment.puts(1, files)
    try:
        environment.sets("approver", "Approved")
        assert environment.is_open() == CLOSED
        assert code in environment.heard()[-1]
    finally:
        for each in files:
            s3.delete_object(Bucket=BUCKET, Key=f"{below}{each}")
        environment.puts(1, FILES)


def test_two_versions_wait_their_turn_and_the_quota_names_what_could_go(environment: Hosted) -> None:
    environment.registers(2)
    environment.registers(3)
    environment.sets("governance", "PendingManualApproval")
    environment.manual_run()  # its bytes were written anew since anybody was asked about them
    quotas.imported_models = 1
    delays.model_import = 1.0
    try:
        environment.sets("approver", "Approved", 2)
        assert environment.models() == ["mistral-2"]
        environment.sets("approver", "Approved", 3)
        assert environment.models() == ["mistral-2"]
        assert any("ImportQuota" in said and "mistral-2 (" in said for said in environment.heard())
        quotas.imported_models = 3
        sagemaker = environment.organization.client("sagemaker", "approver")
        sagemaker.update_model_package(ModelPackageArn=environment.packages[1], ModelApprovalStatus="Approved")
        environment.sets("approver", "PendingManualApproval", 3)
        environment.sets("approver", "Approved", 3)
        assert environment.models() == ["mistral-2", "mistral-1", "mistral-3"]
    finally:
        delays.model_import = 0.2


def test_a_rejection_while_the_job_runs_leaves_no_model(environment: Hosted) -> None:
    delays.model_import = 2.0
    try:
        environment.begins()
        environment.sets("approver", "Rejected")
        assert environment.organization.settle()
    finally:
        delays.model_import = 0.2
    assert environment.is_open() == CLOSED
    assert environment.organization.executions()[-1].status == "SUCCEEDED"


@pytest.fixture
def versioned(environment: Hosted) -> Iterator[Any]:
    """S3 as the weights' owner, whose bucket keeps versions."""
    s3 = environment.admin("s3", "dev")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    environment.puts(1, FILES)
    yield s3
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})


def test_no_model_is_made_or_kept_of_other_bytes_than_were_approved(environment: Hosted, versioned: Any) -> None:
    delays.model_import = 2.0
    try:
        environment.begins()
        sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": environment.key}
        config = {"Bucket": BUCKET, "Key": f"{GROUP}/1/config.json"}
        evil = versioned.put_object(**config, **sealed, Body=b'{"architectures": ["LlamaForCausalLM"]}')
        assert environment.organization.settle()
        assert (environment.is_open(), environment.recorded()) == (CLOSED, [])
        said = f"BytesChanged: Since the approval, s3://{BUCKET}/{GROUP}/1/config.json has been written anew"
        assert said in next(each for each in reversed(environment.heard()) if each.startswith("FAILED import"))
        versioned.delete_object(**config, VersionId=evil["VersionId"])
        environment.starts_manually()
        environment.until(environment.jobs)
        more = {"Bucket": BUCKET, "Key": f"{GROUP}/1/more.safetensors"}
        versioned.put_object(**more, **sealed, Body=b"weights")
        versioned.delete_object(**more)
        assert environment.organization.settle()
        assert (environment.is_open(), environment.recorded()) == (CLOSED, [])
        assert any(f"{GROUP}/1/more.safetensors was written or deleted" in said for said in environment.heard())
    finally:
        delays.model_import = 0.2
    assert environment.manual_run().status == "SUCCEEDED"
    assert (environment.models(), environment.recorded()) == (["mistral-1"], [1])
    assert "ImportUnproven" not in environment.heard()[-1]


def test_what_a_run_that_has_died_leaves_is_put_on_record(environment: Hosted) -> None:
    """A person stops it while its job runs; the next waits until nobody believes it any more, and then sees the end."""
    faults.refuse("ModelErrorException")
    delays.model_import = 60.0
    try:
        environment.begins()
        environment.stops(environment.imports()[-1])
        known = len(environment.imports())
        environment.starts_manually()
        environment.until(lambda: len(environment.imports()) > known and environment.runs_over())
        environment.organization.clock.advance(LIVE.total_seconds() + 1)
        assert environment.organization.settle(60)
    finally:
        delays.model_import = 0.2
    assert (environment.imports()[-1].status, environment.models(), environment.recorded()) == (
        "SUCCEEDED",
        ["mistral-1"],
        [1],
    )
    assert "mistral-1 is in Amazon Bedrock" in environment.heard()[-1]
    assert "ImportNotInvoked: mistral-1 is there" in environment.heard()[-1], (
        "and a model that fails is recorded as well"
    )
    assert "has invoked it" not in environment.heard()[-1]


def test_a_model_that_no_run_has_seen_the_end_of_is_found_by_the_sweep(environment: Hosted) -> None:
    delays.model_import = 60.0
    try:
        environment.begins()
        environment.stops(environment.imports()[-1])
        environment.organization.clock.advance(LIVE.total_seconds() + 1)
        assert environment.organization.settle(60)
    finally:
        delays.model_import = 0.2
    assert (environment.models(), environment.recorded()) == (["mistral-1"], [])
    shown = json.loads(environment.manual_run(mode="plan").output or "{}")
    assert "it is there, and no run has put it on record" in " ".join(shown["would_change"]) + shown["message"]
    jobs = environment.admin("bedrock").list_model_import_jobs()["modelImportJobSummaries"]
    assert environment.sweeps().status == "SUCCEEDED"
    assert (environment.models(), environment.recorded()) == (["mistral-1"], [1])
    assert environment.admin("bedrock").list_model_import_jobs()["modelImportJobSummaries"] == jobs


def test_an_account_that_cant_be_entered_is_one_finding_and_nothing_is_opened(environment: Hosted) -> None:
    with without(environment, ("stagegate-member-observe", "ReadImportRoles"), account="hosting"):
        environment.sets("approver", "Approved")
    assert environment.is_open() == CLOSED
    assert "ImportHostClosed: Account 777788889999 can't be imported into" in environment.heard()[-1]


def test_a_newer_version_replaces_older_ones_under_a_key_of_the_host(environment: Hosted) -> None:
    key = environment.admin("kms").create_key()["KeyMetadata"]["Arn"]
    before = environment.settings
    rules = f'[[imports]]\ngroups = ["mistral*"]\nstage = "hosting"\nwhen_replaced = "delete"\nkey = "{key}"\n'
    environment.follows(f'{rules}consumer = "ModelConsumer"\n')
    environment.registers(4)
    environment.admin("iam").delete_role_policy(RoleName="ModelConsumer", PolicyName="invoke")
    environment.sets("approver", "Approved", 1)
    assert environment.models() == ["mistral-1"]
    assert environment.admin("bedrock").get_imported_model(modelIdentifier="mistral-1")["modelKmsKeyArn"] == key
    assert any("ImportConsumerDenied" in said for said in environment.heard())
    environment.sets("approver", "Approved", 4)
    assert environment.models() == ["mistral-4"]
    assert environment.roles() == [role for role in environment.roles() if environment.statements()], (
        "the other's role went with it"
    )
    assert len(environment.roles()) == len(environment.grants()) == 1
    environment.sets("approver", "Rejected", 4)
    assert environment.manual_run(1).status == "SUCCEEDED"
    assert environment.models() == ["mistral-1"], "it is approved still, and replaced by nothing any more"
    environment.sets("approver", "Rejected", 1)
    environment.organization.update_settings(before)


@pytest.mark.parametrize("of_host", [False, True], ids=["no key", "the host's key"])
def test_weights_that_no_key_of_ours_encrypts_need_no_grant(environment: Hosted, *, of_host: bool) -> None:
    key = environment.admin("kms").create_key()["KeyMetadata"]["Arn"] if of_host else None
    before = environment.settings
    rules = '[[imports]]\ngroups = ["mistral*"]\nstage = "hosting"\n'
    environment.follows(f'{rules}key = "{key}"\n' if key else rules, key="")
    version = 6 if of_host else 5
    environment.registers(version, key="")
    environment.sets("approver", "Approved", version)
    assert environment.models() == [f"mistral-{version}"]
    assert (
        environment.admin("bedrock").get_imported_model(modelIdentifier=f"mistral-{version}").get("modelKmsKeyArn")
        == key
    )
    assert (len(environment.roles()), len(environment.grants()), bool(environment.statements())) == (1, 0, True)
    environment.sets("approver", "Rejected", version)
    assert environment.is_open() == CLOSED
    environment.organization.update_settings(before)


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
            elif resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
                policies = [resource["Properties"]["PolicyDocument"]]
                roles = [names[role["Ref"]] for role in resource["Properties"].get("Roles", ())]
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
    "EnterLeftAccounts": "no account leaves the organization in these stories: integration/sweep/test_lost_accounts.py",
    "EncryptLog": "Step Functions' log delivery is not embedded",
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
