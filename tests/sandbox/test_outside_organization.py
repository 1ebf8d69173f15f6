"""Accounts without an organization: invitations, boundaries and an external id; and member roles that let nobody in."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hub_place import ALLOWED, MODELS, RULES, HubPlace
from tests.support.scenes import Scene, failed_visibly, problems, scene, without

OUTSIDE = Path(__file__).with_name("outside.toml")


@pytest.fixture(scope="module")
def outside() -> Iterator[Scene]:
    with scene(OUTSIDE) as opened:
        yield opened


def test_the_story_goes_its_way_outside_an_organization(outside: Scene) -> None:
    assert problems(outside.does(outside.hands.creates("Draft"))) == []
    for status in ("PendingReview", "Draft"):
        assert problems(outside.does(outside.hands.sets("dev", status))) == []


@pytest.mark.parametrize(
    ("role", "function"),
    [
        ("stagegate-member-share", "apply-share"),
        ("stagegate-member-observe", "plan"),
        ("stagegate-member-fence", "apply-fence"),
    ],
)
def test_a_member_role_that_lets_nobody_in_is_named(outside: Scene, role: str, function: str) -> None:
    iam = outside.admin("iam", "test")
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    nobody = json.loads(json.dumps(trust).replace(f"role/stagegate-{function}", "role/stagegate-somebody-else"))
    assert nobody != trust
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(nobody))
    try:
        _test_cant_be_opened(outside, f"role/{role}: found no way in; allowed: ")
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
    assert problems(outside.does(outside.hands.sets("dev", "Draft"))) == []


def test_a_function_that_may_not_enter_members_says_so(outside: Scene) -> None:
    with without(outside, ("stagegate-apply-share", "EnterMembers")):
        _test_cant_be_opened(outside, "role/stagegate-member-share: found no way in; allowed: ")
    assert problems(outside.does(outside.hands.sets("dev", "Draft"))) == []


def test_the_member_role_accepts_the_invitation_to_a_hub(outside: Scene, tmp_path: Path) -> None:
    place = HubPlace(outside.organization, tmp_path, base=OUTSIDE)
    place.public.refill(MODELS)
    place.rules(RULES.replace(', { stage = "prod", access = "read" }', ""))
    assert place.outcome() == "changes"
    assert (place.holds("dev"), place.holds("test")) == (ALLOWED, None)
    assert place.outcome() == "unchanged"
    place.rules(RULES.replace('shares = [{ stage = "dev", access = "use" }, { stage = "prod", access = "read" }]', ""))
    assert place.outcome() == "changes"
    assert place.holds("dev") is None


def _test_cant_be_opened(place: Scene, cause: str) -> None:
    """Opening the stage `test` fails, for everything that it takes: a fence to raise, an invitation to accept."""
    iam = place.admin("iam", "test")
    if "PermissionsBoundary" in iam.get_role(RoleName="ModelTester")["Role"]:
        iam.delete_role_permissions_boundary(RoleName="ModelTester")
    result = place.does(place.hands.sets("dev", "PendingReview"))
    failed = next(cost for cost in result.costs if cost.error)
    failed_visibly(place, result, failed, "MemberRoleError")
    assert cause in str(failed.execution.cause)
