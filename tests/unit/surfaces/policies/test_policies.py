"""How each service takes a policy: what is sent, and how it says that there is none."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from stagegate.core.errors import NotSettledError, RefusedError
from stagegate.surfaces.policies.write_documents import BucketPolicy, GroupPolicy, RepositoryPolicy
from stagegate.targets.target import TargetType
from tests.support.documents import BUCKET, NAME, OWNER
from tests.support.scripted import Scripted, refusal

GROUP = replace(BUCKET, type=TargetType.GROUP_POLICY, name="churn")
REPOSITORY = replace(BUCKET, type=TargetType.REPOSITORY_POLICY, name="churn/serving")
NO_GROUP_POLICY = refusal("ValidationException", "Cannot find resource policy for: arn:aws:sagemaker:…/churn")
NO_GROUP = refusal("ValidationException", "Cannot find Model Package Group: arn:aws:sagemaker:…/churn")
GROUP_ARN = "arn:aws:sagemaker:us-east-1:111122223333:model-package-group/churn"


class TestAGroup:
    def test_is_named_by_its_name(self) -> None:
        sagemaker = Scripted(
            "sagemaker",
            GetModelPackageGroupPolicy={"ResourcePolicy": "{}"},
            PutModelPackageGroupPolicy={"ModelPackageGroupArn": GROUP_ARN},
            DeleteModelPackageGroupPolicy={},
        )
        policy = GroupPolicy(target=GROUP, sagemaker=sagemaker.client)
        assert policy.read() == "{}"
        policy.write("text")
        policy.delete()
        assert sagemaker.of("PutModelPackageGroupPolicy") == [
            {"ModelPackageGroupName": "churn", "ResourcePolicy": "text"}
        ]
        assert sagemaker.of("DeleteModelPackageGroupPolicy") == [{"ModelPackageGroupName": "churn"}]

    def test_without_a_policy_has_none_and_needs_no_deletion(self) -> None:
        sagemaker = Scripted(
            "sagemaker", GetModelPackageGroupPolicy=NO_GROUP_POLICY, DeleteModelPackageGroupPolicy=NO_GROUP_POLICY
        )
        policy = GroupPolicy(target=GROUP, sagemaker=sagemaker.client)
        assert policy.read() is None
        policy.delete()

    def test_that_is_gone_has_none_and_needs_no_deletion(self) -> None:
        sagemaker = Scripted("sagemaker", GetModelPackageGroupPolicy=NO_GROUP, DeleteModelPackageGroupPolicy=NO_GROUP)
        policy = GroupPolicy(target=GROUP, sagemaker=sagemaker.client)
        assert policy.read() is None
        policy.delete()

    def test_that_is_gone_takes_no_policy_and_is_tried_again(self) -> None:
        sagemaker = Scripted("sagemaker", PutModelPackageGroupPolicy=NO_GROUP)
        with pytest.raises(NotSettledError, match="the group is gone"):
            GroupPolicy(target=GROUP, sagemaker=sagemaker.client).write("text")

    def test_refuses_everything_else(self) -> None:
        denied = refusal("AccessDeniedException", "Cannot find Model Package Group")
        sagemaker = Scripted(
            "sagemaker",
            GetModelPackageGroupPolicy=denied,
            PutModelPackageGroupPolicy=denied,
            DeleteModelPackageGroupPolicy=denied,
        )
        policy = GroupPolicy(target=GROUP, sagemaker=sagemaker.client)
        with pytest.raises(RefusedError):
            policy.read()
        with pytest.raises(ClientError):
            policy.write("text")
        with pytest.raises(ClientError):
            policy.delete()


class TestABucket:
    def test_is_the_owners_that_the_rules_name(self) -> None:
        s3 = Scripted("s3", GetBucketPolicy={"Policy": "{}"}, PutBucketPolicy={}, DeleteBucketPolicy={})
        policy = BucketPolicy(target=BUCKET, s3=s3.client)
        assert policy.read() == "{}"
        policy.write("text")
        policy.delete()
        assert [request["ExpectedBucketOwner"] for _, request in s3.calls] == [OWNER] * 3
        assert s3.of("PutBucketPolicy")[0]["Policy"] == "text"
        assert {request["Bucket"] for _, request in s3.calls} == {NAME}

    @pytest.mark.parametrize("code", ["NoSuchBucketPolicy", "NoSuchBucket"])
    def test_without_a_policy_or_that_is_gone_has_none_and_needs_no_deletion(self, code: str) -> None:
        s3 = Scripted("s3", GetBucketPolicy=refusal(code), DeleteBucketPolicy=refusal("NoSuchBucket"))
        policy = BucketPolicy(target=BUCKET, s3=s3.client)
        assert policy.read() is None
        policy.delete()

    def test_of_somebody_else_is_refused(self) -> None:
        s3 = Scripted("s3", GetBucketPolicy=refusal("AccessDenied"))
        with pytest.raises(RefusedError, match=f"read the policy of bucket-policy/{OWNER}/us-east-1/{NAME}"):
            BucketPolicy(target=BUCKET, s3=s3.client).read()

    def test_names_the_ways_out_of_a_document_that_is_full(self) -> None:
        ways_out = BucketPolicy(target=BUCKET, s3=Scripted("s3").client).limit.ways_out
        assert any('scope = "group"' in way for way in ways_out)


class TestARepository:
    def test_is_that_of_the_registry_that_the_rules_name(self) -> None:
        ecr = Scripted(
            "ecr", GetRepositoryPolicy={"policyText": "{}"}, SetRepositoryPolicy={}, DeleteRepositoryPolicy={}
        )
        policy = RepositoryPolicy(target=REPOSITORY, ecr=ecr.client)
        assert policy.read() == "{}"
        policy.write("text")
        policy.delete()
        where = {"registryId": OWNER, "repositoryName": "churn/serving"}
        assert [request for _, request in ecr.calls] == [where, {**where, "policyText": "text"}, where]

    @pytest.mark.parametrize("code", ["RepositoryPolicyNotFoundException", "RepositoryNotFoundException"])
    def test_without_a_policy_or_that_is_gone_has_none_and_needs_no_deletion(self, code: str) -> None:
        none = refusal(code)
        ecr = Scripted("ecr", GetRepositoryPolicy=none, DeleteRepositoryPolicy=none)
        policy = RepositoryPolicy(target=REPOSITORY, ecr=ecr.client)
        assert policy.read() is None
        policy.delete()
