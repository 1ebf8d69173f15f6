"""Metrics that a function writes as log lines, in CloudWatch's embedded metric format (as Powertools does).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator


def embedded(line: str) -> Iterator[tuple[str, str, dict[str, str], float]]:
    """Namespace, name, dimensions and value of every data point in a log line; nothing for any other line."""
    if '"_aws"' not in line:
        return
    try:
        document = json.loads(line)
        directives = document["_aws"]["CloudWatchMetrics"]
    except (ValueError, KeyError, TypeError):
        return
    for directive in directives:
        for metric in directive["Metrics"]:
            value = document[metric["Name"]]
            for names in directive.get("Dimensions", [[]]):
                dimensions = {name: str(document[name]) for name in names}
                for one in value if isinstance(value, list) else [value]:
                    yield directive["Namespace"], metric["Name"], dimensions, float(one)
