"""Writes docs/rules.md, the reference of governance.toml: `python -m tools.rules_reference`."""

from pathlib import Path

from tools.rules_reference.page import page

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
