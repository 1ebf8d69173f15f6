"""The figures that docs/numbers.md states, for the tests that count them."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "numbers.md"


def stated(pattern: str) -> tuple[int, ...]:
    """Return the numbers in the one place that fits; line breaks count as spaces. Raises ValueError for none or two."""
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    (found,) = re.finditer(pattern, text)
    return tuple(int(group.replace(",", "")) for group in found.groups())
