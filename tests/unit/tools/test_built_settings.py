"""A settings file of the user's own takes the shipped one's place in what `sam build` has built."""

from pathlib import Path

import pytest

from tools import built_settings

LAYER = "  SettingsLayer:\n    Properties:\n      ContentUri: ../../layers/settings\n"
OTHER = "  StagegateLayer:\n    Properties:\n      ContentUri: ../../layers/stagegate\n"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "build"
    folder.mkdir()
    (folder / "template.yaml").write_text(f"Resources:\n{OTHER}{LAYER}")
    return folder


def test_the_template_deploys_the_file_and_nothing_else_of_it_changes(built: Path, tmp_path: Path) -> None:
    own = tmp_path / "rules of ours.toml"
    own.write_bytes("# äöü\r\npaused = true\n".encode())
    copy = built_settings.put(own, built)
    assert copy == built / "SettingsLayer" / "governance.toml"
    assert copy.read_bytes() == own.read_bytes()
    expected = f"Resources:\n{OTHER}{LAYER.replace('../../layers/settings', 'SettingsLayer')}"
    assert (built / "template.yaml").read_text() == expected


@pytest.mark.parametrize(("found", "layers"), [(0, ""), (2, LAYER + LAYER)])
def test_a_template_without_exactly_one_such_layer_is_left_as_it_is(built: Path, found: int, layers: str) -> None:
    template = built / "template.yaml"
    template.write_text(f"Resources:\n{layers}")
    with pytest.raises(ValueError, match=f"found {found} layers with layers/settings; allowed: one"):
        built_settings.put(template, built)
    assert template.read_text() == f"Resources:\n{layers}"
    assert not (built / "SettingsLayer").exists()
