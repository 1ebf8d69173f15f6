"""What is gone is closed: a bucket, repository, group or key that isn't there, or is somebody else's by now."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members
from stagegate.core.errors import MemberRoleError, RefusedError
from stagegate.surfaces.policies import apply as apply_policies
from stagegate.surfaces.policies.apply import PolicyWriter
from stagegate.surfaces.policies.observe_gone import is_gone
from stagegate.targets.target import ACCOUNT_CLOSED, CloseTarget, OpenTarget, Target, TargetType
from tests.support.documents import BUCKET, OWNER, Kept, reads
from tests.support.lost_accounts import ShutMembers
from tests.support.members import ScriptedMembers
from tests.support.scripted import Answer, Scripted, refusal
from tests.support.table import Table

REPOSITORY = replace(BUCKET, type=TargetType.REPOSITORY_POLICY, name="serving/churn")
GROUP = replace(BUCKET, type=TargetType.GROUP_POLICY, name="churn")
KEY = replace(BUCKET, type=TargetType.KEY_GRANTS, name=f"arn:aws:kms:us-east-1:{OWNER}:key/1")
ROLE = replace(BUCKET, type=TargetType.IMPORT_ROLE, name="stagegate-import-1")
NEIGHBOUR = {"Buckets": [{"Name": f"{BUCKET.name}-more"}]}
MINE = {"Buckets": [{"Name": f"{BUCKET.name}-more"}, {"Name": BUCKET.name}]}
FIRST = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1"
SECOND = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/2"
CLOSE = CloseTarget(subject_arn=FIRST, target=BUCKET)


def in_owner(service: str, operation: str, answer: Answer) -> Any:
    return lambda asked, *_: {service: Scripted(service, **{operation: answer})}[asked].client


@pytest.mark.parametrize(
    ("target", "service", "operation", "answer", "expected"),
    [
        (BUCKET, "s3", "ListBuckets", MINE, False),
        (BUCKET, "s3", "ListBuckets", NEIGHBOUR, True),
        (BUCKET, "s3", "ListBuckets", {"Buckets": []}, True),
        (REPOSITORY, "ecr", "GetRepositoryPolicy", {"policyText": "{}"}, False),
        (REPOSITORY, "ecr", "GetRepositoryPolicy", refusal("RepositoryPolicyNotFoundException"), False),
        (REPOSITORY, "ecr", "GetRepositoryPolicy", refusal("RepositoryNotFoundException"), True),
        (GROUP, "sagemaker", "GetModelPackageGroupPolicy", {"ResourcePolicy": "{}"}, False),
        (
            GROUP,
            "sagemaker",
            "GetModelPackageGroupPolicy",
            refusal("ValidationException", "Cannot find resource policy for it"),
            False,
        ),
        (
            GROUP,
            "sagemaker",
            "GetModelPackageGroupPolicy",
            refusal("ValidationException", "Cannot find Model Package Group churn"),
            True,
        ),
        (KEY, "kms", "ListGrants", {"Grants": []}, False),
        (KEY, "kms", "ListGrants", refusal("NotFoundException"), True),
        (ROLE, "iam", "GetRole", refusal("NoSuchEntity"), False),
    ],
)
def test_each_target_is_asked_for(
    target: Target, service: str, operation: str, answer: Answer, *, expected: bool
) -> None:
    assert is_gone(in_owner(service, operation, answer), target) is expected


@pytest.mark.parametrize("target", [BUCKET, REPOSITORY, GROUP, KEY], ids=lambda target: target.type)
def test_a_refusal_says_nothing(target: Target) -> None:
    service, operation = {
        TargetType.BUCKET_POLICY: ("s3", "ListBuckets"),
        TargetType.REPOSITORY_POLICY: ("ecr", "GetRepositoryPolicy"),
        TargetType.GROUP_POLICY: ("sagemaker", "GetModelPackageGroupPolicy"),
        TargetType.KEY_GRANTS: ("kms", "ListGrants"),
    }[target.type]
    with pytest.raises(RefusedError, match="AccessDenied"):
        is_gone(in_owner(service, operation, refusal("AccessDeniedException")), target)


class TestClosing:
    """Two packages are open on the bucket; then nobody may touch it any more."""

    @pytest.fixture
    def table(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        with mock_aws():
            made = Table.create(boto3.client("dynamodb"))
            made.claim("run", FIRST)
            made.claim("run", SECOND)
            yield made

    @pytest.fixture
    def there(self, monkeypatch: pytest.MonkeyPatch) -> Kept:
        found = Kept()
        monkeypatch.setattr("time.sleep", lambda _: None)
        monkeypatch.setattr(apply_policies, "document_of", lambda *_: found)
        return found

    @pytest.fixture
    def writer(
        self, environment: Environment, table: Table, there: Kept, monkeypatch: pytest.MonkeyPatch
    ) -> PolicyWriter:
        writer = PolicyWriter(environment=replace(environment, table=table.name), dynamodb=table.client)
        self.owned(monkeypatch, MINE)
        for subject in (FIRST, SECOND):
            change = OpenTarget(subject_arn=subject, target=BUCKET, statements=(reads(subject[-1]),))
            writer.apply(change, "run", None)
        there.refusal = refusal("AccessDenied")
        return writer

    def owned(self, monkeypatch: pytest.MonkeyPatch, answer: Answer) -> ScriptedMembers:
        members = ScriptedMembers(Scripted("s3", ListBuckets=answer))
        monkeypatch.setattr(Members, "through", lambda *_: members)
        return members

    def test_on_another_accounts_bucket_is_done_whoever_else_is_on_record(
        self, writer: PolicyWriter, table: Table, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        members = self.owned(monkeypatch, NEIGHBOUR)
        writer.apply(CLOSE, "run", None)
        assert table.recorded(FIRST).view.written == {}
        assert list(table.recorded(SECOND).view.written) == [BUCKET.id]
        ((account, policy),) = members.entered[1:]
        assert (account, policy["Statement"]) == (
            OWNER,
            [{"Effect": "Allow", "Action": ["s3:ListAllMyBuckets"], "Resource": "*"}],
        )

    @pytest.mark.parametrize("answer", [MINE, refusal("AccessDenied")], ids=["its own", "not known"])
    def test_on_a_bucket_that_refuses_fails(
        self, writer: PolicyWriter, table: Table, monkeypatch: pytest.MonkeyPatch, answer: Answer
    ) -> None:
        self.owned(monkeypatch, answer)
        with pytest.raises(RefusedError, match="Scripted was refused: AccessDenied"):
            writer.apply(CLOSE, "run", None)
        assert table.recorded(FIRST).view.written == {BUCKET.id: ""}

    def test_in_a_closed_account_is_done_on_record(
        self, writer: PolicyWriter, table: Table, there: Kept, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stood = there.text
        monkeypatch.setattr(Members, "through", lambda *_: ShutMembers(OWNER))
        with pytest.raises(MemberRoleError):
            writer.apply(CLOSE, "run", None)
        writer.apply(replace(CLOSE, account_closed=True), "run", None)
        assert table.recorded(FIRST).view.written == {BUCKET.id: ACCOUNT_CLOSED}
        assert there.text == stood
        there.refusal = None
        self.owned(monkeypatch, MINE)
        writer.apply(CLOSE, "run", None)
        assert table.recorded(FIRST).view.written == {}
        assert there.sids() != [], "what the other has there stays"

    def test_in_a_closed_account_that_lets_us_in_is_done_there(
        self, writer: PolicyWriter, table: Table, there: Kept
    ) -> None:
        there.refusal = None
        writer.apply(replace(CLOSE, account_closed=True), "run", None)
        assert (table.recorded(FIRST).view.written, len(there.sids())) == ({}, 1)

    def test_opening_in_a_closed_account_fails(self, writer: PolicyWriter, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Members, "through", lambda *_: ShutMembers(OWNER))
        with pytest.raises(MemberRoleError):
            writer.apply(OpenTarget(subject_arn=FIRST, target=BUCKET, statements=(reads("9"),)), "run", None)

    def test_opening_on_one_fails(self, writer: PolicyWriter, monkeypatch: pytest.MonkeyPatch) -> None:
        self.owned(monkeypatch, NEIGHBOUR)
        with pytest.raises(RefusedError, match="AccessDenied"):
            writer.apply(OpenTarget(subject_arn=FIRST, target=BUCKET, statements=(reads("9"),)), "run", None)
