"""JumpStart's public hub: AWS's own, the same for every account, filled with the catalogue when it is first looked at.

`PublicHub` does what AWS does to it meanwhile.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire import contract
from sandbox.services.sagemaker.hubs import catalogue
from sandbox.services.sagemaker.hubs.catalogue import Entry
from sandbox.services.sagemaker.store.hub import Content, Hub

NAME = "SageMakerPublicHub"
OWNER = "aws"
"""In place of an account id in its ARNs."""
_SINCE = 1700000000.0
"""Epoch seconds at which everything in it was made; the live dates aren't in the catalogue."""


def arn(region: str) -> str:
    """The ARN of the public hub in a Region."""
    return f"arn:{PARTITION}:sagemaker:{region}:{OWNER}:hub/{NAME}"


def build(region: str, entries: Iterable[Entry] | None = None) -> Hub:
    """A public hub of the catalogue's models, or of others, without those whose id is too long for a hub content."""
    hub = Hub(arn(region), NAME, "The models of JumpStart", _SINCE, settles_at=0.0, modified_at=_SINCE)
    for entry in catalogue.published() if entries is None else entries:
        if len(entry.id) <= catalogue.NAME_LENGTH:
            add(hub, entry, _SINCE)
    return hub


def add(hub: Hub, entry: Entry, created_at: float) -> None:
    """Put a model into the public hub, or another version of one that it has."""
    region = hub.arn.split(":")[3]
    content = hub.items.get(("Model", entry.id))
    if not isinstance(content, Content):
        content = Content("Model", entry.id, created_at)
        hub.items["Model", entry.id] = content
    version = catalogue.version_of(entry, region, created_at)
    content.versions[version.number] = version


class PublicHub:
    """What AWS does to the public hub of a Region, for tests, demonstrations and measurements."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @property
    def arn(self) -> str:
        """Its ARN, as for a list by ARN."""
        return self._hub.arn

    def model_arn(self, name: str) -> str:
        """The ARN of a model, without a version, as references take it."""
        return self._hub.content_arn("Model", name)

    def names(self) -> list[str]:
        """The models that it has, by name."""
        return sorted(name for _, name in self._hub.items)

    def publish(self, entry: Entry) -> None:
        """A new model, or another version of one."""
        add(self._hub, entry, clock.now())

    def publish_version(self, name: str, number: str, **changed: Any) -> None:
        """A new version of a model that the catalogue has, described as before but for the `changed` columns."""
        known = next(entry for entry in catalogue.published() if entry.id == name)
        self.publish(dataclasses.replace(known, version=number, **changed))

    def set_support_status(self, name: str, status: str) -> None:
        """Support, deprecate or restrict every version of a model."""
        content = self._content(name)
        for number, version in content.versions.items():
            content.versions[number] = dataclasses.replace(version, support=status)

    def rewrite(self, name: str, change: Mapping[str, Any]) -> None:
        """Change what is kept of the latest version (`document`, `keywords`, …), as AWS may without a new version."""
        content = self._content(name)
        latest = content.offered()[-1]
        content.versions[latest.number] = dataclasses.replace(latest, **change)

    def remove(self, name: str) -> None:
        """A model disappears, also from under the references to it."""
        self._content(name).withdrawn = True
        del self._hub.items["Model", name]

    def refill(self, entries: Iterable[Entry]) -> None:
        """Other models in place of all that it has."""
        self._hub.items.clear()
        for entry in entries:
            add(self._hub, entry, _SINCE)

    def include_long_names(self) -> None:
        """List also the published models whose id is too long for a hub content, as if the live hub did."""
        contract.tolerated.add(("ListHubContents", "HubContentName"))
        for entry in catalogue.published():
            if len(entry.id) > catalogue.NAME_LENGTH:
                self.publish(entry)

    def _content(self, name: str) -> Content:
        content = self._hub.items["Model", name]
        if not isinstance(content, Content):
            raise TypeError(f"the public hub has no references: {name}")
        return content
