"""Finds audiences that contradict each other, or the rest of the file: models that nobody could be let at, and accounts
that no model is for.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from stagegate.core.patterns import fits
from stagegate.rules.audiences import Selected, alike
from stagegate.rules.checks.placed import placed, texts
from stagegate.rules.formats import ANY, select
from stagegate.rules.problems import Problem, one_of, shown
from stagegate.rules.toml_lines import KeyPath

_KINDS = tuple(kind.value for kind in Selected)


def check(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is wrong with audiences, and with stages that need them."""
    audiences = [(path, each) for path, each in select(tables, ("audiences", ANY)) if isinstance(each, dict)]
    yield from _nowhere(tables)
    yield from _outside(tables)
    yield from _approvers(tables, audiences)
    yield from _gated_for_some(tables)
    yield from _artifacts(tables, audiences)
    yield from _tags(tables, audiences)
    for at, (path, audience) in enumerate(audiences):
        if not any(audience.get(key) for key in (*_KINDS, "owners", "tag")):
            allowed = f"at least one of {', '.join(map(shown, (*_KINDS, 'owners', 'tag')))}"
            yield Problem(path=path, found="an audience that selects no model", allowed=allowed)
        yield from _nothing_said(audience, path)
        yield from _never_counts(audience, path, [each for _, each in audiences[:at]])
    if audiences:
        everybody = [each for _, each in audiences]
        yield from _of_models(tables, everybody)
        yield from _of_hubs(tables, everybody)


def _nowhere(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Find stages that have no account for anybody."""
    everywhere = {found.name for found in placed(tables) if found.is_somewhere}
    for path, stage in select(tables, ("stages", ANY)):
        if not isinstance(stage, dict) or "accounts" in stage or "units" in stage:
            continue
        if isinstance(stage.get("name"), str) and stage["name"] not in everywhere:
            allowed = '"accounts", "units", or an audience that has them for the stage'
            yield Problem(path=(*path, "accounts"), found="nothing", allowed=allowed)


def _outside(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Outside an organization there are no units."""
    if select(tables, ("organization", "id")):
        return
    for pattern in (("stages", ANY, "units"), ("audiences", ANY, "stages", ANY, "units")):
        for path, _ in select(tables, pattern):
            allowed = '"accounts": without an organization there are no units'
            yield Problem(path=path, found="units outside an AWS organization", allowed=allowed)


def _approvers(
    tables: Mapping[str, object], audiences: Sequence[tuple[KeyPath, Mapping[str, Any]]]
) -> Iterator[Problem]:
    names = [each["name"] for _, each in audiences if isinstance(each.get("name"), str)]
    reached = {(found.audience, found.name) for found in placed(tables) if found.is_somewhere}
    for path, entry in select(tables, ("approvers", ANY)):
        if not isinstance(entry, dict) or not isinstance(audience := entry.get("audience"), str):
            continue
        if audience not in names:
            allowed = one_of(names, audience) if names else "none: the file has no audiences"
            yield Problem(path=(*path, "audience"), found=shown(audience), allowed=allowed)
        elif isinstance(stage := entry.get("stage"), str) and (audience, stage) not in reached:
            found = f"{shown(audience)}, which has no account in {shown(stage)}"
            allowed = "an audience that has accounts in the stage"
            yield Problem(path=(*path, "audience"), found=found, allowed=allowed)


def _gated_for_some(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Find stages that have approvers for one audience and none for another that has accounts there."""
    entries = [(path, each) for path, each in select(tables, ("approvers", ANY)) if isinstance(each, dict)]
    for place in placed(tables):
        here = [(path, each) for path, each in entries if each.get("stage") == place.name]
        named = [each.get("audience") for _, each in here]
        if here and place.audience and place.is_somewhere and not {None, place.audience}.intersection(named):
            found = f"approvers of {shown(place.name)} for some, and {shown(place.audience)} has accounts there, too"
            allowed = f"approvers for {shown(place.audience)} as well, or an entry for all, without audience"
            yield Problem(path=(*here[0][0], "audience"), found=found, allowed=allowed)


def _artifacts(
    tables: Mapping[str, object], audiences: Sequence[tuple[KeyPath, Mapping[str, Any]]]
) -> Iterator[Problem]:
    names = [each["name"] for _, each in audiences if isinstance(each.get("name"), str)]
    named = (select(tables, (table, ANY, "audience")) for table in ("buckets", "repositories"))
    for path, audience in chain.from_iterable(named):
        if isinstance(audience, str) and audience not in names:
            allowed = one_of(names, audience) if names else "none: the file has no audiences"
            yield Problem(path=path, found=shown(audience), allowed=allowed)


def _tags(tables: Mapping[str, object], audiences: Sequence[tuple[KeyPath, Mapping[str, Any]]]) -> Iterator[Problem]:
    """Find audiences that select by a tag which nobody may set, or by one of what isn't a card."""
    known = [key for _, key in select(tables, ("tags", ANY, "key")) if isinstance(key, str)]
    asked = set()
    for path, audience in audiences:
        tag = audience.get("tag")
        if not isinstance(tag, dict):
            continue
        for kind in (Selected.GROUPS.value, Selected.HUBS.value):
            if kind in audience:
                allowed = f"cards alone beside a tag: a package follows its card, and {kind} go by their names"
                yield Problem(path=(*path, kind), found=f"{kind} and a tag", allowed=allowed)
        if not isinstance(key := tag.get("key"), str):
            continue
        asked.add(key)
        if key not in known:
            named = one_of(known, key) if known else "none: no entry of [[tags]] says who may set it"
            yield Problem(path=(*path, "tag", "key"), found=shown(key), allowed=named)
    for path, key in select(tables, ("tags", ANY, "key")):
        if isinstance(key, str) and key not in asked:
            yield Problem(
                path=path, found=f"{shown(key)}, by which no audience selects", allowed="the key of an audience's tag"
            )


def _nothing_said(audience: Mapping[str, Any], above: KeyPath) -> Iterator[Problem]:
    for path, entry in select(audience, ("stages", ANY), above):
        if isinstance(entry, dict) and not any(key in entry for key in ("accounts", "units", "roles")):
            allowed = '"accounts", "units" or "roles"; what an audience says nothing of is what [[stages]] says'
            yield Problem(path=path, found="a stage of which nothing is said", allowed=allowed)


def _never_counts(audience: Mapping[str, Any], path: KeyPath, before: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Find patterns all of whose models an earlier audience has: the first one counts."""
    for kind in _KINDS:
        for at, pattern in enumerate(texts(audience.get(kind))):
            if earlier := _covering(pattern, kind, texts(audience.get("owners")), before):
                found = f"{shown(pattern)}, which the audience {shown(earlier)} has before"
                allowed = "a pattern of models that no earlier audience has: the first one that fits counts"
                yield Problem(path=(*path, kind, at), found=found, allowed=allowed)
    if audience.get("owners") and not any(audience.get(kind) for kind in _KINDS):
        takers = [_covering("*", kind, texts(audience["owners"]), before) for kind in _KINDS]
        if all(takers):
            found = f"all that they own, which the audience {shown(takers[0])} has before"
            allowed = "owners whose models no earlier audience has all of: the first one that fits counts"
            yield Problem(path=(*path, "owners"), found=found, allowed=allowed)


def _covering(pattern: str, kind: str, owners: list[str], audiences: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the first of these audiences that has all models of a pattern, whoever of the owners' they are."""
    for audience in audiences:
        if audience.get("tag"):
            continue  # of whose cards only those that have it
        theirs = texts(audience.get("owners"))
        has_owners = not theirs or (bool(owners) and set(owners) <= set(theirs))
        if has_owners and any(covers(each, pattern, kind) for each in patterns(audience, kind)):
            return str(audience.get("name"))
    return None


def patterns(audience: Mapping[str, Any], kind: str) -> list[str]:
    """Return the patterns by which an audience selects models of a kind: all, where owners alone are said, or a tag."""
    if audience.get("tag") and kind != Selected.CARDS:
        return []
    if (audience.get("owners") or audience.get("tag")) and not any(audience.get(each) for each in _KINDS):
        return ["*"]
    return texts(audience.get(kind))


def covers(pattern: str, other: str, kind: str) -> bool:
    """Tell whether every name of a kind that fits `other` fits `pattern`, too."""
    pattern, other = alike(pattern, Selected(kind)), alike(other, Selected(kind))
    if other.endswith("*"):
        return pattern.endswith("*") and other.startswith(pattern[:-1])
    return fits(pattern, other)


def _of_models(tables: Mapping[str, object], audiences: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Find imports and registrations for a stage in which the audience of their groups has no account."""
    reached = {(found.audience, found.name) for found in placed(tables) if found.is_somewhere}
    for table in ("imports", "registrations"):
        for path, entry in select(tables, (table, ANY)):
            if not isinstance(entry, dict) or not isinstance(entry.get("stage"), str):
                continue
            for at, pattern in enumerate(texts(entry.get("groups"))):
                yield from _unreachable(pattern, "groups", (*path, "groups", at), entry["stage"], audiences, reached)


def _of_hubs(tables: Mapping[str, object], audiences: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Find shares of hubs that nobody is let at, or for a stage in which their audience has no account."""
    reached = {(found.audience, found.name) for found in placed(tables) if found.is_somewhere}
    for path, hub in select(tables, ("hubs", ANY)):
        if not isinstance(hub, dict) or not isinstance(hub.get("name"), str):
            continue
        for where, share in select(hub, ("shares", ANY), path):
            if isinstance(share, dict) and isinstance(share.get("stage"), str):
                at = (*where, "stage")
                yield from _unreachable(hub["name"], "hubs", at, share["stage"], audiences, reached)


def _unreachable(
    pattern: str,
    kind: str,
    path: KeyPath,
    stage: str,
    audiences: Sequence[Mapping[str, Any]],
    reached: set[tuple[str, str]],
) -> Iterator[Problem]:
    """Find what opens a stage to nobody: no audience that may have such a model has an account there."""
    meeting = [
        str(each.get("name"))
        for each in audiences
        if any(covers(own, pattern, kind) or covers(pattern, own, kind) for own in patterns(each, kind))
    ]
    if not meeting:
        found = f"{shown(pattern)}, which no audience selects"
        allowed = f"a name that an audience has among its {shown(kind)}: nobody is let at any other"
        yield Problem(path=path, found=found, allowed=allowed)
    elif not any((name, stage) in reached for name in meeting):
        found = f"{shown(pattern)} for {shown(stage)}, where {' and '.join(map(shown, meeting))} have no account"
        allowed = "a stage in which the audience has accounts"
        yield Problem(path=path, found=found, allowed=allowed)
