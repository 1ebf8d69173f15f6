"""Writing a fence: what Organizations and IAM are asked, and when it is said to stand."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from stagegate.core.errors import DocumentTooLargeError, NotSettledError, RefusedError, ThrottledError
from stagegate.iam.limits import MANAGED_POLICY_LIMIT, SCP_LIMIT
from stagegate.rules.fence_kind import FenceKind
from stagegate.surfaces.fences.model import Fence, document_of
from stagegate.surfaces.fences.write import check_size, put_boundary, put_scp, take_boundary
from tests.support.builders import GOVERNANCE, NOON, PROD
from tests.support.members import ScriptedMembers
from tests.support.scripted import Answer, Scripted, refusal

SCP = Fence(account=PROD, kind=FenceKind.SCP)
BOUNDARY = Fence(account=PROD, kind=FenceKind.BOUNDARY, roles=("Reader", "Reporter"))
DOCUMENT = document_of(SCP, (), partition="aws", governance_account=GOVERNANCE)
POLICY, NAME = "p-12345678", f"stagegate-read-only-cards-{PROD}"
POLICY_ARN = f"arn:aws:iam::{PROD}:policy/stagegate/stagegate-read-only-cards"


def policy(content: str = DOCUMENT) -> Answer:
    return {"Policy": {"PolicySummary": {"Id": POLICY, "Name": NAME}, "Content": content}}


def policies(*ids: str) -> Answer:
    return {"Policies": [{"Id": each, "Name": NAME if each == POLICY else each} for each in ids]}


ATTACHED = policies("p-FullAWSAccess", POLICY)


def put(organizations: Scripted, document: str | None = DOCUMENT, seen: str | None = None) -> None:
    put_scp(organizations.client, SCP, document, "stagegate", seen)


class TestAPolicy:
    def test_is_made_tagged_as_ours_and_attached_to_the_account(self) -> None:
        organizations = Scripted(
            "organizations", CreatePolicy=policy(), AttachPolicy={}, ListPoliciesForTarget=ATTACHED
        )
        put(organizations)
        (created,) = organizations.of("CreatePolicy")
        assert (created["Name"], created["Content"], created["Type"]) == (NAME, DOCUMENT, "SERVICE_CONTROL_POLICY")
        assert created["Tags"] == [{"Key": "stagegate:resource-type", "Value": "fence"}]
        assert organizations.of("AttachPolicy") == [{"PolicyId": POLICY, "TargetId": PROD}]

    def test_is_updated_where_one_was_seen(self) -> None:
        organizations = Scripted("organizations", UpdatePolicy=policy(), ListPoliciesForTarget=ATTACHED)
        put(organizations, seen=POLICY)
        assert organizations.of("UpdatePolicy") == [{"PolicyId": POLICY, "Content": DOCUMENT}]

    def test_of_a_run_that_died_is_brought_up_to_date_and_attached(self) -> None:
        organizations = Scripted(
            "organizations",
            CreatePolicy=refusal("DuplicatePolicyException"),
            ListPolicies=policies("p-FullAWSAccess", POLICY),
            UpdatePolicy=policy(),
            AttachPolicy=refusal("DuplicatePolicyAttachmentException"),
            ListPoliciesForTarget=ATTACHED,
        )
        put(organizations)
        assert organizations.of("UpdatePolicy") == [{"PolicyId": POLICY, "Content": DOCUMENT}]

    def test_that_another_run_has_taken_away_is_made_again(self) -> None:
        """The rules changed between our plan and our lease, and another card's run has seen to them."""
        organizations = Scripted(
            "organizations",
            UpdatePolicy=refusal("PolicyNotFoundException"),
            CreatePolicy=policy(),
            AttachPolicy={},
            ListPoliciesForTarget=ATTACHED,
        )
        put(organizations, seen="p-00000000")
        assert organizations.of("AttachPolicy") == [{"PolicyId": POLICY, "TargetId": PROD}]

    @pytest.mark.parametrize(
        ("stored", "attached"),
        [
            (policy(), policies("p-FullAWSAccess")),
            (policy(DOCUMENT.replace("Deny", "Allow")), ATTACHED),
            (policy(DOCUMENT.replace("UpdateModelCard", "DeleteModelCard")), ATTACHED),
        ],
    )
    def test_is_not_said_to_stand_before_it_does(self, stored: Answer, attached: Answer) -> None:
        organizations = Scripted("organizations", CreatePolicy=stored, AttachPolicy={}, ListPoliciesForTarget=attached)
        with pytest.raises(NotSettledError, match=PROD):
            put(organizations)

    def test_stands_however_it_was_stored(self) -> None:
        spaced = DOCUMENT.replace(":", " : ").replace("arn : aws : sagemaker : * : ", "arn:aws:sagemaker:*:")
        spaced = spaced.replace(f"{GOVERNANCE} : model-card", f"{GOVERNANCE}:model-card")
        spaced = spaced.replace("sagemaker : Update", "sagemaker:Update")
        organizations = Scripted("organizations", UpdatePolicy=policy(spaced), ListPoliciesForTarget=ATTACHED)
        put(organizations, seen=POLICY)
        assert spaced != DOCUMENT

    @pytest.mark.parametrize(
        ("detached", "deleted"),
        [
            ({}, {}),
            (refusal("PolicyNotAttachedException"), {}),
            (refusal("TargetNotFoundException"), {}),
            (refusal("PolicyNotFoundException"), refusal("PolicyNotFoundException")),
        ],
    )
    def test_that_denies_nothing_any_more_is_taken_away(self, detached: Answer, deleted: Answer) -> None:
        organizations = Scripted("organizations", DetachPolicy=detached, DeletePolicy=deleted)
        put(organizations, None, POLICY)
        assert organizations.of("DetachPolicy") == [{"PolicyId": POLICY, "TargetId": PROD}]
        assert organizations.of("DeletePolicy") == [{"PolicyId": POLICY}]

    def test_that_isnt_there_is_not_taken_away(self) -> None:
        organizations = Scripted("organizations")
        put(organizations, None, None)
        assert organizations.calls == []

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("ConcurrentModificationException", ThrottledError),
            ("TooManyRequestsException", ThrottledError),
            ("AccessDeniedException", RefusedError),
            ("ConstraintViolationException", RefusedError),
        ],
    )
    def test_that_is_refused_says_whether_trying_again_can_help(self, code: str, expected: type[Exception]) -> None:
        for seen, answers in ((None, {"CreatePolicy": refusal(code)}), (POLICY, {"UpdatePolicy": refusal(code)})):
            with pytest.raises(expected, match=f"write the fence of {PROD}: .*{code}"):
                put(Scripted("organizations", TagResource=refusal("AccessDeniedException"), **answers), seen=seen)

    def test_that_has_lost_its_tag_gets_it_back_and_is_changed(self) -> None:
        """It is known by its name; the function may change what carries the tag."""
        marks: list[object] = []

        def if_marked(answer: Mapping[str, Any]) -> Answer:
            def asked(_: Mapping[str, Any]) -> Mapping[str, Any]:
                if not marks:
                    raise refusal("AccessDeniedException")
                return answer

            return asked

        def mark(request: Mapping[str, Any]) -> Mapping[str, Any]:
            marks.append((request["ResourceId"], request["Tags"]))
            return {}

        updated = policy()
        assert isinstance(updated, Mapping)
        changes: dict[str, Mapping[str, Any]] = {"UpdatePolicy": updated, "DetachPolicy": {}, "DeletePolicy": {}}
        for document in (DOCUMENT, None):
            marks.clear()
            answers = {name: if_marked(answer) for name, answer in changes.items()}
            put(
                Scripted("organizations", TagResource=mark, ListPoliciesForTarget=ATTACHED, **answers), document, POLICY
            )
            assert marks == [(POLICY, [{"Key": "stagegate:resource-type", "Value": "fence"}])]


def versions(count: int, default: int = 1) -> Answer:
    return {
        "Versions": [
            {"VersionId": f"v{n}", "IsDefaultVersion": n == default, "CreateDate": NOON + timedelta(hours=n)}
            for n in range(count, 0, -1)
        ]
    }


def role(boundary: str | None) -> dict[str, Any]:
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


def an_iam(*, listed: Answer | None = None, roles: list[Answer] | None = None) -> Scripted:
    return Scripted(
        "iam",
        ListPolicyVersions=listed or versions(1),
        DeletePolicyVersion={},
        CreatePolicyVersion={"PolicyVersion": {}},
        GetRole=roles or [role(None)],
        DeleteRolePermissionsBoundary={},
        PutRolePermissionsBoundary={},
    )


def put_behind(iam: Scripted, fence: Fence = BOUNDARY) -> ScriptedMembers:
    members = ScriptedMembers(iam)
    put_boundary(members.way_in(), fence, DOCUMENT, "stagegate", "aws")
    return members


class TestABoundary:
    def test_is_a_new_default_version_and_is_set_on_every_role(self) -> None:
        iam = an_iam()
        put_behind(iam)
        assert iam.of("CreatePolicyVersion") == [
            {"PolicyArn": POLICY_ARN, "PolicyDocument": DOCUMENT, "SetAsDefault": True}
        ]
        assert iam.of("PutRolePermissionsBoundary") == [
            {"RoleName": name, "PermissionsBoundary": POLICY_ARN} for name in BOUNDARY.roles
        ]

    def test_is_in_force_for_no_role_before_its_document_denies(self) -> None:
        iam = an_iam()
        put_behind(iam)
        order = [name for name in iam.operations if name.startswith(("Create", "Put"))]
        assert order == ["CreatePolicyVersion", "PutRolePermissionsBoundary", "PutRolePermissionsBoundary"]

    def test_that_a_role_has_already_is_not_set_again(self) -> None:
        iam = an_iam(roles=[role(POLICY_ARN), role(None)])
        put_behind(iam)
        assert [request["RoleName"] for request in iam.of("PutRolePermissionsBoundary")] == ["Reporter"]

    def test_is_taken_off_the_roles_that_have_it_and_off_no_other(self) -> None:
        others = role("arn:aws:iam::aws:policy/PowerUserAccess")
        iam = an_iam(roles=[role(POLICY_ARN), others])
        take_boundary(ScriptedMembers(iam).way_in(), BOUNDARY, DOCUMENT, "stagegate", "aws")
        assert iam.of("DeleteRolePermissionsBoundary") == [{"RoleName": BOUNDARY.roles[0]}]
        assert [request["PolicyDocument"] for request in iam.of("CreatePolicyVersion")] == [DOCUMENT]

    def test_of_somebody_else_is_left_alone_and_nothing_opens(self) -> None:
        iam = an_iam(roles=[role("arn:aws:iam::aws:policy/PowerUserAccess")])
        with pytest.raises(RefusedError, match=r"role Reader .*PowerUserAccess"):
            put_behind(iam)
        assert iam.of("PutRolePermissionsBoundary") == []

    @pytest.mark.parametrize(
        ("default", "deleted"),
        [(1, "v2"), (3, "v1"), (5, "v1")],
    )
    def test_makes_room_by_its_oldest_version_that_isnt_in_force(self, default: int, deleted: str) -> None:
        iam = an_iam(listed=versions(5, default))
        put_behind(iam)
        assert iam.of("DeletePolicyVersion") == [{"PolicyArn": POLICY_ARN, "VersionId": deleted}]

    def test_has_room_for_five_versions(self) -> None:
        iam = an_iam(listed=versions(4))
        put_behind(iam)
        assert iam.of("DeletePolicyVersion") == []

    def test_comes_from_the_member_stack(self) -> None:
        with pytest.raises(RefusedError, match=r"found no such policy; member-template.yaml makes it"):
            put_behind(an_iam(listed=refusal("NoSuchEntity")))

    def test_is_written_by_a_session_that_can_do_nothing_else(self) -> None:
        ((account, session_policy),) = put_behind(an_iam()).entered
        (statement,) = session_policy["Statement"]
        assert account == PROD
        assert statement["Resource"] == [POLICY_ARN, f"arn:aws:iam::{PROD}:role/*"]
        assert not any("*" in action or "Attach" in action for action in statement["Action"])


@pytest.mark.parametrize(("fence", "limit"), [(SCP, SCP_LIMIT), (BOUNDARY, MANAGED_POLICY_LIMIT)])
def test_a_document_that_is_too_large_is_refused_with_the_ways_out(fence: Fence, limit: int) -> None:
    check_size(fence, "x" * limit, 60)
    with pytest.raises(
        DocumentTooLargeError,
        match=rf"{PROD} would have {limit + 1} of {limit} bytes.*the 60 that may be written now.*Ways out",
    ):
        check_size(fence, "x" * (limit + 1), 60)
    with pytest.raises(DocumentTooLargeError):
        check_size(fence, "é" * (limit // 2 + 1), 60)
