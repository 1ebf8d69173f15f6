"""What the approvers were asked: on their topic, about which content, and who may answer, as the message says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sandbox.services.sns.outbox import Message
from soak.histories.cards import Card
from soak.histories.packages import Package
from soak.histories.world import DEV, World
from soak.histories.wrong import Wrong, WrongError
from soak.oracle import cards as cards_oracle
from soak.oracle import packages as packages_oracle
from soak.oracle.facts import Asked, Blindness, History, Wrote
from soak.oracle.rules import Rules

_ASKS = "DECIDE "
_VERSION = re.compile(r"\(version (\d+)\)")
_MAY = re.compile(r"may be set by (.*)$", re.MULTILINE)


def of_a_card(world: World, card: Card) -> None:
    """Write down what was asked about a card since the last time. Raises WrongError where others were asked, or the
    message names others than who may approve it.
    """
    for message in _new(world, card.name):
        found = _VERSION.search(message.text)
        number = int(found[1]) if found else 0
        content = card.versions[number - 1] if 0 < number <= len(card.versions) else 0
        card.history.questions.append(Asked(message.at, content))
        stages = {stage for opens in world.rules.card_opens.values() for stage in opens}
        _names_who_may(world, message, card.history, content, stages)


def of_a_package(world: World, package: Package) -> None:
    """The same of a version of a package, which is about the bytes that there were then."""
    for message in _new(world, package.name):
        content = package.history.content_at(message.at)
        package.history.questions.append(Asked(message.at, content))
        stages = {
            stage for status in world.rules.package_opens for stage in world.rules.package_stages(package.group, status)
        }
        _names_who_may(world, message, package.history, content, stages)


def of_a_card_are_asked(world: World, card: Card) -> None:
    """The approvers have got a question about this content by now, where there had to be one."""
    history = card.history
    if must_be_asked(card, world) and not _is_asked(history):
        raise WrongError(Wrong.UNASKED, f"{card.name}: nobody asked the approvers about it, in {history.status}")
    if card.key is None:
        _asked_anew(card.name, history, card.seen, lambda stage: cards_oracle.asks_anew(history, world.rules, stage))


def of_a_package_are_asked(world: World, package: Package) -> None:
    """The same of a version of a package: about these bytes, once a run has looked at them."""
    history, blindness = package.history, world.blindness.get(DEV)
    if _package_must_be_asked(history, world.rules, blindness):
        is_looked_at = history.last_sweep > history.written.at
        if not (_is_asked(history) if is_looked_at else history.asked):
            raise WrongError(Wrong.UNASKED, f"{package.name}: nobody asked the approvers about it, in {history.status}")
    if not world.blindness:
        _asked_anew(
            package.name, history, package.seen, lambda stage: packages_oracle.asks_anew(history, world.rules, stage)
        )


def must_be_asked(card: Card, world: World) -> bool:
    """Whether the approvers must have got a question about this content by now."""
    history, rules = card.history, world.rules
    if not history.exists or not history.is_looked_at or rules.paused or history.status not in rules.card_asks:
        return False
    # Nobody is asked about what can't be read.
    return card.key is None or not (card.key.is_shut or card.key.turned > history.looks[-1].at)


def _package_must_be_asked(history: History, rules: Rules, blindness: Blindness | None) -> bool:
    if not history.exists or not history.is_looked_at or rules.paused or history.status not in rules.package_asks:
        return False
    # Where nobody can look at the bytes, no approval would answer (decision 19): what failed is told in its place.
    return blindness is None or not (blindness.is_blind or blindness.turned > history.looks[-1].at)


def _is_asked(history: History) -> bool:
    return any(each.content == history.written.content for each in history.asked)


def _asked_anew(name: str, history: History, seen: dict[str, bool], asks: Callable[[str], bool]) -> None:
    """Where a stage stays open after a change, the approvers were asked about what there is now."""
    stages = [stage for stage, is_open in seen.items() if is_open and asks(stage)]
    if stages and not _is_asked(history):
        raise WrongError(
            Wrong.UNASKED, f"{name}: {stages} stay open after a change, and nobody asked the approvers about it"
        )


def _new(world: World, name: str) -> Iterator[Message]:
    """The questions about a subject that nobody has written down yet; of those whom they went to."""
    outbox, known = world.organization.outbox, world.read.get(name, 0)
    world.read[name] = len(outbox)
    for message in outbox[known:]:
        if (message.subject or "").startswith(f"{_ASKS}{name}: "):
            if message.topic_arn != world.organization.outputs["ApproversTopic"]:
                raise WrongError(Wrong.UNASKED, f"{name}: the question went to {message.topic_arn}")
            yield message


def _names_who_may(world: World, message: Message, history: History, content: int, stages: set[str]) -> None:
    """The message names for each gated stage who may let it in by these rules, and nobody else."""
    if message.at < world.deployed:
        return
    rules = world.rules
    risk = next((each.risk for each in history.changes if isinstance(each, Wrote) and each.content == content), "")
    found = {frozenset(each.split(", ")) - {"nobody"} for each in _MAY.findall(message.text)}
    must = {rules.principals(stage, risk) for stage in stages if rules.is_gated(stage)}
    if found != must:
        said = [sorted(each) for each in found]
        raise WrongError(Wrong.UNASKED, f"{message.subject}: it names {said}, must be {[sorted(m) for m in must]}")
