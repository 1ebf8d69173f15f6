"""Many teams at two times: all is drawn, planned and judged; then rules and statuses are drawn anew, and so again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from soak.oracle.teams import Teams, access
from soak.teams.drawn import HOME, Size, drawn
from soak.teams.judge import Judged, judge
from soak.teams.planned import Planned
from stagegate.rules.load import load
from stagegate.rules.model import Rules

_FEW = 5
"""The first time, each fifth role is judged."""


def teams(size: Size, seed: int) -> list[Judged]:
    """Return what was seen each time. All of it is one process's, and takes about as long as it has pairs."""
    planned, found = Planned(), list[Judged]()
    followed: Mapping[str, Mapping[str, str]] = {}
    for number, every in enumerate((_FEW, 1)):
        company = drawn(size, 2 * seed + number)
        planned.carry_out(rules_of(company.text), company.cards, company.packages)
        wanted = access(Teams(company.text, HOME, company.cards, company.packages, followed))
        found.append(judge(size, planned, wanted, company, every))
        followed = wanted.followed
    return found


def rules_of(text: str) -> Rules:
    """Return the rules as the product reads them from a file of that text."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "governance.toml"
        path.write_text(text)
        return load(path)
