"""An account that could not be entered is looked up: closed, gone from the organization, or there all the same."""

from dataclasses import replace
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.core.errors import (
    AccountClosedError,
    AccountLeftError,
    MemberRoleError,
    PermanentError,
    RefusedError,
)
from stagegate.rules.model import Organization
from stagegate.subjects.context import Planner
from stagegate.subjects.observe_accounts import explained
from stagegate.subjects.observe_roles import look_up, role_findings
from tests.support.builders import DEV, GOVERNANCE, PROD, some_rules
from tests.support.lost_accounts import ACTIVE, CLOSED, LEFT, ShutMembers, organizations
from tests.support.members import ScriptedMembers
from tests.support.scripted import Answer, Scripted, refusal
from tests.unit.subjects.packages.test_planning_packages import a_role

NO_WAY_IN = MemberRoleError("found no way in")
DENIED = refusal("AccessDeniedException", "You don't have permissions to access this resource.")


def a_planner(environment: Environment, asked: Scripted, **rules: Any) -> Planner:
    return Planner(
        environment=environment,
        rules=replace(some_rules(), **rules),
        sagemaker=Scripted("sagemaker").client,
        ram=Scripted("ram").client,
        organizations=asked.client,
        dynamodb=Scripted("dynamodb").client,
        members=ScriptedMembers().way_in(),
    )


def refused(code: str) -> RefusedError:
    error = RefusedError(code)
    error.__cause__ = refusal(code)
    return error


@pytest.mark.parametrize(
    ("answer", "others", "expected"),
    [
        pytest.param(CLOSED, ACTIVE, AccountClosedError, id="closed"),
        pytest.param({"Account": {"State": "PENDING_CLOSURE"}}, ACTIVE, AccountClosedError, id="being closed"),
        pytest.param({"Account": {"Status": "SUSPENDED"}}, ACTIVE, AccountClosedError, id="suspended"),
        pytest.param(LEFT, ACTIVE, AccountLeftError, id="left"),
        pytest.param(DENIED, ACTIVE, MemberRoleError, id="perhaps no account that the delegation names"),
        pytest.param(ACTIVE, ACTIVE, MemberRoleError, id="there"),
        pytest.param({"Account": {"State": "PENDING_ACTIVATION"}}, ACTIVE, MemberRoleError, id="not there yet"),
        pytest.param(LEFT, LEFT, MemberRoleError, id="we have left"),
        pytest.param(DENIED, DENIED, MemberRoleError, id="we may not ask"),
        pytest.param(refusal("TooManyRequestsException"), ACTIVE, MemberRoleError, id="not now"),
    ],
)
def test_organizations_says_why(
    environment: Environment, answer: Answer, others: Answer, expected: type[PermanentError]
) -> None:
    planner = a_planner(environment, organizations(DEV, answer, others))
    assert type(explained(planner, DEV, NO_WAY_IN)) is expected


@pytest.mark.parametrize(
    ("error", "is_asked"),
    [
        (NO_WAY_IN, True),
        (refused("AllAccessDisabled"), True),
        (refused("TargetNotFoundException"), True),
        (refused("AccessDenied"), False),
        (refused("NoSuchBucket"), False),
        (RefusedError("unreadable"), False),
    ],
)
def test_it_is_asked_only_where_the_account_may_be_the_reason(
    environment: Environment, error: PermanentError, *, is_asked: bool
) -> None:
    asked = organizations(DEV, CLOSED)
    why = explained(a_planner(environment, asked), DEV, error)
    assert (isinstance(why, AccountClosedError), asked.operations) == (
        is_asked,
        ["DescribeAccount"] if is_asked else [],
    )


def test_nobody_is_asked_outside_an_organization_or_of_our_own_account(environment: Environment) -> None:
    outside = Organization(id=None, external_id="a-secret-of-the-company")
    asked = organizations(DEV, CLOSED)
    assert explained(a_planner(environment, asked, organization=outside), DEV, NO_WAY_IN) is NO_WAY_IN
    own = organizations(GOVERNANCE, CLOSED)
    assert explained(a_planner(environment, own), environment.account, NO_WAY_IN) is NO_WAY_IN
    assert asked.operations == own.operations == []


def test_roles_of_a_closed_account_are_left_out_and_named(environment: Environment) -> None:
    there, lost = f"arn:aws:iam::{PROD}:role/There", f"arn:aws:iam::{DEV}:role/Lost"
    iam = Scripted("iam", ListRoles={"Roles": [a_role(there)]})
    planner = replace(a_planner(environment, organizations(DEV, CLOSED)), members=ShutMembers(DEV, iam).way_in())
    roles = look_up(planner, {there, lost}, region="us-east-1", partition="aws")
    assert (set(roles.missing), len(roles.unseen)) == ({lost}, 0)
    both = role_findings(roles, [("prod", [there, lost])])
    alone = role_findings(roles, [("dev", [lost])])
    assert [(f.code, f.severity.value) for f in both] == [("AccountClosed", "warn")]
    assert [(f.code, f.severity.value) for f in alone] == [("AccountClosed", "block")]
