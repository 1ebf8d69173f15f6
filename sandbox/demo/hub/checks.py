"""What a step of a hub is looked at for, beside what every step is."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from sandbox.demo.hub.rules import HUB, OTHER
from sandbox.demo.story import Aftermath, Check, Finding
from sandbox.members import GOVERNANCE

if TYPE_CHECKING:
    from sandbox.organization import Organization

_READS = ("BatchGet", "Describe", "Get", "List", "Query")
_GOVERNED = frozenset({"iam", "organizations", "ram", "sagemaker"})


def tells(*wanted: str) -> Check:
    """Check that the messages have a line with each of these, and show those lines."""

    def check(after: Aftermath) -> Finding:
        lines = [
            line.strip() for message in after.messages for line in (message.subject or "", *message.text.split("\n"))
        ]
        found = [next((line for line in lines if each in line), None) for each in wanted]
        missing = [each for each, line in zip(wanted, found, strict=True) if line is None]
        observed = f"no message has: {'; '.join(missing)}" if missing else "says in its message:"
        excerpt = tuple(dict.fromkeys(line for line in found if line is not None))
        return Finding(f"a message has: {'; '.join(wanted)}", observed, ok=not missing, excerpt=excerpt)

    return check


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


def writes_nothing(organization: Organization, since: Callable[[], int]) -> Check:
    """Check that Stagegate has changed nothing in what it governs; `since`: how many calls were made before."""

    def check(_: Aftermath) -> Finding:
        made = [
            call
            for call in organization.calls.since(since())
            if call.service in _GOVERNED and ":assumed-role/stagegate-" in call.principal_arn
        ]
        writes = [call.operation for call in made if not call.operation.startswith(_READS)]
        observed = f"{len(made)} calls to SageMaker and RAM, {len(writes)} of them writes {', '.join(writes)}".rstrip()
        return Finding("reads, and no writes", observed, ok=bool(made) and not writes)

    return check
