"""What a step of a hub is looked at for, beside what every step is."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from demo.hub.rules import HUB, OTHER
from demo.story import Aftermath, Check, Finding
from sandbox.stagegate.members import GOVERNANCE

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


def references(organization: Organization) -> frozenset[str] | None:
    """Return the names of the references that the hub has; None if there is no hub."""
    sagemaker = organization.admin("sagemaker", GOVERNANCE)
    if HUB not in {hub["HubName"] for hub in sagemaker.list_hubs()["HubSummaries"]}:
        return None
    names: set[str] = set()
    asked = {"HubName": HUB, "HubContentType": "ModelReference"}
    while True:
        page = sagemaker.list_hub_contents(**asked, MaxResults=100)
        names |= {each["HubContentName"] for each in page["HubContentSummaries"]}
        if "NextToken" not in page:
            return frozenset(names)
        asked["NextToken"] = page["NextToken"]


def holds(organization: Organization, expected: Collection[str] | None) -> Check:
    """Check that the hub has references to exactly these models; None: that there is no such hub."""

    def check(_: Aftermath) -> Finding:
        found = references(organization)
        if found is None or expected is None:
            observed = "there is no such hub" if found is None else f"the hub is there, with {len(found)} models"
            wanted = "no hub" if expected is None else f"a hub of {len(expected)} models"
            return Finding(wanted, observed, ok=found is expected)
        wrong = sorted(found ^ set(expected))
        which = "one of which no rule lets in" if OTHER in expected else "exactly those of the rules"
        said = f"and is wrong about: {', '.join(wrong[:5])}"
        observed = f"the hub has {len(found)} models, {said if wrong else which}"
        return Finding(f"the hub has {len(expected)} models, {which}", observed, ok=not wrong)

    return check
