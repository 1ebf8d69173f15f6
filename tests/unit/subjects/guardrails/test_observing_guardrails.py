"""Looking at guardrails and at the domains that they are on, by what AWS answers."""

from typing import Any
from urllib.parse import quote

import pytest

from stagegate.core.errors import RefusedError
from stagegate.subjects.guardrails import observe_domains as domains
from stagegate.subjects.guardrails.model import (
    CanvasSetting,
    ObservedBoundaries,
    ObservedDomain,
    ObservedScp,
    WorkingRole,
)
from stagegate.subjects.guardrails.observe import observe_boundaries, observe_scp
from tests.support.builders import DEV, NOON, PROD, TEST
from tests.support.scripted import Answer, Scripted, refusal

POLICY = f"arn:aws:iam::{DEV}:policy/stagegate/stagegate-guardrail-canvas"
DOCUMENT = '{"Statement": [], "Version": "2012-10-17"}'
POLICY_THERE: dict[str, Answer] = {
    "GetPolicy": {"Policy": {"DefaultVersionId": "v2"}},
    "GetPolicyVersion": lambda _: {"PolicyVersion": {"Document": quote(DOCUMENT)}},  # botocore decodes it in place
}


def role(name: str, boundary: str | None = None) -> Answer:
    found: dict[str, Any] = {
        "Path": "/",
        "RoleName": name,
        "RoleId": "AROAEXAMPLEEXAMPLE",
        "Arn": f"arn:aws:iam::{DEV}:role/{name}",
        "CreateDate": NOON,
    }
    return {"Role": found | ({"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}} if boundary else {})}


class TestBoundaries:
    def test_are_the_policy_who_has_it_and_what_the_roles_in_question_have(self) -> None:
        iam = Scripted(
            "iam",
            **POLICY_THERE,
            ListEntitiesForPolicy=[
                {"PolicyRoles": [{"RoleName": "Ann"}], "IsTruncated": True, "Marker": "m"},
                {"PolicyRoles": [{"RoleName": "Old"}], "IsTruncated": False},
            ],
            GetRole=[role("Ann", POLICY), role("Bob"), refusal("AccessDenied"), refusal("NoSuchEntity")],
        )
        assert observe_boundaries(iam.client, POLICY, ["Dan", "Ann", "Bob", "Cat"]) == ObservedBoundaries(
            document=DOCUMENT,
            holds=frozenset({"Ann", "Old"}),
            boundaries={"Ann": POLICY, "Bob": ""},
            barred=frozenset({"Cat"}),
            missing=frozenset({"Dan"}),
        )
        assert iam.of("ListEntitiesForPolicy")[0] == {
            "PolicyArn": POLICY,
            "EntityFilter": "Role",
            "PolicyUsageFilter": "PermissionsBoundary",
        }

    def test_without_a_policy_are_nobody_s(self) -> None:
        iam = Scripted("iam", GetPolicy=refusal("NoSuchEntity"))
        assert observe_boundaries(iam.client, POLICY, []) == ObservedBoundaries()

    @pytest.mark.parametrize("operation", ["GetPolicy", "ListEntitiesForPolicy"])
    def test_that_can_t_be_read_are_an_error(self, operation: str) -> None:
        iam = Scripted("iam", **{**POLICY_THERE, operation: refusal("AccessDenied")})
        with pytest.raises(RefusedError, match="stagegate-guardrail-canvas"):
            observe_boundaries(iam.client, POLICY, [])

    def test_of_a_role_that_can_t_be_read_for_another_reason_are_an_error(self) -> None:
        iam = Scripted("iam", GetPolicy=refusal("NoSuchEntity"), GetRole=refusal("InvalidInput"))
        with pytest.raises(RefusedError, match="InvalidInput"):
            observe_boundaries(iam.client, POLICY, ["Ann"])


def attached(*names: str) -> Answer:
    return {"Policies": [{"Id": f"p-{name}", "Name": name} for name in names]}


def test_a_service_control_policy_is_found_by_its_name_on_any_account() -> None:
    organizations = Scripted(
        "organizations",
        ListPoliciesForTarget=[attached("Full"), attached("Full", "ours"), attached("Full")],
        DescribePolicy={"Policy": {"Content": DOCUMENT}},
    )
    assert observe_scp(organizations.client, {TEST, PROD, DEV}, "ours") == ObservedScp(
        policy="p-ours",
        document=DOCUMENT,
        attached={DEV: frozenset({"Full"}), TEST: frozenset({"Full", "ours"}), PROD: frozenset({"Full"})},
    )
    assert organizations.of("DescribePolicy") == [{"PolicyId": "p-ours"}]


def test_no_account_is_no_call() -> None:
    assert observe_scp(Scripted("organizations").client, (), "ours") == ObservedScp()


def settings(execution_role: str | None = None, direct: str | None = None) -> dict[str, Any]:
    return {
        **({"ExecutionRole": f"arn:aws:iam::{DEV}:role/{execution_role}"} if execution_role else {}),
        **({"CanvasAppSettings": {"DirectDeploySettings": {"Status": direct}}} if direct else {}),
    }


class TestDomains:
    def test_have_the_roles_of_their_users_spaces_and_profiles(self) -> None:
        sagemaker = Scripted(
            "sagemaker",
            ListDomains=[{"Domains": [{"DomainId": "d-2"}], "NextToken": "t"}, {"Domains": [{"DomainId": "d-1"}]}],
            DescribeDomain=[
                {
                    "DefaultUserSettings": settings("Default", "ENABLED"),
                    "DefaultSpaceSettings": settings("Spaces"),
                },
                refusal("ResourceNotFound"),
            ],
            ListUserProfiles=[
                {"UserProfiles": [{"UserProfileName": "guest"}], "NextToken": "t"},
                {"UserProfiles": [{"UserProfileName": "analyst"}, {"UserProfileName": "gone"}]},
            ],
            DescribeUserProfile=[
                {"UserSettings": settings("Own", "DISABLED")},
                refusal("ResourceNotFound"),
                {},
            ],
        )
        roles = (("Default", "default"), ("Spaces", "spaces"), ("Own", "user profile analyst"))
        assert domains.observe(sagemaker.client, DEV) == (
            ObservedDomain(
                account=DEV,
                id="d-1",
                roles=tuple(
                    WorkingRole(arn=f"arn:aws:iam::{DEV}:role/{name}", whose=f"{whose} of domain d-1")
                    for name, whose in roles
                ),
                canvas=(
                    CanvasSetting(profile=None, direct_deployment="ENABLED"),
                    CanvasSetting(profile="analyst", direct_deployment="DISABLED"),
                    CanvasSetting(profile="guest", direct_deployment=None),
                ),
            ),
        )
        assert [call["DomainIdEquals"] for call in sagemaker.of("ListUserProfiles")] == ["d-1", "d-1"]

    @pytest.mark.parametrize("operation", ["DescribeDomain", "DescribeUserProfile"])
    def test_that_can_t_be_read_are_an_error(self, operation: str) -> None:
        answers: dict[str, Answer] = {
            "ListDomains": {"Domains": [{"DomainId": "d-1"}]},
            "DescribeDomain": {},
            "ListUserProfiles": {"UserProfiles": [{"UserProfileName": "a"}]},
            operation: refusal("AccessDeniedException"),
        }
        with pytest.raises(RefusedError, match=f"read the SageMaker domains of {DEV}"):
            domains.observe(Scripted("sagemaker", **answers).client, DEV)
