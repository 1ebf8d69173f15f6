"""Finds imports that nobody could make: of packages that aren't governed, or with another account's key."""

from collections.abc import Iterator, Mapping

from stagegate.rules.formats import ANY, select
from stagegate.rules.problems import Problem, one_of, shown


def imports(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is wrong with imports, beside their shape."""
    if select(tables, ("imports",)) and not select(tables, ("packages",)):
        found = "imports, and no [packages]"
        yield Problem(path=("imports",), found=found, allowed="imports of packages that [packages] governs")
    accounts = {
        stage.get("name"): [account for account in stage["accounts"] if isinstance(account, str)]
        for _, stage in select(tables, ("stages", ANY))
        if isinstance(stage, dict) and isinstance(stage.get("name"), str) and isinstance(stage.get("accounts"), list)
    }
    for path, entry in select(tables, ("imports", ANY)):
        key = entry.get("key") if isinstance(entry, dict) else None
        owners = accounts.get(entry.get("stage"), []) if isinstance(entry, dict) else []
        if isinstance(key, str) and key.count(":") >= 5 and owners and key.split(":")[4] not in owners:
            found = f"{shown(key)}, which isn't of the stage"
            yield Problem(path=(*path, "key"), found=found, allowed=f"a key of {one_of(owners)}")
