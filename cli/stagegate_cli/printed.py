"""What each command prints with `--json`."""

from collections.abc import Mapping
from typing import Any

from stagegate_cli.commands.access import AccessResult
from stagegate_cli.commands.check import Checked
from stagegate_cli.commands.decide import Decided
from stagegate_cli.commands.doctor import Diagnosis
from stagegate_cli.commands.history import History
from stagegate_cli.commands.report import Reported
from stagegate_cli.commands.run import RunResult
from stagegate_cli.commands.status import Status
from stagegate_cli.commands.sweep import SweepResult
from stagegate_cli.commands.verify import Verified
from stagegate_cli.commands.why import Why

PRINTED: Mapping[str, Any] = {
    "status": Status,
    "access": AccessResult,
    "why": Why,
    "history": History,
    "report": Reported,
    "verify": Verified,
    "plan": RunResult,
    "run": RunResult,
    "sweep": SweepResult,
    "decide": Decided,
    "doctor": Diagnosis,
    "check": Checked,
}
