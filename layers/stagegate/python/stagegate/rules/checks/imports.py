"""Finds imports that nobody could make or use: of packages that aren't governed, with another account's key, or where a
guardrail keeps everybody from what is imported.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from stagegate.rules.checks.placed import placed
from stagegate.rules.formats import ANY, select
from stagegate.rules.guardrails import GuardrailKind
from stagegate.rules.problems import Problem, one_of, shown


def imports(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is wrong with imports, beside their shape."""
    if select(tables, ("imports",)) and not select(tables, ("packages",)):
        found = "imports, and no [packages]"
        yield Problem(path=("imports",), found=found, allowed="imports of packages that [packages] governs")
    accounts: dict[str, list[str]] = {}
    for place in placed(tables):
        # Who is in a unit, nobody knows here: any key may be of the stage then.
        known = accounts.setdefault(place.name, [])
        known += [each for each in (["*"] if place.stage.get("units") else place.accounts) if each not in known]
    for path, entry in select(tables, ("imports", ANY)):
        key = entry.get("key") if isinstance(entry, dict) else None
        owners = accounts.get(str(entry.get("stage")), []) if isinstance(entry, dict) else []
        if "*" in owners:
            continue
        if isinstance(key, str) and key.count(":") >= 5 and owners and key.split(":")[4] not in owners:
            said = f"{shown(key)}, which isn't of the stage"
            yield Problem(path=(*path, "key"), found=said, allowed=f"a key of {one_of(owners)}")
    yield from _denied(tables)


_IMPORTED = "imported-model/"


def _denied(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield imports whose models a guardrail denies to whoever is to use them: the consumer, or the stage's roles."""
    guardrails = [g for _, g in select(tables, ("guardrails", ANY)) if isinstance(g, dict) and _denies_imported(g)]
    for path, entry in select(tables, ("imports", ANY)):
        if not isinstance(entry, dict):
            continue
        told: set[str] = set()
        for found in placed(tables):
            if found.name != entry.get("stage"):
                continue
            users = [entry["consumer"]] if entry.get("consumer") else found.roles
            for guardrail in guardrails:
                named = shown(guardrail.get("name"))
                if named not in told and (on := _on(guardrail, found.stage, users)):
                    told.add(named)
                    yield Problem(
                        path=(*path, "stage"),
                        found=f"{shown(entry['stage'])}: guardrail {named} denies {on} what is imported",
                        allowed=f'"{_IMPORTED}*" in bedrock.allow of {named}, or a stage that it isn\'t on',
                    )


def _denies_imported(guardrail: Mapping[str, Any]) -> bool:
    """Tell whether a guardrail denies imported models: those that deny some of AWS's own leave them."""
    rule = guardrail.get("bedrock")
    if not isinstance(rule, dict):
        return False
    denied, allowed = rule.get("deny"), rule.get("allow")
    if isinstance(denied, list) and "*" in denied:
        return True
    return isinstance(allowed, list) and not any(str(model).startswith(_IMPORTED) for model in allowed)


def _on(guardrail: Mapping[str, Any], stage: Mapping[str, Any], users: Collection[object]) -> str:
    """Return whom of a stage a guardrail is on, in words: an account, or all who are to use the model there; or ""."""
    accounts = [account for _, account in select(stage, ("accounts", ANY))]
    if guardrail.get("by") == GuardrailKind.SCP:
        guarded = [account for _, account in select(guardrail, ("accounts", ANY)) if account in accounts]
        return f"account {', '.join(map(str, guarded))}" if guarded else ""
    named = {
        (str(arn).split(":")[4], str(arn).partition(":role/")[2])
        for _, arn in select(guardrail, ("roles", ANY))
        if str(arn).count(":") >= 5
    }
    roles = [str(user).partition(":role/")[2] or str(user) for user in users]
    for account in accounts:
        if roles and all((str(account), role) in named for role in roles):
            return f"role {', '.join(roles)} of {account}"
    return ""
