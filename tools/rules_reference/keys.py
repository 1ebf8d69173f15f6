"""The keys of governance.toml, as the types of the rules declare them."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from stagegate.rules.formats import ANY, FORMATS, NOT_EMPTY, NUMBERS, SECTIONS, UNIQUE, PathPattern
from stagegate.rules.model import Rules

STATUS = "STATUS"
"""Stands in a path for the keys of a table that has one for each status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key: where it stands (a pattern of `stagegate.rules.formats`), its type, and the type of its table."""

    pattern: PathPattern
    declared: Any  # any annotation
    owner: type
    member: Field[Any]

    @property
    def name(self) -> str:
        """The key alone."""
        return self.pattern[-1]

    @property
    def path(self) -> str:
        """The whole path as the reference writes it: `stages.accounts`, `cards.status.STATUS.opens.stage`."""
        parts = [STATUS if part == ANY and above == "status" else part for above, part in _pairs(self.pattern)]
        return ".".join(part for part in parts if part != ANY)

    @property
    def written(self) -> str:
        """The path with "[]" for the elements of an array, which tells a table from an array of tables."""
        text = ""
        for above, part in _pairs(self.pattern):
            if part == ANY:
                text += f".{STATUS}" if above == "status" else "[]"
            else:
                text += f".{part}" if text else part
        return text

    def is_named(self, found: str) -> bool:
        """Tell whether the path of an error, as in `stages[0].accounts[1]`, is this key or below it."""
        expression = re.escape(self.written).replace(r"\[\]", r"\[\d+\]").replace(STATUS, r"\w+")
        return re.match(rf"{expression}(?![\w])", found) is not None

    @property
    def table(self) -> type | None:
        """The type of the table or of each table that the key holds, or None if it holds plain values."""
        found = self.declared
        while not is_dataclass(found) and get_args(found):
            found = [each for each in get_args(found) if each is not Ellipsis][-1]
        return found if isinstance(found, type) and is_dataclass(found) else None

    @property
    def is_required(self) -> bool:
        """Whether a file without the key is wrong."""
        return self.member.default is MISSING

    @property
    def default(self) -> object:
        """What counts where the key is left out, or None if nothing does."""
        return None if self.is_required else self.member.default


def keys(owner: type = Rules, above: PathPattern = ()) -> Iterator[Key]:
    """Yield every key, a table's own before those below it."""
    types = get_type_hints(owner)
    for member in fields(owner):
        key = Key(pattern=(*above, member.name), declared=_without_none(types[member.name]), owner=owner, member=member)
        yield key
        if key.table is not None:
            below = key.pattern if is_dataclass(key.declared) else (*key.pattern, ANY)
            yield from keys(key.table, below)


def type_of(declared: Any) -> str:
    """Return what a type is called for the reader."""
    if get_origin(declared) is Mapping:
        return f"table with a table for each of {_listed(get_args(declared)[0])}"
    if get_origin(declared) is tuple:
        return f"array of {_plural(get_args(declared)[0])}"
    return "table" if is_dataclass(declared) else _named(declared)


def allowed(key: Key) -> list[str]:
    """Return what a value may be beyond its type, a phrase for each condition."""
    found = []
    for pattern in (key.pattern, (*key.pattern, ANY)):
        if pattern in FORMATS:
            found.append(FORMATS[pattern].meaning)
        if pattern in NUMBERS:
            found.append("{:,} to {:,}".format(*NUMBERS[pattern]))
    if key.pattern == ("cards", "required_sections"):
        found.append(", ".join(f"`{section}`" for section in SECTIONS))
    if key.pattern in NOT_EMPTY:
        found.append("at least one element")
    if any(holder == key.pattern and element == (ANY,) for holder, element in UNIQUE):
        found.append("each element once")
    return found


def choices(key: Key) -> Mapping[str, str]:
    """Return the values that a key may have, with what each means where its type says so; empty if it has no list."""
    declared = key.declared
    if get_origin(declared) is tuple:
        declared = get_args(declared)[0]
    if not (isinstance(declared, type) and issubclass(declared, StrEnum)):
        return {}
    said = _meanings(declared)
    return {member.value: said.get(member.name, "") for member in declared}


def _meanings(declared: type[StrEnum]) -> dict[str, str]:
    """Read the texts that stand below an enumeration's members, which Python doesn't keep."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(declared))).body
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - the source of a class
    found = {}
    for statement, text in zip(body.body, body.body[1:], strict=False):
        match statement, text:
            case ast.Assign(targets=[ast.Name(name)]), ast.Expr(ast.Constant(str(meaning))):
                found[name] = " ".join(meaning.split())
    return found


def _pairs(pattern: PathPattern) -> Iterator[tuple[str, str]]:
    return zip(("", *pattern), pattern, strict=False)


def _named(declared: Any) -> str:
    if issubclass(declared, StrEnum):
        return "string"
    return {str: "string", bool: "boolean", int: "integer", float: "number"}[declared]


def _plural(declared: Any) -> str:
    return "tables" if is_dataclass(declared) else f"{_named(declared)}s"


def _listed(declared: type[StrEnum]) -> str:
    return ", ".join(f"`{member.value}`" for member in declared)


def _without_none(declared: Any) -> Any:
    if isinstance(declared, UnionType):
        (declared,) = (option for option in get_args(declared) if option is not NoneType)
    return declared
