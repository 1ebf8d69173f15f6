"""The contracts of the rooms find what they are for, and rooms and files stay small."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYER = Path("layers/stagegate/python")
PRODUCT = LAYER / "stagegate"
MOST_FILES = 14
MOST_LINES = 300

ROOMS = "Rooms: arrows point one way"
SURFACES = "Surfaces: none imports another"
SUBJECTS = "Subjects: none imports another"
CIRCLES = "Circles: there are none"
DECIDING_ROOMS = "Rooms that decide: they reach nothing that acts"
DECIDING_FILES = "Files that decide: by their names, they reach nothing that acts"
PRODUCT_ALONE = "The product knows nothing of the sandbox, and runs without what the sandbox is built from"
SANDBOX = "The sandbox knows the product's settings file and nothing else of it"

# Contract, file, and the import that it is to find there.
SEEDS = [
    (ROOMS, PRODUCT / "iam/limits.py", "stagegate.rules.model"),
    (ROOMS, PRODUCT / "ledger/read.py", "stagegate.surfaces.shares.observe"),
    (ROOMS, PRODUCT / "surfaces/shares/write.py", "stagegate.subjects.cards.card"),
    (ROOMS, PRODUCT / "another_room.py", "json"),
    (SURFACES, PRODUCT / "surfaces/fences/apply.py", "stagegate.surfaces.guardrails.changes"),
    (SUBJECTS, PRODUCT / "subjects/cards/decide.py", "stagegate.subjects.packages.package"),
    (CIRCLES, PRODUCT / "iam/limits.py", "stagegate.iam.render"),
    (DECIDING_ROOMS, PRODUCT / "targets/desired.py", "boto3"),
    (DECIDING_ROOMS, PRODUCT / "core/arns.py", "time"),
    (DECIDING_ROOMS, PRODUCT / "plans/plan.py", "stagegate.aws.json"),
    (DECIDING_FILES, PRODUCT / "surfaces/shares/changes.py", "stagegate.surfaces.shares.observe"),
    (DECIDING_FILES, PRODUCT / "surfaces/fences/model.py", "logging"),
    (DECIDING_FILES, PRODUCT / "subjects/guardrails/decide.py", "stagegate.ledger.read"),
    (PRODUCT_ALONE, PRODUCT / "runs/plan.py", "sandbox.kernel.clock"),
    (PRODUCT_ALONE, PRODUCT / "aws/config.py", "moto"),
    (SANDBOX, Path("sandbox/boot.py"), "stagegate.ledger"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for part in (LAYER, Path("sandbox"), Path("demo")):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


@pytest.fixture
def seeded(copy: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    path, module = request.param
    before = (copy / path).read_text() if (copy / path).exists() else None
    (copy / path).write_text(f"{before or ''}\nimport {module}\n")
    yield copy
    if before is None:
        (copy / path).unlink()
    else:
        (copy / path).write_text(before)


def broken(root: Path) -> set[str]:
    """Lint a tree, and return the names of the contracts that it breaks."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"]
    environment = {**os.environ, "PYTHONPATH": str(root / LAYER), "COLUMNS": "200"}
    result = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert "Contracts: " in result.stdout, result.stdout + result.stderr
    lines = [re.fullmatch(r"(.*) BROKEN( \(.*\))?", line) for line in result.stdout.splitlines()]
    found = {line[1] for line in lines if line}
    assert bool(found) == bool(result.returncode)
    return found


def test_a_tree_without_a_seed_breaks_nothing(copy: Path) -> None:
    assert broken(copy) == set()


@pytest.mark.parametrize(
    ("contract", "seeded"),
    [(name, (path, module)) for name, path, module in SEEDS],
    ids=[f"{path.parent.name}.{path.stem}-{module}" for _, path, module in SEEDS],
    indirect=["seeded"],
)
def test_a_contract_finds_what_is_against_it(contract: str, seeded: Path) -> None:
    assert contract in broken(seeded)


def test_every_contract_has_a_seed() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == {name for name, _, _ in SEEDS}


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
