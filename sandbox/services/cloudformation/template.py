"""Templates: reading them, and the values of their parameters."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from samtranslator.yaml_helper import intrinsics_multi_constructor

from sandbox.services.cloudformation.errors import TemplateError

_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML comes with libyaml


class _Loader(_Safe):
    """What SAM reads a template with, by way of libyaml."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)

# A template is `Any` throughout: it is the user's own JSON.
Template = dict[str, Any]

_TYPES = {"String", "Number", "CommaDelimitedList", "List<Number>", "List<String>"}
_FIELDS = {
    "Type",
    "Default",
    "Description",
    "AllowedValues",
    "AllowedPattern",
    "ConstraintDescription",
    "MinLength",
    "MaxLength",
    "MinValue",
    "MaxValue",
    "NoEcho",
}


def read(path: Path) -> Template:
    """A YAML or JSON template, its short forms (`!Ref`) written out."""
    template: Template = pickle.loads(_read(path.read_text()))  # noqa: S301  our own
    return template


@lru_cache(maxsize=16)
def _read(text: str) -> bytes:
    """Pickled: whoever reads it may change it. Every organization of a process reads the same texts."""
    return pickle.dumps(yaml.load(text, Loader=_Loader))  # noqa: S506  a safe one


def parameters(template: Template, given: Mapping[str, str]) -> dict[str, Any]:
    """Every parameter's value, lists as lists; TemplateError names a missing, unknown or invalid one."""
    declared: dict[str, Any] = template.get("Parameters", {})
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise TemplateError(f"the template has no parameter {', '.join(unknown)}")
    return {name: _value(name, spec, given) for name, spec in declared.items()}


def _value(name: str, spec: dict[str, Any], given: Mapping[str, str]) -> Any:
    odd = sorted(set(spec) - _FIELDS)
    if odd:
        raise TemplateError(f"parameter {name}: unsupported field {odd[0]}")
    if spec["Type"] not in _TYPES:
        raise TemplateError(f"parameter {name}: unsupported type {spec['Type']}")
    if name in given:
        text = given[name]
    elif "Default" in spec:
        text = str(spec["Default"])
    else:
        raise TemplateError(f"parameter {name} needs a value")
    is_list = spec["Type"].startswith(("Comma", "List"))
    values = [part.strip() for part in text.split(",")] if is_list and text else ([] if is_list else [text])
    for value in values:
        wrong = _wrong(spec, value)
        if wrong:
            told = spec.get("ConstraintDescription")
            raise TemplateError(f"parameter {name}: {value!r} {wrong}" + (f" ({told})" if told else ""))
    return values if is_list else text


def _wrong(spec: dict[str, Any], value: str) -> str | None:
    if "AllowedPattern" in spec and not re.fullmatch(spec["AllowedPattern"], value):
        return f"does not match {spec['AllowedPattern']}"
    if "AllowedValues" in spec and value not in [str(allowed) for allowed in spec["AllowedValues"]]:
        return f"is not one of {spec['AllowedValues']}"
    if len(value) < int(spec.get("MinLength", 0)) or len(value) > int(spec.get("MaxLength", len(value))):
        return "has the wrong length"
    if "Number" in spec["Type"]:
        number = float(value)
        if number < float(spec.get("MinValue", number)) or number > float(spec.get("MaxValue", number)):
            return "is out of range"
    return None
