"""The steps that are tried: how the world is brought up to one, what is done in it, and what must be so afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.kernel.clock import clock
from soak.histories import judge
from soak.histories.cards import Card
from soak.histories.packages import Package
from soak.histories.world import World
from soak.oracle.facts import Looked


@dataclass(frozen=True, slots=True)
class Story:
    """`prepare` brings the world up to the step; `act` is the step, without what follows from it."""

    name: str
    prepare: Callable[[World], Card | Package]
    act: Callable[[Card | Package], None]


def is_right(world: World, subject: Card | Package) -> str | None:
    """What is wrong once all is at rest, None for nothing; as if all news of what people did had arrived."""
    counts = judge.Counts()
    known = judge.as_if_known(subject.history, world.now())
    for look in known.looks:
        subject.history.looks.append(look)
    for change in subject.history.changes:
        change.recorded = True
    subject.history.looks.append(Looked(world.now(), full=True))
    try:
        if isinstance(subject, Card):
            judge.card(world, subject, counts)
        else:
            judge.package(world, subject, counts)
        judge.claims(world)
        judge.foreign(world)
        judge.heard(world)
    except judge.WrongError as wrong:
        return str(wrong)
    return None


def rest_a_while(world: World, seconds: float = 200.0) -> None:
    """Everything comes to rest, and some minutes pass."""
    world.rest()
    clock.advance(seconds)


def _card(status: str) -> Callable[[World], Card]:
    def prepare(world: World) -> Card:
        card = Card(world, "tried")
        if status:
            card.create("owner", "PendingReview" if status == "Approved" else status, risk="Low", filled=True)
            rest_a_while(world)
            judge.card(world, card, judge.Counts())
        if status == "Approved":
            card.set("approver", "Approved")
            rest_a_while(world)
            judge.card(world, card, judge.Counts())
        return card

    return prepare


def _package(status: str) -> Callable[[World], Package]:
    def prepare(world: World) -> Package:
        package = Package(world, "soak-tried")
        package.make_group("owner")
        rest_a_while(world)
        for each in ("registered", "Approved")[: ("", "registered", "Approved").index(status)]:
            if each == "registered":
                package.register("developer", "PendingManualApproval")
            else:
                package.set("approver", each)
            rest_a_while(world)
            judge.package(world, package, judge.Counts())
        return package

    return prepare


def _sets(who: str, status: str) -> Callable[[Card | Package], None]:
    return lambda subject: subject.set(who, status)


def _creates(subject: Card | Package) -> None:
    if isinstance(subject, Card):
        subject.create("owner", "PendingReview", risk="Low", filled=True)


def _registers(subject: Card | Package) -> None:
    if isinstance(subject, Package):
        subject.register("developer", "PendingManualApproval")


def _deletes(subject: Card | Package) -> None:
    subject.delete("owner")


STORIES = (
    Story("first promotion", _card(""), _creates),
    Story("approval", _card("PendingReview"), _sets("approver", "Approved")),
    Story("revocation", _card("Approved"), _sets("owner", "Archived")),
    Story("rejection", _card("PendingReview"), _sets("approver", "Draft")),
    Story("sent back", _card("Approved"), _sets("owner", "PendingReview")),
    Story("deletion", _card("Approved"), _deletes),
    Story("registration", _package(""), _registers),
    Story("package's approval", _package("registered"), _sets("approver", "Approved")),
    Story("package's rejection", _package("Approved"), _sets("approver", "Rejected")),
    Story("package's deletion", _package("Approved"), _deletes),
)
