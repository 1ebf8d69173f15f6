"""Putting a guardrail on roles and taking it off: what IAM is asked, and in which order."""

from typing import Any

import pytest

from stagegate.core.errors import RefusedError, ThrottledError
from stagegate.surfaces.guardrails.write_boundaries import put_boundary, remove_boundary
from tests.support.builders import DEV, NOON
from tests.support.scripted import Answer, Scripted, refusal

POLICY = f"arn:aws:iam::{DEV}:policy/stagegate/stagegate-guardrail-canvas"
OTHER = POLICY.replace("canvas", "studio")
THEIRS = "arn:aws:iam::aws:policy/PowerUserAccess"
HERE: dict[str, Any] = {"prefix": "stagegate", "account": DEV, "partition": "aws"}


def role(boundary: str = "") -> Answer:
    found: dict[str, Any] = {
        "Path": "/",
        "RoleName": "Ann",
        "RoleId": "AROAEXAMPLEEXAMPLE",
        "Arn": f"arn:aws:iam::{DEV}:role/Ann",
        "CreateDate": NOON,
    }
    return {"Role": found | ({"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}} if boundary else {})}


class TestRaising:
    def test_writes_the_policy_before_anybody_has_it(self) -> None:
        iam = Scripted("iam", CreatePolicy={"Policy": {}}, GetRole=role(), PutRolePermissionsBoundary={})
        put_boundary(iam.client, "canvas", "{}", ["Ann", "Bob"], **HERE)
        (made,) = iam.of("CreatePolicy")
        assert (made["PolicyName"], made["Path"], made["PolicyDocument"]) == (
            "stagegate-guardrail-canvas",
            "/stagegate/",
            "{}",
        )
        assert iam.operations == ["CreatePolicy", *["GetRole", "PutRolePermissionsBoundary"] * 2]
        assert iam.of("PutRolePermissionsBoundary") == [
            {"RoleName": name, "PermissionsBoundary": POLICY} for name in ("Ann", "Bob")
        ]

    def test_brings_a_policy_that_is_there_up_to_date(self) -> None:
        versions: Answer = {"Versions": [{"VersionId": "v1", "IsDefaultVersion": True, "CreateDate": NOON}]}
        iam = Scripted(
            "iam",
            CreatePolicy=refusal("EntityAlreadyExists"),
            ListPolicyVersions=versions,
            CreatePolicyVersion={"PolicyVersion": {}},
        )
        put_boundary(iam.client, "canvas", "{}", [], **HERE)
        assert iam.of("CreatePolicyVersion") == [{"PolicyArn": POLICY, "PolicyDocument": "{}", "SetAsDefault": True}]

    def test_leaves_a_policy_that_says_so_already(self) -> None:
        iam = Scripted("iam", GetRole=role(OTHER), PutRolePermissionsBoundary={})
        put_boundary(iam.client, "canvas", None, ["Ann"], **HERE)
        assert iam.operations == ["GetRole", "PutRolePermissionsBoundary"]

    def test_a_second_time_sets_nothing(self) -> None:
        iam = Scripted("iam", GetRole=role(POLICY))
        put_boundary(iam.client, "canvas", None, ["Ann"], **HERE)
        assert iam.operations == ["GetRole"]

    def test_leaves_somebody_else_s_boundary_alone_and_says_so(self) -> None:
        iam = Scripted("iam", GetRole=role(THEIRS))
        with pytest.raises(RefusedError, match=f"role Ann of {DEV}: found the boundary {THEIRS}; allowed: {POLICY}"):
            put_boundary(iam.client, "canvas", None, ["Ann"], **HERE)

    def test_a_role_that_cant_get_it_keeps_none_of_the_others_without(self) -> None:
        iam = Scripted(
            "iam",
            GetRole=[role(THEIRS), role(), role()],
            PutRolePermissionsBoundary=[refusal("UnmodifiableEntity"), {}],
        )
        with pytest.raises(RefusedError, match=r"role Ann of .*; .*role Bob of .*UnmodifiableEntity"):
            put_boundary(iam.client, "canvas", None, ["Ann", "Bob", "Cat"], **HERE)
        assert [each["RoleName"] for each in iam.of("PutRolePermissionsBoundary")] == ["Bob", "Cat"]

    @pytest.mark.parametrize(("code", "error"), [("AccessDenied", RefusedError), ("Throttling", ThrottledError)])
    def test_that_is_refused_says_whether_trying_again_can_help(self, code: str, error: type[Exception]) -> None:
        with pytest.raises(error, match=f"write guardrail canvas of {DEV}"):
            put_boundary(Scripted("iam", CreatePolicy=refusal(code)).client, "canvas", "{}", [], **HERE)


class TestLowering:
    def test_takes_it_off_those_that_still_have_it(self) -> None:
        iam = Scripted(
            "iam",
            GetRole=[role(POLICY), role(OTHER), role(), refusal("NoSuchEntity")],
            DeleteRolePermissionsBoundary={},
        )
        remove_boundary(iam.client, "canvas", ["Ann", "Bob", "Cat", "Dan"], delete=False, **HERE)
        assert iam.of("DeleteRolePermissionsBoundary") == [{"RoleName": "Ann"}]

    def test_deletes_the_policy_with_its_versions_after_that(self) -> None:
        versions: Answer = {
            "Versions": [
                {"VersionId": "v2", "IsDefaultVersion": True, "CreateDate": NOON},
                {"VersionId": "v1", "IsDefaultVersion": False, "CreateDate": NOON},
            ]
        }
        iam = Scripted(
            "iam",
            GetRole=role(POLICY),
            DeleteRolePermissionsBoundary={},
            ListPolicyVersions=versions,
            DeletePolicyVersion={},
            DeletePolicy={},
        )
        remove_boundary(iam.client, "canvas", ["Ann"], delete=True, **HERE)
        assert iam.operations[-3:] == ["ListPolicyVersions", "DeletePolicyVersion", "DeletePolicy"]
        assert iam.of("DeletePolicyVersion") == [{"PolicyArn": POLICY, "VersionId": "v1"}]

    def test_of_what_is_gone_is_done(self) -> None:
        iam = Scripted("iam", ListPolicyVersions=refusal("NoSuchEntity"))
        remove_boundary(iam.client, "canvas", [], delete=True, **HERE)
        assert iam.of("DeletePolicy") == []

    def test_of_a_policy_that_somebody_has_attached_is_refused(self) -> None:
        iam = Scripted("iam", ListPolicyVersions={"Versions": []}, DeletePolicy=refusal("DeleteConflict"))
        with pytest.raises(RefusedError, match="DeleteConflict"):
            remove_boundary(iam.client, "canvas", [], delete=True, **HERE)
