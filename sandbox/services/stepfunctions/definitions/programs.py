"""Compiled JSONata expressions, lent to one evaluation at a time.

The library compiles with a parser per thread, which takes longer to make than most expressions to evaluate, and every
execution has threads of its own. A compiled expression keeps state while it is evaluated, so two evaluations at once
need two of it.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from jsonata.jsonata import Jsonata
from jsonata.parser import Parser

_lock = threading.Lock()
_idle: defaultdict[str, list[Jsonata]] = defaultdict(list)
_parser = Parser()


def compile_expression(text: str) -> None:
    """Raise the library's error if `text` doesn't compile."""
    with program(text):
        pass


@contextmanager
def program(text: str) -> Iterator[Jsonata]:
    """The compiled expression, for this thread until the end of the block."""
    with _lock:
        if _idle[text]:
            lent = _idle[text].pop()
        else:
            Jsonata.PARSER.parser = _parser  # where the library looks for this thread's own
            lent = Jsonata(text)
            lent.set_output_convert_nulls(False)
    Jsonata.CURRENT.jsonata = lent  # likewise, while it evaluates
    try:
        yield lent
    finally:
        with _lock:
            _idle[text].append(lent)
