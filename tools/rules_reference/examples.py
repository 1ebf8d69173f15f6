"""Files of rules to show, and what the loader says when one of their values is wrong."""

import json
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from stagegate.core.errors import SettingsError
from stagegate.rules.checks import outsiders
from stagegate.rules.formats import ANY, PathPattern
from stagegate.rules.load import load
from tools.rules_reference.keys import STATUS, Key

HERE = Path(__file__).parent
EVERY_KEY = HERE / "every_key.toml"
OUTSIDE = HERE / "outside.toml"
_WRONG: dict[str, Any] = tomllib.loads((HERE / "wrong.toml").read_text(encoding="utf-8"))

Tables: TypeAlias = dict[str, Any]


def example(key: Key) -> object:
    """Return a value of a key in the examples. Raises KeyError if none of them has the key."""
    _, holder = _found(key)
    return holder[key.name]


def wrong(key: Key) -> object:
    """Return the key's value in wrong.toml. Raises KeyError if it has none."""
    return _WRONG["values"][key.written]


def error(key: Key) -> str:
    """Return what the loader says of the key with that value in an otherwise right file, without file and line.

    What it says of other keys because of it is left out: that a stage which is called otherwise isn't known, say.
    Raises KeyError if no example has the key, ValueError if the loader has nothing against the value.
    """
    tables, holder = _found(key)
    holder[key.name] = wrong(key)
    lines = said_of(tables).splitlines()
    return "\n".join([line for line in lines if key.is_named(line)] or lines)


def together() -> Iterator[tuple[str, str]]:
    """Yield each rule about several keys, with what the loader says of a file that breaks it."""
    for entry in _WRONG["together"]:
        tables = tomllib.loads((OUTSIDE if entry.get("outside") else EVERY_KEY).read_text(encoding="utf-8"))
        for path, value in entry.get("change", {}).items():
            *above, name = _parsed(path)
            # The first table that could have it: the key itself is what may be missing there.
            next(_tables(tables, tuple(above)))[name] = value
        for path in entry.get("remove", ()):
            pattern = _parsed(path)
            next(_holders(tables, pattern)).pop(pattern[-1])
        yield entry["says"], said_of(tables)


def said_of(tables: Mapping[str, object]) -> str:
    """Return what `make check` says of a file with these tables. Raises ValueError if it finds nothing wrong."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "governance.toml"
        path.write_text("\n".join(f"{key} = {toml(value)}" for key, value in tables.items()), encoding="utf-8")
        try:
            load(path, further=partial(outsiders.check, prefix="stagegate", account=None))
        except SettingsError as error:
            return "\n".join(line.removeprefix(f"{path}:").partition(": ")[2] for line in str(error).splitlines())
    raise ValueError(
        "tools/rules_reference: found a broken example that the loader takes; allowed: one that it refuses"
    )


def toml(value: object) -> str:
    """Return a value as TOML, in one line."""
    match value:
        case bool():
            return str(value).lower()
        case Mapping():
            inside = ", ".join(f"{_bare(name)} = {toml(each)}" for name, each in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case list() | tuple():
            return f"[{', '.join(map(toml, value))}]"
        case str():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def _found(key: Key) -> tuple[Tables, Tables]:
    """Return an example and the table in it that has the key, with an example's value rather than an empty one."""
    found = [
        (tables, holder)
        for path in (EVERY_KEY, OUTSIDE)
        for tables in [tomllib.loads(path.read_text(encoding="utf-8"))]
        for holder in _holders(tables, key.pattern)
    ]
    if not found:
        raise KeyError(f"tools/rules_reference: no example has {key.written}")
    return next((each for each in found if each[1][key.name]), found[0])


def _bare(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else json.dumps(name)


def _parsed(path: str) -> PathPattern:
    parts = path.replace("[]", f".{ANY}").split(".")
    return tuple(ANY if part == STATUS else part for part in parts)


def _holders(tables: Tables, pattern: PathPattern) -> Iterator[Tables]:
    """Yield the tables in which the last key of a pattern stands."""
    *above, name = pattern
    yield from (table for table in _tables(tables, tuple(above)) if name in table)


def _tables(node: Any, pattern: PathPattern) -> Iterator[Tables]:
    if not pattern:
        if isinstance(node, dict):
            yield node
        return
    first, *rest = pattern
    below = (list(node.values()) if isinstance(node, dict) else node) if first == ANY else [node.get(first)]
    for each in below:
        if each is not None:
            yield from _tables(each, tuple(rest))
