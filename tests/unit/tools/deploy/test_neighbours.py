"""A stack is deployed only where its names are its own, and where no other governs the same cards."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.scripted import Scripted, refusal
from tools.deploy.neighbours import prefixes_in, problems

ROLES = ("govern", "record-approval", "apply-share", "plan")


def role(name: str) -> dict[str, Any]:
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": "AROAEXAMPLEEXAMPLE12",
        "Arn": f"arn:aws:iam::111122223333:role/{name}",
        "CreateDate": "2026-11-30T00:00:00Z",
    }


def account(*prefixes: str) -> Scripted:
    names = ["Administrator", "their-govern", *(f"{prefix}-{name}" for prefix in prefixes for name in ROLES)]
    return Scripted("iam", ListRoles={"Roles": [role(name) for name in names], "IsTruncated": False})


def found(prefix: str, there: Mapping[str, str | None]) -> list[str]:
    """What is said of a prefix. `there` are the account's prefixes, each with the stack that has it in this Region."""
    asked: list[Any] = [
        {
            "StackResources": [
                {
                    "StackName": stack,
                    "LogicalResourceId": "GovernRole",
                    "PhysicalResourceId": f"{name}-govern",
                    "ResourceType": "AWS::IAM::Role",
                    "Timestamp": "2026-11-30T00:00:00Z",
                    "ResourceStatus": "CREATE_COMPLETE",
                }
            ]
        }
        if stack
        else refusal("ValidationError", f"Stack for {name}-govern does not exist")
        for name, stack in sorted(there.items())
    ]
    cloudformation = Scripted("cloudformation", DescribeStackResources=asked)
    iam = account(*there)
    return list(problems(iam.client, cloudformation.client, prefix=prefix, stack="stagegate", region="eu-west-1"))


def test_stacks_are_known_by_their_roles() -> None:
    assert prefixes_in(account("stagegate", "gate-eu").client) == {"stagegate", "gate-eu"}


@pytest.mark.parametrize(
    "there", [{}, {"stagegate": "stagegate"}, {"gate-us": None}, {"gate-us": None, "stagegate": "stagegate"}]
)
def test_names_of_its_own_are_right(there: dict[str, str | None]) -> None:
    assert found("stagegate", there) == []


def test_another_regions_prefix_is_refused() -> None:
    assert found("stagegate", {"stagegate": None}) == [
        'Prefix: found "stagegate", whose roles are of no stack in eu-west-1, but of one in another Region;'
        " allowed: one that no other stack has"
    ]


def test_another_stacks_prefix_is_refused() -> None:
    assert "whose roles are of stack older; allowed" in found("stagegate", {"stagegate": "older"})[0]


@pytest.mark.parametrize("other", ["stagegate-eu", "stage"])
def test_a_prefix_that_begins_another_is_refused(other: str) -> None:
    said = found("stagegate" if other != "stage" else "stage-gate", {other: None})
    assert len(said) == 1
    assert said[0].endswith("allowed: prefixes of which none begins another")


def test_a_second_stack_in_the_region_is_refused() -> None:
    (said,) = found("stagegate", {"gate": "gate"})
    assert "one stack for an account and Region" in said
