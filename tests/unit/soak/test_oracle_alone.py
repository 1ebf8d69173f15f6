"""The oracle shares nothing with the product, with what embeds it, or with what makes the histories."""

import ast
import sys
from pathlib import Path

ORACLE = Path(__file__).parents[3] / "soak" / "oracle"


def imported(source: str) -> set[str]:
    """The modules that Python code imports, without the standard library's."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}


def test_it_imports_itself_alone() -> None:
    found = {name for path in ORACLE.glob("*.py") for name in imported(path.read_text())}
    assert "soak.oracle.facts" in found
    assert {name for name in found if not name.startswith("soak.oracle.")} == set()


def test_an_import_of_the_product_is_found() -> None:
    assert imported("import ast\nfrom stagegate.rules.model import Rules\nimport moto") == {
        "stagegate.rules.model",
        "moto",
    }
