"""How many calls a second services take, and how many the product makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox.kernel.clock import clock
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.throttling import throttles
from soak.simulation import clients
from soak.simulation import clock as simulated
from soak.simulation.invocation import current

CALL_S = 0.03
"""What a call takes. AWS's take longer, so that it sees fewer a second."""
_TICK_S = 1e-6
"""Of the simulation's clock, so that a thousand runs are as many at once, and not one after the other."""


@dataclass(slots=True)
class Service:
    """Takes so many calls a second, and so many at once after a pause; refuses the others."""

    a_second: float
    at_once: float
    refused: int = 0
    taken: Counter[int] = field(default_factory=Counter)
    _left: float = 0.0
    _at: float = 0.0

    def takes(self) -> bool:
        """Whether it takes a call now."""
        now = clock.now()
        self._left = min(self.at_once, self._left + (now - self._at) * self.a_second)
        self._at = now
        if self._left < 1.0:
            self.refused += 1
            return False
        self._left -= 1.0
        self.taken[int(now)] += 1
        return True

    @property
    def most(self) -> int:
        """Calls in the second that had most."""
        return max(self.taken.values(), default=0)


@dataclass(slots=True)
class Traffic:
    """All services that count here. AWS documents no rates of these three; these are assumed, and small."""

    services: dict[str, Service]

    @classmethod
    def of(cls, a_second: float) -> Traffic:
        """Each takes so many a second, and what two seconds would take at once."""
        return cls({name: Service(a_second, 2 * a_second) for name in ("organizations", "ram", "sagemaker")})

    @contextmanager
    def limited(self) -> Iterator[None]:
        """The functions' calls are limited so, and take their time."""
        before = throttles.admit, clients.takes_s, simulated._TICK_S  # noqa: SLF001

        def admit(service: str, operation: str) -> None:
            found = self.services.get(service) if current.get() is not None else None
            if found is not None and not found.takes():
                raise aws_error("ThrottlingException", f"{operation}: Rate exceeded")

        vars(throttles)["admit"] = admit
        clients.takes_s, simulated._TICK_S = CALL_S, _TICK_S  # noqa: SLF001
        try:
            yield
        finally:
            del vars(throttles)["admit"]
            _, clients.takes_s, simulated._TICK_S = before  # noqa: SLF001
