"""One task at a time, and which one is next comes from a seed.

The embedded organization works on many threads. Here each piece of its work is a task, and tasks give way to each other
only where they wait, or at an AWS call (`pass_on`). So an interleaving is a series of choices, and a seed repeats it.
"""

from __future__ import annotations

import contextvars
import random
import threading
from collections.abc import Callable


class Task:
    """One piece of work. It runs on a thread of its own while it is its turn, and never beside another."""

    def __init__(self, scheduler: Scheduler, work: Callable[[], object], name: str) -> None:
        self.name = name
        self._scheduler = scheduler
        self._work = work
        self._worker: _Worker | None = None

    def go_on(self) -> None:
        """Let it work; returns when it gives way or has ended."""
        if self._worker is None:
            self._worker = _idle.pop() if _idle else _Worker()
            self._worker.task = self
            self._scheduler.begun += 1
        self._worker.turn.release()
        self._scheduler.back.acquire()

    def give_way(self) -> None:
        """Called by itself: returns when it is its turn again."""
        worker = self._worker
        if worker is None:
            raise RuntimeError("a task that hasn't begun can't give way")
        self._scheduler.back.release()
        worker.turn.acquire()

    def run(self) -> None:
        """Do the work; on its thread."""
        try:
            contextvars.Context().run(self._work)
        except BaseException as error:  # noqa: BLE001  a fault of the simulation ends all of it, where it is run
            self._scheduler.broken = error

    def end(self) -> None:
        """Give way for the last time."""
        self._scheduler.begun -= 1
        self._scheduler.back.release()


class _Worker:
    """A thread that does one task after another: a new thread for each would take most of the time."""

    def __init__(self) -> None:
        self.task: Task | None = None
        self.turn = threading.Lock()
        self.turn.acquire()
        threading.Thread(target=self._run, name="soak-worker", daemon=True).start()

    def _run(self) -> None:
        while True:
            self.turn.acquire()
            task, self.task = self.task, None
            if task is None:
                return
            task.run()
            _idle.append(self)
            task.end()


_idle: list[_Worker] = []


class Scheduler:
    """All tasks that have something to do. `random` chooses among them."""

    def __init__(self) -> None:
        self.random = random.Random(0)
        self.back = threading.Lock()
        self.back.acquire()
        self.broken: BaseException | None = None
        self.begun = 0
        """How many tasks have begun and aren't over: each has a thread, which no copy of the process has."""
        self.gives_way = True
        """Whether a task lets others go on at an AWS call."""
        self._ready: list[Task] = []
        self._current: Task | None = None

    @property
    def current(self) -> Task | None:
        """The task whose turn it is; None for the thread that runs the simulation."""
        return self._current

    @property
    def ready(self) -> int:
        """How many tasks could go on."""
        return len(self._ready)

    def spawn(self, work: Callable[[], object], name: str) -> Task:
        """Another task, which is ready from now on."""
        task = Task(self, work, name)
        self._ready.append(task)
        return task

    def wake(self, task: Task) -> None:
        """What the task waited for is there."""
        self._ready.append(task)

    def rest(self) -> None:
        """The current task waits until somebody wakes it."""
        task = self._current
        if task is None:
            raise RuntimeError("only a task can rest")
        task.give_way()

    def pass_on(self) -> None:
        """Let other tasks go on first, perhaps."""
        task = self._current
        if self.gives_way and task is not None and self._ready and self.random.random() < 0.5:
            self._ready.append(task)
            task.give_way()

    def run_one(self) -> bool:
        """Let one task go on; False where none is ready. Called by the thread that runs the simulation."""
        if not self._ready:
            return False
        number = self.random.randrange(len(self._ready)) if len(self._ready) > 1 else 0
        task = self._ready.pop(number)
        self._current = task
        task.go_on()
        self._has_given_way()
        return True

    def leave_to_another(self) -> None:
        """Called by the current task in a copy of the process: another thread is about to run the simulation."""
        self.back = threading.Lock()
        self.back.acquire()

    def take_over(self) -> None:
        """Called by that thread: returns when the task that was under way has given way or has ended."""
        self.back.acquire()
        self._has_given_way()

    def _has_given_way(self) -> None:
        self._current = None
        if self.broken is not None:
            error, self.broken = self.broken, None
            raise error

    def forget(self) -> None:
        """No task has anything to do any more."""
        self._ready.clear()


scheduler = Scheduler()
"""That of this process."""


def forget_threads() -> None:
    """In a copy of this process (fork), which has none of its threads."""
    _idle.clear()
