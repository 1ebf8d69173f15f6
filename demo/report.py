"""The demonstration as JSON, for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from demo.story import StepResult


def as_json(results: Sequence[StepResult], skipped: Mapping[str, str]) -> dict[str, Any]:
    """Return the whole demonstration. `transitions` and `aws_calls` have a number for each of `executions` (ARNs);
    `settle_polls` is the sum of the step. `skipped` has the stories without rules in this governance.toml, and why.
    """
    return {
        "steps": [_step(result) for result in results],
        "skipped": dict(skipped),
        "ok": bool(results or skipped) and all(result.ok for result in results),
    }


def write(path: Path, document: dict[str, Any]) -> None:
    """Write it, making the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _step(result: StepResult) -> dict[str, Any]:
    return {
        "story": result.story,
        "action": result.step.action,
        "expected": "; ".join(finding.expected for finding in result.findings if finding.expected),
        "observed": "; ".join(
            " | ".join((finding.observed, *finding.excerpt)) for finding in result.findings if finding.observed
        ),
        "ok": result.ok,
        "access_latency_ms": result.access_latency_ms,
        "executions": [cost.execution.execution_arn for cost in result.costs],
        "transitions": [cost.transitions for cost in result.costs],
        "aws_calls": [cost.calls for cost in result.costs],
        "settle_polls": sum(cost.settle_polls for cost in result.costs),
    }
