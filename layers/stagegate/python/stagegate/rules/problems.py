"""What is wrong with a settings file, and how it is said: the line, the key, what was found, what is allowed."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stagegate.rules.toml_lines import KeyPath, line_of

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_VALUE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to put right. `found` and `allowed` are written for the reader, see `shown` and `one_of`."""

    path: KeyPath
    found: str
    allowed: str


def report(name: str, problems: Iterable[Problem], lines: Mapping[KeyPath, int]) -> str:
    """Return the text for these problems of the file called `name`, in the order of its lines."""
    placed = sorted(
        (line_of(lines, problem.path), _key(problem.path), problem.found, problem.allowed) for problem in problems
    )
    return "\n".join(f"{name}:{line}: {key}: found {found}; allowed: {allowed}" for line, key, found, allowed in placed)


def shown(value: object) -> str:
    """Return a value of the file as a reader of the file would write it, shortened if it is long."""
    match value:
        case None:
            return "nothing"
        case bool() | str():
            text = json.dumps(value, ensure_ascii=False)
        case list():
            return "an array" if value else "an empty array"
        case dict():
            return "a table"
        case int() if value.bit_length() > 64:
            return "a number beyond 64 bits"
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def one_of(choices: Iterable[str], found: object = None) -> str:
    """Return the sentence that lists `choices`, with the one that `found` may be a misspelling of."""
    names = list(choices)
    near = difflib.get_close_matches(found, names, n=1) if isinstance(found, str) else []
    hint = f" (did you mean {shown(near[0])}?)" if near else ""
    return f"one of {', '.join(map(shown, names))}{hint}"


def _key(path: KeyPath) -> str:
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f"{'.' if text else ''}{part if _BARE_KEY.fullmatch(part) else shown(part)}"
    return text or "the file"
