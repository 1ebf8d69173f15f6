"""What people do to cards: every public method is one kind of action."""

from __future__ import annotations

from soak.histories.cards import Card
from soak.histories.events import Fate, Kind
from soak.histories.steps import ARRIVES, MINUTES_S, Steps, plan


class CardActions(Steps):
    """Those about cards, encrypted ones too."""

    def creates_a_card(self, n: int, status: str, risk: str, *, filled: bool, pause: int, fate: str = ARRIVES) -> None:
        """Somebody makes it, if it isn't there."""
        card = self.cards[n % len(self.cards)]
        plan(card, Kind.CHANGE, fate)
        self.step("card created", pause, lambda: card.create("owner", status, risk=risk, filled=filled), card)

    def edits_a_card(self, n: int, who: str, risk: str, pause: int, fate: str = ARRIVES) -> None:
        """Somebody writes another content."""
        card = self.card_of(n)
        plan(card, Kind.RECORD, fate)
        self.step("card edited", pause, lambda: card.edit(who, risk=risk, filled=True), card)

    def sets_a_card(self, n: int, status: str, pause: int, fate: str = ARRIVES) -> None:
        """Its owner sets a status."""
        card = self.card_of(n)
        plan(card, Kind.CHANGE, fate)
        self.step("card's status set", pause, lambda: card.set("owner", status), card)

    def approves_a_card(self, n: int, pause: int, fate: str = ARRIVES) -> None:
        """An approver approves it."""
        card = self.card_of(n)
        plan(card, Kind.RECORD, fate)
        self.step("card approved by an approver", pause, lambda: card.set("approver", "Approved"), card)

    def approves_a_card_wrongly(self, n: int, who: str, pause: int) -> None:
        """Somebody approves it who may not, or who has written it."""
        card = self.card_of(n)
        self.step("card approved by somebody else", pause, lambda: card.set(who, "Approved"), card)

    def sets_a_card_twice(self, n: int, first: str, second: str, pause: int) -> None:
        """Its owner and an approver set a status, one right after the other."""
        card = self.card_of(n)

        def both() -> None:
            card.set("owner", first)
            card.set("approver", second)

        self.step("card set twice at once", pause, both, card)

    def sets_a_card_meanwhile(self, n: int, first: str, second: str, after: int, pause: int, fate: str) -> None:
        """Somebody sets a status, and another one while the run about the first is under way. `fate` is what becomes of
        the records of both.
        """
        card = self.card_of(n)
        card.events.planned[Kind.RECORD] += [Fate(fate)] * 2

        def both() -> None:
            card.set("owner", first)
            self.go_on(after)
            card.set("owner", second)

        self.step("card set meanwhile", pause, both, card)

    def deletes_a_card(self, n: int, pause: int, fate: str = ARRIVES) -> None:
        """Its owner deletes it."""
        card = self.card_of(n)
        plan(card, Kind.CHANGE, fate)
        self.step("card deleted", pause, lambda: card.delete("owner"), card)

    def takes_a_name_again(self, n: int, status: str, pause: int, *, same: bool = False) -> None:
        """A card of the same name, with another content or the `same`."""
        card = self.card_of(n)
        self.step("card deleted", pause, lambda: card.delete("owner"), card)
        act = lambda: card.create("owner", status, risk="Low", filled=True, same=same)  # noqa: E731  as above
        self.step("card's name taken again", pause, act, card)

    def creates_a_sealed_card(self, n: int, status: str, risk: str, pause: int) -> None:
        """Its owner makes it anew, under the customer key."""
        card = self.cards[n % len(self.cards)]
        if card.history.exists:
            self.step("card deleted", pause, lambda: card.delete("owner"), card)
        act = lambda: card.create("owner", status, risk=risk, filled=True, sealed=True)  # noqa: E731  as above
        self.step("encrypted card created", pause, act, card)

    def takes_grants_off_the_key(self, n: int, pause: int) -> None:
        """Somebody takes our grants for a card off the key."""
        card = self.sealed_of(n)
        self.step("key's grants taken off", pause, lambda: self.world.key.lose_grants(self.world, card.arn), card)

    def turns_the_key(self, n: int, pause: int, *, and_sweeps: bool) -> None:
        """Somebody shuts the key, or opens it again."""
        self.sealed_of(n)

        def act() -> None:
            self.world.key.turn(self.world)
            if and_sweeps:
                self.sweep()

        self.step("key shut or opened", pause, act, *self.cards)

    def sealed_of(self, number: int) -> Card:
        """One under the customer key: where none is, somebody makes it first."""
        found = [card for card in self.cards if card.history.exists and card.is_sealed]
        if not found:
            self.creates_a_sealed_card(number, ("PendingReview", "Approved")[number // 8 % 2], "Low", MINUTES_S)
        return found[number % len(found)] if found else self.cards[number % len(self.cards)]
