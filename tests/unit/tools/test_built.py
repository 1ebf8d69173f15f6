"""What is deployed lies beside what `sam build` has built, and is the same from every checkout."""

from pathlib import Path

import pytest

from tools import built

TEMPLATE = """Resources:
  DependenciesLayer:
    Properties:
      ContentUri: DependenciesLayer
  SettingsLayer:
    Properties:
      ContentUri: ../../layers/settings
  Plan:
    Properties:
      CodeUri: ../../functions/plan
  Govern:
    Properties:
      DefinitionUri: ../../statemachines/govern.asl.yaml
"""


def checkout(folder: Path) -> Path:
    """Return what `sam build` leaves of a small checkout."""
    for name, text in {
        "layers/settings/governance.toml": "paused = true\n",
        "layers/settings/governance.schema.json": "{}",
        "functions/plan/app.py": "handler = None\n",
        "statemachines/govern.asl.yaml": "StartAt: Take\n",
        ".aws-sam/build/template.yaml": TEMPLATE,
        ".aws-sam/build/DependenciesLayer/python/boto3.py": "\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / ".aws-sam" / "build"


def contents(folder: Path) -> dict[str, tuple[bytes, int, float]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode & 0o777, path.stat().st_mtime)
        for path in files
    }


def test_the_template_names_copies_of_all_that_lies_outside_and_nothing_else_of_it_changes(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    assert built.gather(None, folder) == ["SettingsLayer", "Plan", "Govern"]
    expected = (
        TEMPLATE.replace("../../layers/settings", "SettingsLayer")
        .replace("../../functions/plan", "Plan")
        .replace("../../statemachines/govern.asl.yaml", "Govern/govern.asl.yaml")
    )
    assert (folder / "template.yaml").read_text() == expected
    assert (folder / "SettingsLayer" / "governance.toml").read_text() == "paused = true\n"
    assert (folder / "Govern" / "govern.asl.yaml").read_text() == "StartAt: Take\n"


def test_a_file_of_ones_own_is_deployed_byte_for_byte_and_changes_nothing_else(tmp_path: Path) -> None:
    folder, shipped = checkout(tmp_path / "checkout"), checkout(tmp_path / "shipped")
    own = tmp_path / "rules of ours.toml"
    own.write_bytes("# äöü\r\npaused = true\n".encode())
    built.gather(own, folder)
    built.gather(None, shipped)
    assert (folder / "SettingsLayer" / "governance.toml").read_bytes() == own.read_bytes()
    changed = {name for name, bits in contents(folder).items() if contents(shipped)[name] != bits}
    assert changed == {"SettingsLayer/governance.toml"}


def test_what_lies_about_in_a_checkout_and_when_it_was_written_changes_nothing(tmp_path: Path) -> None:
    one, other = checkout(tmp_path / "one"), checkout(tmp_path / "other")
    cache = tmp_path / "other" / "functions" / "plan" / "__pycache__"
    cache.mkdir()
    (cache / "app.cpython-313.pyc").write_bytes(b"byte code")
    (tmp_path / "other" / "functions" / "plan" / "app.py").chmod(0o755)
    built.gather(None, one)
    built.gather(None, other)
    assert contents(one) == contents(other)


def test_a_file_that_goes_from_the_checkout_goes_from_the_next_build(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    source = tmp_path / "functions" / "plan" / "needs.py"
    source.write_text("\n")
    built.gather(None, folder)
    source.unlink()
    (folder / "template.yaml").write_text(TEMPLATE)
    built.gather(None, folder)
    assert not (folder / "Plan" / "needs.py").exists()


@pytest.mark.parametrize("layers", ["", "  SettingsLayer:\n    Properties:\n      ContentUri: SettingsLayer\n"])
def test_a_template_without_the_settings_layer_is_left_as_it_is(tmp_path: Path, layers: str) -> None:
    folder = checkout(tmp_path)
    text = f"Resources:\n{layers}  Plan:\n    Properties:\n      CodeUri: ../../functions/plan\n"
    (folder / "template.yaml").write_text(text)
    with pytest.raises(ValueError, match="found 0 SettingsLayer to copy; allowed: one"):
        built.gather(None, folder)
    assert (folder / "template.yaml").read_text() == text
    assert not (folder / "Plan").exists()
