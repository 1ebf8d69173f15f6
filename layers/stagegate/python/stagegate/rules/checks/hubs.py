"""Finds what can't be meant in the rules of private hubs: at build, where a mistake would be an empty hub."""

from collections.abc import Iterator, Mapping

from stagegate.rules.formats import ANY, select
from stagegate.rules.hubs import HubState
from stagegate.rules.problems import Problem, shown
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
