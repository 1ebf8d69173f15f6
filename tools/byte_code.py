"""Gives a built layer the byte code of Lambda's Python: `python byte_code FOLDER`, linked into the layers' folders.

Functions can't keep byte code themselves: `/opt` and `/var/task` are read-only, so each cold start would compile every
module anew. Files of byte code say by a hash which source they are of, and Python doesn't look it up ("unchecked",
PEP 552): the times that a zip file gives its files don't matter.

Only the same minor release of Python can make it. Elsewhere the build says so, and what is deployed works, slower.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

RUNTIME = (3, 13)
"""`python3.13`, the functions' Runtime in template.yaml."""

_UNCHECKED = (1).to_bytes(4, "little")
"""The flags of a file of byte code that knows its source by a hash which nobody looks up (PEP 552)."""


def interpreter(runtime: tuple[int, int] = RUNTIME) -> str | None:
    """Return this Python, or one on the path, that makes what the runtime reads; None if there is none."""
    if sys.version_info[:2] == runtime:
        return sys.executable
    name = f"python{runtime[0]}.{runtime[1]}"
    found = shutil.which(name)
    # A version manager's stand-in is on the path whether or not it has that version.
    return found if found and _release(found) == [*map(str, runtime)] else None


def _release(python: str) -> list[str]:
    asked = [python, "-c", "import sys; print(*sys.version_info[:2])"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603  what the path has
    return answer.stdout.split()


def compile_folder(folder: Path, root: str, python: str) -> None:
    """Compile all modules below `folder`, which Lambda unpacks in `root`; what byte code was there is gone first.

    The same sources and the same Python give the same bits, wherever `folder` is: one process, in the order of names,
    which hashes alike each time and is told the paths of Lambda. Raises CalledProcessError for a module with a mistake.
    """
    clear(folder)
    how = ["--invalidation-mode", "unchecked-hash", "-q", "-j", "1", "-s", str(folder), "-p", root]
    alike = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [python, "-P", "-m", "compileall", *how, str(folder)]
    subprocess.run(command, env={**alike, "PYTHONHASHSEED": "0"}, check=True)  # noqa: S603  `interpreter` found it


def clear(folder: Path) -> None:
    """Delete all byte code below `folder`, of any Python."""
    for cache in [*folder.rglob("__pycache__")]:
        shutil.rmtree(cache)


def missing(folder: Path, runtime: tuple[int, int] = RUNTIME) -> list[Path]:
    """Return the modules below `folder` that have no byte code for the runtime, or some that it would check."""
    return [module for module in sorted(folder.rglob("*.py")) if not _is_ready(module, runtime)]


def _is_ready(module: Path, runtime: tuple[int, int]) -> bool:
    code = module.parent / "__pycache__" / f"{module.stem}.cpython-{runtime[0]}{runtime[1]}.pyc"
    return code.is_file() and code.read_bytes()[4:8] == _UNCHECKED


def main() -> int:
    """Compile the folder that the command line names, or say why not."""
    folder, python = Path(sys.argv[1]), interpreter()
    if python is None:
        print(f"{folder.name}: {absent()}", file=sys.stderr)
        return 0
    compile_folder(folder, "/opt", python)
    return 0


def absent(runtime: tuple[int, int] = RUNTIME) -> str:
    """Say that there is no byte code, and what to do."""
    name = f"python{runtime[0]}.{runtime[1]}"
    return f"without byte code, so cold starts take longer: found no {name}; put the runtime's on the path"


if __name__ == "__main__":
    sys.exit(main())
