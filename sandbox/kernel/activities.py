"""What is at work in the sandbox, counted, so that its clock knows when all is quiet and needn't guess.

An activity begins before work is handed over, and ends when everything that follows from the work has begun or is in
the clock's hands: the count is never too low, not for a moment. Where it is too high, time passes as it does outside,
and nothing worse happens.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum


class _State(Enum):
    WORKING = "working"
    RESTING = "resting"
    OVER = "over"


class Activity:
    """Work of one thread at a time. It rests while it waits for what is itself counted, or for the clock.

    A `call` is a client's: whoever made it waits for the answer, and does nothing else until then. A `look` finds out
    how things are and changes nothing: it keeps the clock from jumping, and is nothing that happens.
    """

    __slots__ = ("_activities", "_generation", "_is_call", "_is_look", "_state")

    def __init__(self, activities: Activities, *, call: bool = False, look: bool = False) -> None:
        self._activities = activities
        self._generation = activities.generation
        self._is_call, self._is_look = call, look
        self._state = _State.RESTING
        with activities.changed:
            activities.resting_calls += call
            self._become(_State.WORKING)

    @property
    def is_at_work(self) -> bool:
        """Whether it neither rests nor is over."""
        return self._state is _State.WORKING

    def work(self) -> None:
        """It goes on; without effect once it is over."""
        self._become(_State.WORKING)

    def rest(self) -> None:
        """It waits for something."""
        self._become(_State.RESTING)

    def end(self) -> None:
        """It is over."""
        self._become(_State.OVER)

    def _become(self, state: _State) -> None:
        counts = self._activities
        with counts.changed:
            before = self._state
            if before in (state, _State.OVER) or self._generation != counts.generation:
                return
            self._state = state
            counts.at_work += (state is _State.WORKING) - (before is _State.WORKING)
            if self._is_call:
                counts.resting_calls += (state is _State.RESTING) - (before is _State.RESTING)
            if not self._is_look:
                counts.happened += 1
            if not counts.at_work and (counts.waiters or counts.resting_calls):
                counts.changed.notify_all()


class Activities:
    """All activities. `changed` is the lock of this and of the clock, and tells of what anybody waits for."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.at_work = 0
        self.resting_calls = 0
        """Clients whose answers wait for the clock."""
        self.waiters = 0
        """Who waits for the clock, and is to be told when all is quiet."""
        self.happened = 0
        """Rises whenever something begins, rests or ends: who finds it unchanged has missed nothing."""
        self.generation = 0
        self._threads = threading.local()

    @property
    def mine(self) -> Activity | None:
        """What this thread is at."""
        found: Activity | None = getattr(self._threads, "activity", None)
        return found

    @property
    def others_at_work(self) -> int:
        """How many are at work beside this thread."""
        with self.changed:
            return self.at_work - (self.mine is not None and self.mine.is_at_work)

    def begin(self) -> Activity:
        """An activity that is about to be handed over."""
        return Activity(self)

    @contextmanager
    def carrying(self, activity: Activity) -> Iterator[None]:
        """This thread does that work, and ends it."""
        before, self._threads.activity = self.mine, activity
        try:
            yield
        finally:
            self._threads.activity = before
            activity.end()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """This thread serves a client's call; one that is made in the course of other work is part of that."""
        if self.mine is not None:
            yield
            return
        with self.carrying(Activity(self, call=True)):
            yield

    @contextmanager
    def looking(self) -> Iterator[None]:
        """This thread looks how things are."""
        if self.mine is not None:
            yield
            return
        with self.carrying(Activity(self, look=True)):
            yield

    def spawn(self, work: Callable[[], object], name: str) -> None:
        """Do it on a thread of its own, which is at work from now on."""
        activity = self.begin()

        def run() -> None:
            with self.carrying(activity):
                work()

        threading.Thread(target=run, name=name, daemon=True).start()

    def forget(self) -> None:
        """Nothing that is at work counts any more."""
        with self.changed:
            self.generation += 1
            self.at_work = self.resting_calls = 0
            self.happened += 1
            self.changed.notify_all()


class Signal:
    """Something that is waited for at rest: whoever waits is at work again from the moment in which it is given."""

    def __init__(self, activities: Activities) -> None:
        self._activities = activities
        self._given = threading.Event()
        self._waiting: list[Activity] = []

    def give(self) -> None:
        """Let everybody go on who waits for it or ever will."""
        with self._activities.changed:
            for activity in self._waiting:
                activity.work()
            self._waiting.clear()
            self._given.set()

    def wait(self) -> None:
        """Return once it is given."""
        mine = self._activities.mine
        with self._activities.changed:
            if self._given.is_set():
                return
            if mine is not None:
                self._waiting.append(mine)
                mine.rest()
        self._given.wait()


class Places:
    """So many may be inside at once; the others wait at rest, and come in in their order."""

    def __init__(self, activities: Activities, count: int) -> None:
        self._activities = activities
        self._free = count
        self._queue: deque[Signal] = deque()

    def __enter__(self) -> None:
        with self._activities.changed:
            if self._free:
                self._free -= 1
                return
            turn = Signal(self._activities)
            self._queue.append(turn)
        turn.wait()

    def __exit__(self, *_: object) -> None:
        with self._activities.changed:
            if self._queue:
                self._queue.popleft().give()
            else:
                self._free += 1
