"""Import jobs read with their role, one at a time, and make a model or say why not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.wire.transport import client
from sandbox.services.bedrock.faults import faults
from sandbox.services.bedrock.quotas import quotas
from sandbox.stagegate import tiny_model
from tests.support.authorization import CONSUMER, OWNER, as_role, code_of, make_role, may, message_of

pytestmark = pytest.mark.usefixtures("guarded")

BUCKET, PREFIX = "model-artifacts-weights", "mistral/1/"
URI = f"s3://{BUCKET}/{PREFIX}"
HOST = CONSUMER
FILES = tiny_model.files()
INDEX = "model.safetensors.index.json"
READS = [
    may("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", Condition={"StringLike": {"s3:prefix": f"{PREFIX}*"}}),
    may("s3:GetObject", f"arn:aws:s3:::{BUCKET}/{PREFIX}*"),
]
BY_BEDROCK = {"Service": "bedrock.amazonaws.com"}
DONE = 61.0


def put(files: dict[str, bytes], **more: Any) -> None:
    for name, body in files.items():
        client("s3", OWNER).put_object(Bucket=BUCKET, Key=f"{PREFIX}{name}", Body=body, **more)


def open_bucket(role: str, *actions: str) -> None:
    """Let a role of the host at the weights, as their owner."""
    statement = may(
        list(actions or ("s3:ListBucket", "s3:GetObject")),
        [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/{PREFIX}*"],
        Principal={"AWS": f"arn:aws:iam::{HOST}:root"},
        Condition={"ArnEquals": {"aws:PrincipalArn": role}},
    )
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("s3", OWNER).put_bucket_policy(Bucket=BUCKET, Policy=policy)


@pytest.fixture(autouse=True)
def weights() -> None:
    delays.model_import = 60.0
    client("s3", OWNER).create_bucket(Bucket=BUCKET)
    put(FILES)


@pytest.fixture
def role() -> str:
    made = make_role(HOST, "import-mistral", *READS, trust=BY_BEDROCK, path="/stagegate/")
    open_bucket(made)
    return made


@pytest.fixture
def bedrock(role: str) -> Any:
    submitter = make_role(HOST, "Submitter", may("bedrock:*"), may("iam:PassRole", role))
    return as_role("bedrock", submitter)


def submit(bedrock: Any, role: str, name: str = "job-1", **more: Any) -> str:
    source = {"s3DataSource": {"s3Uri": URI}}
    asked = {"jobName": name, "importedModelName": f"model-{name}", "roleArn": role, "modelDataSource": source}
    return str(bedrock.create_model_import_job(**{**asked, **more})["jobArn"])


def outcome(bedrock: Any, job: str) -> tuple[str, str]:
    clock.advance(DONE)
    found = bedrock.get_model_import_job(jobIdentifier=job)
    return found["status"], found.get("failureMessage", "")


def test_a_job_makes_a_model_that_can_be_invoked_until_it_is_deleted(bedrock: Any, role: str) -> None:
    job = submit(bedrock, role, importedModelTags=[{"key": "package", "value": "mistral/1"}])
    assert bedrock.get_model_import_job(jobIdentifier=job)["status"] == "InProgress"
    assert bedrock.list_imported_models()["modelSummaries"] == []
    assert outcome(bedrock, job) == ("Completed", "")
    model = bedrock.get_imported_model(modelIdentifier="model-job-1")
    assert (model["modelArchitecture"], model["jobArn"]) == ("MistralForCausalLM", job)
    assert bedrock.get_model_import_job(jobIdentifier="job-1")["importedModelArn"] == model["modelArn"]
    assert bedrock.list_tags_for_resource(resourceARN=model["modelArn"])["tags"] == [
        {"key": "package", "value": "mistral/1"}
    ]
    runtime = as_role("bedrock-runtime", make_role(HOST, "Consumer", may("bedrock:InvokeModel", model["modelArn"])))
    assert runtime.invoke_model(modelId=model["modelArn"], body=b"{}")["body"].read()
    stranger = as_role("bedrock-runtime", make_role(HOST, "Stranger"))
    assert code_of(stranger.invoke_model, modelId=model["modelArn"], body=b"{}") == "AccessDeniedException"
    bedrock.delete_imported_model(modelIdentifier=model["modelArn"])
    assert code_of(runtime.invoke_model, modelId=model["modelArn"], body=b"{}") == "ResourceNotFoundException"
    assert code_of(bedrock.get_imported_model, modelIdentifier="model-job-1") == "ResourceNotFoundException"


def test_a_repeated_token_gets_the_first_job(bedrock: Any, role: str) -> None:
    first = submit(bedrock, role, clientRequestToken="t1")
    assert submit(bedrock, role, "job-2", clientRequestToken="t1") == first
    assert len(bedrock.list_model_import_jobs()["modelImportJobSummaries"]) == 1


def test_one_job_runs_at_a_time_and_names_are_taken_once(bedrock: Any, role: str) -> None:
    submit(bedrock, role)
    assert code_of(submit, bedrock=bedrock, role=role, name="job-2") == "ServiceQuotaExceededException"
    clock.advance(DONE)
    assert code_of(submit, bedrock=bedrock, role=role, name="job-1") == "ConflictException"
    assert code_of(submit, bedrock=bedrock, role=role, name="job-2", importedModelName="model-job-1") == (
        "ConflictException"
    )
    submit(bedrock, role, "job-2")


def test_an_account_has_room_for_so_many_models(bedrock: Any, role: str) -> None:
    quotas.imported_models = 1
    submit(bedrock, role)
    clock.advance(DONE)
    assert code_of(submit, bedrock=bedrock, role=role, name="job-2") == "ServiceQuotaExceededException"
    bedrock.delete_imported_model(modelIdentifier="model-job-1")
    submit(bedrock, role, "job-2")


@pytest.mark.parametrize("name", ["-job", "job_1", "x" * 64])
def test_a_name_that_bedrock_has_not_is_refused(bedrock: Any, role: str, name: str) -> None:
    assert code_of(submit, bedrock=bedrock, role=role, name=name) == "ValidationException"


class TestTheRole:
    def test_has_to_trust_bedrock(self) -> None:
        other = make_role(HOST, "not-for-bedrock", *READS)
        bedrock = as_role("bedrock", make_role(HOST, "Submitter", may("bedrock:*"), may("iam:PassRole")))
        assert "Could not assume" in message_of(submit, bedrock=bedrock, role=other)

    def test_trusts_jobs_of_its_own_account(self) -> None:
        bedrock = as_role("bedrock", make_role(HOST, "Submitter", may("bedrock:*"), may("iam:PassRole")))
        trusting = {"Effect": "Allow", "Principal": BY_BEDROCK, "Action": "sts:AssumeRole"}
        for account, code in ((OWNER, "ValidationException"), (HOST, "")):
            jobs = f"arn:aws:bedrock:us-east-1:{account}:model-import-job/*"
            conditions = {"StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": jobs}}
            policy = {"Version": "2012-10-17", "Statement": [{**trusting, "Condition": conditions}]}
            name = f"fenced-{account}"
            made = client("iam", HOST).create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy))
            assert code_of(submit, bedrock=bedrock, role=made["Role"]["Arn"], name=f"job-{account}") == code

    def test_has_to_be_passed(self, role: str) -> None:
        bedrock = as_role("bedrock", make_role(HOST, "Submitter", may("bedrock:*")))
        assert code_of(submit, bedrock=bedrock, role=role) == "AccessDeniedException"

    def test_isnt_believed_at_once(self, bedrock: Any, role: str) -> None:
        delays.iam = 30.0
        assert code_of(submit, bedrock=bedrock, role=role) == "ValidationException"
        clock.advance(31.0)
        submit(bedrock, role)


class TestReading:
    DENIED = "does not have access to the S3 location"

    @pytest.mark.parametrize("missing", [0, 1])
    def test_takes_each_of_the_roles_permissions(self, missing: int) -> None:
        left = [each for number, each in enumerate(READS) if number != missing]
        role = make_role(HOST, "import-less", *left, trust=BY_BEDROCK)
        open_bucket(role)
        bedrock = as_role("bedrock", make_role(HOST, "Submitter", may("bedrock:*"), may("iam:PassRole")))
        status, why = outcome(bedrock, submit(bedrock, role))
        assert (status, self.DENIED in why) == ("Failed", True)

    @pytest.mark.parametrize("actions", [("s3:ListBucket",), ("s3:GetObject",)])
    def test_takes_each_of_the_owners_statements(self, bedrock: Any, role: str, actions: tuple[str, ...]) -> None:
        open_bucket(role, *actions)
        status, why = outcome(bedrock, submit(bedrock, role))
        assert (status, self.DENIED in why) == ("Failed", True)

    def test_is_not_for_a_role_that_only_looks_like_it(self, bedrock: Any, role: str) -> None:
        open_bucket(f"{role}-2")
        assert outcome(bedrock, submit(bedrock, role))[0] == "Failed"

    def test_takes_the_key_of_the_weights(self, bedrock: Any, role: str) -> None:
        kms = client("kms", OWNER)
        key = kms.create_key()["KeyMetadata"]["Arn"]
        put(FILES, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
        assert outcome(bedrock, submit(bedrock, role))[0] == "Failed"
        kms.create_grant(KeyId=key, GranteePrincipal=role, Operations=["Decrypt", "DescribeKey"], Name="import")
        assert outcome(bedrock, submit(bedrock, role, "job-2")) == ("Completed", "")

    def test_takes_the_key_that_the_model_gets(self, bedrock: Any, role: str) -> None:
        key = client("kms", HOST).create_key()["KeyMetadata"]["Arn"]
        status, why = outcome(bedrock, submit(bedrock, role, importedModelKmsKeyId=key))
        assert (status, key in why) == ("Failed", True)
        allowed = may(["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"], key)
        document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        client("iam", HOST).put_role_policy(RoleName="import-mistral", PolicyName="K", PolicyDocument=document)
        job = submit(bedrock, role, "job-2", importedModelKmsKeyId=key)
        assert outcome(bedrock, job) == ("Completed", "")
        assert bedrock.get_imported_model(modelIdentifier="model-job-2")["modelKmsKeyArn"] == key


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "No objects"),
        ({"model.tar.gz": b"archive"}, "No safetensors"),
        ({"model.safetensors": b"w", "tokenizer.json": b"{}"}, "config.json was not found"),
        ({**FILES, "config.json": b"not json"}, "could not be read"),
        ({**FILES, "config.json": b'{"architectures": ["BertModel"]}'}, "BertModel is not supported"),
        ({"config.json": FILES["config.json"], "model.safetensors": b"w"}, "tokenizer"),
        (
            {**FILES, "model.safetensors": b"\x80\x02}q\x00"},
            "model.safetensors at s3://model-artifacts-weights/mistral/1/",
        ),
        ({**FILES, "model-2.safetensors": FILES["model.safetensors"][:-1]}, "bytes, the file has"),
        ({**FILES, "model.safetensors": b"\x02" + bytes(7) + b"{}"}, "it has no tensors"),
        ({f"merged/{name}": body for name, body in FILES.items()}, "No objects"),
        (
            {"deep/config.json" if name == "config.json" else name: body for name, body in FILES.items()},
            "config.json was",
        ),
        (
            {**FILES, INDEX: b'{"weight_map": {"a": "model-00002-of-00002.safetensors"}}'},
            "00002.safetensors was not found",
        ),
        ({**FILES, INDEX: b'{"weight_map": {"a": "model.safetensors"}}'}, "has no tensor a"),
        ({**FILES, INDEX: b"[]"}, "could not be read"),
    ],
)
def test_what_isnt_a_models_folder_fails_with_the_reason(
    bedrock: Any, role: str, files: dict[str, bytes], said: str
) -> None:
    for name in FILES:
        client("s3", OWNER).delete_object(Bucket=BUCKET, Key=f"{PREFIX}{name}")
    put(files)
    status, why = outcome(bedrock, submit(bedrock, role))
    assert (status, said in why) == ("Failed", True), why


def test_jobs_fail_and_take_their_time_by_plan(bedrock: Any, role: str) -> None:
    faults.fail("Amazon Bedrock is out of order.")
    assert outcome(bedrock, submit(bedrock, role)) == ("Failed", "Amazon Bedrock is out of order.")
    faults.slowness = 3.0
    job = submit(bedrock, role, "job-2")
    assert outcome(bedrock, job) == ("InProgress", "")
    clock.advance(DONE)
    assert outcome(bedrock, job) == ("Completed", "")


def test_another_accounts_jobs_and_models_are_not_there(bedrock: Any, role: str) -> None:
    job = submit(bedrock, role)
    clock.advance(DONE)
    elsewhere = as_role("bedrock", make_role(OWNER, "Looker", may("bedrock:*")))
    assert code_of(elsewhere.get_model_import_job, jobIdentifier=job) in {
        "AccessDeniedException",
        "ResourceNotFoundException",
    }
    assert elsewhere.list_imported_models()["modelSummaries"] == []
