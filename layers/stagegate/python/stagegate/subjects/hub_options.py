"""What a run asks of a plan, beside that there is one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stagegate.surfaces.hub_contents.changes import Done


@dataclass(frozen=True, slots=True, kw_only=True)
class HubOptions:
    """What a run asks of a hub's plan: to remove as much as the rules say, and what its earlier rounds have done."""

    force: bool = False
    done: Done = field(default_factory=Done)

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> "HubOptions":
        """Return what the state machine asks: `force`, and `results`, what `apply_hub` has answered so far."""
        results: Iterable[Mapping[str, Any]] = request["results"]
        counted = [result for result in results if "added" in result]
        done = Done(
            removed=sum(result["removed"] for result in counted),
            changed=sum(result["changed"] for result in counted),
            added=sum(result["added"] for result in counted),
        )
        return cls(force=request["force"], done=done)


NOTHING = HubOptions()
