"""Puts all that is deployed beside what `sam build` has built: `python -m tools.built [governance.toml]`.

`sam build` leaves what needs no build where it lies: the built template points at the folders of the checkout, with
whatever comes into them until `sam deploy`. This copies them, and points the template at the copies. What is deployed
then is what was built, and the same commit gives the same bits on every machine that has the same Python for byte code
(`tools/byte_code.py`): the layers have theirs from `sam build`, the functions get it here.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from tools import byte_code

BUILT = Path(__file__).parents[1] / ".aws-sam" / "build"
SETTINGS_LAYER = "SettingsLayer"
_RESOURCE = re.compile(r"^  (\w+):\s*$")
_UNBUILT = re.compile(r"^( +(?:CodeUri|ContentUri|DefinitionUri): )(\.\./\.\./\S+)$")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")
_EPOCH = 315619200.0
"""1980-01-02: a zip file knows nothing older than the day before, in whatever time zone it is made."""


def gather(settings: Path | None = None, built: Path = BUILT) -> list[str]:
    """Copy each folder and file that the built template names outside of `built`, the folder that `sam build` wrote.

    Each goes into a folder by its resource's name, and the template names that. `settings` takes the place of the
    shipped governance.toml. Returns the names of the resources. Raises ValueError if the template doesn't have exactly
    one settings layer from outside; nothing is changed then.
    """
    template = built / "template.yaml"
    lines = template.read_text(encoding="utf-8").splitlines()
    found: dict[int, tuple[str, str, Path]] = {}
    resource = ""
    for number, line in enumerate(lines):
        if named := _RESOURCE.match(line):
            resource = named.group(1)
        elif unbuilt := _UNBUILT.match(line):
            found[number] = (resource, unbuilt.group(1), (built / unbuilt.group(2)).resolve())
    names = [resource for resource, _, _ in found.values()]
    if (count := names.count(SETTINGS_LAYER)) != 1:
        raise ValueError(f"{template}: found {count} {SETTINGS_LAYER} to copy; allowed: one, as `sam build` leaves it")
    for number, (resource, key, source) in found.items():
        lines[number] = key + _copied(source, built / resource, settings if resource == SETTINGS_LAYER else None)
    template.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _settle(built)
    return names


def _copied(source: Path, target: Path, settings: Path | None) -> str:
    """Copy a folder or a file; return what the template calls the copy."""
    shutil.rmtree(target, ignore_errors=True)
    if source.is_file():
        target.mkdir()
        shutil.copyfile(source, target / source.name)
        return f"{target.name}/{source.name}"
    shutil.copytree(source, target, ignore=_LEFT_OUT)
    if settings is not None:
        shutil.copyfile(settings, target / "governance.toml")
    return target.name


def _settle(built: Path) -> None:
    """Give every file the same time and mode, which go into the zip files that `sam deploy` makes."""
    for path in built.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (_EPOCH, _EPOCH))


def compiled(
    names: Iterable[str], python: str, built: Path = BUILT, runtime: tuple[int, int] = byte_code.RUNTIME
) -> int:
    """Give what `gather` has copied its byte code, and return how many modules of all that was built have theirs.

    `python` is the runtime's. Raises ValueError if what `sam build` itself has made has none.
    """
    for folder in (built / name for name in names):
        if any(folder.rglob("*.py")):
            byte_code.compile_folder(folder, "/var/task", python)
    if missing := byte_code.missing(built, runtime):
        raise ValueError(
            f"{built}: found {len(missing)} modules without byte code, {missing[0].relative_to(built)} first; allowed:"
            " none, where the runtime's Python is. Delete .aws-sam and build again: it may have been built without it."
        )
    _settle(built)
    return len([*built.rglob("*.pyc")])


def main(arguments: list[str]) -> int:
    """Gather, compile, and say what there is now; 1 if byte code is missing where it could be."""
    own = Path(arguments[0]) if arguments else None
    copied = gather(own)
    print(f"{len(copied)} folders and files lie in {BUILT.relative_to(Path.cwd())}, ready for `sam deploy`", end="")
    print(f"; the rules are {own}" if own else "")
    python = byte_code.interpreter()
    if python is None:
        print(byte_code.absent())
        return 0
    try:
        print(f"{compiled(copied, python)} modules have byte code")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
