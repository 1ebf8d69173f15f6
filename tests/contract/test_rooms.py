"""The contracts of the rooms find what they are for, and rooms and files stay small."""

import tomllib
from pathlib import Path

import pytest

from tests.contract.lint_imports import LAYER, ROOT, broken, copied_to, seeded

PRODUCT = LAYER / "stagegate"
MOST_FILES = 14
MOST_LINES = 300

ROOMS = "Rooms: arrows point one way"
SURFACES = "Surfaces: none imports another"
SUBJECTS = "Subjects: none imports another"
CIRCLES = "Circles: there are none"
DECIDING_ROOMS = "Rooms that decide: they reach nothing that acts"
DECIDING_FILES = "Files that decide: by their names, they reach nothing that acts"
PRODUCT_ALONE = "The product knows nothing of the sandbox and of the command, and runs without what they are built from"

# Contract, file, and the import that it is to find there.
SEEDS = [
    (ROOMS, "iam/limits.py", "stagegate.rules.model"),
    (ROOMS, "ledger/read.py", "stagegate.surfaces.shares.observe"),
    (ROOMS, "surfaces/shares/write.py", "stagegate.subjects.cards.model"),
    (ROOMS, "another_room.py", "json"),
    (SURFACES, "surfaces/fences/apply.py", "stagegate.surfaces.guardrails.changes"),
    (SUBJECTS, "subjects/cards/decide.py", "stagegate.subjects.packages.model"),
    (CIRCLES, "iam/limits.py", "stagegate.iam.render"),
    (DECIDING_ROOMS, "targets/desired.py", "boto3"),
    (DECIDING_ROOMS, "core/arns.py", "time"),
    (DECIDING_ROOMS, "plans/plan.py", "stagegate.aws.json"),
    (DECIDING_FILES, "surfaces/shares/changes.py", "stagegate.surfaces.shares.observe"),
    (DECIDING_FILES, "surfaces/fences/model.py", "logging"),
    (DECIDING_FILES, "subjects/guardrails/decide.py", "stagegate.ledger.read"),
    (PRODUCT_ALONE, "runs/plan.py", "sandbox.kernel.clock"),
    (PRODUCT_ALONE, "aws/config.py", "moto"),
    (PRODUCT_ALONE, "rules/load.py", "stagegate_cli.names"),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied_to(tmp_path_factory.mktemp("tree"))


def test_the_tree_as_it_is_keeps_them(tree: Path) -> None:
    assert broken(tree) == set()


@pytest.mark.parametrize(("contract", "path", "module"), SEEDS)
def test_a_violation_is_found(tree: Path, contract: str, path: str, module: str) -> None:
    with seeded(tree, PRODUCT / path, f"import {module}"):
        assert contract in broken(tree)


def test_each_contract_about_the_product_has_a_violation() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = {contract["name"] for contract in contracts}
    assert {name for name in named if not name.startswith("The sandbox")} == {contract for contract, _, _ in SEEDS}


def folders() -> list[list[Path]]:
    """The files of each folder of the product."""
    files = [path for top in (PRODUCT, Path("functions")) for path in (ROOT / top).rglob("*.py")]
    return [[path for path in files if path.parent == folder] for folder in sorted({path.parent for path in files})]


def test_no_folder_of_the_product_has_many_files() -> None:
    counted = {
        str(files[0].parent.relative_to(ROOT)): sum(path.name != "__init__.py" for path in files) for files in folders()
    }
    assert len(counted) > 30
    assert {folder: count for folder, count in counted.items() if count > MOST_FILES} == {}


def test_no_file_of_the_product_is_long() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for files in folders() for path in files}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}
