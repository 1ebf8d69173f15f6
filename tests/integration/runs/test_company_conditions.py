"""What a company asks of every role: a path, a permissions boundary and tags. Everything works as without them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.kernel.delays import Delays
from sandbox.stagegate.deployment import Company
from tests.integration.imports.import_environment import HOSTING, Hosted, hosted
from tests.support.fixtures import CardEnvironment, card_environment, failed_visibly, problems

OUTSIDE = Path(__file__).parents[1] / "cards" / "outside.toml"
TAGS = {"cost-center": "4711", "owner": "ml-platform"}
COMPANY = Company(role_path="/automation/ml/", boundary="bounds/Workload", tags=TAGS)
OTHER_BOUNDARY = Company(role_path="/automation/", boundary="Workload", import_boundary="bounds/Imports", tags=TAGS)
TIMING = Delays(cloudtrail=0.2, model_import=0.2, wait_factor=0.01)
OPEN, CLOSED = (True,) * 4, (False,) * 4


def roles_of(environment: Any, account: str) -> list[dict[str, Any]]:
    """Stagegate's own roles in an account, with their boundaries and tags."""
    iam = environment.admin("iam", account)
    found = [role["RoleName"] for role in iam.list_roles()["Roles"] if role["RoleName"].startswith("stagegate-")]
    return [iam.get_role(RoleName=name)["Role"] for name in found]


def tags_of(role: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in role.get("Tags", ())}


@pytest.fixture(scope="module")
def bounded() -> Iterator[CardEnvironment]:
    with card_environment(OUTSIDE, company=COMPANY) as opened:
        yield opened


def test_every_role_of_both_stacks_has_all_three(bounded: CardEnvironment) -> None:
    for account, least in (("governance", 18), ("test", 4)):
        roles = roles_of(bounded, account)
        assert len(roles) >= least
        for role in roles:
            assert role["Path"] == COMPANY.role_path
            assert role["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(":policy/bounds/Workload")
            assert tags_of(role) == TAGS


def test_a_card_opens_and_closes_and_fences_stand_under_a_boundary(bounded: CardEnvironment) -> None:
    assert problems(bounded.does(bounded.actions.creates("Draft"))) == []
    for status in ("PendingReview", "Draft"):
        assert problems(bounded.does(bounded.actions.sets("dev", status))) == []


def test_a_boundary_that_allows_less_fails_by_name(bounded: CardEnvironment) -> None:
    iam = bounded.admin("iam", "governance")
    (arn,) = [each["Arn"] for each in iam.list_policies(Scope="Local")["Policies"] if each["PolicyName"] == "Workload"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    document["Statement"][0]["Action"].remove("sts:AssumeRole")
    less = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
    try:
        result = bounded.does(bounded.actions.sets("dev", "PendingReview"))
        failed = next(cost for cost in result.costs if cost.error)
        failed_visibly(bounded, result, failed, "MemberRoleError")
        assert "role/automation/ml/stagegate-member-" in str(failed.execution.cause)
    finally:
        iam.set_default_policy_version(PolicyArn=arn, VersionId=version)
        iam.delete_policy_version(PolicyArn=arn, VersionId=less["PolicyVersion"]["VersionId"])


@pytest.fixture(scope="module", params=[COMPANY, OTHER_BOUNDARY], ids=["our boundary", "their boundary"])
def hosting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    with hosted(tmp_path_factory.mktemp("settings"), TIMING, company=request.param) as found:
        yield found


def test_the_role_of_an_import_has_a_boundary_and_the_tags(hosting: Hosted, request: pytest.FixtureRequest) -> None:
    hosting.sets("approver", "Approved")
    assert hosting.is_open() == OPEN
    (name,) = hosting.roles()
    role = hosting.admin("iam").get_role(RoleName=name)["Role"]
    ours = "their boundary" not in request.node.name
    named = "stagegate/stagegate-import-boundary" if ours else "bounds/Imports"
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == f"arn:aws:iam::{HOSTING}:policy/{named}"
    assert tags_of(role) == TAGS
    hosting.sets("approver", "Rejected")
    assert hosting.is_open() == CLOSED
