"""What can happen, each as one step: somebody acts, all comes to rest, and everybody's access is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from soak.histories import guardrails, hubs, judge, members
from soak.histories.cards import Card
from soak.histories.events import Fate, Kind
from soak.histories.packages import Package, foreign_edit, tamper
from soak.histories.trouble import Trouble, on, policy
from soak.histories.world import DEV, RULES, World
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


class Actions:
    """Several subjects in one world, half of them cards. Every public method is one kind of action."""

    def __init__(self, world: World, subjects: int, seed: int) -> None:
        organization.seed(seed)
        self.world = world
        self.cards = [Card(world, f"card-{each}") for each in range((subjects + 1) // 2)]
        self.packages = [
            Package(world, f"{'weights' if each % 2 else 'soak'}-{each}", is_weights=bool(each % 2))
            for each in range(subjects // 2)
        ]
        self.steps = Counter(dict.fromkeys(KINDS, 0))
        self.counts = judge.Counts()
        self.touched: set[str] = set()
        for package in self.packages:
            package.make_group("owner")
        world.rest()

    # --- cards --------------------------------------------------------------------------------------------------------

    def creates_a_card(self, n: int, status: str, risk: str, *, filled: bool, pause: int, fate: str = ARRIVES) -> None:
        card = self.cards[n % len(self.cards)]
        _plan(card, Kind.CHANGE, fate)
        self._step("card created", pause, lambda: card.create("owner", status, risk=risk, filled=filled), card)

    def edits_a_card(self, n: int, who: str, risk: str, pause: int, fate: str = ARRIVES) -> None:
        card = self._card(n)
        _plan(card, Kind.RECORD, fate)
        self._step("card edited", pause, lambda: card.edit(who, risk=risk, filled=True), card)

    def sets_a_card(self, n: int, status: str, pause: int, fate: str = ARRIVES) -> None:
        card = self._card(n)
        _plan(card, Kind.CHANGE, fate)
        self._step("card's status set", pause, lambda: card.set("owner", status), card)

    def approves_a_card(self, n: int, pause: int, fate: str = ARRIVES) -> None:
        card = self._card(n)
        _plan(card, Kind.RECORD, fate)
        self._step("card approved by an approver", pause, lambda: card.set("approver", "Approved"), card)

    def approves_a_card_wrongly(self, n: int, who: str, pause: int) -> None:
        card = self._card(n)
        self._step("card approved by somebody else", pause, lambda: card.set(who, "Approved"), card)

    def sets_a_card_twice(self, n: int, first: str, second: str, pause: int) -> None:
        card = self._card(n)

        def both() -> None:
            card.set("owner", first)
            card.set("approver", second)

        self._step("card set twice at once", pause, both, card)

    def sets_a_card_meanwhile(self, n: int, first: str, second: str, after: int, pause: int, fate: str) -> None:
        """Somebody sets a status, and another one while the run about the first is under way. `fate` is what becomes of
        the records of both.
        """
        card = self._card(n)
        card.events.planned[Kind.RECORD] += [Fate(fate)] * 2

        def both() -> None:
            card.set("owner", first)
            self._go_on(after)
            card.set("owner", second)

        self._step("card set meanwhile", pause, both, card)

    def deletes_a_card(self, n: int, pause: int, fate: str = ARRIVES) -> None:
        card = self._card(n)
        _plan(card, Kind.CHANGE, fate)
        self._step("card deleted", pause, lambda: card.delete("owner"), card)

    def takes_a_name_again(self, n: int, status: str, pause: int, *, same: bool = False) -> None:
        """A card of the same name, with another content or the `same`."""
        card = self._card(n)
        self._step("card deleted", pause, lambda: card.delete("owner"), card)
        act = lambda: card.create("owner", status, risk="Low", filled=True, same=same)  # noqa: E731  as above
        self._step("card's name taken again", pause, act, card)

    def creates_a_sealed_card(self, n: int, status: str, risk: str, pause: int) -> None:
        card = self.cards[n % len(self.cards)]
        if card.history.exists:
            self._step("card deleted", pause, lambda: card.delete("owner"), card)
        act = lambda: card.create("owner", status, risk=risk, filled=True, sealed=True)  # noqa: E731  as above
        self._step("encrypted card created", pause, act, card)

    def takes_grants_off_the_key(self, n: int, pause: int) -> None:
        card = self._sealed(n)
        self._step("key's grants taken off", pause, lambda: self.world.key.lose_grants(self.world, card.arn), card)

    def turns_the_key(self, n: int, pause: int, *, and_sweeps: bool) -> None:
        self._sealed(n)

        def act() -> None:
            self.world.key.turn(self.world)
            if and_sweeps:
                self._sweep()

        self._step("key shut or opened", pause, act, *self.cards)

    # --- packages -----------------------------------------------------------------------------------------------------

    def registers_a_package(self, n: int, who: str, status: str, pause: int) -> None:
        package = self.packages[n % len(self.packages)]
        if not package.group_history.exists:
            self._step("group made again", MINUTES_S, lambda: package.make_group("owner"), package)
        self._step("package registered", pause, lambda: package.register(who, status), package)

    def sets_a_package(self, n: int, status: str, pause: int, fate: str = ARRIVES) -> None:
        package = self._package(n)
        _plan(package, Kind.CHANGE, fate)
        self._step("package's status set", pause, lambda: package.set("owner", status), package)

    def approves_a_package(self, n: int, pause: int, fate: str = ARRIVES) -> None:
        package = self._package(n)
        _plan(package, Kind.RECORD, fate)
        self._step("package approved by an approver", pause, lambda: package.set("approver", "Approved"), package)

    def approves_a_package_wrongly(self, n: int, who: str, pause: int) -> None:
        package = self._package(n)
        self._step("package approved by somebody else", pause, lambda: package.set(who, "Approved"), package)

    def writes_bytes_anew(self, n: int, pause: int) -> None:
        package = self._package(n)
        self._step("bytes written anew", pause, package.overwrite, package)

    def deletes_a_package(self, n: int, pause: int, fate: str = ARRIVES) -> None:
        package = self._package(n)
        _plan(package, Kind.CHANGE, fate)
        self._step("package deleted", pause, lambda: package.delete("owner"), package)

    def deletes_a_group(self, n: int, pause: int) -> None:
        package = self._package(n)

        def act() -> None:
            package.delete("owner")
            package.delete_group("owner")

        self._step("group deleted", pause, act, package)

    def somebody_deletes_the_model(self, n: int, pause: int, *, and_sweeps: bool) -> None:
        package = self._imported(n)

        def act() -> None:
            package.lose_model()
            if and_sweeps:
                self._sweep()

        self._step("imported model deleted", pause, act, *(self.packages if and_sweeps else [package]))

    # --- all of it ----------------------------------------------------------------------------------------------------

    def a_slow_call_approves(self, n: int, took: int, pause: int) -> None:
        """Its record has a later time than the change (decision 19)."""
        subject: Card | Package = self._card(n) if n % 2 else self._package(n // 2)

        def act() -> None:
            delays.completion = float(took)
            subject.set("approver", "Approved")
            self.world.rest()
            delays.completion = 0.0

        self._step("approved by a slow call", pause, act, subject)

    def does_several_at_once(self, n: int, m: int, pause: int) -> None:
        card, package = self._card(n), self._package(m)

        def act() -> None:
            card.set("approver", "Approved")
            package.set("approver", "Approved")
            card.edit("developer", risk="Low", filled=True)
            package.set("approver", "Rejected")

        self._step("several at once", pause, act, card, package)

    def sets_all_packages(self, status: str, pause: int) -> None:
        """Somebody sets a status of every package at once: all of them are written in the same documents."""
        packages = [self._package(number) for number in range(len(self.packages))]

        def act() -> None:
            for package in packages:
                package.set("approver", status)

        self._step("packages set at once", pause, act, *packages)

    def sets_all_packages_in_trouble(self, status: str, trouble: str, pause: int) -> None:
        """As above, while something comes between a look at the bucket's policy and its write."""
        packages = [self._package(number) for number in range(len(self.packages))]

        def act() -> None:
            before = policy(self.world)
            if trouble == Trouble.BEHIND.value:
                for package in packages:
                    package.set("approver", "Approved")
                self.world.rest()
            with on(self.world, Trouble(trouble), before):
                for package in packages:
                    package.set("approver", status)
                self.world.rest()

        self._step("bucket in trouble", pause, act, *packages)

    def sweeps(self, pause: int) -> None:
        self._step("sweep", pause, self._sweep, *self.cards, *self.packages)

    def late_events_arrive(self, order: int) -> None:
        self._step("late events", 1, lambda: self.world.events.release(order), *self.cards, *self.packages)

    def others_edit(self, number: int) -> None:
        self._step("foreign edit", 1, lambda: foreign_edit(self.world, number), *self.packages)

    def somebody_takes_ours_out(self, n: int, pause: int) -> None:
        self._package(n)
        self._step("ours taken out", pause, lambda: tamper(self.world), *self.packages)

    def an_account_is_closed(self, account: str, pause: int, *, and_sweeps: bool) -> None:
        """Or AWS opens it again."""

        def act() -> None:
            members.close(self.world, account)
            if and_sweeps:
                clock.advance(MINUTES_S)  # closing takes a while
                self._sweep()

        self._step("account closed or opened", pause, act, *self.cards, *self.packages)

    def rules_change(self, which: str) -> None:
        def act() -> None:
            self.world.deploy(RULES / f"{which}.toml")
            self._sweep()

        self._step("rules changed", 60, act, *self.cards, *self.packages)

    def a_member_turns_blind(self, pause: int, *, and_sweeps: int) -> None:
        """Or it sees again. Some sweeps come by then."""

        def act() -> None:
            members.turn(self.world, DEV)
            for _ in range(and_sweeps):
                self._sweep()

        self._step("member blind or seeing", pause, act, *self.cards, *self.packages)

    def aws_publishes(self, number: int, pause: int, *, and_sweeps: bool) -> None:
        """Or it withdraws a model of the public hub, or deprecates one."""
        self._around(
            "model published or withdrawn", pause, lambda: hubs.publish(self.world, number), and_sweeps=and_sweeps
        )

    def somebody_edits_the_hub(self, number: int, pause: int, *, and_sweeps: bool) -> None:
        self._around("hub edited", pause, lambda: hubs.edit(self.world, number), and_sweeps=and_sweeps)

    def somebody_takes_the_guardrail_off(self, number: int, pause: int, *, and_sweeps: bool) -> None:
        act = lambda: guardrails.tamper(self.world, number)  # noqa: E731  it would be named only here
        self._around("guardrail taken off", pause, act, and_sweeps=and_sweeps)

    def starts_what_has_no_events(self, number: int, pause: int) -> None:
        subject, what = ((hubs.ARN, "hub"), (guardrails.SUBJECT, "guardrail"))[number % 2]

        def act() -> None:
            run = self.world.start("GovernStateMachine", {"subject": subject})
            self.world.rest()
            if run.status == "SUCCEEDED" and not (what == "guardrail" and self.world.is_blind(DEV)):
                self.world.looked[what] = self.world.now()

        self._step("hub or guardrail run by hand", pause, act)

    def _around(self, what: str, pause: int, act: Callable[[], object], *, and_sweeps: bool) -> None:
        """A step about what is beside the subjects; everything is judged where a sweep comes by."""

        def both() -> None:
            act()
            self.world.rest()
            if and_sweeps:
                self._sweep()

        about: list[Card | Package] = [*self.cards, *self.packages] if and_sweeps else []
        self._step(what, pause, both, *about)

    def a_pause_passes(self, n: int, during: str) -> None:
        """Stagegate is paused, something happens, and it goes on."""
        before = self.world.settings

        def paused() -> None:
            self.world.pause()
            self._sweep()

        self._step("paused", 60, paused, *self.cards, *self.packages)
        match during:
            case "card":
                self.sets_a_card_twice(n, "Draft", "Approved", MINUTES_S)
            case "package":
                self.approves_a_package(n, MINUTES_S, "arrives")
            case "deletion":
                self.takes_a_name_again(n, "Approved", MINUTES_S)
            case "rejection":
                self.sets_a_package(n, "Rejected", MINUTES_S, "arrives")
            case _:
                self.somebody_takes_ours_out(n, MINUTES_S)

        def goes_on() -> None:
            self.world.settings.unlink()
            self.world.deploy(before)
            self._sweep()

        self._step("going on", 60, goes_on, *self.cards, *self.packages)

    def stops_a_run(self, n: int, after: int) -> None:
        card = self._card(n)

        def act() -> None:
            card.set("owner", "Approved" if n % 2 else "Draft")
            self._stop(after)

        self._step("run stopped", MINUTES_S, act, card)

    def starts_a_run(self, n: int, pause: int) -> None:
        subject: Card | Package = self._card(n) if n % 2 else self._package(n)

        def act() -> None:
            self.world.start("GovernStateMachine", {"subject": subject.arn})
            self.world.rest()
            is_seen = isinstance(subject, Card) or not self.world.is_blind(DEV)
            is_seen = is_seen and not self.world.rules.paused
            subject.history.looks.append(Looked(self.world.now(), full=is_seen))
            if is_seen:
                subject.history.blind_sweeps = 0

        self._step("manual run", pause, act, subject)

    # --- how a step goes ----------------------------------------------------------------------------------------------

    def _step(self, what: str, pause: int, act: Callable[[], object], *about: Card | Package) -> None:
        if what not in self.steps:
            raise KeyError(what)
        clock.advance(pause)
        act()
        self.world.rest()
        self.steps[what] += 1
        for subject in about:
            self.touched.add(subject.arn)
            judge.news(subject)
            if isinstance(subject, Card):
                judge.card(self.world, subject, self.counts)
            else:
                judge.package(self.world, subject, self.counts)
        judge.beyond(self.world, self.packages)
        judge.heard(self.world, alarm_is_enough=False)
        judge.claims(self.world)
        judge.foreign(self.world)
        hubs.judge(self.world)
        guardrails.judge(self.world)

    def _card(self, number: int) -> Card:
        """One that is there: where it isn't, somebody makes it first, and fills it in."""
        card = self.cards[number % len(self.cards)]
        if not card.history.exists:
            status = ("Draft", "PendingReview", "PendingReview", "Approved")[number // 8 % 4]
            act = lambda: card.create("owner", status, risk="Low", filled=True)  # noqa: E731
            self._step("card created", MINUTES_S, act, card)
        return card

    def _imported(self, number: int) -> Package:
        """One that Bedrock can import, and has imported where its approval counts."""
        weights = [each for each, package in enumerate(self.packages) if package.is_weights]
        package = self._package(weights[number % len(weights)] if weights else number)
        if package.is_weights and not package.open.get("hosting"):
            self.approves_a_package(self.packages.index(package), MINUTES_S, "arrives")
        return package

    def _sealed(self, number: int) -> Card:
        """One under the customer key: where none is, somebody makes it first."""
        found = [card for card in self.cards if card.history.exists and card.is_sealed]
        if not found:
            self.creates_a_sealed_card(number, ("PendingReview", "Approved")[number // 8 % 2], "Low", MINUTES_S)
        return found[number % len(found)] if found else self.cards[number % len(self.cards)]

    def _package(self, number: int) -> Package:
        """One that is there: where it isn't, somebody registers it first."""
        package = self.packages[number % len(self.packages)]
        if not package.group_history.exists:
            self._step("group made again", MINUTES_S, lambda: package.make_group("owner"), package)
        if not package.history.exists:
            act = lambda: package.register("developer", "PendingManualApproval")  # noqa: E731
            self._step("package registered", MINUTES_S, act, package)
        return package

    def _sweep(self) -> None:
        run, is_blind = self.world.sweep(), self.world.is_blind(DEV)
        # A sweep that can't look at everything has failed, and has looked at all the rest.
        if run.status != "SUCCEEDED" and not (is_blind and run.error == "SubjectsNotPlannedError"):
            return
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

    def _go_on(self, tasks: int) -> None:
        for _ in range(tasks):
            if not run_one(30.0):
                return

    def _stop(self, after: int) -> None:
        """Stop whatever runs, as a person can, once tasks have gone on that often."""
        self._go_on(after)
        for arn in self.world.running:
            if ":stagegate-govern:" in arn:
                self.world.admin("stepfunctions").stop_execution(executionArn=arn)


def _plan(subject: Any, kind: Kind, fate: str) -> None:
    if subject.events is not None and fate != ARRIVES:
        subject.events.planned[kind].append(Fate(fate))
