"""What an API request needs to be allowed: what the services' tables are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.kernel.place import PARTITION

Context = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Call:
    """A decoded API request. `service` and `operation` are botocore's names; `account` and `region` the caller's."""

    service: str
    operation: str
    parameters: Mapping[str, Any]  # Any: as botocore's model decodes them
    account: str
    region: str

    def get(self, name: str) -> Any:
        """A parameter, None when the request doesn't carry it."""
        return self.parameters.get(name)


@dataclass(frozen=True, slots=True)
class Access:
    """One action on one resource. `owner` is the account that owns the resource, where its ARN doesn't say.

    `encrypted` is False where the call does without what the resource's key protects, and so without the key. `key` is
    the key of a resource that is yet to be made.
    """

    action: str
    resource: str
    context: Context = field(default_factory=dict)
    owner: str = ""
    encrypted: bool = True
    key: str = ""


Resource = Callable[[Call], str]
Row = Callable[[Call], list[Access]]
"""What one operation needs; all of it must be allowed. An empty list: anybody may."""


def anything(_: Call) -> str:
    """The resource of an action that has no resource type."""
    return "*"


def no_context(_: Call) -> Context:
    """The context of an action without keys of its own."""
    return {}


def needs(action: str, *resources: Resource, context: Callable[[Call], Context] = no_context) -> Row:
    """A row: `action` on each of `resources`."""

    def row(call: Call) -> list[Access]:
        return [Access(action, resource(call), context(call)) for resource in resources]

    return row


def table(prefix: str, resources: Mapping[str, Resource | None], **rows: Row) -> dict[str, Row]:
    """Rows for operations that are their own IAM action, plus `rows` for those that aren't."""
    plain = {name: needs(f"{prefix}:{name}", resource or anything) for name, resource in resources.items()}
    return plain | rows


def arn(service: str, call: Call, rest: str, *, account: str = "") -> str:
    """An ARN in the caller's region and, unless said otherwise, the caller's account."""
    return f"arn:{PARTITION}:{service}:{call.region}:{account or call.account}:{rest}"


def parameter(name: str) -> Resource:
    """The resource whose ARN is the parameter `name`."""

    def resource(call: Call) -> str:
        return str(call.get(name))

    return resource


def present(**values: object) -> Context:
    """A context of the given keys (`__` for `:`) that have a value; booleans as IAM writes them, lists as they are."""
    found: Context = {}
    for key, value in values.items():
        if value is None:
            continue
        items: Iterable[object] = value if isinstance(value, list | tuple) else [value]
        found[key.replace("__", ":")] = tuple(
            str(each).lower() if isinstance(each, bool) else str(each) for each in items
        )
    return found


def request_tags(tags: Mapping[str, str]) -> Context:
    """aws:RequestTag/… and aws:TagKeys of a request; nothing when it carries no tags."""
    if not tags:
        return {}
    return {f"aws:RequestTag/{key}": (value,) for key, value in tags.items()} | {"aws:TagKeys": tuple(tags)}


def resource_tags(tags: Mapping[str, str], *prefixes: str) -> Context:
    """The tags of a resource as `<prefix>:ResourceTag/…`, `aws` unless said otherwise."""
    return {f"{each}:ResourceTag/{key}": (value,) for key, value in tags.items() for each in prefixes or ("aws",)}


def encryption_context(pairs: Mapping[str, str]) -> Context:
    """kms:EncryptionContext:… and kms:EncryptionContextKeys; nothing for an empty encryption context."""
    if not pairs:
        return {}
    return {f"kms:EncryptionContext:{key}": (value,) for key, value in pairs.items()} | {
        "kms:EncryptionContextKeys": tuple(pairs)
    }


REQUEST_TAG_KEYS = ("aws:RequestTag/", "aws:TagKeys")
"""The condition keys of a service whose requests may carry tags."""
