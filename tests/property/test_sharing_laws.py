"""Packages shared to random subsets of many accounts: what the policies say is what the evaluator allows."""

import json
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.authorization import Kind, Policies, Request, parse
from sandbox.authorization.evaluator.evaluate import evaluate
from sandbox.kernel import identity
from sandbox.services import authorizations
from stagegate.approvals.entitlement import Entitlement
from stagegate.core.addresses import S3Uri
from stagegate.core.arns import subject_of
from stagegate.iam.render import render
from stagegate.iam.statements import Statement
from stagegate.rules.model import BucketScope, PrincipalScope, Rules, Stage
from stagegate.subjects.packages.grants import desired_grants
from stagegate.subjects.packages.model import Package, content_hash
from stagegate.targets.compare import LIMITS
from stagegate.targets.desired import desired_text_of, statements_in
from stagegate.targets.target import OpenTarget, TargetType
from tests.support.builders import DEV, GOVERNANCE
from tests.support.packages import BUCKET, CONTAINER, DEV_BUCKET, a_package, package_rules

authorizations.register()  # the condition keys that requests may carry

ACCOUNTS = tuple(f"{number:012}" for number in range(500000000001, 500000000021))
VERSIONS = 6
ROLE = "ModelOperator"
MAY_ALL = parse(
    "all",
    Kind.IDENTITY,
    json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
)
GROUP = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package-group/churn"
REPOSITORY = f"arn:aws:ecr:us-east-1:{DEV}:repository/team/serving"

ROOMY = 10**6
subset = st.integers(0, 2 ** len(ACCOUNTS) - 1).map(
    lambda mask: frozenset(account for number, account in enumerate(ACCOUNTS) if mask >> number & 1)
)
subsets = st.lists(subset, min_size=1, max_size=VERSIONS)
"""To whom each version of the package is open: anything from nobody to everybody."""


def arn_of(version: int) -> str:
    return f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package/churn/{version}"


def key_of(version: int) -> str:
    return f"churn/{version}/model.tar.gz"


def rules_for(principals: PrincipalScope, scope: BucketScope, listing: BucketScope) -> Rules:
    """A stage for each account, so that any subset of them can be let in."""
    stages = [Stage(name=account, accounts=(account,), roles=(ROLE,)) for account in ACCOUNTS]
    bucket = replace(DEV_BUCKET, scope=scope, listing=listing)
    return package_rules(principals=principals, stages=stages, buckets=[bucket])


def version(number: int) -> Package:
    containers = (replace(CONTAINER, data_uris=(S3Uri(bucket=BUCKET, key=key_of(number)),)),)
    package = replace(a_package(), containers=containers, content_hash=content_hash(containers))
    return replace(package, arn=arn_of(number), version=number)


def desired_texts_of(rules: Rules, number: int, accounts: frozenset[str]) -> Mapping[TargetType, str]:
    """What one version wants of each document, as it goes on record."""
    entitled = [Entitlement(stage=account, write=False) for account in sorted(accounts)]
    subject = subject_of(arn_of(number))
    desired, findings = desired_grants(rules, subject, version(number), entitled, {GOVERNANCE, DEV, *ACCOUNTS})
    assert not [finding for finding in findings if finding.severity == "block"]
    desired_digest: dict[TargetType, str] = {}
    for target in {desired_grant.target for desired_grant in desired}:
        statements = tuple(
            s for desired_grant in desired if desired_grant.target == target for s in desired_grant.statements
        )
        desired_text = desired_text_of(OpenTarget(subject_arn=subject.arn, target=target, statements=statements))
        assert desired_text is not None
        desired_digest[target.type] = desired_text
    return desired_digest


def documents(rules: Rules, shared: list[frozenset[str]]) -> Mapping[TargetType, str]:
    """Each document with what all versions want of it."""
    desired_texts = [desired_texts_of(rules, number, accounts) for number, accounts in enumerate(shared, 1)]
    rendered: dict[TargetType, str] = {}
    for surface, limit in LIMITS.items():
        statements: tuple[Statement, ...] = statements_in(
            {
                str(number): desired_text[surface]
                for number, desired_text in enumerate(desired_texts)
                if surface in desired_text
            }
        )
        # How much fits is measured elsewhere (bench.packages); what it means doesn't depend on that.
        rendered[surface] = render(None, statements, replace(limit, size=ROOMY)).text
    return rendered


def allowed(document: str, account: str, role: str, action: str, resource: str, owner: str, prefix: str = "") -> bool:
    caller = identity.session(f"arn:aws:iam::{account}:role/{role}", "today")
    context = {"aws:PrincipalArn": (str(caller.role_arn),)} | ({"s3:prefix": (prefix,)} if prefix else {})
    policy = parse("the document", Kind.RESOURCE, document)
    request = Request(caller, action, resource, owner, context)
    return evaluate(request, Policies(identity=(MAY_ALL,), resource=(policy,))).allowed


def check(shared: list[frozenset[str]], principals: PrincipalScope, scope: BucketScope, listing: BucketScope) -> None:
    said = documents(rules_for(principals, scope, listing), shared)
    anything = frozenset().union(*shared)
    bucket = f"arn:aws:s3:::{BUCKET}"
    for account in (*ACCOUNTS, "599999999999"):
        for role in (ROLE, f"{ROLE}-evil"):
            is_meant = role == ROLE or principals is PrincipalScope.ACCOUNT
            for number, accounts in enumerate(shared, 1):
                is_in = is_meant and account in accounts
                reads = is_in or (is_meant and scope is BucketScope.GROUP and account in anything)
                lists = reads or (is_meant and listing is BucketScope.GROUP and account in anything)
                requested = [
                    (TargetType.GROUP_POLICY, "sagemaker:DescribeModelPackage", arn_of(number), GOVERNANCE, "", is_in),
                    (TargetType.GROUP_POLICY, "sagemaker:CreateModel", arn_of(number), GOVERNANCE, "", is_in),
                    (TargetType.GROUP_POLICY, "sagemaker:UpdateModelPackage", arn_of(number), GOVERNANCE, "", False),
                    (TargetType.BUCKET_POLICY, "s3:GetObject", f"{bucket}/{key_of(number)}", DEV, "", reads),
                    (TargetType.BUCKET_POLICY, "s3:GetObject", f"{bucket}/fraud/{key_of(number)}", DEV, "", False),
                    (TargetType.BUCKET_POLICY, "s3:PutObject", f"{bucket}/{key_of(number)}", DEV, "", False),
                    (TargetType.BUCKET_POLICY, "s3:ListBucket", bucket, DEV, key_of(number), lists),
                ]
                for surface, action, resource, owner, prefix, expected in requested:
                    found = allowed(said[surface], account, role, action, resource, owner, prefix)
                    assert found == expected, (account, role, number, action, resource)
            is_in = is_meant and account in anything
            for surface, action, resource, owner in (
                (TargetType.REPOSITORY_POLICY, "ecr:BatchGetImage", REPOSITORY, DEV),
                (TargetType.GROUP_POLICY, "sagemaker:ListModelPackages", GROUP, GOVERNANCE),
                (TargetType.BUCKET_POLICY, "s3:GetBucketLocation", bucket, DEV),
            ):
                assert allowed(said[surface], account, role, action, resource, owner) == is_in, (account, role, action)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(subsets, st.sampled_from(PrincipalScope), st.sampled_from(BucketScope), st.sampled_from(BucketScope))
def test_exactly_those_are_let_in_to_whom_a_version_is_open(
    shared: list[frozenset[str]], principals: PrincipalScope, scope: BucketScope, listing: BucketScope
) -> None:
    check(shared, principals, scope, listing)
