"""Compares what is with what the oracle says, once all is at rest."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from moto.dynamodb.models import dynamodb_backends

from sandbox.kernel.place import REGION
from sandbox.stagegate.members import GOVERNANCE
from soak.histories import limits
from soak.histories.cards import Card
from soak.histories.events import SubjectEvents
from soak.histories.packages import Package, statements
from soak.histories.world import DEV, World
from soak.oracle import cards as cards_oracle
from soak.oracle import groups as groups_oracle
from soak.oracle import packages as packages_oracle
from soak.oracle.facts import Asked, Deleted, History, Looked
from soak.oracle.verdict import Must

_VERSION = re.compile(r"\(version (\d+)\)")


@dataclass(slots=True)
class Counts:
    """What was looked at, and what was wrong. `wrong_for` is the most steps that access was not what it should be."""

    verdicts: Counter[str] = field(default_factory=Counter)
    wrong_for: int = 0
    _since: dict[tuple[str, str], int] = field(default_factory=dict)

    def note(self, key: tuple[str, str], *, is_wrong: bool) -> None:
        """Count for how many steps in a row it is wrong."""
        self._since[key] = self._since.get(key, 0) + 1 if is_wrong else 0
        self.wrong_for = max(self.wrong_for, self._since[key])


class WrongError(AssertionError):
    """The product did what the oracle says must not be. The text tells which, and why."""


def questions(world: World, card: Card) -> None:
    """Write down what the approvers were asked since the last time."""
    known = len(card.history.questions)
    asked = [
        message
        for message in world.organization.outbox
        if (message.subject or "").startswith(f"Decision needed: {card.name} is ")
    ]
    for message in asked[known:]:
        found = _VERSION.search(message.text)
        number = int(found.group(1)) if found else 0
        content = card.versions[number - 1] if 0 < number <= len(card.versions) else 0
        card.history.questions.append(Asked(message.at, content))


def card(world: World, card: Card, counts: Counts) -> None:
    """Judge one card."""
    questions(world, card)
    for stage in world.rules.stages:
        was, key = card.open.get(stage.name, False), card.key
        verdict = cards_oracle.judge(card.history, world.rules, stage.name, was_open=was, key=key)
        known = as_if_known(card.history, world.now())
        ideal = cards_oracle.judge(known, world.rules, stage.name, was_open=was, key=key)
        for account in stage.accounts:
            sees = {role: card.may(account, role, "DescribeModelCard") for role in (*stage.roles, "Administrator")}
            writes = {role: card.may(account, role, "UpdateModelCard") for role in sees}
            counts.verdicts[verdict.must.value] += 1
            counts.note((card.name, stage.name), is_wrong=not all(ideal.allows(each) for each in sees.values()))
            for role, seen in sees.items():
                if not verdict.allows(seen):
                    raise WrongError(_said(card.name, stage.name, role, "sees", verdict.why, found=seen))
                is_said = verdict.must is not Must.EITHER and verdict.write is not None
                if is_said and writes[role] != (seen and verdict.write):
                    raise WrongError(_said(card.name, stage.name, role, "may write", verdict.why, found=writes[role]))
            if verdict.must is Must.CLOSED:
                _nothing_is_left(world, card, account, f"{stage.name}: {verdict.why}")
            card.open[stage.name] = any(sees.values())
    if must_be_asked(card, world) and not any(
        asked.content == card.history.written.content for asked in card.history.questions
    ):
        raise WrongError(f"{card.name}: nobody asked the approvers about it, in {card.history.status}")


def _nothing_is_left(world: World, card: Card, account: str, why: str) -> None:
    """Nobody of an account sees so much as that the card is there, and no grant lets anybody there decrypt it."""
    if card.may(account, "Administrator", "DescribeModelCard", IncludedData="MetadataOnly"):
        raise WrongError(f"{card.name}: {account} sees that it is there: {why}")
    if card.is_sealed and account in world.key.accounts(world, card.arn):
        raise WrongError(f"{card.name}: a grant lets {account} decrypt it: {why}")


def package(world: World, package: Package, counts: Counts) -> None:  # noqa: C901  one look after the other
    """Judge a version and its group."""
    name = package.name
    known = len(package.history.questions)
    asked = [m for m in world.organization.outbox if (m.subject or "").startswith(f"Decision needed: {name} is ")]
    package.history.questions += [Asked(message.at, package.contents) for message in asked[known:]]
    _registering(package, world)
    if not package.history.changes:
        package.shut = {stage.name for stage in world.rules.stages}
        return
    for stage in world.rules.stages:
        was = package.open.get(stage.name, False)
        verdict = packages_oracle.judge(
            package.history,
            world.rules,
            stage.name,
            was_open=was,
            tampered=world.tampered,
            blindness=world.blindness.get(DEV),
        )
        ideal = packages_oracle.judge(as_if_known(package.history, world.now()), world.rules, stage.name, was_open=was)
        for account, role in [(a, r) for a in stage.accounts for r in stage.roles]:
            may = package.may(account, role)
            if may.pop("approve"):
                raise WrongError(f"{name}: {stage.name} {role} may approve it")
            image = may.pop("image")
            counts.verdicts[f"package {verdict.must.value}"] += 1
            counts.note((name, stage.name), is_wrong=not all(ideal.allows(each) for each in may.values()))
            for what, found in may.items():
                if not verdict.allows(found):
                    raise WrongError(_said(name, stage.name, role, what, verdict.why, found=found))
            if verdict.must is Must.OPEN and not image:
                raise WrongError(_said(name, stage.name, role, "pull the image of", verdict.why, found=image))
            package.open[stage.name] = all(may.values())
            (package.shut.add if verdict.must is Must.CLOSED else package.shut.discard)(stage.name)
        for account in stage.accounts:
            beyond = [what for what, found in package.may(account, "Administrator").items() if found]
            if beyond and account != DEV:
                raise WrongError(f"{name}: {stage.name} Administrator, whom no rule names, may {', '.join(beyond)}")
    if _must_be_asked(package, world) and not package.history.questions:
        raise WrongError(f"{name}: nobody asked the approvers about it, in {package.history.status}")


def _must_be_asked(package: Package, world: World) -> bool:
    history, rules, blindness = package.history, world.rules, world.blindness.get(DEV)
    if not history.exists or not history.is_looked_at or rules.paused or history.status not in rules.package_asks:
        return False
    # Where nobody can look at the bytes, no approval would answer (decision 19): what failed is told in its place.
    return blindness is None or not (blindness.is_blind or blindness.turned > history.looks[-1].at)


def _registering(package: Package, world: World) -> None:
    if not package.group_history.changes:
        return
    verdict = groups_oracle.judge(package.group_history, package.group, world.rules, "dev")
    if not verdict.allows(package.may_register("PendingManualApproval")):
        raise WrongError(f"{package.group}: registering: must be {verdict.must.value}: {verdict.why}")
    if package.may_register("Approved"):
        raise WrongError(f"{package.group}: the training account may register what is approved already")


def news(subject: Card | Package) -> None:
    """Stagegate hears of every change, and who made it, unless the event was lost or is late."""
    if isinstance(subject, Package):
        _passed_on(subject.group, subject.group_history, subject.group_events)
    if subject.events is None or not _passed_on(subject.name, subject.history, subject.events):
        return
    last = subject.history.changes[-1]
    if not last.recorded and not isinstance(last, Deleted) and subject.events.withheld < last.at:
        raise WrongError(f"{subject.name}: no rule passes on who changed it")


def _passed_on(name: str, history: History, events: SubjectEvents) -> bool:
    """Whether anything has happened to it."""
    if not history.changes:
        return False
    last = history.changes[-1]
    if not history.is_looked_at and not last.recorded and events.withheld < last.at:
        raise WrongError(f"{name}: no rule passes on that it was changed")
    return True


def beyond(world: World, packages: Collection[Package]) -> None:
    """Nobody has more than the rules could ever give."""
    if said := limits.beyond(world, packages):
        raise WrongError(said)


def foreign(world: World) -> None:
    """What other teams have written is there as they wrote it."""
    for document, found in statements(world).items():
        lost = world.foreign - {each["Sid"] for each in found}
        if lost:
            raise WrongError(f"{document}: other teams' statements are lost: {sorted(lost)}")
    if "auditors" not in {grant["Name"] for grant in world.key.grants(world)}:
        raise WrongError("the cards' key: another team's grant is lost")


def must_be_asked(card: Card, world: World) -> bool:
    """Whether the approvers must have got a question about this content by now."""
    history, rules = card.history, world.rules
    if not history.exists or not history.is_looked_at or rules.paused or history.status not in rules.card_asks:
        return False
    # Nobody is asked about what can't be read.
    return card.key is None or not (card.key.is_shut or card.key.turned > history.looks[-1].at)


def heard(world: World) -> None:
    """Nothing has failed without a message."""
    executions = world.organization.executions()
    for run in executions[world.heard :]:
        if run.error == "ClaimLostError":
            raise WrongError(f"{run.name}: another run had its claim while it was at work")
        if run.status in ("FAILED", "TIMED_OUT", "ABORTED"):
            since = run.stop_date.timestamp() - 60.0 if run.stop_date else 0.0
            told = [m for m in world.organization.outbox if m.at >= since and tells_of_failure(m.subject or "")]
            if not told and run.status != "ABORTED":
                raise WrongError(f"{run.name} {run.status} {run.error}: nobody heard of it: {run.cause}")
    world.heard = len(executions)


def claims(world: World) -> None:
    """No claim is held by anybody once all is at rest."""
    table = dynamodb_backends[GOVERNANCE][REGION].tables[world.organization.outputs["LedgerTable"]]
    for partition in table.items.values():
        for key, item in partition.items():
            if key.value == "CLAIM" and "holder" in item.attrs:
                raise WrongError(f"{item.hash_key.value}: the claim is still held by {item.attrs['holder'].value}")


def as_if_known(history: History, now: float) -> History:
    """The same history, as if all news of it had arrived."""
    made = copy.deepcopy(history)
    for change in made.changes:
        change.recorded = True
    made.looks.append(Looked(now))
    return made


def tells_of_failure(subject: str) -> bool:
    """Whether a message of that subject says that something has failed."""
    return subject.startswith("FAILED") or "ALARM" in subject


def _said(name: str, stage: str, role: str, what: str, why: str, *, found: bool) -> str:
    return f"{name}: {stage} {role} {what} it: found {found}, must be {not found}: {why}"
