"""Finds stages that ask for more people than their lists have, and those that may have too few."""

from collections.abc import Iterator, Mapping

from stagegate.core.statuses import RiskRating
from stagegate.rules.formats import ANY, select
from stagegate.rules.model import Approvers, Rules
from stagegate.rules.problems import Problem

_IDENTITY_CENTER = "/AWSReservedSSO_"
_ALL_RISKS = [risk.value for risk in RiskRating]


def check(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the entries that need more people than there are, where each principal is one person."""
    entries = [(path, entry) for path, entry in select(tables, ("approvers", ANY)) if isinstance(entry, dict)]
    for path, entry in entries:
        needed = entry.get("needed", 1)
        if not isinstance(needed, int) or needed < 2:
            continue
        alike = [other for _, other in entries if _is_of_the_same(other, entry)]
        for risk in _list(entry, "risks", _ALL_RISKS):
            listed = [
                p for other in alike if risk in _list(other, "risks", _ALL_RISKS) for p in _list(other, "principals")
            ]
            people = set(map(str, listed))
            if len(people) < needed and not any(":role/" in person for person in people):
                yield Problem(
                    path=(*path, "needed"),
                    found=f"{needed}, and {len(people)} of the list for risk {risk}",
                    allowed="at most as many as are on the list: each of these is one person",
                )
                break


def few(rules: Rules) -> list[str]:
    """Return a line for each list on which there may be fewer people than it needs, as roles are named."""
    lines = []
    for entry in rules.approvers:
        alike = [e for e in rules.approvers if (e.stage, e.audience) == (entry.stage, entry.audience)]
        for risk in entry.risks:
            listed = {p for other in alike if risk in other.risks for p in other.principals}
            if len(listed) < entry.needed and not any(_IDENTITY_CENTER in principal for principal in listed):
                lines.append(_too_few(entry, len(listed)))
                break
    return lines


def _too_few(entry: Approvers, number: int) -> str:
    whom = f"{entry.stage} ({entry.audience})" if entry.audience else entry.stage
    return (
        f"warning: {whom} needs {entry.needed} approvers, and names {number} of their roles, users or sessions. All who"
        " use one role count as one person, unless IAM Identity Center or Studio names them: name a role for each"
    )


def _is_of_the_same(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return (one.get("stage"), one.get("audience")) == (other.get("stage"), other.get("audience"))


def _list(entry: Mapping[str, object], key: str, default: list[str] | None = None) -> list[object]:
    found = entry.get(key, default)
    return found if isinstance(found, list) else []
