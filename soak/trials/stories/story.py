"""What a step has to say to be tried."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from sandbox.kernel.clock import clock
from soak.histories import always
from soak.histories.cards import Card
from soak.histories.packages import Package
from soak.histories.world import BASE, RULES, World
from soak.histories.wrong import WrongError
from soak.trials import between
from soak.trials.between import Before
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
        self._was = Before()
        self._alarm_is_enough = False

    @property
    @abstractmethod
    def subject(self) -> str:
        """Which subject the next event is about: its ARN."""

    @property
    def judged(self) -> Card | Package | None:
        """Whose access is judged between a fault and what mends it, too; None where nobody's is."""
        return None

    @abstractmethod
    def prepare(self) -> None:
        """Bring the world up to the step."""

    @property
    def govern(self) -> str:
        """The name of the state machine that governs."""
        return self.world.organization.outputs["GovernStateMachine"].rpartition(":")[2]

    def begins(self) -> None:
        """Note how things are before the step."""
        if self.judged is not None:
            self._was = between.before(self.world, self.judged)

    @abstractmethod
    def act(self) -> None:
        """Take the step, without what follows from it."""

    @abstractmethod
    def wrong(self) -> str | None:
        """What is wrong once all is at rest, None for nothing; as if all news of what people did had arrived."""

    def what_is_wrong_of_all(self) -> str | None:
        """What is wrong whatever the step is about: a claim that is held, a statement lost, a failure unheard.

        A message has to name what has failed; an alarm is enough where the message's own way was met.
        """
        try:
            always.claims(self.world)
            always.foreign(self.world)
            always.heard(self.world, alarm_is_enough=self._alarm_is_enough)
        except WrongError as wrong:
            return str(wrong)
        return None

    def comes_to_rest(self, met: Made | Entered) -> str:
        """Let everything come to rest that follows from what was met there; what may not even be meanwhile, "" for
        nothing.

        A run that has failed is heard of by a message with its execution's ARN. An alarm isn't enough, but where the
        message's own way was met.
        """
        is_told = isinstance(met, Entered) or met.operation not in ("Invoke", "Publish")
        self._alarm_is_enough = not is_told
        subject = self.judged
        if subject is None:
            self.world.rest()
            return ""
        if isinstance(met, Entered):
            return between.rest(self.world, subject, self._was)
        # Whoever may not give the claim back has failed with that, and the event of it starts another run.
        gives_back = met.operation != "UpdateItem"
        if wrong := between.rest(self.world, subject, self._was, claims_are_given_back=gives_back):
            return wrong
        if gives_back and between.keeps_its_claim(self.world):
            return "the run has ended, and keeps its claim"
        name = between.unheard(self.world, self._was) if is_told else ""
        return f"nobody was told that {name} has failed" if name else ""

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
