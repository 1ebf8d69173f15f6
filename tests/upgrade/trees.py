"""The trees of two releases: the last one, as git has it, and this one."""

import shutil
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

from sandbox.stagegate.organization import ROOT

DEPLOYED = (
    "template.yaml",
    "member-template.yaml",
    "functions",
    "layers",
    "statemachines",
    "organization",
    "requirements",
)
RELEASES = ROOT / "tests" / "releases"
_SWEEPS_AFTER = """  Deployed:
    Type: AWS::Events::Rule
    Properties:
"""


def last_release() -> str:
    """The version of the last release: the newest whose payloads were recorded."""
    return max((path.name for path in RELEASES.iterdir() if path.is_dir()), key=_number)


def tree_of(version: str, folder: Path) -> Path | None:
    """The tree of a release, found by its commit's message, in `folder`; None where git's history doesn't have it."""
    commits = _git("log", "--format=%H", "--grep", f"^Release {version}$").decode().split()
    if not commits:
        return None
    with tarfile.open(fileobj=BytesIO(_git("archive", commits[0], *DEPLOYED))) as archive:
        archive.extractall(folder, filter="data")
    return _without_sweeps(folder)


def this_tree(folder: Path) -> Path:
    """This tree, as it would be deployed, in `folder`."""
    for name in DEPLOYED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return _without_sweeps(folder)


def _without_sweeps(root: Path) -> Path:
    """No sweep follows a deployment: what was to close is to be closed by the runs themselves."""
    text = (root / "template.yaml").read_text()
    if text.count(_SWEEPS_AFTER) != 1:
        raise ValueError(f"{root}/template.yaml: the rule Deployed isn't where it was")
    (root / "template.yaml").write_text(text.replace(_SWEEPS_AFTER, f"{_SWEEPS_AFTER}      State: DISABLED\n"))
    return root


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S607
