"""The metrics that a card says of its model, and whether they are within what a stage asks for."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stagegate.core.findings import Finding, blocked
from stagegate.core.untrusted import quoted
from stagegate.rules.fence_kind import Metric
from stagegate.rules.model import Stage

_LONGEST = 60
"""Characters of a value that a message shows: a number has fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One metric of a card's evaluations: its `value`, None for no finite number, and what is `said` there."""

    name: str
    value: float | None
    said: str


def measured_in(content: Mapping[str, object]) -> tuple[Measured, ...]:
    """Return every metric of a content, by `evaluation_details[].metric_groups[].metric_data[]`.

    The names are those of SageMaker's schema of model cards ("Model card JSON schema", developer guide): the value of a
    simple metric is a number, a text or a truth value; that of a graph or a matrix is a list.
    """
    return tuple(_measured(content.get("evaluation_details")))


def not_met(stage: Stage, found: Collection[Measured], *, shows: bool) -> Finding | None:
    """Return the finding for a card that doesn't say what a stage asks for; None where it does, or nothing is asked.

    Without `shows`, the finding says nothing of the card's own: it is encrypted.
    """
    wrong = [f"{metric}: {problem}" for metric in stage.metrics if (problem := _problem(metric, found, shows=shows))]
    if not wrong:
        return None
    return blocked(
        "MetricsNotMet",
        f"{stage.name} asks for {'; and for '.join(wrong)}. Write what was measured into the card's evaluation_details,"
        " once for each name, and ask again.",
        stage.name,
    )


def beside_thresholds(stages: Collection[Stage], found: Collection[Measured]) -> tuple[str, ...]:
    """Return a line for each metric that a stage asks for: what it asks, and what the card says."""
    return tuple(
        f"{stage.name} asks for {metric}: {_problem(metric, found, shows=True) or f'met, by {_said(metric, found)}'}"
        for stage in stages
        for metric in stage.metrics
    )


def _problem(metric: Metric, found: Collection[Measured], *, shows: bool) -> str:
    """Return why a metric isn't as it is asked for, "" if it is."""
    mine = [each for each in found if each.name == metric.name]
    values = {each.value for each in mine}
    says = f", {_said(metric, found)}" if shows and mine else ""
    if not mine:
        return "the card's evaluations don't have it"
    if None in values:
        return f"the card says no finite number{says}"
    if len(values) > 1:
        return f"the card says different values{says}"
    (value,) = values
    return "" if value is not None and metric.lets(value) else f"the card says another value{says}"


def _said(metric: Metric, found: Collection[Measured]) -> str:
    said = dict.fromkeys(quoted(each.said, _LONGEST) for each in found if each.name == metric.name)
    return " and ".join([*said][:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")


def _measured(evaluations: object) -> Iterator[Measured]:
    for evaluation in _objects(evaluations):
        for group in _objects(evaluation.get("metric_groups")):
            for metric in _objects(group.get("metric_data")):
                name, value = metric.get("name"), metric.get("value")
                if isinstance(name, str):
                    is_number = isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value)
                    yield Measured(name=name, value=value if is_number else None, said=_shown(value))


def _is_finite(value: float) -> bool:
    # What JSON can't say (`NaN`, `Infinity`, 1e999) is read all the same. A whole number is finite, however long.
    return isinstance(value, int) or math.isfinite(value)


def _shown(value: object) -> str:
    return "a list" if isinstance(value, list) else "an object" if isinstance(value, Mapping) else str(value)


def _objects(found: object) -> list[Mapping[str, Any]]:
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
