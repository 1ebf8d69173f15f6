"""What a function finds on disk: its code, and its layers merged into one folder that stands for /opt."""

from __future__ import annotations

import atexit
import compileall
import hashlib
import io
import os
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path
from py_compile import PycInvalidationMode

from sandbox.services.lambda_.code.dependencies import MARKER, link


class Files:
    """Unpacked code and layers, by content, for as long as this process runs: the next organization has much the same.

    `lock_file` is the dependencies layer's.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._root: Path | None = None
        self.lock_file: Path | None = None

    @property
    def root(self) -> Path:
        """The folder all is unpacked in; made when first asked for."""
        if self._root is None:
            self._root = Path(tempfile.mkdtemp(prefix="sandbox-lambda-"))
            atexit.register(shutil.rmtree, self._root, ignore_errors=True)
        return self._root

    def code(self, archive: bytes) -> Path:
        """The unpacked code of a function: its /var/task."""
        return self._unpacked([archive], "task")

    def opt(self, archives: list[bytes]) -> Path:
        """The layers unpacked over each other, in their order: /opt."""
        return self._unpacked(archives, "opt")

    def dependencies(self) -> Path:
        """The folder with the dependencies layer's packages."""
        if self.lock_file is None:
            raise RuntimeError("the lock file of the dependencies layer is not set")
        folder = self.root / f"dependencies-{_digest(self.lock_file.read_bytes())}"
        with self._lock:
            if not folder.exists():
                link(self.lock_file, folder)
        return folder

    def _unpacked(self, archives: list[bytes], kind: str) -> Path:
        lock = self.lock_file.read_bytes() if self.lock_file is not None else b""
        folder = self.root / f"{kind}-{_digest(*archives, lock)}"
        with self._lock:
            if folder.exists():
                return folder
            making = folder.with_suffix(".making")
            making.mkdir()
            with_dependencies = False
            for archive in archives:
                one = self._compiled(archive)
                with_dependencies = with_dependencies or (one / MARKER).exists()
                shutil.copytree(one, making, copy_function=_linked, dirs_exist_ok=True)
            if with_dependencies:
                (making / "python").mkdir(exist_ok=True)
                for package in self.dependencies().iterdir():
                    (making / "python" / package.name).symlink_to(package.resolve())
            making.rename(folder)
        return folder

    def _compiled(self, archive: bytes) -> Path:
        """One archive, unpacked. It has byte code, as layers are shipped, since a worker can't write any."""
        folder = self.root / f"archive-{_digest(archive)}"
        if not folder.exists():
            with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
                zipped.extractall(folder)
            compileall.compile_dir(folder, quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
        return folder


def _linked(one: str, other: str) -> None:
    """The same file once more, in place of one that an earlier layer has there."""
    Path(other).unlink(missing_ok=True)
    os.link(one, other)


def _digest(*contents: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).hexdigest()[:16]


files = Files()
"""The files of this process's functions."""
