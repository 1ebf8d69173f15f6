"""Puts all that is deployed beside what `sam build` has built: `python -m tools.built [governance.toml]`.

`sam build` leaves what needs no build where it lies: the built template points at the folders of the checkout, with
whatever comes into them until `sam deploy`. This copies them, without byte code, and points the template at the copies.
What is deployed then is what was built, and the same commit gives the same bits on every machine.
"""

import os
import re
import shutil
import sys
from pathlib import Path

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


if __name__ == "__main__":
    own = Path(sys.argv[1]) if sys.argv[1:] else None
    copied = gather(own)
    print(f"{len(copied)} folders and files lie in {BUILT.relative_to(Path.cwd())}, ready for `sam deploy`", end="")
    print(f"; the rules are {own}" if own else "")
