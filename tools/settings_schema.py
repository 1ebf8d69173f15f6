"""Generates the JSON Schema of governance.toml for editors: `python -m tools.settings_schema FILE`.

An editor with a TOML language server checks a file against it while it is typed. The schema says what one value may
be; what several of them mean together (known stage names, say) only `stagegate.rules.load` checks.
"""

import json
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from stagegate.core.statuses import CardStatus, PackageStatus
from stagegate.rules import model as rules
from stagegate.rules.formats import ANY, FORMATS, NOT_EMPTY, NUMBERS, SECTIONS, UNIQUE

_HELP = Path(__file__).parent / "settings_help.toml"
HELP: dict[str, dict[str, str]] = tomllib.loads(_HELP.read_text(encoding="utf-8"))
"""What each key is for, by the name of its table's type and its own."""


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a parsed governance.toml."""
    definitions: dict[str, Any] = TypeAdapter(tuple[rules.Rules]).json_schema()["$defs"]
    for name, definition in definitions.items():
        definition.pop("title", None)
        if definition["type"] == "object":
            definition["additionalProperties"] = False
            for key, value in definition["properties"].items():
                value.pop("title", None)
                value["description"] = HELP[name][key]
    root = definitions.pop("Rules")
    result = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stagegate's governance.toml",
        **root,
        "$defs": definitions,
    }
    _constrain(result)
    return result


def _constrain(whole: dict[str, Any]) -> None:
    """Add what `stagegate.rules.checks` ask of single values, which the types of the rules don't say."""
    _limit_numbers(whole)
    for pattern, written in FORMATS.items():
        for value in _below(whole, whole, pattern):
            value["pattern"] = f"^(?:{written.expression})$"
    for pattern in NOT_EMPTY:
        for value in _below(whole, whole, pattern):
            value["minItems"] = 1
    for holder, element in UNIQUE:
        for value in _below(whole, whole, holder):
            if element == (ANY,):
                value["uniqueItems"] = True
    for value in _below(whole, whole, ("cards", "required_sections", ANY)):
        value["enum"] = list(SECTIONS)
    for kind, statuses in (("cards", CardStatus), ("packages", PackageStatus)):
        _require(whole, kind, [status.value for status in statuses])
    whole["$defs"]["Organization"]["oneOf"] = [{"required": [field.name]} for field in fields(rules.Organization)]


def _limit_numbers(whole: dict[str, Any]) -> None:
    for pattern, (least, most) in NUMBERS.items():
        for value in _below(whole, whole, pattern):
            value.update(minimum=least, maximum=most)


def _require(whole: dict[str, Any], kind: str, statuses: list[str]) -> None:
    for value in _below(whole, whole, (kind, "status")):
        value["required"] = statuses


def _below(whole: dict[str, Any], node: dict[str, Any], pattern: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield the schemas of the values that `pattern` fits, through references and past `null`, which TOML lacks."""
    if "anyOf" in node:
        (kept,) = (option for option in node.pop("anyOf") if option != {"type": "null"})
        node.update(kept)
        node.pop("default")
    if "$ref" in node:
        node = whole["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    if not pattern:
        yield node
        return
    first, *rest = pattern
    if first != ANY:
        below = node["properties"][first]
    else:
        below = node["items"] if node["type"] == "array" else node["additionalProperties"]
    yield from _below(whole, below, tuple(rest))


def main(path: Path) -> None:
    """Write the schema to `path`."""
    path.write_text(f"{json.dumps(schema(), indent=2)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
