"""What a resource type is to the engine, and the list of those there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.kernel.wire.transport import client

# Properties and attributes are `Any`: they are the template's own JSON.
Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Slot:
    """What a resource of a stack fills: an account and Region, a stack's name, and a logical id."""

    account: str
    region: str
    stack: str
    logical_id: str

    def client(self, service: str) -> Any:
        """The administrator's client of that account: CloudFormation itself is not on trial here."""
        return client(service, self.account, region=self.region)

    def name(self, properties: Properties, key: str, longest: int = 64) -> str:
        """The resource's name: the one it was given, or one made of the stack's name and the logical id."""
        return str(properties.get(key) or f"{self.stack}-{self.logical_id}"[:longest])


@dataclass(frozen=True, slots=True)
class Made:
    """A resource that exists: what `Ref` gives, and what `Fn::GetAtt` gives by attribute."""

    ref: str
    attributes: dict[str, Any] = field(default_factory=dict)


Create = Callable[[Slot, Properties], Made]
Update = Callable[[Slot, Made, Properties, Properties], Made]
Delete = Callable[[Slot, Made, Properties], None]
Adopt = Callable[[Slot, dict[str, str]], Made]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One type. `properties` are all that is supported. `update` takes old and new properties; without it a change
    replaces the resource. `adopt` finds one that is there by its identifier; without it none can be imported.
    """

    properties: frozenset[str]
    create: Create
    delete: Delete
    update: Update | None = None
    adopt: Adopt | None = None


_types: dict[str, ResourceType] = {}


def register(
    name: str,
    properties: str,
    create: Create,
    delete: Delete,
    update: Update | None = None,
    adopt: Adopt | None = None,
) -> None:
    """Add a type; `properties` separated by spaces."""
    _types[name] = ResourceType(frozenset(properties.split()), create, delete, update, adopt)


def find(name: str) -> ResourceType | None:
    """The type of that name; None when it is unsupported."""
    return _types.get(name)


def with_tags(kind: ResourceType, properties: Properties, tags: Mapping[str, str]) -> Properties:
    """The properties with the stack's tags, where the type takes any: those of the resource itself come first.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
    """
    if "Tags" not in kind.properties or not tags:
        return properties
    own = list(properties.get("Tags", ()))
    named = {tag["Key"] for tag in own}
    return {**properties, "Tags": [*own, *({"Key": k, "Value": v} for k, v in tags.items() if k not in named)]}


def plain_tags(properties: Properties) -> dict[str, str]:
    """CloudFormation's list of tags as a dictionary."""
    return {tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags", ())}
