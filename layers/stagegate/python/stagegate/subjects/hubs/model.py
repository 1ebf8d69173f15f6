"""What decides what a hub holds: the public hub as the rules see it, and the shares that the hub is in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stagegate.rules.hubs import HubRules
from stagegate.subjects.hubs.curate import Curated
from stagegate.surfaces.hub_contents.changes import Done, ObservedHub
from stagegate.surfaces.shares.changes import CloseShare, ObservedShares, OpenShare
from stagegate.targets.hub_content import HubContent


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """What the shares of a hub are, and what has to become of them. `offered` are the permissions that RAM has for hubs
    (None: not looked up, as nothing is to be opened).
    """

    seen: ObservedShares
    closes: tuple[CloseShare, ...] = ()
    opens: tuple[OpenShare, ...] = ()
    offered: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPublicHub:
    """What was seen of the public hub: what the rules make of it, all its names, and versions that nobody was told of
    yet, by name: the one before, and the latest.
    """

    curated: Curated
    names: frozenset[str]
    arrived: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All that a hub's plan looks at, beside the public hub: its entry in the rules, and the private hub, None where it
    isn't there.

    `contents` are what packages want of it by the record, by their ARNs. `done` is what earlier rounds of the run have
    written. `force`: as much goes as the rules say. `is_kept`: all of ours goes but the hub itself, which somebody else
    has made or has contents in.
    """

    entry: HubRules
    hub: ObservedHub | None
    sharing: Sharing
    contents: Mapping[str, HubContent] = field(default_factory=dict)
    done: Done = field(default=Done())
    force: bool = False
    is_kept: bool = False


def so_far(results: Iterable[Mapping[str, Any]]) -> Done:
    """Return what a run has done so far, by what `apply_hub` has answered in it."""
    counted = [result for result in results if "added" in result]
    return Done(
        removed=sum(result["removed"] for result in counted),
        changed=sum(result["changed"] for result in counted),
        added=sum(result["added"] for result in counted),
    )
