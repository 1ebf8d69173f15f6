"""What a step has to say to be tried."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from sandbox.kernel.clock import clock
from soak.histories import judge
from soak.histories.world import BASE, RULES, World
from soak.trials.calls import Made
from soak.trials.stops import Entered

GOVERNED = RULES / "governed.toml"
"""The rules of the histories, with a hub, a guardrail and imports."""


class Story(ABC):
    """One step. Each trial is of another object of it, in a copy of the process of its own."""

    name: ClassVar[str]
    rules: ClassVar[Path] = BASE
    """The governance.toml that it happens under."""
    sweeps_after_s: ClassVar[float] = 1000.0
    """Longer than a claim of its subject is held."""

    def __init__(self, world: World, subject: str = "tried") -> None:
        self.world = world
        self.called = subject
        """What its subject is called."""

    @property
    @abstractmethod
    def subject(self) -> str:
        """Which subject the next event is about: its ARN."""

    @abstractmethod
    def prepare(self) -> None:
        """Bring the world up to the step."""

    @property
    def govern(self) -> str:
        """The name of the state machine that governs."""
        return self.world.organization.outputs["GovernStateMachine"].rpartition(":")[2]

    def begins(self) -> None:  # noqa: B027  a step may do without
        """Note how things are before the step."""

    @abstractmethod
    def act(self) -> None:
        """Take the step, without what follows from it."""

    @abstractmethod
    def wrong(self) -> str | None:
        """What is wrong once all is at rest, None for nothing; as if all news of what people did had arrived."""

    def what_is_wrong_of_all(self) -> str | None:
        """What is wrong whatever the step is about: a claim that is held, a statement lost, a failure unheard."""
        try:
            judge.claims(self.world)
            judge.foreign(self.world)
            judge.heard(self.world)
        except judge.WrongError as wrong:
            return str(wrong)
        return None

    def comes_to_rest(self, met: Made | Entered) -> str:
        """Let everything come to rest that follows from what was met there; what may not even be meanwhile, "" for
        nothing.
        """
        del met
        self.world.rest()
        return ""

    def rest_a_while(self, seconds: float = 200.0) -> None:
        """Everything comes to rest, and some minutes pass."""
        self.world.rest()
        clock.advance(seconds)

    def next_run(self, *, by_person: bool) -> None:
        """The next event about the subject arrives, or a person starts a run."""
        clock.advance(1.0)
        self.world.start(
            "GovernStateMachine", {"subject": self.subject, **({} if by_person else {"trigger": "an event"})}
        )
        self.world.rest()

    def next_sweep(self) -> None:
        """The next sweep, after any claim has run out."""
        clock.advance(self.sweeps_after_s)
        self.world.sweep()
