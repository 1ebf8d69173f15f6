"""Finds stages that ask for what nobody can give: more people than their lists have, metrics that are nowhere."""

from collections.abc import Iterator, Mapping

from stagegate.core.statuses import RiskRating
from stagegate.rules.formats import ANY, select
from stagegate.rules.model import Approvers, Rules
from stagegate.rules.problems import Problem, shown
from stagegate.rules.toml_lines import KeyPath

_IDENTITY_CENTER = "/AWSReservedSSO_"
_ALL_RISKS = [risk.value for risk in RiskRating]


def check(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the problems of several approvers, and of metrics."""
    yield from _people(tables)
    for path, metric in select(tables, ("stages", ANY, "metrics", ANY)):
        if isinstance(metric, dict):
            yield from _bounds(path, metric)
    yield from _without_cards(tables)


def _bounds(path: KeyPath, metric: Mapping[str, object]) -> Iterator[Problem]:
    least, most = metric.get("at_least"), metric.get("at_most")
    if least is None and most is None:
        yield Problem(path=path, found='neither "at_least" nor "at_most"', allowed="one of them, or both")
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        found = f"{shown(least)}, and at_most {shown(most)}"
        yield Problem(path=(*path, "at_least"), found=found, allowed="at most as much as at_most")


def _without_cards(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Find stages whose metrics no package could ever have, which takes them from its card."""
    packages = tables.get("packages")
    if not isinstance(packages, dict) or packages.get("card", "ignored") != "ignored":
        return
    opened = {stage for _, stage in select(tables, ("packages", "status", ANY, "opens", ANY))}
    opened |= {stage for _, stage in select(tables, ("imports", ANY, "stage"))}
    for path, stage in select(tables, ("stages", ANY)):
        if isinstance(stage, dict) and stage.get("metrics") and stage.get("name") in opened:
            found = "metrics, and packages that open here whatever their cards say"
            allowed = 'metrics with packages.card = "required" or "if_linked": a package takes those of its card'
            yield Problem(path=(*path, "metrics"), found=found, allowed=allowed)


def _people(tables: Mapping[str, object]) -> Iterator[Problem]:
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
