"""Accounts without an organization: invitations, boundaries and an external id; and member roles that let nobody in."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.hubs.hub_environment import ALLOWED, MODELS, RULES, HubEnvironment
from tests.support.fixtures import CardEnvironment, card_environment, failed_visibly, problems, without

OUTSIDE = Path(__file__).with_name("outside.toml")


@pytest.fixture(scope="module")
def outside() -> Iterator[CardEnvironment]:
    with card_environment(OUTSIDE) as opened:
        yield opened


def test_the_story_goes_its_way_outside_an_organization(outside: CardEnvironment) -> None:
    assert problems(outside.does(outside.actions.creates("Draft"))) == []
    for status in ("PendingReview", "Draft"):
        assert problems(outside.does(outside.actions.sets("dev", status))) == []


@pytest.mark.parametrize(
    ("role", "function"),
    [
        ("stagegate-member-share", "apply-share"),
        ("stagegate-member-observe", "plan"),
        ("stagegate-member-fence", "apply-fence"),
    ],
)
def test_a_member_role_that_lets_nobody_in_is_named(outside: CardEnvironment, role: str, function: str) -> None:
    iam = outside.admin("iam", "test")
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    nobody = json.loads(json.dumps(trust).replace(f"role/stagegate-{function}", "role/stagegate-somebody-else"))
    assert nobody != trust
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(nobody))
    try:
        _test_cant_be_opened(outside, f"role/{role}: found no way in; allowed: ")
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
    assert problems(outside.does(outside.actions.sets("dev", "Draft"))) == []


def test_a_function_that_may_not_enter_members_says_so(outside: CardEnvironment) -> None:
    with without(outside, ("stagegate-apply-share", "EnterMembers")):
        _test_cant_be_opened(outside, "role/stagegate-member-share: found no way in; allowed: ")
    assert problems(outside.does(outside.actions.sets("dev", "Draft"))) == []


def test_the_member_role_accepts_the_invitation_to_a_hub(outside: CardEnvironment, tmp_path: Path) -> None:
    environment = HubEnvironment(outside.organization, tmp_path, base=OUTSIDE)
    environment.public.refill(MODELS)
    environment.rules(RULES.replace(', { stage = "prod", access = "read" }', ""))
    assert environment.outcome() == "changes"
    assert (environment.holds("dev"), environment.holds("test")) == (ALLOWED, None)
    assert environment.outcome() == "unchanged"
    environment.rules(
        RULES.replace('shares = [{ stage = "dev", access = "use" }, { stage = "prod", access = "read" }]', "")
    )
    assert environment.outcome() == "changes"
    assert environment.holds("dev") is None


def _test_cant_be_opened(environment: CardEnvironment, cause: str) -> None:
    """Opening the stage `test` fails, for everything that it takes: a fence to raise, an invitation to accept."""
    iam = environment.admin("iam", "test")
    if "PermissionsBoundary" in iam.get_role(RoleName="ModelTester")["Role"]:
        iam.delete_role_permissions_boundary(RoleName="ModelTester")
    result = environment.does(environment.actions.sets("dev", "PendingReview"))
    failed = next(cost for cost in result.costs if cost.error)
    failed_visibly(environment, result, failed, "MemberRoleError")
    assert cause in str(failed.execution.cause)
