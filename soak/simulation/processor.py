"""How much of the processor may be taken: what goes round in circles never ends by the simulated clock."""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

MOST_S = 60
"""For what takes a few seconds at most: one step of a history, or one trial."""
IN_CIRCLES = "it doesn't come to rest: it has had all of the processor's time that it may have, and goes in circles"


def limit(most_s: int | None) -> None:
    """Let this process work for so many seconds more, without an end for None. Beyond that it is killed (`why`).

    A copy of it begins with none of its seconds used, and under the same limit until it sets another one.
    """
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    if most_s is not None:
        most = int(time.process_time()) + 1 + most_s
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def why(status: int) -> str:
    """Why a copy that has ended with this status (os.waitpid) was killed; "" where it wasn't."""
    if not os.WIFSIGNALED(status):
        return ""
    number = os.WTERMSIG(status)
    return IN_CIRCLES if number == signal.SIGXCPU else f"it was killed by {signal.Signals(number).name}"


@contextmanager
def limited(what: str, most_s: float) -> Iterator[None]:
    """For this process itself, which nobody else waits for: it ends with 2, and says what has taken so long."""
    is_over, latest = threading.Event(), time.process_time() + most_s

    def watch() -> None:
        while not is_over.wait(1.0):
            if time.process_time() > latest:
                print(f"{what}: {IN_CIRCLES} ({most_s:.0f} s)", file=sys.stderr, flush=True)
                faulthandler.dump_traceback()
                os._exit(2)

    threading.Thread(target=watch, name="soak-limit", daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
