"""What each command prints with `--json`."""

from collections.abc import Mapping
from typing import Any

from stagegate_cli.commands.check import Checked
from stagegate_cli.commands.run import RunResult
from stagegate_cli.commands.status import Status
from stagegate_cli.commands.sweep import SweepResult

PRINTED: Mapping[str, Any] = {
    "status": Status,
    "plan": RunResult,
    "run": RunResult,
    "sweep": SweepResult,
    "check": Checked,
}
