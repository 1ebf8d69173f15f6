"""Hubs and what is in them. What settles later is computed from the clock, not scheduled."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.kernel.wire.errors import aws_error

MODEL_REFERENCE = "ModelReference"
SCHEMA_VERSION = "2.3.0"
"""Of the documents in the public hub: `HubModelDocument.SCHEMA_VERSION` of the SageMaker Python SDK."""


def version_key(number: str) -> tuple[int, ...]:
    """What versions are ordered by: 1.10.0 comes after 1.9.0."""
    return tuple(int(part) for part in number.split("."))


def requested_version(number: str) -> tuple[int, ...]:
    """The key of a version in a request; ValidationException for what is none.

    HubContentVersion's pattern lets any character stand where its dots are (`20241010` fits it).
    """
    if not _NUMBERS.fullmatch(number):
        raise aws_error("ValidationException", f"{number} is not a version like 1.0.0.")
    return version_key(number)


_NUMBERS = re.compile(r"\d+\.\d+\.\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a content. `keywords` are search keywords, times are epoch seconds."""

    number: str
    document: str
    created_at: float
    display_name: str | None = None
    description: str | None = None
    markdown: str | None = None
    keywords: tuple[str, ...] = ()
    support: str | None = None
    schema: str = SCHEMA_VERSION
    settles_at: float = 0.0
    deleted_at: float | None = None

    def status(self, now: float) -> str:
        """SageMaker's status of the version."""
        if self.deleted_at is not None:
            return "Deleting"
        return "Importing" if now < self.settles_at else "Available"


@dataclass(slots=True)
class Content:
    """A model or a notebook of a hub, with at least one version.

    `withdrawn` is a model that the public hub no longer has: references to it are left with nothing behind them.
    """

    kind: str
    name: str
    created_at: float
    versions: dict[str, Version] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    withdrawn: bool = False

    def offered(self) -> list[Version]:
        """Every version, oldest first."""
        return sorted(self.versions.values(), key=lambda version: version_key(version.number))

    def status(self, now: float) -> str:
        """SageMaker's status of a content: its latest version's."""
        return self.offered()[-1].status(now)


@dataclass(slots=True)
class Reference:
    """A model of the public hub in a private one. `target_arn` is the public content's ARN, without a version."""

    name: str
    target: Content
    target_arn: str
    min_version: str | None
    created_at: float
    settles_at: float
    deleted_at: float | None = None
    tags: dict[str, str] = field(default_factory=dict)

    kind = MODEL_REFERENCE

    def offered(self) -> list[Version]:
        """The public versions from the minimum on, oldest first. New ones come in by themselves: it is a floor."""
        least = version_key(self.min_version) if self.min_version else ()
        return [version for version in self.target.offered() if version_key(version.number) >= least]

    def status(self, now: float) -> str:
        """SageMaker's status of a content."""
        if self.deleted_at is not None:
            return "Deleting"
        return "Importing" if now < self.settles_at else "Available"


Item = Content | Reference


@dataclass(slots=True)
class Hub:
    """A hub of one account and Region. Times are epoch seconds."""

    arn: str
    name: str
    description: str
    created_at: float
    settles_at: float
    modified_at: float
    display_name: str | None = None
    keywords: tuple[str, ...] = ()
    storage: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    deleted_at: float | None = None
    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    """By type and name."""

    def status(self, now: float) -> str:
        """SageMaker's status of a hub."""
        if self.deleted_at is not None:
            return "Deleting"
        return "Creating" if now < self.settles_at else "InService"

    def contents(self, now: float) -> list[Item]:
        """Everything in it, also what is being deleted, until it is gone."""
        return [item for kind, name in list(self.items) if (item := self.find(kind, name, now)) is not None]

    def find(self, kind: str, name: str, now: float) -> Item | None:
        """The content of that type and name."""
        item = self.items.get((kind, name))
        if isinstance(item, Reference) and item.deleted_at is not None and item.deleted_at <= now:
            del self.items[kind, name]
            return None
        if isinstance(item, Content):
            for number, version in list(item.versions.items()):
                if version.deleted_at is not None and version.deleted_at <= now:
                    del item.versions[number]
            if not item.versions:
                del self.items[kind, name]
                return None
        return item

    def content_arn(self, kind: str, name: str, version: str | None = None) -> str:
        """The ARN of a content, with the version where one is meant."""
        arn = f"{self.arn.replace(':hub/', ':hub-content/', 1)}/{kind}/{name}"
        return f"{arn}/{version}" if version else arn

    def get(self, kind: str, name: str, now: float) -> Item:
        """The content of that type and name, or SageMaker's error."""
        item = self.find(kind, name, now)
        if item is None:
            raise aws_error("ResourceNotFound", f"Hub content {self.content_arn(kind, name)} does not exist.")
        return item
