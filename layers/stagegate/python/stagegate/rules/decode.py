"""Decodes the tables of governance.toml into `Rules`, and says what doesn't have the shape of a rule.

Written out instead of left to pydantic: this runs whenever a function starts, where importing pydantic would cost a
sixth of a second, and it can tell the whole file's problems in the file's own words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from enum import StrEnum
from math import isfinite
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from stagegate.rules.model import Rules
from stagegate.rules.problems import Problem, one_of, shown
from stagegate.rules.toml_lines import KeyPath


def decode(tables: Mapping[str, object]) -> tuple[Rules | None, list[Problem]]:
    """Return the rules, or None and every place where a key is missing, unknown, or of another type."""
    decoder = _Decoder()
    rules = decoder.value(Rules, tables, ())
    return (None if decoder.problems else rules), decoder.problems


@dataclass(slots=True)
class _Decoder:
    """Collects the problems. What it returns is only of use if there are none."""

    problems: list[Problem] = field(default_factory=list)

    def value(self, declared: Any, found: object, path: KeyPath) -> Any:  # a declared type is any annotation
        match _kind(declared), found:
            case "table", dict():
                return self._table(declared, found, path)
            case "mapping", dict():
                key, below = get_args(declared)
                self._refuse_unknown(found, key, path)
                return {key(name): self.value(below, found[name], (*path, name)) for name in key if name in found}
            case "array", list():
                below = get_args(declared)[0]
                return tuple(self.value(below, element, (*path, at)) for at, element in enumerate(found))
            case "choice", str() if found in list(declared):
                return declared(found)
            case ("text", str()) | ("switch", bool()):
                return found
            case "number", int() if not isinstance(found, bool):
                return found
            case "decimal", int() | float() if not isinstance(found, bool) and isfinite(found):
                return found
        self.problems.append(Problem(path=path, found=shown(found), allowed=_allowed(declared, found)))
        return None

    def _table(self, declared: Any, found: Mapping[str, object], path: KeyPath) -> Any:
        types = {name: _without_none(kind) for name, kind in get_type_hints(declared).items()}
        self._refuse_unknown(found, types, path)
        given = {}
        for member in fields(declared):
            if member.name in found:
                given[member.name] = self.value(types[member.name], found[member.name], (*path, member.name))
            elif _is_required(member):
                given[member.name] = self.value(types[member.name], None, (*path, member.name))
        return declared(**given)

    def _refuse_unknown(self, found: Iterable[str], known: Iterable[str], path: KeyPath) -> None:
        names = list(known)
        for key in found:
            if key not in names:
                self.problems.append(Problem(path=(*path, key), found="an unknown key", allowed=one_of(names, key)))


def _kind(declared: Any) -> str:
    """Return what a type is called in this file, the only ones that rules are made of."""
    if is_dataclass(declared):
        return "table"
    if isinstance(declared, type) and issubclass(declared, StrEnum):
        return "choice"
    return {Mapping: "mapping", tuple: "array", str: "text", bool: "switch", int: "number", float: "decimal"}[
        get_origin(declared) or declared
    ]


def _allowed(declared: Any, found: object) -> str:
    match _kind(declared):
        case "switch":
            return "true or false"
        case "number":
            return "a whole number"
        case "text":
            return "a string"
        case "decimal":
            return "a finite number"
        case "choice":
            return one_of(declared, found)
        case "array":
            return f"an array, each element {_allowed(get_args(declared)[0], None)}"
        case "mapping":
            return f"a table, its keys {one_of(get_args(declared)[0])}"
        case _:
            return f"a table, its keys {one_of(member.name for member in fields(declared))}"


def _without_none(declared: Any) -> Any:
    """Return the type of a key that may be left out. TOML has no null, so what is there is never None."""
    if isinstance(declared, UnionType):
        (declared,) = (option for option in get_args(declared) if option is not NoneType)
    return declared


def _is_required(member: "Field[Any]") -> bool:
    return member.default is MISSING and member.default_factory is MISSING
