"""Who may import whom beyond what `lint-imports` sees, and what an import costs."""

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from bench.cold_start import FUNCTIONS, GOAL, Tree, starts

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "stagegate" / "python"

# The sandbox reads the user's settings file; everything else of the product it sees from outside, as AWS would.
SANDBOX_MAY_IMPORT = ("stagegate.core", "stagegate.iam", "stagegate.rules", "stagegate.targets", "stagegate.consumers")
DECIDING = ("core", "iam", "rules", "approvals", "links", "plans", "targets", "consumers", "access")
# Subjects and surfaces have files that act, told by their names. All others in there decide.
VERBS = ("apply", "audit", "list", "observe", "record", "verify", "write")
ACTING = ("artifact_reader", "catalogue", "context", "parts", "plan", "wire", "word")
PURE = ("logging", "time", "random", "uuid", "os", "socket", "subprocess", "threading")
HEAVY = ("aws_lambda_powertools", "boto3", "botocore", "dacite", "pydantic", "stagegate.aws", "stagegate.ledger")

TREE = Tree(
    ROOT / "functions",
    (sys.executable,),
    {
        "PYTHONPATH": str(LAYER),
        # Byte code for all that is imported: else boto3's, which is installed, would be ahead of ours.
        "PYTHONPYCACHEPREFIX": str(ROOT / ".pytest_cache" / "byte-code"),
        "PYTHONDONTWRITEBYTECODE": "",
    },
)
ROUNDS = 40
"""At most: a round more tells a busy machine from a slow function, and one that is quick enough needs no more."""


def imports(path: Path) -> Iterator[str]:
    """Yield the module of every absolute import in a file, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def below(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def below_any(module: str, packages: Iterable[str]) -> bool:
    return any(below(module, package) for package in packages)


def offenders(folder: Path, *packages: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {module}"
        for path in sorted(folder.rglob("*.py"))
        for module in imports(path)
        if below_any(module, packages)
    ]


def test_the_product_never_imports_the_sandbox_or_what_it_is_built_from() -> None:
    assert FUNCTIONS
    for folder in (LAYER, ROOT / "functions"):
        assert offenders(folder, "sandbox", "tests", "moto", "jsonata", "samtranslator") == []


def test_the_sandbox_sees_the_product_from_outside() -> None:
    found = offenders(ROOT / "sandbox", "stagegate")
    modules = {line.partition(": ")[2] for line in found} - {"stagegate"}
    assert {name for name in modules if not below_any(name, SANDBOX_MAY_IMPORT)} == set()


def test_clients_are_made_by_sessions_that_share_what_they_know_of_services() -> None:
    alone = re.compile(r"boto3\.(client|resource|Session|session)\b\(")
    found = {str(path.relative_to(LAYER)) for path in LAYER.rglob("*.py") if alone.search(path.read_text())}
    assert found == {"stagegate/aws/sessions.py"}


def decides(path: Path) -> bool:
    return path.stem not in ACTING and path.stem.partition("_")[0] not in VERBS


def deciding() -> list[Path]:
    product = LAYER / "stagegate"
    rooms = [path for room in DECIDING for path in (product / room).rglob("*.py")]
    beside = [path for room in ("subjects", "surfaces") for path in (product / room).rglob("*.py") if decides(path)]
    return sorted((*rooms, *beside))


def test_what_decides_imports_the_standard_library_only_and_nothing_that_acts() -> None:
    modules = {(path, module) for path in deciding() for module in imports(path)}
    assert len({path for path, _ in modules}) > 80
    tops = {module.partition(".")[0] for _, module in modules}
    assert tops - sys.stdlib_module_names - {"stagegate"} == set()
    acting = [f"{path.relative_to(LAYER)}: {module}" for path, module in modules if below_any(module, PURE)]
    assert acting == []


def test_what_decides_never_asks_what_time_it_is() -> None:
    clocks = {"now", "today", "utcnow"}
    requested = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in deciding()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in clocks
    ]
    assert requested == []


def test_importing_all_that_decides_loads_nothing_heavy() -> None:
    paths = [path.relative_to(LAYER).with_suffix("") for path in deciding() if path.stem != "__main__"]
    modules = [".".join(path.parts).removesuffix(".__init__") for path in paths]
    loaded = TREE.run(f"""
import importlib, json, sys
for name in {modules!r}:
    importlib.import_module(name)
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
""")
    assert json.loads(loaded) == []


@pytest.mark.timed
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_ready_about_as_fast_as_boto3_and_its_clients(function: str) -> None:
    start = None
    for start in islice(starts(TREE, function), ROUNDS):
        if start.ratio <= GOAL:
            return
    pytest.fail(f"{start}")
