"""A role is named as people have it: by its name, with its path, or by its ARN. What IAM compares is the ARN."""

from dataclasses import replace

import pytest

from stagegate.iam.statements import to_json
from stagegate.rules.checks import guardrails
from stagegate.rules.checks import roles as checks
from stagegate.rules.model import Stage
from stagegate.rules.names import role_arns
from stagegate.surfaces.fences.model import fence_of
from stagegate.targets.target import TargetType
from tests.support.builders import PROD, TEST
from tests.support.packages import STAGES, a_package, package_rules, wanted

PLAIN = "AmazonSageMaker-ExecutionRole-20260102T030405"
ARN = f"arn:aws:iam::{PROD}:role/service-role/{PLAIN}"
WRITTEN = [f"service-role/{PLAIN}", f"/service-role/{PLAIN}", ARN]


def stages(*roles: str) -> tuple[Stage, ...]:
    *others, prod = STAGES
    return (*others, replace(prod, roles=roles))


@pytest.mark.parametrize("role", WRITTEN)
def test_a_role_below_a_path_has_it_in_its_arn(role: str) -> None:
    assert role_arns([role], PROD, "aws") == (ARN,)


def test_a_plain_name_has_none_and_another_accounts_role_is_left_out() -> None:
    assert role_arns(["ModelOperator", ARN], TEST, "aws-cn") == (f"arn:aws-cn:iam::{TEST}:role/ModelOperator",)


@pytest.mark.parametrize("role", WRITTEN)
def test_a_package_opens_to_the_role_where_it_is(role: str) -> None:
    desired = wanted(package_rules(stages=stages(role)), a_package(), "prod")
    said = [to_json(statement) for grant in desired for statement in grant.statements]
    assert {each["Condition"]["ArnEquals"]["aws:PrincipalArn"] for each in said} == {ARN}
    assert {use.grantee for grant in desired if grant.target.type is TargetType.KEY_GRANTS for use in grant.uses} <= {
        ARN
    }


@pytest.mark.parametrize("role", WRITTEN)
def test_a_fence_takes_it_by_its_name(role: str) -> None:
    rules = package_rules(stages=stages(role))
    assert fence_of(replace(rules, organization=replace(rules.organization, id=None)), PROD).roles == (PLAIN,)


@pytest.mark.parametrize("role", ["AWSReservedSSO_Scientist_0123456789abcdef", "AWSServiceRoleForSageMaker"])
@pytest.mark.parametrize("by", ["fence", "guardrail"])
def test_a_role_whose_boundary_nobody_can_set_is_refused(role: str, by: str) -> None:
    arn = f"arn:aws:iam::{PROD}:role/{role}"
    stage = {"name": "prod", "accounts": [PROD], "roles": [role], "fence": "boundary"}
    guardrail = {"name": "canvas", "by": "boundary", "roles": [arn], "bedrock": "deny"}
    (problem,) = checks.roles({"stages": [stage]}) if by == "fence" else guardrails.check({"guardrails": [guardrail]})
    assert role in problem.found
    assert "boundary can be set" in problem.allowed


def test_such_a_role_may_deploy() -> None:
    stage = {"name": "prod", "accounts": [PROD], "roles": ["AWSReservedSSO_Scientist_0123456789abcdef"], "fence": "scp"}
    assert list(checks.roles({"stages": [stage]})) == []
