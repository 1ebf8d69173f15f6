"""What Step Functions keeps of an execution."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.kernel.clock import clock


@dataclass(eq=False)
class ExecutionRecord:
    """The attributes are the ones that moto's responses read; `status` is the API's."""

    execution_arn: str
    name: str
    state_machine_arn: str
    definition: str
    role_arn: str
    account_id: str
    region_name: str
    logging_configuration: dict[str, Any]
    execution_input: str
    status: str = "RUNNING"
    start_date: datetime = field(default_factory=clock.datetime)
    stop_date: datetime | None = None
    output: str | None = None
    output_details: dict[str, bool] | None = None
    error: str | None = None
    cause: str | None = None
