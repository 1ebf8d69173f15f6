"""Stacks: create, update and delete, in the order that the resources' references ask for."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.place import PARTITION, URL_SUFFIX
from sandbox.services import events
from sandbox.services.cloudformation import types as _types  # noqa: F401  registers every resource type
from sandbox.services.cloudformation.checked import assert_rules, check, order
from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.intrinsics import NO_VALUE, Resolver
from sandbox.services.cloudformation.resource_types import Made, Properties, ResourceType, Slot, find, with_tags
from sandbox.services.cloudformation.template import Template, parameters

_LOG = logging.getLogger(__name__)


class StackError(RuntimeError):
    """A resource could not be made; the text names the stack, the resource and the reason."""


@dataclass(slots=True)
class Resource:
    """A resource of a deployed stack."""

    type_name: str
    made: Made
    properties: Properties
    retained: bool


@dataclass(slots=True)
class Stack:
    """A deployed stack."""

    account: str
    region: str
    name: str
    stack_id: str
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)


class Stacks:
    """The stacks of all accounts."""

    def __init__(self) -> None:
        self._stacks: dict[tuple[str, str, str], Stack] = {}

    def deploy(
        self,
        account: str,
        region: str,
        name: str,
        template: Template,
        values: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Stack:
        """Create the stack, or bring it to this template: what hasn't changed stays, what is gone is deleted.

        TemplateError before anything is made if the template uses something unsupported; StackError if a resource
        fails, which leaves the others as they are, to be looked at. What has changed something emits an event.
        `tags` are the stack's, which its resources get as well.
        """
        check(template)
        key = (account, region, name)
        operation = "UPDATE" if key in self._stacks else "CREATE"
        stack = self._stacks.get(key) or Stack(account, region, name, _stack_id(account, region, name))
        self._stacks[key] = stack
        before = _state(stack)
        refs = {**_pseudo(stack), **parameters(template, values or {})}
        resolver = Resolver(refs, _attributes(stack), template.get("Mappings", {}), template.get("Conditions", {}))
        assert_rules(template, resolver)
        wanted = {
            logical_id: resource
            for logical_id, resource in template["Resources"].items()
            if "Condition" not in resource or resolver.holds(resource["Condition"])
        }
        for logical_id in order(wanted):
            _bring(stack, logical_id, wanted[logical_id], resolver, tags or {})
        for logical_id in reversed([known for known in stack.resources if known not in wanted]):
            _clean_up(stack, logical_id)
        stack.outputs = _outputs(template, resolver)
        if _state(stack) != before:
            _tell(stack, f"{operation}_COMPLETE")
        return stack

    def adopt(
        self,
        account: str,
        region: str,
        name: str,
        template: Template,
        values: Mapping[str, str],
        identifiers: Mapping[str, dict[str, str]],
    ) -> Stack:
        """Begin a stack by importing resources that are there, each by its identifier. What they are is left as it is.

        StackError for a stack that is there, a resource that isn't, one without an identifier or without a deletion
        policy, and one that another stack has.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
        """
        check(template)
        key = (account, region, name)
        if key in self._stacks:
            raise StackError(f"{name}: the stack is there")
        stack = Stack(account, region, name, _stack_id(account, region, name))
        refs = {**_pseudo(stack), **parameters(template, values)}
        resolver = Resolver(refs, _attributes(stack), template.get("Mappings", {}), template.get("Conditions", {}))
        owned = {(s.account, r.type_name, r.made.ref) for s in self._stacks.values() for r in s.resources.values()}
        for logical_id in order(template["Resources"]):
            resource = template["Resources"][logical_id]
            if "DeletionPolicy" not in resource or logical_id not in identifiers:
                raise StackError(f"{name}: {logical_id} needs a DeletionPolicy and an identifier to be imported")
            made = _adopted(Slot(account, region, name, logical_id), resource["Type"], identifiers[logical_id])
            if (account, resource["Type"], made.ref) in owned:
                raise StackError(f"{name}: {logical_id} ({resource['Type']}): another stack has it")
            found = resolver.resolve(resource.get("Properties", {})).items()
            properties = {k: v for k, v in found if v is not NO_VALUE}
            stack.resources[logical_id] = Resource(resource["Type"], made, properties, _is_retained(resource))
            resolver.refs[logical_id] = made.ref
        self._stacks[key] = stack
        return stack

    def delete(self, account: str, region: str, name: str) -> None:
        """Delete the stack's resources in reverse order; those with `DeletionPolicy: Retain` stay. A stack that isn't
        there is deleted.
        """
        stack = self._stacks.pop((account, region, name), None)
        if stack is None:
            return
        for logical_id in list(reversed(stack.resources)):
            _remove(stack, logical_id)

    def find(self, account: str, region: str, name: str) -> Stack | None:
        """The stack of that name, if it is deployed."""
        return self._stacks.get((account, region, name))

    def reset(self) -> None:
        """Forget all stacks; their resources are somebody else's to forget."""
        self._stacks.clear()


stacks = Stacks()
"""The stacks of this process."""


def _state(stack: Stack) -> dict[str, Properties]:
    return {logical_id: resource.properties for logical_id, resource in stack.resources.items()}


def _tell(stack: Stack, status: str) -> None:
    """The event of a finished operation; those of one that goes on or fails are left out.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
    """
    detail = {
        "stack-id": stack.stack_id,
        "status-details": {"status": status, "status-reason": ""},
        "client-request-token": "",
    }
    resources = (stack.stack_id,)
    kind = "CloudFormation Stack Status Change"
    events.emit(stack.account, stack.region, "aws.cloudformation", kind, detail, resources=resources)


def _bring(
    stack: Stack, logical_id: str, resource: Mapping[str, Any], resolver: Resolver, tags: Mapping[str, str]
) -> None:
    kind = _kind(resource["Type"])
    slot = Slot(stack.account, stack.region, stack.name, logical_id)
    properties = {k: v for k, v in resolver.resolve(resource.get("Properties", {})).items() if v is not NO_VALUE}
    properties = with_tags(kind, properties, tags)
    old = stack.resources.get(logical_id)
    retained = _is_retained(resource)
    try:
        if old is None or old.type_name != resource["Type"]:
            made = kind.create(slot, properties)
        elif old.properties == properties:
            made = old.made
        elif kind.update is not None:
            made = kind.update(slot, old.made, old.properties, properties)
        else:
            made = kind.create(slot, properties)
            kind.delete(slot, old.made, old.properties)
    except TemplateError:
        raise
    except Exception as error:  # whatever a service says about a property, with the resource's name to it
        raise StackError(f"{stack.name}: {logical_id} ({resource['Type']}): {error}") from error
    stack.resources[logical_id] = Resource(resource["Type"], made, properties, retained)
    resolver.refs[logical_id] = made.ref


def _clean_up(stack: Stack, logical_id: str) -> None:
    """Remove what an update has left. What can't be deleted stays, and the stack forgets it: the update is complete.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
    """
    try:
        _remove(stack, logical_id)
    except ClientError as error:
        _LOG.warning("stack %s: %s stays: %s", stack.name, logical_id, error)


def _is_retained(resource: Mapping[str, Any]) -> bool:
    return resource.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")


def _adopted(slot: Slot, type_name: str, identifier: dict[str, str]) -> Made:
    kind = _kind(type_name)
    if kind.adopt is None:
        raise TemplateError(f"{slot.logical_id}: {type_name} can't be imported")
    try:
        return kind.adopt(slot, identifier)
    except Exception as error:  # whatever a service says of one that isn't there
        raise StackError(f"{slot.stack}: {slot.logical_id} ({type_name}): {error}") from error


def _remove(stack: Stack, logical_id: str) -> None:
    resource = stack.resources.pop(logical_id)
    if not resource.retained:
        slot = Slot(stack.account, stack.region, stack.name, logical_id)
        _kind(resource.type_name).delete(slot, resource.made, resource.properties)


def _kind(type_name: str) -> ResourceType:
    kind = find(type_name)
    if kind is None:
        raise TemplateError(f"unsupported type {type_name}")
    return kind


def _attributes(stack: Stack) -> Any:
    def attribute(logical_id: str, name: str) -> Any:
        if logical_id not in stack.resources:
            raise TemplateError(f"Fn::GetAtt: there is no resource {logical_id}")
        attributes = stack.resources[logical_id].made.attributes
        if name not in attributes:
            raise TemplateError(f"Fn::GetAtt: {logical_id} has no attribute {name}")
        return attributes[name]

    return attribute


def _pseudo(stack: Stack) -> dict[str, Any]:
    return {
        "AWS::AccountId": stack.account,
        "AWS::Region": stack.region,
        "AWS::Partition": PARTITION,
        "AWS::URLSuffix": URL_SUFFIX,
        "AWS::StackName": stack.name,
        "AWS::StackId": stack.stack_id,
    }


def _outputs(template: Template, resolver: Resolver) -> dict[str, str]:
    outputs = {}
    for name, output in template.get("Outputs", {}).items():
        if "Condition" not in output or resolver.holds(output["Condition"]):
            outputs[name] = str(resolver.resolve(output["Value"]))
    return outputs


def _stack_id(account: str, region: str, name: str) -> str:
    return f"arn:{PARTITION}:cloudformation:{region}:{account}:stack/{name}/{uuid.uuid4()}"
