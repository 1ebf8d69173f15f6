"""Every role takes what a company asks of all roles, and every list of the parameters stands in a policy of its own."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.services import cloudformation
from sandbox.stagegate.members import GOVERNANCE
from tests.support.builders import DEV
from tools import permissions_boundary
from tools.preflight.resolve import Where, resources

ROOT = Path(__file__).parents[2]
TEMPLATES = ("template.yaml", "member-template.yaml")
PATH = {"Fn::If": ["HasRolePath", {"Ref": "RolePath"}, {"Ref": "AWS::NoValue"}]}
BOUNDARY = {
    "Fn::If": [
        "HasPermissionsBoundary",
        {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${PermissionsBoundary}"},
        {"Ref": "AWS::NoValue"},
    ]
}
LISTS = ("ArtifactBuckets", "ArtifactKeys", "ArtifactRepositories")


def unmet(resources: dict[str, Any]) -> list[str]:
    """The roles that stand elsewhere, or under no boundary."""
    return [
        name
        for name, resource in resources.items()
        if resource["Type"] == "AWS::IAM::Role"
        and (resource["Properties"].get("Path"), resource["Properties"].get("PermissionsBoundary")) != (PATH, BOUNDARY)
    ]


def roles(found: Mapping[str, Any]) -> set[str]:
    return {name for name, each in found.items() if each["Type"] == "AWS::IAM::Role"}


@pytest.mark.parametrize("path", TEMPLATES)
def test_every_role_stands_at_the_path_under_the_boundary(path: str) -> None:
    assert unmet(cloudformation.read(ROOT / path)["Resources"]) == []


def test_sam_makes_no_role_of_its_own() -> None:
    """A function or a rule without a role of ours would get one that has neither."""
    template = cloudformation.read(ROOT / "template.yaml")
    written = roles(template["Resources"])
    where = Where(account=GOVERNANCE, region="us-east-1", partition="aws", stack="stagegate")
    assert roles(resources(template, {"MemberAccounts": DEV}, where)) == written
    del template["Resources"]["PlanFunction"]["Properties"]["Role"]
    assert roles(resources(template, {"MemberAccounts": DEV}, where)) == {*written, "PlanFunctionRole"}


@pytest.mark.parametrize("path", [*TEMPLATES, "organization/delegation-policy.json"])
def test_a_role_of_ours_is_named_with_its_path(path: str) -> None:
    text = (ROOT / path).read_text()
    assert re.findall(r".*:role/\$\{Prefix\}-(?!import-\*).*", text) == []
    assert "role${RolePath}${Prefix}-" in text


def statements(path: str) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Every statement of a role's policies with its resource, and how many stand beside it."""
    for name, resource in cloudformation.read(ROOT / path)["Resources"].items():
        of = resource["Properties"]
        documents = [policy["PolicyDocument"] for policy in of.get("Policies", ())]
        documents += [of["PolicyDocument"]] if resource["Type"].startswith("AWS::IAM::") and "Roles" in of else []
        for document in documents:
            for statement in document["Statement"]:
                yield name, statement, len(document["Statement"])


@pytest.mark.parametrize("path", TEMPLATES)
def test_a_list_of_artifacts_shares_its_policy_with_no_other_statement(path: str) -> None:
    listed = [
        (name, beside)
        for name, statement, beside in statements(path)
        if any(f'"Ref": "{each}"' in json.dumps(statement) for each in LISTS)
    ]
    assert len(listed) > len(LISTS)
    assert [name for name, beside in listed if beside > 1] == []


def test_the_example_of_a_boundary_is_what_the_templates_need_and_fits() -> None:
    assert permissions_boundary.EXAMPLE.read_text() == permissions_boundary.example()
    assert len("".join(permissions_boundary.example().split())) < 6_144
