"""What a card's content says of the model, as an approver reads it: whose it is, what it is for, how well it does."""

from collections.abc import Iterator, Mapping
from typing import Any

from stagegate.core.untrusted import quoted

MOST_METRICS = 20
"""Metrics that a message shows; it counts the others."""
_LONGEST = 200
_FACTS = (
    ("Owner", "model_overview", "model_owner"),
    ("Purpose", "intended_uses", "purpose_of_model"),
    ("Intended use", "intended_uses", "intended_uses"),
    ("Why this risk", "intended_uses", "explanations_for_risk_rating"),
)


def facts_of(content: Mapping[str, object]) -> tuple[str, ...]:
    """Return a line for each fact that a content has, and for each metric of its evaluations: what is said in quotes.

    The names are those of SageMaker's schema of model cards ("Model card JSON schema", developer guide).
    """
    said = []
    for title, section, name in _FACTS:
        found = content.get(section)
        value = found.get(name) if isinstance(found, Mapping) else None
        if isinstance(value, str) and value.strip():
            said.append(f"{title}: {quoted(value, _LONGEST)}")
    metrics = list(_metrics(content.get("evaluation_details")))
    more = [f"Metrics: and {len(metrics) - MOST_METRICS} more"] if len(metrics) > MOST_METRICS else []
    return (*said, *metrics[:MOST_METRICS], *more)


def _metrics(evaluations: object) -> Iterator[str]:
    for evaluation in _objects(evaluations):
        where = f" in {quoted(evaluation['name'], _LONGEST)}" if evaluation.get("name") else ""
        for group in _objects(evaluation.get("metric_groups")):
            for metric in _objects(group.get("metric_data")):
                name, value = (quoted(metric.get(key, ""), _LONGEST) for key in ("name", "value"))
                yield f"Metric {name}{where}: {value}"


def _objects(found: object) -> list[Mapping[str, Any]]:
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
