"""The tables of samconfig.toml: what `sam deploy` of one environment takes."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Environment:
    """One table: the stack's name, and the parameters as they stand in the file."""

    stack: str
    parameters: Mapping[str, str]


def read(path: Path, name: str) -> Environment:
    """Return the environment of that name. Raises ValueError, naming what was found and what is allowed."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"CONFIG: found {str(path)!r}: {error}; allowed: the path of a samconfig.toml") from None
    environments = sorted(each for each, table in document.items() if isinstance(table, dict) and "deploy" in table)
    if name not in environments:
        raise ValueError(f"ENV: found {name!r}; allowed, of {path}: {', '.join(environments)}")
    table: dict[str, Any] = document[name]
    deploy = table["deploy"].get("parameters", {})
    stack = deploy.get("stack_name") or table.get("global", {}).get("parameters", {}).get("stack_name")
    if not stack:
        raise ValueError(f"{name}.global.parameters.stack_name: found nothing; allowed: the name of the stack")
    return Environment(stack, dict(_override(each, name) for each in _listed(deploy.get("parameter_overrides", []))))


def _listed(found: Any) -> list[str]:
    return found.split() if isinstance(found, str) else [str(each) for each in found]


def _override(text: str, name: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (equals and key.strip()):
        raise ValueError(f'{name}.deploy.parameters.parameter_overrides: found {text!r}; allowed: "NAME=VALUE"')
    value = value.strip()
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return key.strip(), value[1:-1] if quoted else value
