"""How a step goes: somebody acts, all comes to rest, and everybody's access is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sandbox.kernel.clock import clock
from soak.histories import always, guardrails, hubs, judge
from soak.histories.cards import Card
from soak.histories.events import Fate, Kind
from soak.histories.packages import Package
from soak.histories.world import DEV, World
from soak.histories.wrong import Wrong, WrongError
from soak.oracle.facts import Looked
from soak.simulation import organization
from soak.simulation.clock import run_one

MINUTES_S = 200
"""Longer than what can't be told apart (decision 19)."""
ARRIVES = Fate.ARRIVES.value
"""What becomes of an event unless a step says otherwise."""
KINDS = (
    "card created",
    "card edited",
    "card's status set",
    "card approved by an approver",
    "card approved by somebody else",
    "card set twice at once",
    "card set meanwhile",
    "card deleted",
    "card's name taken again",
    "encrypted card created",
    "key's grants taken off",
    "key shut or opened",
    "package registered",
    "package's status set",
    "package approved by an approver",
    "package approved by somebody else",
    "bytes written anew",
    "imported model deleted",
    "package deleted",
    "group deleted",
    "approved by a slow call",
    "packages set at once",
    "bucket in trouble",
    "several at once",
    "sweep",
    "late events",
    "foreign edit",
    "ours taken out",
    "rules changed",
    "run stopped",
    "manual run",
    "group made again",
    "member blind or seeing",
    "account closed or opened",
    "model published or withdrawn",
    "hub edited",
    "guardrail taken off",
    "hub or guardrail run by hand",
    "paused",
    "going on",
)
"""What a step can be. Each has to be frequent enough."""


class Steps:
    """Several subjects in one world, half of them cards."""

    def __init__(self, world: World, subjects: int, seed: int) -> None:
        organization.seed(seed)
        self.world = world
        self.cards = [Card(world, f"card-{each}") for each in range((subjects + 1) // 2)]
        self.packages = [
            Package(world, f"{'weights' if each % 2 else 'soak'}-{each}", is_weights=bool(each % 2))
            for each in range(subjects // 2)
        ]
        self.steps = Counter(dict.fromkeys(KINDS, 0))
        self.idle = Counter[str]()
        """The steps in which nobody could do anything."""
        self.counts = judge.Counts()
        self.touched: set[str] = set()
        for package in self.packages:
            package.make_group("owner")
        world.rest()
        for package in self.packages:
            judge.package(world, package, self.counts)

    def step(self, what: str, pause: int, act: Callable[[], object], *about: Card | Package) -> None:
        """Take it, and judge those whom it is `about`. Where nobody has changed anything, or `act` answers False, it is
        none of its kind.
        """
        if what not in self.steps:
            raise KeyError(what)
        clock.advance(pause)
        before = self.world.happenings
        is_one = act() is not False
        self.world.rest()
        self.counts.step += 1
        (self.steps if is_one and self.world.happenings > before else self.idle)[what] += 1
        for subject in about:
            self.touched.add(subject.arn)
            always.news(subject)
            if isinstance(subject, Card):
                judge.card(self.world, subject, self.counts)
            else:
                judge.package(self.world, subject, self.counts)
        always.beyond(self.world, self.packages)
        always.heard(self.world)
        always.claims(self.world)
        always.foreign(self.world)
        hubs.judge(self.world)
        guardrails.judge(self.world)

    def card_of(self, number: int) -> Card:
        """One that is there: where it isn't, somebody makes it first, and fills it in."""
        card = self.cards[number % len(self.cards)]
        if not card.history.exists:
            status = ("Draft", "PendingReview", "PendingReview", "Approved")[number // 8 % 4]
            act = lambda: card.create("owner", status, risk="Low", filled=True)  # noqa: E731
            self.step("card created", MINUTES_S, act, card)
        return card

    def package_of(self, number: int) -> Package:
        """One that is there: where it isn't, somebody registers it first."""
        package = self.packages[number % len(self.packages)]
        if not package.group_history.exists:
            self.step("group made again", MINUTES_S, lambda: package.make_group("owner"), package)
        if not package.history.exists:
            act = lambda: package.register("developer", "PendingManualApproval")  # noqa: E731
            self.step("package registered", MINUTES_S, act, package)
        return package

    def sweep(self) -> None:
        """A sweep, which looks at everything that it can look at."""
        run, is_blind = self.world.sweep(), self.world.is_blind(DEV)
        # A sweep that can't look at everything has failed, and has looked at all the rest.
        if run.status != "SUCCEEDED" and not (is_blind and run.error == "SubjectsNotPlannedError"):
            raise WrongError(Wrong.OTHER, f"a sweep has ended so: {run.status} {run.error}: {run.cause}")
        if self.world.rules.paused:
            return  # it mends nothing
        look = Looked(self.world.now(), full=True)
        self.world.looked["hub"] = look.at
        if not is_blind:
            self.world.looked["guardrail"] = look.at
        for card in self.cards:
            card.history.looks.append(look)
        for package in self.packages:
            package.group_history.looks.append(look)
            if is_blind and package.history.exists and self.world.rules.package_opens[package.history.status]:
                package.history.blind_sweeps += 1
            else:
                package.history.blind_sweeps = 0
                package.history.looks.append(look)

    def go_on(self, tasks: int) -> None:
        """Let so many tasks go on, as long as there are any."""
        for _ in range(tasks):
            if not run_one(30.0):
                return

    def stop(self, after: int) -> bool:
        """Stop whatever runs, as a person can, once tasks have gone on that often. Returns whether anything ran."""
        self.go_on(after)
        stopped = False
        for arn in self.world.running:
            if ":stagegate-govern:" in arn:
                self.world.admin("stepfunctions").stop_execution(executionArn=arn)
                stopped = True
        return stopped


def plan(subject: Card | Package, kind: Kind, fate: str) -> None:
    """Decide what becomes of the next event of that kind about it."""
    if subject.events is not None and fate != ARRIVES:
        subject.events.planned[kind].append(Fate(fate))
