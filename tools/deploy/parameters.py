"""Every parameter of the stack with its value, and all that is wrong with them. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LIST = "CommaDelimitedList"


@dataclass(frozen=True, slots=True)
class Resolved:
    """The value of every parameter of the template, and what is wrong, a line each."""

    values: Mapping[str, str]
    problems: tuple[str, ...]


def resolve(template: Mapping[str, Any], given: Mapping[str, str]) -> Resolved:
    """Return a value for each parameter: the given one, or the template's default.

    CloudFormation would keep the value of the last deployment for one that isn't named, and so a permission that
    somebody took out of the file. Blanks around the parts of a list go: they would be part of an ARN.
    """
    declared: Mapping[str, Mapping[str, Any]] = template["Parameters"]
    unknown = sorted(given.keys() - declared.keys())
    problems = [f"{name}: found no such parameter; allowed: {', '.join(sorted(declared))}" for name in unknown]
    values: dict[str, str] = {}
    for name, parameter in declared.items():
        value = given.get(name, parameter.get("Default"))
        if value is None:
            problems.append(f"{name}: found nothing; allowed: {_allowed(parameter)}")
            continue
        values[name] = _settled(str(value), parameter)
        problems += [
            f"{name}: found {part!r}; allowed: {_allowed(parameter)}" for part in _wrong(name, values, parameter)
        ]
    return Resolved(values, tuple(problems))


def parts(value: str) -> list[str]:
    """Return the parts of a list's value."""
    return [part for part in value.split(",") if part]


def _settled(value: str, parameter: Mapping[str, Any]) -> str:
    return ",".join(part.strip() for part in value.split(",")) if parameter["Type"] == LIST else value


def _wrong(name: str, values: Mapping[str, str], parameter: Mapping[str, Any]) -> list[str]:
    value = values[name]
    found = value.split(",") if parameter["Type"] == LIST else [value]
    if parameter["Type"] == LIST and value == str(parameter.get("Default")):
        return []
    pattern, allowed = parameter.get("AllowedPattern"), [str(each) for each in parameter.get("AllowedValues", ())]
    return [
        part
        for part in found
        if '"' in part
        or (pattern and not re.fullmatch(pattern, part))
        or (allowed and part not in allowed)
        or (parameter["Type"] == LIST and not part)
        or (parameter["Type"] == "Number" and not re.fullmatch(r"-?[0-9]+", part))
    ]


def _allowed(parameter: Mapping[str, Any]) -> str:
    if "AllowedValues" in parameter:
        return ", ".join(str(each) for each in parameter["AllowedValues"])
    return str(parameter.get("ConstraintDescription") or parameter.get("Description", parameter["Type"])).strip()
