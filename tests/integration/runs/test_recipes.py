"""A toy that is made by the recipes of CONTRIBUTING.md keeps the contracts, and runs through govern."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import ROOT, Organization
from tests.contract.lint_imports import broken, copied_to
from tests.integration.runs import toys
from tests.support.fixtures import SHIPPED

RECIPES = (ROOT / "CONTRIBUTING.md").read_text()
MOST_PLACES = 8
DEPLOYED = (
    "functions",
    "layers",
    "organization",
    "requirements",
    "statemachines",
    "template.yaml",
    "member-template.yaml",
)


@pytest.fixture(scope="module")
def organization(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organization]:
    tree = tmp_path_factory.mktemp("tree")
    for name in DEPLOYED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tree)
    toys.made_in(tree)
    with Organization.start(SHIPPED, root=tree, delays=Delays(cloudtrail=0.3, wait_factor=0.2)) as started:
        yield started


def run(organization: Organization, given: dict[str, Any]) -> dict[str, Any]:
    """What a run about the toy comes to."""
    stepfunctions = organization.client("stepfunctions", "governance")
    started = stepfunctions.start_execution(
        stateMachineArn=organization.outputs["GovernStateMachine"], input=json.dumps(given)
    )
    assert organization.settle()
    found = stepfunctions.describe_execution(executionArn=started["executionArn"])
    assert found["status"] == "SUCCEEDED", found.get("cause")
    output: dict[str, Any] = json.loads(found["output"])
    return output


@pytest.mark.parametrize(
    ("title", "new", "standing"),
    [
        ("A new subject", toys.NEW_SUBJECT, toys.BY_SUBJECT),
        ("A new surface", toys.NEW_SURFACE, toys.BY_SURFACE),
    ],
)
def test_a_recipe_names_every_place_and_each_is_there(
    title: str, new: dict[str, str], standing: tuple[tuple[str, str, str], ...]
) -> None:
    places = list(toys.places(RECIPES, title))
    assert 0 < len(places) <= MOST_PLACES
    assert [place for place in places if not (ROOT / place).exists()] == []
    touched = {*new, *(path for path, _, _ in standing)}
    assert [path for path in touched if not path.startswith(tuple(places))] == []
    assert len({path for path, _, _ in standing}) == 2, "standing files that the toy changes"


def test_the_toys_keep_the_contracts_of_the_rooms(tmp_path: Path) -> None:
    tree = copied_to(tmp_path)
    toys.made_in(tree)
    assert broken(tree) == set()


def test_a_toy_is_planned_applied_recorded_and_told_and_then_left_alone(organization: Organization) -> None:
    shown = run(organization, {"subject": toys.SUBJECT, "mode": "plan"})
    assert (shown["outcome"], shown["would_change"]) == ("changes", ["wind up duck"])
    assert "Toy duck is Wound." in shown["message"]
    done = run(organization, {"subject": toys.SUBJECT})
    assert (done["outcome"], done["changed"]) == ("changes", ["wind up duck"])
    assert [grant["permission"] for grant in done["access"]] == ["play"]
    told = organization.outbox[-1].text
    assert "It quacks.\n" in told
    assert "Who plays with it after that:\n- dev: plays\n" in told
    again = run(organization, {"subject": toys.SUBJECT})
    assert (again["outcome"], again["changed"]) == ("unchanged", [])


def test_a_toy_of_a_member_is_refused_as_every_kind_is(organization: Organization) -> None:
    theirs = toys.SUBJECT.replace("111122223333", "222233334444")
    found = run(organization, {"subject": theirs})["findings"]
    assert [finding["code"] for finding in found] == ["MemberOwnedToy"]
