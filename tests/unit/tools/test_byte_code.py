"""Byte code of what is built: the runtime's Python takes it and looks up no source, and it is the same each time."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import built, byte_code

HERE = sys.version_info[:2]
ROOT = Path(__file__).parents[3]
MODULES = {
    "python/ours/__init__.py": "",
    "python/ours/one.py": "TWO = {'a', 'b', 'c'}\ndef f(x):\n    return x in {'d', 'e', 'f'}\n",
    "python/ours/two.py": "from ours.one import TWO\n",
}


def layer(folder: Path) -> Path:
    for name, text in MODULES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def bits(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.pyc")}


def said(folder: Path, code: str) -> str:
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, env={"PYTHONPATH": str(folder / "python")}, capture_output=True, check=True)
    return answer.stdout.decode().strip()


def test_python_takes_the_byte_code_whatever_the_source_and_its_time_say_by_then(tmp_path: Path) -> None:
    byte_code.compile_folder(layer(tmp_path), "/opt", sys.executable)
    (tmp_path / "python/ours/one.py").write_text("TWO = 'compiled anew'\n")
    found = said(tmp_path, "import ours.one; print(sorted(ours.one.TWO), ours.one.f.__code__.co_filename)")
    assert found == f"['a', 'b', 'c'] {tmp_path}/python/ours/one.py"


def test_two_builds_in_two_places_give_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = layer(tmp_path / "one"), layer(tmp_path / "some other")
    byte_code.compile_folder(one, "/opt", sys.executable)
    (other / "python/ours/__pycache__").mkdir()
    (other / "python/ours/__pycache__/gone.cpython-313.pyc").write_bytes(b"of before")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "elsewhere"))
    byte_code.compile_folder(other, "/opt", sys.executable)
    assert len(bits(one)) == len(MODULES)
    assert bits(one) == bits(other)


def test_no_path_of_the_building_machine_is_in_the_byte_code(tmp_path: Path) -> None:
    byte_code.compile_folder(layer(tmp_path), "/opt", sys.executable)
    found = bits(tmp_path)[f"python/ours/__pycache__/one.cpython-{HERE[0]}{HERE[1]}.pyc"]
    assert str(tmp_path).encode() not in found
    assert b"/opt/python/ours/one.py" in found


def test_a_module_that_is_no_python_fails_the_build(tmp_path: Path) -> None:
    (layer(tmp_path) / "python/ours/one.py").write_text("def :\n")
    with pytest.raises(subprocess.CalledProcessError):
        byte_code.compile_folder(tmp_path, "/opt", sys.executable)


def test_what_the_runtime_would_compile_itself_is_found(tmp_path: Path) -> None:
    assert len(byte_code.missing(layer(tmp_path), HERE)) == len(MODULES)
    byte_code.compile_folder(tmp_path, "/opt", sys.executable)
    assert byte_code.missing(tmp_path, HERE) == []
    assert len(byte_code.missing(tmp_path, (2, 7))) == len(MODULES)  # another release's


def test_byte_code_that_python_compares_with_the_source_is_missing(tmp_path: Path) -> None:
    for mode in ("checked-hash", "timestamp"):
        command = [sys.executable, "-m", "compileall", "-qf", "--invalidation-mode", mode, str(layer(tmp_path))]
        subprocess.run(command, check=True)
        assert len(byte_code.missing(tmp_path, HERE)) == len(MODULES)


def test_the_runtimes_python_is_this_one_or_one_on_the_path_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert byte_code.interpreter(HERE) == sys.executable
    monkeypatch.setenv("PATH", str(tmp_path))
    assert byte_code.interpreter((9, 9)) is None
    found = tmp_path / "python9.9"
    found.write_text("#!/bin/sh\necho no such version >&2; exit 127\n")
    found.chmod(0o755)
    assert byte_code.interpreter((9, 9)) is None
    found.write_text("#!/bin/sh\necho 9 9\n")
    assert byte_code.interpreter((9, 9)) == str(found)


def test_the_release_is_that_of_the_functions() -> None:
    release = ".".join(map(str, byte_code.RUNTIME))
    lines = (ROOT / "template.yaml").read_text().splitlines()
    assert {line.strip() for line in lines if line.strip().startswith("Runtime:")} == {f"Runtime: python{release}"}


def test_a_build_gives_functions_theirs_and_counts_that_of_the_layers(tmp_path: Path) -> None:
    byte_code.compile_folder(layer(tmp_path / "OurLayer"), "/opt", sys.executable)
    (tmp_path / "Plan").mkdir()
    (tmp_path / "Plan" / "app.py").write_text("")
    (tmp_path / "Govern").mkdir()
    assert built.compiled(["Plan", "Govern"], sys.executable, tmp_path, HERE) == len(MODULES) + 1
    assert {path.stat().st_mtime for path in tmp_path.rglob("*.pyc")} == {built._EPOCH}


def test_a_build_with_the_runtimes_python_fails_where_a_layer_was_made_without_it(tmp_path: Path) -> None:
    layer(tmp_path / "OurLayer")
    with pytest.raises(ValueError, match=r"found 3 modules without byte code, OurLayer/python/ours/__init__\.py first"):
        built.compiled([], sys.executable, tmp_path, HERE)


@pytest.mark.parametrize("has_it", [True, False])
def test_the_makefile_of_our_layer_compiles_where_it_can_and_says_where_not(tmp_path: Path, *, has_it: bool) -> None:
    if byte_code.RUNTIME == HERE and not has_it:
        pytest.skip("this Python is the runtime's")
    made, path = tmp_path / "made", tmp_path / "bin"
    made.mkdir()
    path.mkdir()
    stand_in = path / "python{}.{}".format(*byte_code.RUNTIME)
    # This Python in place of the runtime's: what it says of itself is all that differs.
    says = 'case "$1" in -c) echo {} {};; *) exec "{}" "$@";; esac'.format(*byte_code.RUNTIME, sys.executable)
    stand_in.write_text(f"#!/bin/sh\n{says}\n" if has_it else "#!/bin/sh\nexit 127\n")
    stand_in.chmod(0o755)
    command = ["make", "-C", str(ROOT / "layers" / "stagegate"), "build-StagegateLayer", f"ARTIFACTS_DIR={made}"]
    environment = {"PATH": f"{path}:/usr/bin:/bin"}
    told = subprocess.run(
        [*command, f"PYTHON={sys.executable}"], env=environment, capture_output=True, text=True, check=True
    )
    sources = [*(ROOT / "layers/stagegate/python").rglob("*.py")]
    assert len([*made.rglob("*.py")]) == len(sources)
    assert len([*made.rglob("*.pyc")]) == (len(sources) if has_it else 0)
    assert ("without byte code" in told.stderr) is not has_it
