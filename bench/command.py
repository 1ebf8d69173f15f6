"""What `stagegate --help` takes, beside the help of a command of one line that is made with the same library."""

import os
import resource
import subprocess
import sys
from pathlib import Path

from bench.rows import Row, row

ROOT = Path(__file__).parents[1]
GOAL = 2.0
_FLOOR = "import sys, typer; sys.argv = ['one', '--help']; typer.run(lambda: None)"


def rows(rounds: int) -> list[Row]:
    """Return the one row: the least processor time of each, in turn."""
    ours, beside = zip(
        *((_seconds(["-m", "stagegate_cli", "--help"]), _seconds(["-c", _FLOOR])) for _ in range(rounds)), strict=True
    )
    return [row("a person's path", "stagegate --help", ours=min(ours), beside=min(beside), unit="s", goal=GOAL)]


def _seconds(arguments: list[str]) -> float:
    """Processor seconds of a process, its start included."""
    path = f"{ROOT / 'cli'}{os.pathsep}{ROOT / 'layers' / 'stagegate' / 'python'}"
    command = [sys.executable, *arguments]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
