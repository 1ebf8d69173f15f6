"""Reads governance.toml."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from stagegate.core.errors import SettingsError
from stagegate.rules.checks.partition import check as in_partition
from stagegate.rules.checks.stages import check
from stagegate.rules.decode import decode
from stagegate.rules.model import Rules
from stagegate.rules.problems import Problem, report
from stagegate.rules.toml_lines import locate

Check: TypeAlias = Callable[[Mapping[str, object]], Iterable[Problem]]

_TOML_PLACE = re.compile(
    r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL
)


def load(path: Path, partition: str | None = None, further: Check | None = None) -> Rules:
    """Return the rules that the file at `path` states: complete, consistent, and each name in them known.

    `partition` is the one of AWS that they are for; unless given, the one that the file names. `further` finds what
    else is wrong with the tables that were read.

    Raises SettingsError, whose text lists everything that is wrong with the file, one problem a line, as in
    `governance.toml:12: cards.after_edit: found "clsoe"; allowed: one of "close", "ask" (did you mean "close"?)`.
    """
    text = _read(path)
    try:
        tables = tomllib.loads(text)
        lines = locate(text)
    except RecursionError as error:
        raise SettingsError(
            f"{path}: found arrays or tables nested too deeply; allowed: what the rules need"
        ) from error
    except ValueError as error:  # tomllib's own error, or an int of more digits than Python converts
        raise SettingsError(_syntax(path, text, str(error))) from error
    rules, problems = decode(tables)
    known = {problem.path for problem in problems}
    for found in (check(tables), in_partition(tables, partition), further(tables) if further else ()):
        problems += [problem for problem in found if problem.path not in known]
    if rules is None or problems:
        raise SettingsError(report(str(path), problems, lines))
    return rules


def remarks(path: Path) -> list[str]:
    """Return what is odd about a file that `load` takes: rules that never count, one a line, as its errors are."""
    # Loaded here: no function asks.
    from stagegate.rules.remarks import dead

    text = _read(path)
    found = report(str(path), dead.check(tomllib.loads(text)), locate(text))
    return found.splitlines()


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}:{line}: found a byte that isn't UTF-8; allowed: UTF-8 text") from error


def _syntax(path: Path, text: str, message: str) -> str:
    place = _TOML_PLACE.fullmatch(message)
    if place is None:
        return f"{path}: found text that isn't TOML: {message}; allowed: TOML 1.0"
    line = place["line"] or text.count("\n") + 1
    column = f" at column {place['column']}" if place["column"] else ""
    return f"{path}:{line}: found text that isn't TOML{column}: {place['what']}; allowed: TOML 1.0"
