"""Says on which line of a TOML text each key stands, which `tomllib` doesn't keep."""

import re
import tomllib
from collections.abc import Mapping
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
"""From the root to a value: table keys and, from 0, array positions."""

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'""")
_DOT = re.compile(r"[ \t]*(\.?)[ \t]*")
_STRING = re.compile(
    r'''"""(?:\\.|[^\\])*?""""{0,2}|\'\'\'.*?\'\'\'\'{0,2}|"(?:\\.|[^"\\])*"|'[^']*\'''',
    re.DOTALL,
)
_OTHER = re.compile(r"[^,\]}#\n]+")


def locate(text: str) -> Mapping[KeyPath, int]:
    """Return the line, from 1, of every table, key and array element of `text`, which must be valid TOML."""
    return _Scan(text.replace("\r\n", "\n")).lines


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """Return the line of `path`; for what isn't in the file, the line of the nearest table that should hold it."""
    return next((lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in lines), 1)


class _Scan:
    """One pass over a valid text. What `tomllib` has accepted needs no checks of its own here."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._text = text
        self._at = 0
        self._tables: dict[KeyPath, int] = {}  # how many [[tables]] there are so far at a path
        table: KeyPath = ()
        while self._skip_blank() < len(text):
            if text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError(f"not TOML at character {self._at}")
        self._at = found.end()
        return found.group()

    def _skip_blank(self) -> int:
        self._take(_BLANK)
        return self._at

    def _note(self, path: KeyPath, at: int) -> None:
        line = self._text.count("\n", 0, at) + 1
        for size in range(1, len(path) + 1):
            self.lines.setdefault(path[:size], line)

    def _keys(self) -> list[str]:
        """A dotted key, and the blank behind it."""
        keys = []
        while True:
            self._skip_blank()
            key = self._take(_KEY)
            keys.append(tomllib.loads(f"key = {key}")["key"] if key[0] in "\"'" else key)
            if "." not in self._take(_DOT):
                return keys

    def _header(self) -> KeyPath:
        start = self._at
        is_array = self._text.startswith("[[", start)
        self._at += 2 if is_array else 1
        *parents, last = self._keys()
        self._at += 2 if is_array else 1
        path: KeyPath = ()
        for key in parents:
            path += (key,)
            if path in self._tables:  # a table below [[this]] belongs to its latest element
                path += (self._tables[path] - 1,)
        path += (last,)
        if is_array:
            self._tables[path] = self._tables.get(path, 0) + 1
            path += (self._tables[path] - 1,)
        self._note(path, start)
        return path

    def _pair(self, table: KeyPath) -> None:
        start = self._at
        path = (*table, *self._keys())
        self._at += 1  # the equals sign
        self._note(path, start)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._skip_blank()
        self._note(path, self._at)
        opening = self._text[self._at]
        if opening in "[{":
            self._container(path, "]" if opening == "[" else "}")
        else:
            self._take(_STRING if opening in "\"'" else _OTHER)

    def _container(self, path: KeyPath, closing: str) -> None:
        self._at += 1
        position = 0
        while self._text[self._skip_blank()] != closing:
            if self._text[self._at] == ",":
                self._at += 1
            elif closing == "]":
                self._value((*path, position))
                position += 1
            else:
                self._pair(path)
        self._at += 1
