"""Many teams: who has access to which model, of all pairs."""

from __future__ import annotations

from soak.page import Figure
from soak.teams.drawn import Size
from soak.teams.judge import Judged


def figures(found: list[Judged]) -> list[Figure]:
    """How many accesses there are of each kind that mustn't be, of how many pairs; 0 is right."""
    pairs = sum(each.pairs for each in found)
    kinds = {
        "teams: accesses across teams": sum(each.across for each in found),
        "teams: accesses too many": sum(each.too_many for each in found),
        "teams: accesses too few": sum(each.too_few for each in found),
    }
    is_shown = all(each.open for each in found)
    return [Figure(name, count, pairs, is_shown and not count) for name, count in kinds.items()]


def show(size: Size, found: list[Judged]) -> list[str]:
    """Their lines."""
    lines = [
        f"Teams: {size.teams} teams, {size.accounts} accounts, {size.models:,} models, {size.selectors} selectors;"
        " then selectors and statuses are drawn anew:"
    ]
    for each in found:
        lines.append(
            f"  {each.pairs:,} pairs of {each.roles} roles and {each.models:,} models decided, {each.open:,} accesses;"
            f" {each.across} across teams, {each.too_many} too many, {each.too_few} too few"
        )
        lines += [f"    {wrong}" for wrong in each.wrong]
    return lines
