"""Intrinsic functions and conditions. One that isn't here is an error that names it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.services.cloudformation.errors import TemplateError

NO_VALUE = object()
"""What `Ref: AWS::NoValue` gives: the property, or list item, is left out."""

_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")


@dataclass(slots=True)
class Resolver:
    """Values of one deployment: `refs` for `Ref` (parameters, pseudo parameters, then resources as they are made)."""

    refs: dict[str, Any]
    attributes: Callable[[str, str], Any]
    mappings: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """`value` with every intrinsic in it evaluated; TemplateError where one can't be."""
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name == "Ref" or name == "Condition" or name.startswith("Fn::"):
                return self._intrinsic(name, argument)
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template is true."""
        if condition not in self.conditions:
            raise TemplateError(f"there is no condition {condition}")
        return bool(self.resolve(self.conditions[condition]))

    def _intrinsic(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return self._ref(argument)
        if name == "Condition":
            return self.holds(argument) if isinstance(argument, str) else {name: self.resolve(argument)}
        if name == "Fn::If":
            return self.resolve(argument[1] if self.holds(argument[0]) else argument[2])
        if name == "Fn::GetAtt":
            resource, _, attribute = (
                argument.partition(".") if isinstance(argument, str) else (argument[0], "", argument[1])
            )
            return self.attributes(resource, attribute)
        if name == "Fn::Sub":
            return self._sub(argument)
        if name not in _FUNCTIONS:
            raise TemplateError(f"unsupported intrinsic function {name}")
        resolved = self.resolve(argument)
        if name == "Fn::FindInMap":
            return self.mappings[resolved[0]][resolved[1]][resolved[2]]
        return _FUNCTIONS[name](resolved)

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name not in self.refs:
            raise TemplateError(f"Ref: there is no {name}")
        return self.refs[name]

    def _sub(self, argument: Any) -> str:
        template, extra = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))

        def value(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            name = name.strip()
            if name in extra:
                return str(extra[name])
            if "." in name:
                resource, _, attribute = name.partition(".")
                return str(self.attributes(resource, attribute))
            found = self._ref(name)
            if isinstance(found, list):
                raise TemplateError(f"Fn::Sub: {name} is a list")
            return str(found)

        return _VARIABLE.sub(value, template)


def references(value: Any) -> set[str]:
    """The names that `value` refers to by Ref, GetAtt and Sub: what has to exist before it."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found: set[str] = set()
    for key, item in value.items():
        if key == "Ref" and isinstance(item, str):
            found.add(item)
        elif key == "Fn::GetAtt":
            found.add(item.partition(".")[0] if isinstance(item, str) else item[0])
        elif key == "Fn::Sub":
            text = item if isinstance(item, str) else item[0]
            found |= {name.strip().partition(".")[0] for literal, name in _VARIABLE.findall(text) if not literal}
        found |= references(item)
    return found


def _equals(pair: list[Any]) -> bool:
    return str(pair[0]) == str(pair[1])


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "Fn::Join": lambda a: str(a[0]).join(str(part) for part in a[1]),
    "Fn::Select": lambda a: a[1][int(a[0])],
    "Fn::Split": lambda a: a[1].split(a[0]),
    "Fn::Base64": lambda a: base64.b64encode(a.encode()).decode(),
    "Fn::FindInMap": lambda a: a,
    "Fn::Equals": _equals,
    "Fn::And": all,
    "Fn::Or": any,
    "Fn::Not": lambda a: not a[0],
}
