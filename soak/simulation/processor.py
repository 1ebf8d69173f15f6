"""How long something may take: what goes round in circles, or waits for ever, never ends by the simulated clock."""

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


_SLOWEST = 20
"""So many times as long as on a processor of its own it may take on a busy machine; after that it waits for ever."""
WAITS = "it doesn't come to rest: it does nothing, and waits for what never comes"


def limit(most_s: int | None) -> None:
    """Let this process work for so many seconds more, without an end for None. Beyond that it is killed (`why`), and so
    it is where it doesn't work at all, as a deadlock doesn't.

    A copy of it begins with none of its seconds used, and under the same limit of the processor until it sets another
    one.
    """
    signal.setitimer(signal.ITIMER_REAL, 0.0 if most_s is None else float(most_s * _SLOWEST))
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    if most_s is not None:
        most = int(time.process_time()) + 1 + most_s
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def why(status: int) -> str:
    """Why a copy that has ended with this status (os.waitpid) didn't end by itself; "" where it did."""
    if not os.WIFSIGNALED(status):
        code = os.waitstatus_to_exitcode(status)
        return f"it has ended with {code}, and said nothing" if code else ""
    number = os.WTERMSIG(status)
    known = {signal.SIGXCPU: IN_CIRCLES, signal.SIGALRM: WAITS}
    return known.get(signal.Signals(number), f"it was killed by {signal.Signals(number).name}")


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
