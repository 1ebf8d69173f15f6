"""What the stories' model is: the content of its card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any  # JSON

_CONTENT = Path(__file__).with_name("customer_churn.json")


def customer_churn() -> dict[str, Any]:
    """Return the full content of a model card, to be changed at will."""
    content: dict[str, Any] = json.loads(_CONTENT.read_text())
    return content
