"""What a terminal can show: colours where there are any, lines of at most 100 columns."""

from __future__ import annotations

import os
import sys
from typing import TextIO

WIDTH = 100
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Terminal:
    """Where the demonstration is shown. Plain text where it isn't a terminal, or where NO_COLOR is set."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._moves = self._out.isatty() and os.environ.get("TERM") != "dumb"
        self._colours = self._moves and not os.environ.get("NO_COLOR")

    def style(self, text: str, *names: str) -> str:
        """Return text in that style: https://no-color.org says when not to."""
        if not self._colours or not names:
            return text
        return f"\033[{';'.join(_CODES[name] for name in names)}m{text}\033[0m"

    def line(self, text: str = "") -> None:
        """Print a line, over what `passing` has left."""
        start = "\r\033[K" if self._moves else ""
        print(f"{start}{text}", file=self._out, flush=True)

    def passing(self, text: str) -> None:
        """Print something that the next line replaces; nothing where that can't be done."""
        if self._moves:
            print(f"\r\033[K{text[:WIDTH]}", end="", file=self._out, flush=True)


def wrapped(text: str, width: int, at: str = " ") -> list[str]:
    """Break text at blanks (or at what `at` says) into lines; a word that is too long is broken too."""
    lines = [""]
    for word in text.split(at):
        if lines[-1] and len(lines[-1]) + len(at) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]}{at}{word}" if lines[-1] else word
        while len(lines[-1]) > width:
            lines[-1:] = [lines[-1][:width], lines[-1][width:]]
    return lines
