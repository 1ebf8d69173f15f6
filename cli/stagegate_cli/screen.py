"""What people see: lines, tables and progress, on a terminal or not.

Text of cards, of AWS and of other people is shown as one line without characters that can't be seen or that steer a
terminal, and never read as markup. Colour says nothing that a word doesn't say, too.
"""

import json
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stagegate.core.untrusted import one_line

STYLES = {"good": "green", "bad": "bold red", "note": "yellow", "head": "bold", "dim": "dim"}


def print_json(value: object) -> None:
    """Print a dataclass, or what JSON has, as one JSON object in ASCII."""
    found = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    sys.stdout.write(json.dumps(found, indent=2, default=_plain) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return str(value)


class Screen:
    """A page of output. `width` is the terminal's, and 80 where there is none."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, markup=False, emoji=False)

    @property
    def width(self) -> int:
        """Columns."""
        return self._console.width

    def line(self, text: str = "", style: str = "") -> None:
        """Print one line as it is, however long: names and ARNs can be copied."""
        self._console.print(_safe(text, style), soft_wrap=True)

    def head(self, text: str) -> None:
        """Print what the next lines are about."""
        self.line()
        self.line(text, "head")

    def prose(self, text: str, indent: str = "  ", first: str | None = None, style: str = "") -> None:
        """Print a text, wrapped at words, behind `indent`; `first` stands before its first line instead."""
        lines = textwrap.wrap(
            one_line(text, None),
            max(self.width, 40),
            initial_indent=indent if first is None else first,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in lines:
            self.line(line, style)

    def items(self, texts: Iterable[str]) -> None:
        """Print a list."""
        for text in texts:
            self.prose(text, indent="    ", first="  - ")

    def table(self, head: Sequence[str], rows: Iterable[Sequence[object]], indent: int = 2) -> None:
        """Print a table. A cell that is too wide goes on in the next line."""
        found = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for name in ("", *head) if indent else head:
            found.add_column(name, overflow="fold", min_width=indent if not name and indent else None)
        for row in rows:
            cells = [_safe(str(cell)) for cell in row]
            found.add_row(*([Text(" " * (indent - 2)), *cells] if indent else cells))
        if self._console.is_terminal:
            self._console.print(found)
            return
        with self._console.capture() as captured:
            self._console.print(found)
        for line in captured.get().splitlines():
            self.line(line.rstrip())


def complain(text: str) -> None:
    """Print what went wrong on the standard error output, its lines one by one."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    first, *rest = text.splitlines() or [""]
    console.print(Text.assemble(("error: ", "bold red"), _safe(first)), soft_wrap=True)
    for line in rest:
        console.print(_safe(line), soft_wrap=True)


def _safe(text: str, style: str = "") -> Text:
    return Text(one_line(text, None) if text.strip() else text, style=STYLES.get(style, style))


def when(moment: datetime | None) -> str:
    """Return a time as people read it, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else "never"


def some(count: int, noun: str) -> str:
    """Return how many there are: `1 grant`, `2 grants`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago something was, in one unit."""
    seconds = max(0, int((now - moment).total_seconds()))
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return f"{some(seconds // size, unit)} ago"
    return "just now"


def listed(found: Any) -> list[Any]:
    """Return a list: JSONata makes one value of a list with one."""
    if found is None:
        return []
    return list(found) if isinstance(found, list | tuple) else [found]
