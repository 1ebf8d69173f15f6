"""What a template may be before anything of it is made: supported, in an order, and true to its own rules."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping
from typing import Any

from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.intrinsics import Resolver, references
from sandbox.services.cloudformation.resource_types import find
from sandbox.services.cloudformation.template import Template

_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
    "Rules",
}
_RESOURCE_FIELDS = {"Type", "Properties", "DependsOn", "Condition", "Metadata", "DeletionPolicy", "UpdateReplacePolicy"}


def check(template: Template) -> None:
    """Every section, type and property is one the sandbox knows, or TemplateError names all that aren't."""
    problems = [f"unsupported section {name}" for name in template if name not in _SECTIONS]
    for logical_id, resource in template["Resources"].items():
        problems += [f"{logical_id}: unsupported field {key}" for key in resource if key not in _RESOURCE_FIELDS]
        kind = find(resource["Type"])
        if kind is None:
            problems.append(f"{logical_id}: unsupported type {resource['Type']}")
            continue
        odd = sorted(set(resource.get("Properties", {})) - kind.properties)
        problems += [f"{logical_id} ({resource['Type']}): unsupported property {name}" for name in odd]
    if problems:
        raise TemplateError("; ".join(problems))


def order(resources: Mapping[str, Any]) -> list[str]:
    """The logical ids, each after those that it refers to. TemplateError for a circle."""
    sorter: graphlib.TopologicalSorter[str] = graphlib.TopologicalSorter()
    for logical_id, resource in resources.items():
        needed = references(resource.get("Properties", {})) & set(resources)
        depends = resource.get("DependsOn", [])
        sorter.add(logical_id, *needed, *([depends] if isinstance(depends, str) else depends))
    try:
        return [logical_id for logical_id in sorter.static_order() if logical_id in resources]
    except graphlib.CycleError as error:
        raise TemplateError(f"resources refer to each other in a circle: {' -> '.join(error.args[1])}") from error


def assert_rules(template: Template, resolver: Resolver) -> None:
    """The template's own assertions about its parameters."""
    for name, rule in template.get("Rules", {}).items():
        if "RuleCondition" in rule and not resolver.resolve(rule["RuleCondition"]):
            continue
        for assertion in rule["Assertions"]:
            if not resolver.resolve(assertion["Assert"]):
                raise TemplateError(f"rule {name}: {assertion.get('AssertDescription', 'its assertion is false')}")
