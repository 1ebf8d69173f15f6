"""Finds what can't be meant in the rules of private hubs: at build, where a mistake would be an empty hub, and models
of one's own that no hub could ever hold: one is in a hub while its package is open for every stage that the hub is
shared with.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stagegate.rules.audiences import Selected
from stagegate.rules.checks.audiences import covers, patterns
from stagegate.rules.checks.placed import texts
from stagegate.rules.formats import ANY, select
from stagegate.rules.hubs import HubState
from stagegate.rules.problems import Problem, one_of, shown
from stagegate.rules.toml_lines import KeyPath

_WAYS = ("filter", "ids", "names")


def check(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the problems of meaning in the rules of hubs."""
    for kind in ("allow", "keep_out"):
        for path, rule in select(tables, ("hubs", ANY, kind, ANY)):
            if isinstance(rule, dict):
                yield from _rule(path, rule)
    for path, hub in select(tables, ("hubs", ANY)):
        if isinstance(hub, dict) and not {"allow", "packages"} & hub.keys() and hub.get("state") != HubState.ABSENT:
            allowed = 'rules that let models in, packages of your own in "packages", or state = "absent"'
            yield Problem(path=(*path, "allow"), found="nothing", allowed=allowed)
    yield from _packages(tables)


def _rule(path: KeyPath, rule: Mapping[str, object]) -> Iterator[Problem]:
    ways = [way for way in _WAYS if way in rule]
    if len(ways) != 1:
        found = f"{len(ways)} of {', '.join(map(shown, _WAYS))}"
        yield Problem(path=path, found=found, allowed="exactly one of them: which models the rule is about")
    for way in ways:
        if rule[way] == []:
            yield Problem(path=(*path, way), found=shown([]), allowed="at least one element")
    if "unknown" in rule and "filter" not in rule:
        allowed = 'a rule with "filter": everything else is known of every model'
        yield Problem(path=(*path, "unknown"), found=shown(rule["unknown"]), allowed=allowed)
    if isinstance(rule.get("filter"), str):
        yield from _filter((*path, "filter"), str(rule["filter"]))


def _filter(path: KeyPath, text: str) -> Iterator[Problem]:
    # Here and not above: every function reads the settings, and a file without filters waits for no grammar.
    from stagegate.rules.filters.grammar import parse
    from stagegate.rules.filters.words import FilterError

    try:
        parse(text)
    except FilterError as error:
        yield Problem(path=path, found=error.found, allowed=error.allowed)


def _packages(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the problems of hubs that are to hold packages."""
    opened = {stage for _, opens in select(tables, ("packages", "status", ANY, "opens")) for stage in texts(opens)}
    audiences = [each for _, each in select(tables, ("audiences", ANY)) if isinstance(each, dict)]
    for path, hub in select(tables, ("hubs", ANY)):
        if not isinstance(hub, dict) or not texts(hub.get("packages")):
            continue
        at = (*path, "packages")
        if "packages" not in tables:
            yield Problem(path=at, found="packages, and no [packages]", allowed="packages that [packages] governs")
            continue
        shares = [share for _, share in select(hub, ("shares", ANY)) if isinstance(share, dict)]
        if not shares:
            allowed = '"shares": a package is in the hub while it is open for every stage that the hub is shared with'
            yield Problem(path=at, found="packages, and no shares", allowed=allowed)
        for share in shares:
            stage = share.get("stage")
            if isinstance(stage, str) and stage not in opened:
                found = f"packages, and a share with {shown(stage)}, which no status of [packages] opens"
                allowed = f"shares with {one_of(sorted(opened))}" if opened else "a status that opens a stage"
                yield Problem(path=at, found=found, allowed=allowed)
        yield from _of_others(hub, at, audiences)


def _of_others(hub: Mapping[str, Any], path: KeyPath, audiences: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Find patterns of groups all of which are for another audience than the hub."""
    if not audiences or not isinstance(hub.get("name"), str):
        return
    of_hub = next(iter(_selecting(hub["name"], Selected.HUBS, audiences)), None)
    for at, pattern in enumerate(hub["packages"]):
        if not isinstance(pattern, str):
            continue
        of_groups = _selecting(pattern, Selected.GROUPS, audiences)
        if of_hub is not None and of_hub not in of_groups:
            which = " and ".join(map(shown, of_groups)) if of_groups else "no audience"
            found = f"{shown(pattern)}, which {which} selects"
            allowed = f"groups of the hub's own audience, {shown(of_hub)}: a hub holds no model of another"
            yield Problem(path=(*path, at), found=found, allowed=allowed)


def _selecting(pattern: str, kind: Selected, audiences: Sequence[Mapping[str, Any]]) -> dict[str, None]:
    """Return the audiences that may have something of a pattern, up to the first that has all of it."""
    found: dict[str, None] = {}
    for audience in audiences:
        own = patterns(audience, kind)
        if any(covers(each, pattern, kind) or covers(pattern, each, kind) for each in own):
            found[str(audience.get("name"))] = None
        if not texts(audience.get("owners")) and any(covers(each, pattern, kind) for each in own):
            break
    return found
