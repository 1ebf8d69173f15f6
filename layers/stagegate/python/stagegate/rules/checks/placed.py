"""The stages of a file as each audience has them, still as tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stagegate.rules.formats import ANY, select
from stagegate.rules.toml_lines import KeyPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One stage as an audience has it, "" for a file without audiences. `path` is where that is said."""

    path: KeyPath
    audience: str
    stage: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The stage's name."""
        return str(self.stage["name"])

    @property
    def accounts(self) -> list[str]:
        """The accounts that are named, not those of organizational units."""
        return texts(self.stage.get("accounts"))

    @property
    def roles(self) -> list[str]:
        """The roles that are named."""
        return texts(self.stage.get("roles"))

    @property
    def is_somewhere(self) -> bool:
        """Whether it has accounts, of whatever kind."""
        return bool(self.stage.get("accounts") or self.stage.get("units"))


def placed(tables: Mapping[str, object]) -> Iterator[Placed]:
    """Yield every stage as every audience has it. What has another shape is left out, and told elsewhere."""
    stages = [
        (path, stage)
        for path, stage in select(tables, ("stages", ANY))
        if isinstance(stage, dict) and isinstance(stage.get("name"), str)
    ]
    audiences = [(path, each) for path, each in select(tables, ("audiences", ANY)) if isinstance(each, dict)]
    if not audiences:
        yield from (Placed(path=path, audience="", stage=stage) for path, stage in stages)
    for above, audience in audiences:
        own = {
            entry["stage"]: (path, entry)
            for path, entry in select(audience, ("stages", ANY), above)
            if isinstance(entry, dict) and isinstance(entry.get("stage"), str)
        }
        for at, stage in stages:
            path, entry = own.get(stage["name"], (at, {}))
            found = dict(stage)
            if entry.get("accounts") or entry.get("units"):
                found |= {"accounts": entry.get("accounts"), "units": entry.get("units")}
            if entry.get("roles"):
                found["roles"] = entry["roles"]
            yield Placed(path=path, audience=str(audience.get("name", "")), stage=found)


def texts(found: object) -> list[str]:
    """Return the strings of an array, none of anything else."""
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
