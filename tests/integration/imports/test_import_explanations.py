"""Each thing that can be missing or wrong for an import, and the one explanation that it gets.

A model is imported with both keys, the owner's and the host's. Then one thing is taken away at a time, and the steps of
an import are taken as the state machine takes them: what preflight can see, it has to name; what only Bedrock can, its
failure has to say.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.kernel.delays import Delays
from stagegate.ledger import items
from stagegate.targets.target import Target, TargetType
from tests.integration.imports.import_environment import BUCKET, FILES, GROUP, HOSTING, Hosted, hosted
from tests.support.authorization import as_role, code_of
from tests.support.fixtures import without

RULES = '[[imports]]\ngroups = ["mistral*"]\nstage = "hosting"\n'
DEV, WEIGHTS = "222233334444", "model.safetensors"
Found = list[tuple[str, str]]
"""Findings, as code and detail."""


@dataclass
class Imported:
    """A place where a model is imported with both keys, and the steps of its import."""

    environment: Hosted
    host_key: str
    requested: dict[str, Any]
    execution: int = 0

    @property
    def role(self) -> str:
        return str(self.environment.roles()[0])

    def takes(self, step: str, **more: Any) -> dict[str, Any]:
        """One step of the import, as the state machine asks the function for it."""
        requested = {**self.requested, "model": {**self.requested["model"], **more.pop("model", {})}}
        payload = {
            "step": step,
            "execution": f"test-{self.execution}",
            "subject": requested["subject"],
            "requested": requested,
            **more,
        }
        aws_lambda = self.environment.admin("lambda", "governance")
        answer = aws_lambda.invoke(FunctionName="stagegate-import-model", Payload=json.dumps(payload))
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        return said

    def preflight(self) -> Found:
        return findings(self.takes("check"))

    def job(self) -> Found:
        """What a further job comes to, under another name, as the model is there already, whatever was approved."""
        again = {"name": "mistral-again", "content": "another", "fingerprints": None}
        self.execution += 1  # the same would get the job that it has made before
        begun = self.takes("begin", model=again)
        if begun["state"] == "blocked":
            return findings(begun)
        assert begun["state"] == "started", begun
        for _ in range(100):
            looked = self.takes("look", model=again, job=begun["job"])
            if looked["status"] != "InProgress":
                break
            self.environment.organization.clock.sleep(0.02)
        if looked["status"] == "Completed":
            self.environment.admin("bedrock").delete_imported_model(modelIdentifier="mistral-again")
        return findings(looked)


def findings(answer: Mapping[str, Any]) -> Found:
    return [(each["code"], each["detail"]) for each in answer["findings"]]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imported]:
    timing = Delays(cloudtrail=0.2, model_import=0.02, wait_factor=0.01)
    with hosted(tmp_path_factory.mktemp("settings"), timing, RULES) as environment:
        key = environment.admin("kms").create_key()["KeyMetadata"]["Arn"]
        environment.follows(f'{RULES}key = "{key}"\n')
        environment.sets("approver", "Approved")
        assert environment.models() == ["mistral-1"]
        yield Imported(environment, key, json.loads(environment.imports()[-1].execution_input))


def test_no_job_begins_on_other_bytes_than_were_approved(imported: Imported) -> None:
    """A run may have waited in the queue for days."""
    s3, more = imported.environment.admin("s3", "dev"), {"Bucket": BUCKET, "Key": f"{GROUP}/1/more.safetensors"}
    s3.put_object(**more, Body=b"weights")
    try:
        begun = imported.takes("begin", model={"name": "mistral-again", "content": "another"})
    finally:
        s3.delete_object(**more)
    assert begun["state"] == "blocked"
    assert findings(begun)[0][0] == "BytesChanged"
    assert imported.environment.jobs() == []


def test_tags_are_for_new_models_and_no_model_is_given_to_another_package(imported: Imported) -> None:
    """What the member role could do with Bedrock's tags by itself, which decide what it may delete."""
    bedrock = as_role("bedrock", f"arn:aws:iam::{HOSTING}:role/stagegate-member-import")
    (model,) = imported.environment.admin("bedrock").list_imported_models()["modelSummaries"]
    package = imported.requested["subject"]

    def tagging(tags: Mapping[str, str]) -> str:
        listed = [{"key": key, "value": value} for key, value in tags.items()]
        return code_of(bedrock.tag_resource, resourceARN=model["modelArn"], tags=listed)

    denied = "AccessDeniedException"
    assert tagging({"stagegate:package": f"{package}1"}) == denied, "another package's"
    assert tagging({"stagegate:package": package.replace("111122223333", DEV)}) == denied, "of another registry"
    assert tagging({"stagegate:package": package, "team": "ours"}) == denied, "and tags that others go by"
    assert tagging({"stagegate:content": "another"}) == denied


def test_nothing_is_found_where_nothing_is_missing(imported: Imported) -> None:
    assert imported.preflight() == []
    assert imported.job() == []
    (model,) = imported.environment.admin("bedrock").list_imported_models()["modelSummaries"]
    assert model["modelName"] == "mistral-1"


@pytest.mark.parametrize(
    ("sid", "actions"),
    [
        ("StagegateListWeights", ["s3:ListBucket"]),
        ("StagegateGetWeights", ["s3:GetObject"]),
        ("StagegateReadWeights", ["kms:Decrypt", "kms:DescribeKey"]),
        ("StagegateKeepModel", ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]),
        ("StagegateLetBedrockKeepModel", ["kms:CreateGrant"]),
    ],
)
def test_each_statement_of_the_role_is_named(imported: Imported, sid: str, actions: list[str]) -> None:
    with without(imported.environment, (imported.role, sid), account="hosting"):
        found = imported.preflight()
    said = f"statement {sid} of its policy in {HOSTING} is missing or another. Start the package by hand"
    assert [code for code, _ in found] == ["ImportRoleDenied"] * len(actions)
    for (_, detail), action in zip(found, actions, strict=True):
        assert f"may not {action} on" in detail
        assert said in detail
    assert imported.preflight() == []


@contextmanager
def role_policy(imported: Imported, edit: Callable[[str], str]) -> Iterator[None]:
    iam, role = imported.environment.admin("iam"), imported.role
    document = iam.get_role_policy(RoleName=role, PolicyName="import")["PolicyDocument"]
    iam.put_role_policy(RoleName=role, PolicyName="import", PolicyDocument=edit(json.dumps(document)))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="import", PolicyDocument=json.dumps(document))


@contextmanager
def own_deny(imported: Imported) -> Iterator[None]:
    iam, role = imported.environment.admin("iam"), imported.role
    statement = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName="theirs", PolicyDocument=document)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="theirs")


@contextmanager
def narrower_boundary(imported: Imported) -> Iterator[None]:
    """The member stack's boundary, as it is where its ImportSources don't name the owner's account."""
    iam, arn = imported.environment.admin("iam"), f"arn:aws:iam::{HOSTING}:policy/stagegate/stagegate-import-boundary"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    text = json.dumps(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=text.replace(DEV, "000000000000"), SetAsDefault=True)
    try:
        yield
    finally:
        iam.set_default_policy_version(PolicyArn=arn, VersionId=version)
        iam.delete_policy_version(PolicyArn=arn, VersionId=made["PolicyVersion"]["VersionId"])


@contextmanager
def bucket_policy(imported: Imported, edit: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Iterator[None]:
    s3 = imported.environment.admin("s3", "dev")
    text = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    statements = edit(json.loads(text)["Statement"])
    if statements:
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    else:
        s3.delete_bucket_policy(Bucket=BUCKET)
    try:
        yield
    finally:
        s3.put_bucket_policy(Bucket=BUCKET, Policy=text)


@contextmanager
def no_grant(imported: Imported) -> Iterator[None]:
    kms, key = imported.environment.admin("kms", "dev"), imported.environment.key
    (grant,) = kms.list_grants(KeyId=key)["Grants"]
    kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
    try:
        yield
    finally:
        names = ("GranteePrincipal", "Operations", "Name")
        kms.create_grant(KeyId=key, **{name: grant[name] for name in names})


@contextmanager
def key_policy(imported: Imported, key: str, account: str) -> Iterator[None]:
    """The key's policy, with a deny of somebody else's."""
    kms = imported.environment.admin("kms", account)
    text = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    document = json.loads(text)
    role = imported.requested["model"]["role_arn"]
    deny = {"Sid": "NotBedrock", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    document["Statement"].append({**deny, "Condition": {"ArnEquals": {"aws:PrincipalArn": role}}})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))
    try:
        yield
    finally:
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=text)


@contextmanager
def other_trust(imported: Imported) -> Iterator[None]:
    iam, role = imported.environment.admin("iam"), imported.role
    document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    another = json.dumps(document).replace("bedrock.amazonaws.com", "lambda.amazonaws.com")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=another)
    try:
        yield
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(document))


@contextmanager
def under_another_key(imported: Imported) -> Iterator[None]:
    environment = imported.environment
    key = environment.admin("kms", "dev").create_key()["KeyMetadata"]["Arn"]
    environment.puts(1, {WEIGHTS: FILES[WEIGHTS]}, key)
    try:
        yield
    finally:
        environment.puts(1, {WEIGHTS: FILES[WEIGHTS]})


@contextmanager
def damaged(imported: Imported) -> Iterator[None]:
    """Half of the file is there, as after an upload that broke off."""
    imported.environment.puts(1, {WEIGHTS: FILES[WEIGHTS][: len(FILES[WEIGHTS]) // 2]})
    try:
        yield
    finally:
        imported.environment.puts(1, {WEIGHTS: FILES[WEIGHTS]})


@contextmanager
def name_of_somebody_elses(imported: Imported) -> Iterator[None]:
    """A model of that name which was imported by hand."""
    bedrock = imported.environment.admin("bedrock")
    requested = imported.requested["model"]
    source = {"s3DataSource": {"s3Uri": f"s3://{BUCKET}/{GROUP}/1/"}}
    bedrock.create_model_import_job(
        jobName="by-hand",
        importedModelName="mistral-again",
        roleArn=requested["role_arn"],
        modelDataSource=source,
        importedModelKmsKeyId=imported.host_key,
    )
    while bedrock.get_model_import_job(jobIdentifier="by-hand")["status"] == "InProgress":
        imported.environment.organization.clock.sleep(0.02)
    try:
        yield
    finally:
        bedrock.delete_imported_model(modelIdentifier="mistral-again")


def lookalike(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ours, for a role whose name only starts as the execution role's does."""
    text = json.dumps(statements)
    role = next(word for word in text.replace('"', " ").split() if ":role/stagegate/" in word)
    return list(json.loads(text.replace(f'"{role}"', f'"{role}-2"')))


def without_action(action: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    def edit(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [each for each in statements if action not in each["Action"]]

    return edit


def their_deny(it: Imported) -> AbstractContextManager[None]:
    role = it.requested["model"]["role_arn"]
    deny = {"Sid": "OnlyOurVpc", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject"}
    resource = {"Resource": f"arn:aws:s3:::{BUCKET}/*", "Condition": {"ArnEquals": {"aws:PrincipalArn": role}}}
    return bucket_policy(it, lambda statements: [*statements, {**deny, **resource}])


Row = Callable[[Imported], AbstractContextManager[None]]
SEEN: dict[str, tuple[Row, str, list[str]]] = {
    "the role's folder is another": (
        lambda it: role_policy(it, lambda text: text.replace(f"/{GROUP}/1/", f"/{GROUP}/2/")),
        "ImportRoleDenied",
        [f"may not s3:GetObject on arn:aws:s3:::{BUCKET}/{GROUP}/1/config.json: statement StagegateGetWeights"],
    ),
    "the role denies itself": (own_deny, "ImportRoleDenied", ["denies it, which isn't Stagegate's. Take it out."]),
    "the boundary has another account": (
        narrower_boundary,
        "ImportRoleDenied",
        [f"Its ImportSources have to name {DEV}"] * 4,
    ),
    "the bucket doesn't let it get": (
        lambda it: bucket_policy(it, without_action("s3:GetObject")),
        "ImportBucketClosed",
        [f"bucket {BUCKET} in account {DEV} doesn't say what Stagegate wrote into it: role/stagegate/"],
    ),
    "the bucket doesn't let it list": (
        lambda it: bucket_policy(it, without_action("s3:ListBucket")),
        "ImportBucketClosed",
        [f"may s3:ListBucket on arn:aws:s3:::{BUCKET} if s3:prefix is like {GROUP}/1/*"],
    ),
    "the bucket doesn't say where it is": (
        lambda it: bucket_policy(it, without_action("s3:GetBucketLocation")),
        "ImportBucketClosed",
        [f"may s3:GetBucketLocation on arn:aws:s3:::{BUCKET}"],
    ),
    "the bucket has no policy": (
        lambda it: bucket_policy(it, lambda _: []),
        "ImportBucketClosed",
        ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"],
    ),
    "the bucket lets a lookalike in": (
        lambda it: bucket_policy(it, lookalike),
        "ImportBucketClosed",
        ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"],
    ),
    "a deny of the bucket's owner": (
        their_deny,
        "ForeignDeny",
        [f"Statement OnlyOurVpc in the policy of bucket {BUCKET} of {DEV}, which isn't Stagegate's, denies"],
    ),
    "a deny of the owner's key": (
        lambda it: key_policy(it, it.environment.key, "dev"),
        "ForeignDeny",
        ["Statement NotBedrock in the policy of key "],
    ),
    "the key has no grant": (no_grant, "ImportKeyClosed", ["may Decrypt, DescribeKey. Start the package by hand"]),
}
"""What preflight sees: what is done, the code, and what each finding says."""


@pytest.mark.parametrize("row", SEEN)
def test_preflight_names_what_is_missing(imported: Imported, row: str) -> None:
    done, code, said = SEEN[row]
    with done(imported):
        found = imported.preflight()
    assert [each for each, _ in found] == [code] * len(said), found
    for (_, detail), words in zip(sorted(found), said, strict=True):
        assert words in detail
    assert imported.preflight() == []


def test_a_role_that_is_gone_is_named(imported: Imported) -> None:
    gone = f"arn:aws:iam::{HOSTING}:role/stagegate/stagegate-import-0000"
    (found,) = findings(imported.takes("check", model={"role_arn": gone}))
    assert found[0] == "ImportRoleMissing"
    assert f"{gone} isn't there" in found[1]


UNSEEN: dict[str, tuple[Row, str, str]] = {
    "an object under another key": (under_another_key, "ImportBucketClosed", "encrypted with another key than that"),
    "a deny of the host's key": (
        lambda it: key_policy(it, it.host_key, "hosting"),
        "ImportKeyClosed",
        "has to let IAM decide (the default key policy does), the key has to be enabled",
    ),
    "a file that is damaged": (damaged, "ImportWeightsBroken", "Save the model anew"),
    "a name that is taken": (name_of_somebody_elses, "ImportNameTaken", "it is left alone"),
}
"""What only Bedrock can see: what is done, the code, and what the finding says."""


@pytest.mark.parametrize("row", UNSEEN)
def test_what_bedrock_refuses_is_explained(imported: Imported, row: str) -> None:
    done, code, said = UNSEEN[row]
    with done(imported):
        assert imported.preflight() == []
        (found,) = imported.job()
    assert found[0] == code
    assert said in found[1]
    assert imported.job() == []


def their_perhaps(it: Imported) -> AbstractContextManager[None]:
    deny = {"Sid": "OnlyOurVpc", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject"}
    condition = {"StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-1"}, "Null": {"aws:SourceVpc": "false"}}
    return bucket_policy(
        it, lambda all_: [*all_, {**deny, "Resource": f"arn:aws:s3:::{BUCKET}/*", "Condition": condition}]
    )


def test_what_preflight_couldnt_prove_names_the_denies(imported: Imported) -> None:
    assert "No statement of somebody else's" in imported.takes("check")["unproven"]["detail"]
    with their_perhaps(imported):
        assert imported.preflight() == []
        said = imported.takes("check")["unproven"]["detail"]
    assert "Statement OnlyOurVpc" in said
    assert "Null on aws:SourceVpc" in said


def test_a_role_that_bedrock_cant_take_is_tried_again(imported: Imported) -> None:
    """The state machine repeats it for minutes, as a role that was made a moment ago can't be taken either."""
    imported.execution += 1
    again = {"name": "mistral-again", "content": "another", "fingerprints": None}
    with other_trust(imported):
        begun = imported.takes("begin", model=again)
    assert begun["errorType"] == "NotSettledError"
    assert "Could not assume provided IAM role" in begun["errorMessage"]


def test_what_another_package_wants_of_the_bucket_is_none_of_ours(imported: Imported) -> None:
    """It was put on record a moment ago, and is about to be written."""
    target = Target(type=TargetType.BUCKET_POLICY, account=DEV, region="us-east-1", partition="aws", name=BUCKET)
    dynamodb = imported.environment.admin("dynamodb", "governance")
    table, pk = imported.environment.organization.outputs["LedgerTable"], items.target_key(target.id)
    found = dynamodb.query(
        TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": pk}}
    )
    (ours,) = [item for item in found["Items"] if item["sk"]["S"].startswith(items.DESIRED)]
    another = {**ours, "sk": {"S": f"{ours['sk']['S'][:-1]}9"}}
    another["desired"] = {"S": ours["desired"]["S"].replace(f"{GROUP}/1/", f"{GROUP}/9/")}
    dynamodb.put_item(TableName=table, Item=another)
    try:
        assert imported.preflight() == []
    finally:
        dynamodb.delete_item(TableName=table, Key=items.key(pk, another["sk"]["S"]))
