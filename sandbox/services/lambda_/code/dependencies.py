"""The one thing the sandbox substitutes: third-party packages of the dependencies layer come from its own environment.

The layer is built for Lambda's platform, which this machine need not be. So that nothing else differs, the layer's
lock must name exactly the versions that are installed here, and a worker sees those packages and no others.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

MARKER = "SANDBOX-DEPENDENCIES-LAYER"
"""The only file of the layer's zip here: an unpacked layer that has it gets the packages linked in."""


class DependencyMismatchError(RuntimeError):
    """The layer's lock and the installed packages differ."""


def locked(lock: Path) -> dict[str, str]:
    """Name and version of each package in a `pip` lock file that applies to this environment."""
    found = {}
    for line in re.sub(r"\\\n", " ", lock.read_text()).splitlines():
        text = re.split(r"\s--hash|\s#", line.strip())[0].strip()
        if not text or text.startswith(("#", "-")):
            continue
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate():
            found[requirement.name] = str(requirement.specifier).removeprefix("==")
    return found


def link(lock: Path, folder: Path) -> None:
    """Link the locked packages into `folder`; DependencyMismatchError names each that isn't installed as locked."""
    wrong, folders = [], []
    for name, version in locked(lock).items():
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            wrong.append(f"{name}=={version} is not installed")
            continue
        if installed.version != version:
            wrong.append(f"{name}: {lock.name} locks {version}, installed is {installed.version}")
        folders.append(installed)
    if wrong:
        raise DependencyMismatchError("; ".join(wrong))
    folder.mkdir(parents=True, exist_ok=True)
    for installed in folders:
        tops = {file.parts[0] for file in installed.files or () if file.parts[0] not in ("..", "__pycache__")}
        for top in sorted(tops):
            target = folder / top
            if not target.exists():
                target.symlink_to(Path(str(installed.locate_file(top))))
