"""So many trials within the time: all of them where it is enough, and else some all the way."""

from __future__ import annotations

import random
import time


class Pace:
    """Says of each trial, before it begins, whether there is time for it."""

    def __init__(self, until: float, count: int) -> None:
        self._until, self._left = until, count
        self._began, self._tried = time.time(), 0
        self._random = random.Random(count)

    def lets(self) -> bool:
        """Whether the next one is tried."""
        left, self._left = self._left, self._left - 1
        now = time.time()
        if now >= self._until:
            return False
        if self._tried:
            one_s = (now - self._began) / self._tried
            if self._random.random() > (self._until - now) / (one_s * left):
                return False
        self._tried += 1
        return True
