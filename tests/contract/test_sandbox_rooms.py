"""The sandbox's rooms are small, and the contracts about them find what they are there to find."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.contract.lint_imports import ROOT, broken, copied_to, seeded

ROOMS = "The sandbox: stagegate stands on services, services on authorization, authorization on the kernel"
CIRCLES = "The sandbox: nothing imports in a circle"
PRODUCT = "The sandbox: only its room for Stagegate imports the product"
DEMO = "The sandbox: it knows nothing of the demo"
MOST_FILES, MOST_LINES = 14, 300

FOR_A_TYPE = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    "
SEEDS = [
    (ROOMS, "kernel/clock.py", "from sandbox.authorization import authorize"),
    (ROOMS, "authorization/registry.py", "from sandbox.services.iam import identities"),
    (ROOMS, "services/boot.py", "from sandbox.stagegate import members"),
    (ROOMS, "authorization/accesses.py", f"{FOR_A_TYPE}from sandbox.services.kms import keys"),
    (ROOMS, "another.py", ""),
    (CIRCLES, "services/kms/keys.py", "from sandbox.services.s3 import owners"),
    (CIRCLES, "services/bedrock/models.py", f"{FOR_A_TYPE}from sandbox.services.bedrock import importing"),
    (CIRCLES, "services/sagemaker/store/card.py", "from sandbox.services.sagemaker.cards import content"),
    (PRODUCT, "services/kms/keys.py", "from stagegate.core import arns"),
    (PRODUCT, "kernel/arns.py", f"{FOR_A_TYPE}from stagegate.rules.model import Rules"),
    (DEMO, "stagegate/organization.py", "from demo import runs"),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied_to(tmp_path_factory.mktemp("tree"))


def test_the_tree_as_it_is_keeps_them(tree: Path) -> None:
    assert broken(tree) == set()


@pytest.mark.parametrize(("contract", "module", "statement"), SEEDS)
def test_a_violation_is_found(tree: Path, contract: str, module: str, statement: str) -> None:
    with seeded(tree, Path("sandbox", module), statement):
        assert contract in broken(tree)


def test_no_room_is_crowded_and_no_file_is_long() -> None:
    files = [path for path in (ROOT / "sandbox").rglob("*.py") if path.name != "__init__.py"]
    crowded = {room: number for room, number in Counter(path.parent for path in files).items() if number > MOST_FILES}
    long = [path for path in files if len(path.read_text().splitlines()) > MOST_LINES]
    assert (crowded, long) == ({}, [])


def test_each_contract_about_the_sandbox_has_a_violation() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    named = {contract["name"] for contract in settings["contracts"]}
    assert {name for name in named if name.startswith("The sandbox")} == {contract for contract, _, _ in SEEDS}
