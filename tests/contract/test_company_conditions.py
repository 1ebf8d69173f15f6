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
WITH_FUNCTIONS = ("template.yaml", "member-template.yaml")
"""Those whose roles functions have, or enter."""
TEMPLATES = (*WITH_FUNCTIONS, "management-template.yaml")
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


@pytest.mark.parametrize("path", [*WITH_FUNCTIONS, "organization/delegation-policy.json"])
def test_a_role_of_ours_is_named_with_its_path(path: str) -> None:
    text = (ROOT / path).read_text()
    assert re.findall(r".*:role/\$\{Prefix\}-(?!import-\*).*", text) == []
    assert "role${RolePath}${Prefix}-" in text


def over_lists(path: str) -> Iterator[tuple[str, int]]:
    """Each policy of a role that has statements over the lists of artifacts, with how many."""
    for name, resource in cloudformation.read(ROOT / path)["Resources"].items():
        of = resource["Properties"]
        documents = [policy["PolicyDocument"] for policy in of.get("Policies", ())]
        documents += [of["PolicyDocument"]] if resource["Type"].startswith("AWS::IAM::") and "Roles" in of else []
        for document in documents:
            text = [json.dumps(statement) for statement in document["Statement"]]
            if found := [each for each in text if any(f'"Ref": "{listed}"' in each for listed in LISTS)]:
                yield name, len(found)


@pytest.mark.parametrize("path", WITH_FUNCTIONS)
def test_each_statement_over_a_list_of_artifacts_has_a_managed_policy_of_its_own(path: str) -> None:
    listed = list(over_lists(path))
    resources = cloudformation.read(ROOT / path)["Resources"]
    assert len(listed) > len(LISTS)
    assert [name for name, count in listed if count > 1] == []
    assert {resources[name]["Type"] for name, _ in listed} == {"AWS::IAM::ManagedPolicy"}


def test_the_example_of_a_boundary_is_what_the_templates_need_and_fits() -> None:
    assert permissions_boundary.EXAMPLE.read_text() == permissions_boundary.example()
    assert len("".join(permissions_boundary.example().split())) < 6_144
