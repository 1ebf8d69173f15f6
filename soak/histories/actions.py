"""All that can happen, each as one step: what is done to cards and packages, and what is about more of them."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from soak.histories import guardrails, hubs, members
from soak.histories.acts_of_cards import CardActions
from soak.histories.acts_of_packages import PackageActions
from soak.histories.cards import Card
from soak.histories.documents import foreign_edit, tamper
from soak.histories.events import Fate
from soak.histories.packages import Package
from soak.histories.steps import MINUTES_S
from soak.histories.trouble import Trouble, on, policy
from soak.histories.world import DEV, RULES
from soak.oracle.facts import Looked


class Actions(CardActions, PackageActions):
    """Every public method is one kind of action."""

    def a_slow_call_approves(self, n: int, took: int, pause: int) -> None:
        """Its record has a later time than the change (decision 19)."""
        subject: Card | Package = self.card_of(n) if n % 2 else self.package_of(n // 2)

        def act() -> None:
            delays.completion = float(took)
            subject.set("approver", "Approved")
            self.world.rest()
            delays.completion = 0.0

        self.step("approved by a slow call", pause, act, subject)

    def does_several_at_once(self, n: int, m: int, pause: int) -> None:
        """A card and a package are changed at once, more than once."""
        card, package = self.card_of(n), self.package_of(m)

        def act() -> None:
            card.set("approver", "Approved")
            package.set("approver", "Approved")
            card.edit("developer", risk="Low", filled=True)
            package.set("approver", "Rejected")

        self.step("several at once", pause, act, card, package)

    def sets_all_packages(self, status: str, pause: int) -> None:
        """Somebody sets a status of every package at once: all of them are written in the same documents."""
        packages = [self.package_of(number) for number in range(len(self.packages))]

        def act() -> None:
            for package in packages:
                package.set("approver", status)

        self.step("packages set at once", pause, act, *packages)

    def sets_all_packages_in_trouble(self, status: str, trouble: str, pause: int) -> None:
        """As above, while something comes between a look at the bucket's policy and its write."""
        packages = [self.package_of(number) for number in range(len(self.packages))]

        def act() -> bool:
            before = policy(self.world)
            if trouble == Trouble.BEHIND.value:
                for package in packages:
                    package.set("approver", "Approved")
                self.world.rest()
            with on(self.world, Trouble(trouble), before) as met:
                for package in packages:
                    package.set("approver", status)
                self.world.rest()
            return bool(met)

        self.step("bucket in trouble", pause, act, *packages)

    def sweeps(self, pause: int) -> None:
        """Somebody starts a sweep."""

        def act() -> None:
            self.world.happened()
            self.sweep()

        self.step("sweep", pause, act, *self.cards, *self.packages)

    def late_events_arrive(self, order: int) -> None:
        """What was held back arrives; where nothing was, the record of an approval is first."""
        if not self.world.events.late:
            self.approves_a_card(order, MINUTES_S, Fate.LATE.value)

        def act() -> None:
            if self.world.events.release(order):
                self.world.happened()

        self.step("late events", 1, act, *self.cards, *self.packages)

    def others_edit(self, number: int) -> None:
        """Another team writes into the documents."""
        self.step("foreign edit", 1, lambda: foreign_edit(self.world, number), *self.packages)

    def somebody_takes_ours_out(self, n: int, pause: int) -> None:
        """Somebody takes all of ours out of the documents."""
        self.package_of(n)
        self.step("ours taken out", pause, lambda: tamper(self.world), *self.packages)

    def an_account_is_closed(self, account: str, pause: int, *, and_sweeps: bool) -> None:
        """Or AWS opens it again."""

        def act() -> None:
            members.close(self.world, account)
            if and_sweeps:
                clock.advance(MINUTES_S)  # closing takes a while
                self.sweep()

        self.step("account closed or opened", pause, act, *self.cards, *self.packages)

    def rules_change(self, which: str) -> None:
        """A deployment changes the rules, and a sweep comes by."""

        def act() -> None:
            self.world.deploy(RULES / f"{which}.toml")
            self.sweep()

        self.step("rules changed", 60, act, *self.cards, *self.packages)

    def a_member_turns_blind(self, pause: int, *, and_sweeps: int) -> None:
        """Or it sees again. Some sweeps come by then."""

        def act() -> None:
            members.turn(self.world, DEV)
            for _ in range(and_sweeps):
                self.sweep()

        self.step("member blind or seeing", pause, act, *self.cards, *self.packages)

    def aws_publishes(self, number: int, pause: int, *, and_sweeps: bool) -> None:
        """Or it withdraws a model of the public hub, or deprecates one."""
        self._around(
            "model published or withdrawn", pause, lambda: hubs.publish(self.world, number), and_sweeps=and_sweeps
        )

    def somebody_edits_the_hub(self, number: int, pause: int, *, and_sweeps: bool) -> None:
        """Somebody changes what is in the hub."""
        self._around("hub edited", pause, lambda: hubs.edit(self.world, number), and_sweeps=and_sweeps)

    def somebody_takes_the_guardrail_off(self, number: int, pause: int, *, and_sweeps: bool) -> None:
        """Somebody takes the guardrail off its role, or makes it deny nothing."""
        act = lambda: guardrails.tamper(self.world, number)  # noqa: E731  it would be named only here
        self._around("guardrail taken off", pause, act, and_sweeps=and_sweeps)

    def starts_what_has_no_events(self, number: int, pause: int) -> None:
        """A person starts a run about the hub or the guardrail."""
        subject, what = ((hubs.ARN, "hub"), (guardrails.SUBJECT, "guardrail"))[number % 2]

        def act() -> None:
            run = self.world.start("GovernStateMachine", {"subject": subject})
            self.world.happened()
            self.world.rest()
            if run.status == "SUCCEEDED" and not (what == "guardrail" and self.world.is_blind(DEV)):
                self.world.looked[what] = self.world.now()

        self.step("hub or guardrail run by hand", pause, act)

    def _around(self, what: str, pause: int, act: Callable[[], object], *, and_sweeps: bool) -> None:
        """A step about what is beside the subjects; everything is judged where a sweep comes by."""

        def both() -> None:
            act()
            self.world.rest()
            if and_sweeps:
                self.sweep()

        about: list[Card | Package] = [*self.cards, *self.packages] if and_sweeps else []
        self.step(what, pause, both, *about)

    def a_pause_passes(self, n: int, during: str) -> None:
        """Stagegate is paused, something happens, and it goes on."""
        before = self.world.settings

        def paused() -> None:
            self.world.pause()
            self.sweep()

        self.step("paused", 60, paused, *self.cards, *self.packages)
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
            self.sweep()

        self.step("going on", 60, goes_on, *self.cards, *self.packages)

    def stops_a_run(self, n: int, after: int) -> None:
        """Somebody stops a run between two states."""
        card = self.card_of(n)

        def act() -> bool:
            card.set("owner", "Approved" if n % 2 else "Draft")
            return self.stop(after)

        self.step("run stopped", MINUTES_S, act, card)

    def starts_a_run(self, n: int, pause: int) -> None:
        """A person starts a run about a card or a package."""
        subject: Card | Package = self.card_of(n) if n % 2 else self.package_of(n)

        def act() -> None:
            self.world.start("GovernStateMachine", {"subject": subject.arn})
            self.world.happened()
            self.world.rest()
            is_seen = isinstance(subject, Card) or not self.world.is_blind(DEV)
            is_seen = is_seen and not self.world.rules.paused
            subject.history.looks.append(Looked(self.world.now(), full=is_seen))
            if is_seen:
                subject.history.blind_sweeps = 0

        self.step("manual run", pause, act, subject)
