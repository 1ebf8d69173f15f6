"""One line of work at a time, and whose turn it is comes from a seed.

The embedded organization works on many threads. Here they are lines that hand over to each other only where they wait,
or where they say so (`pass_on`, at each AWS call). So an interleaving is a series of choices, and a seed repeats it.
"""

from __future__ import annotations

import contextvars
import random
import threading
from collections.abc import Callable


class Stopped(BaseException):
    """The line is to end where it is: its process was killed."""


class Line:
    """One line of work. It runs on a thread of its own while it has the turn, and never beside another."""

    def __init__(self, turns: Turns, work: Callable[[], object], name: str) -> None:
        self.name = name
        self._turns = turns
        self._work = work
        self._hand: _Hand | None = None

    def go(self) -> None:
        """Give it the turn; returns when it hands over."""
        if self._hand is None:
            self._hand = _idle.pop() if _idle else _Hand()
            self._hand.line = self
        self._hand.turn.release()
        self._turns.back.acquire()

    def hand_over(self) -> None:
        """Called by itself: return when it has the turn again."""
        hand = self._hand
        if hand is None:
            raise RuntimeError("a line that hasn't begun can't hand over")
        self._turns.back.release()
        hand.turn.acquire()

    def run(self) -> None:
        """Do the work; on its thread."""
        try:
            contextvars.Context().run(self._work)
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001  a fault of this stage ends the whole of it, where it is played
            self._turns.broken = error

    def end(self) -> None:
        """Hand over for the last time."""
        self._turns.back.release()


class _Hand:
    """A thread that does one line's work after another's: making one takes as long as many turns."""

    def __init__(self) -> None:
        self.line: Line | None = None
        self.turn = threading.Lock()
        self.turn.acquire()
        threading.Thread(target=self._run, name="soak-hand", daemon=True).start()

    def _run(self) -> None:
        while True:
            self.turn.acquire()
            line, self.line = self.line, None
            if line is None:
                return
            line.run()
            _idle.append(self)
            line.end()


_idle: list[_Hand] = []


class Turns:
    """All lines that have something to do. `random` chooses among them."""

    def __init__(self) -> None:
        self.random = random.Random(0)
        self.back = threading.Lock()
        self.back.acquire()
        self.broken: BaseException | None = None
        self.taken = 0
        """How many turns there have been."""
        self._ready: list[Line] = []
        self._current: Line | None = None

    @property
    def current(self) -> Line | None:
        """The line that has the turn; None is whoever plays all this."""
        return self._current

    @property
    def ready(self) -> int:
        """How many lines could have the turn."""
        return len(self._ready)

    def spawn(self, work: Callable[[], object], name: str) -> Line:
        """Another line, which is ready from now on."""
        line = Line(self, work, name)
        self._ready.append(line)
        return line

    def wake(self, line: Line) -> None:
        """What it waited for is there."""
        self._ready.append(line)

    def rest(self) -> None:
        """The current line waits until somebody wakes it."""
        line = self._current
        if line is None:
            raise RuntimeError("only a line can rest")
        line.hand_over()

    def pass_on(self) -> None:
        """Let others have the turn first, perhaps."""
        line = self._current
        if line is not None and self._ready and self.random.random() < 0.5:
            self._ready.append(line)
            line.hand_over()

    def take_one(self) -> bool:
        """Give one line the turn; False where none is ready. Called by whoever plays."""
        if not self._ready:
            return False
        number = self.random.randrange(len(self._ready)) if len(self._ready) > 1 else 0
        line = self._ready.pop(number)
        self._current = line
        self.taken += 1
        line.go()
        self._current = None
        if self.broken is not None:
            error, self.broken = self.broken, None
            raise error
        return True

    def forget(self) -> None:
        """No line has anything to do any more."""
        self._ready.clear()


turns = Turns()
"""Those of this process."""


def forget_hands() -> None:
    """In a copy of this process (fork), which has none of its threads."""
    _idle.clear()
