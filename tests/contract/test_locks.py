"""What is tested is what is deployed: the locks agree with each other and with pyproject.toml."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"


def locked(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", path.read_text(), flags=re.MULTILINE))


def test_the_layer_has_the_versions_that_the_tests_run_on() -> None:
    development, layer = locked(REQUIREMENTS / "development.txt"), locked(REQUIREMENTS / "layer.txt")
    assert layer
    assert {name: development.get(name) for name in layer} == layer


def test_the_layer_has_all_that_the_product_depends_on() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[\[<>=!~ ]", requirement)[0] for requirement in project["dependencies"]}
    assert names <= locked(REQUIREMENTS / "layer.txt").keys()


def test_the_layer_has_no_tool_of_development() -> None:
    assert {"moto", "pytest", "mypy"} & locked(REQUIREMENTS / "layer.txt").keys() == set()


def test_the_layer_is_built_from_its_lock() -> None:
    copied = ROOT / "layers" / "dependencies" / "requirements.txt"
    assert copied.read_text() == (REQUIREMENTS / "layer.txt").read_text()


def test_every_locked_file_has_a_hash_and_no_lock_names_a_host() -> None:
    for path in REQUIREMENTS.glob("*.txt"):
        entries = re.split(r"\n(?=\S)", path.read_text().strip())
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
        assert "://" not in path.read_text()
    npm_locks = list((ROOT / "tools").glob("*/package-lock.json"))
    assert npm_locks
    assert [str(path) for path in npm_locks if '"resolved"' in path.read_text()] == []
