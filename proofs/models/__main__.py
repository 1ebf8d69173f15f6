"""Checks the models of claim and lease with Spin, and that Spin finds what was taken away from them.

Exits 0 if all is as it should be, or if there is no Spin here, which it says; 1 if not.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from proofs.figures import Figure, write
from proofs.models.checks import CHECKS, Check, Kind

HERE = Path(__file__).parent
SECONDS = 240
_DEPTH = "100000"


class UncheckedError(Exception):
    """Spin didn't come to an answer: it wasn't compiled, had no room, or took too long."""


def finds_an_error(check: Check) -> tuple[bool, int]:
    """Return whether Spin finds an order of events that breaks the model, and how many states it looked at.

    Raises UncheckedError.
    """
    with tempfile.TemporaryDirectory() as folder:
        definitions = [f"-D{name}={value}" for name, value in check.definitions.items()]
        _run(folder, "spin", "-a", *definitions, str(HERE / f"{check.model}.pml"))
        _run(folder, "gcc", "-O1", "-w", "-DSAFETY", "-DVECTORSZ=2048", "-o", "pan", "pan.c")
        said = _run(folder, "./pan", f"-m{_DEPTH}")
    errors, states = re.search(r"errors: (\d+)", said), re.search(r"(\d+) states, stored", said)
    if errors is None or states is None or "max search depth too small" in said or "out of memory" in said:
        raise UncheckedError(said[-500:])
    return int(errors[1]) > 0, int(states[1])


def _run(folder: str, *command: str) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=SECONDS)  # noqa: S603
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise UncheckedError(f"{command[0]}: {error}: {error.stdout!r}") from error
    return done.stdout


def main() -> int:
    """Check everything."""
    missing = [tool for tool in ("spin", "gcc") if shutil.which(tool) is None]
    if missing:
        print(f"SKIPPED: the models of claim and lease weren't checked: install {' and '.join(missing)}")
        return 0
    right = dict.fromkeys(Kind, 0)
    for check in CHECKS:
        found, states = finds_an_error(check)
        is_right = found == (check.kind is not Kind.HOLDS)
        right[check.kind] += is_right
        print(f"{'ok ' if is_right else 'NOT'} {check.kind}: {check.name} ({states:,} states)")
    names = {
        Kind.HOLDS: "models that hold",
        Kind.CONTROL: "controls that are found",
        Kind.LIMIT: "limits that are known",
    }
    of = {kind: sum(check.kind is kind for check in CHECKS) for kind in Kind}
    return write("models", [Figure(names[kind], right[kind], of[kind], ok=right[kind] == of[kind]) for kind in Kind])


if __name__ == "__main__":
    sys.exit(main())
