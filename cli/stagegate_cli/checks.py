"""What a check is: what was looked at, what was found, what is allowed, and all that is wrong. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the page. `problems` are the lines below it; without any it is fine."""

    name: str
    found: str
    allowed: str
    problems: tuple[str, ...] = ()
    size: int = 0
    """What was measured, where something was."""


def largest(name: str, sizes: Mapping[str, int], allowed: int, unit: str) -> Check:
    """Return the check that none of these is larger than AWS lets it be. Shows the largest, and names all too large."""
    if not sizes:
        return Check(name, "none", f"{allowed:,} {unit}")
    most = max(sizes, key=lambda each: sizes[each])
    problems = tuple(
        f"{each}: found {size:,} {unit}; allowed: {allowed:,}" for each, size in sorted(sizes.items()) if size > allowed
    )
    return Check(name, f"{sizes[most]:,} at most ({most})", f"{allowed:,} {unit}", problems, sizes[most])


def merged(by_account: Mapping[str, Iterable[Check]]) -> list[Check]:
    """Return one check for those of one name in several accounts: the largest of them, with what is wrong in any."""
    named: dict[str, list[tuple[str, Check]]] = {}
    for account, checks in by_account.items():
        for each in checks:
            named.setdefault(each.name, []).append((account, each))
    return [_together(found) for found in named.values()]


def _together(found: list[tuple[str, Check]]) -> Check:
    _, most = max(found, key=lambda each: each[1].size)
    problems = tuple(f"{account}: {line}" for account, check in found for line in check.problems)
    return replace(most, problems=problems)


def page(checks: Iterable[Check]) -> str:
    """Return all checks as one page: a line each, and below it what is wrong."""
    listed = list(checks)
    names, founds = (max(len(getattr(each, key)) for each in listed) for key in ("name", "found"))
    lines = []
    for each in listed:
        mark = "WRONG" if each.problems else "ok"
        lines.append(f"{mark:5}  {each.name:{names}}  {each.found:{founds}}  allowed: {each.allowed}".rstrip())
        lines += [f"         {problem}" for problem in each.problems]
    wrong = sum(bool(each.problems) for each in listed)
    lines.append(f"{len(listed)} checks, {wrong} wrong" if wrong else f"{len(listed)} checks, nothing wrong")
    return "\n".join(lines)
