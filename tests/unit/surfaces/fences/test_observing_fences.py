"""A fence is what is attached to the account, or set on its roles, under our own name and nobody else's."""

import json
from typing import Any

import pytest

from stagegate.core.errors import RefusedError
from stagegate.rules.fence_kind import FenceKind
from stagegate.surfaces.fences.model import Fence, ObservedFence
from stagegate.surfaces.fences.observe import observe_boundary, observe_scp
from tests.support.builders import NOON, PROD
from tests.support.members import ScriptedMembers
from tests.support.scripted import Answer, Scripted, refusal

SCP = Fence(account=PROD, kind=FenceKind.SCP)
BOUNDARY = Fence(account=PROD, kind=FenceKind.BOUNDARY, roles=("Reader", "Reporter"))
POLICY_ARN = f"arn:aws:iam::{PROD}:policy/stagegate/stagegate-read-only-cards"
NONE = refusal("NoSuchEntity")


def attached(*names: str, more: str | None = None) -> dict[str, Any]:
    policies = [{"Id": f"p-{name}", "Name": name} for name in names]
    return {"Policies": policies, **({"NextToken": more} if more else {})}


class TestAPolicy:
    def test_is_found_by_the_accounts_name_on_whatever_page(self) -> None:
        name = f"stagegate-read-only-cards-{PROD}"
        organizations = Scripted(
            "organizations",
            ListPoliciesForTarget=[attached("FullAWSAccess", more="x"), attached("other", name)],
            DescribePolicy={"Policy": {"Content": "{}"}},
        )
        observed = observe_scp(organizations.client, SCP, "stagegate")
        assert observed == ObservedFence(account=PROD, policy=f"p-{name}", document="{}")
        assert organizations.of("ListPoliciesForTarget")[0]["TargetId"] == PROD

    def test_of_another_name_is_somebody_elses(self) -> None:
        organizations = Scripted("organizations", ListPoliciesForTarget=attached(f"other-read-only-cards-{PROD}"))
        assert observe_scp(organizations.client, SCP, "stagegate") == ObservedFence(account=PROD)

    def test_that_may_not_be_read_is_not_missing(self) -> None:
        organizations = Scripted("organizations", ListPoliciesForTarget=refusal("AccessDeniedException"))
        with pytest.raises(RefusedError, match=f"read the service control policies of {PROD}"):
            observe_scp(organizations.client, SCP, "stagegate")


def role(boundary: str | None) -> Answer:
    found: dict[str, Any] = {
        "Path": "/",
        "RoleName": "Reader",
        "RoleId": "AROAEXAMPLEEXAMPLE",
        "Arn": f"arn:aws:iam::{PROD}:role/Reader",
        "CreateDate": NOON,
    }
    if boundary:
        found["PermissionsBoundary"] = {"PermissionsBoundaryArn": boundary}
    return {"Role": found}


class TestABoundary:
    document = json.dumps({"Version": "2012-10-17", "Statement": []})

    def observed(self, *roles: Answer, policy: Answer | None = None) -> ObservedFence:
        iam = Scripted(
            "iam",
            GetRole=list(roles),
            GetPolicy=policy or {"Policy": {"DefaultVersionId": "v3"}},
            GetPolicyVersion={"PolicyVersion": {"Document": self.document}},
        )
        self.members = ScriptedMembers(iam)
        self.iam = iam
        return observe_boundary(self.members.way_in(), BOUNDARY, "stagegate", "aws")

    def test_covers_the_roles_that_have_it(self) -> None:
        observed = self.observed(role(POLICY_ARN))
        assert observed == ObservedFence(account=PROD, policy=POLICY_ARN, document=self.document)
        assert self.iam.of("GetPolicyVersion") == [{"PolicyArn": POLICY_ARN, "VersionId": "v3"}]

    def test_has_a_gap_where_a_role_has_none(self) -> None:
        assert self.observed(role(POLICY_ARN), role(None)).uncovered == ("Reporter",)

    @pytest.mark.parametrize(
        ("second", "code"),
        [(role("arn:aws:iam::aws:policy/PowerUserAccess"), "OtherBoundary"), (NONE, "RoleMissing")],
    )
    def test_cant_be_where_a_role_is_missing_or_behind_another_one(self, second: Answer, code: str) -> None:
        observed = self.observed(role(POLICY_ARN), second)
        assert [(f.code, f.severity.value) for f in observed.findings] == [(code, "block")]
        assert "Reporter" in observed.findings[0].detail

    def test_isnt_there_without_its_policy(self) -> None:
        assert self.observed(role(None), policy=NONE).document is None

    def test_is_read_by_a_session_that_can_do_nothing_else(self) -> None:
        self.observed(role(POLICY_ARN))
        ((account, policy),) = self.members.entered
        (statement,) = policy["Statement"]
        assert account == PROD
        assert statement["Action"] == ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole"]
        assert statement["Resource"] == [POLICY_ARN, f"arn:aws:iam::{PROD}:role/*"]
