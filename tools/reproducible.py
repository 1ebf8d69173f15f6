"""Builds this checkout twice, in two places, and compares the bits: `python -m tools.reproducible`."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOLS = (".venv", ".node")
_STRICT, _USUAL = 0o077, 0o022


def digests(folder: Path) -> dict[str, str]:
    """Return what `sam deploy` would upload of a built folder: a digest of each file's name, mode, time and bytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            status = path.stat()
            about = f"{status.st_mode:o} {status.st_mtime_ns} ".encode()
            found[str(path.relative_to(folder))] = hashlib.sha256(about + path.read_bytes()).hexdigest()
    return found


def built(copy: Path, umask: int) -> dict[str, str]:
    """Copy the checkout without what git ignores, build it, and return its digests."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(listed, cwd=ROOT, text=True)  # noqa: S603  git, as whoever runs this has it
    for name in names.split("\0"):
        if name and (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name, follow_symlinks=False)
    for name in TOOLS:
        (copy / name).symlink_to(ROOT / name)
    make = ["make", "--silent", "build"]
    subprocess.run(make, cwd=copy, umask=umask, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own file
    return digests(copy / ".aws-sam" / "build")


def main() -> int:
    """Return 0 if both builds are the same to the bit, and name what differs."""
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder) / "one", Path(folder) / "somewhere else"
        for cache in ("functions/plan/__pycache__", "layers/stagegate/python/stagegate/__pycache__"):
            (other / cache).mkdir(parents=True)
            (other / cache / "app.cpython-313.pyc").write_bytes(os.urandom(16))
        first, second = built(one, _USUAL), built(other, _STRICT)
    differing = sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
    for name in differing[:20]:
        print(f"differs: {name}", file=sys.stderr)
    print(f"{len(first)} files, {len(differing)} differ between two builds")
    return 1 if differing or not first else 0


if __name__ == "__main__":
    sys.exit(main())
