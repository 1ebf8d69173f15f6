"""Compares what is with what the oracle says, once all is at rest."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from sandbox.kernel.place import REGION
from sandbox.stagegate.members import GOVERNANCE, HOSTING
from soak.histories import limits
from soak.histories.cards import Card
from soak.histories.events import SubjectEvents, about
from soak.histories.packages import Package, statements
from soak.histories.world import DEV, World
from soak.histories.wrong import Wrong, WrongError
from soak.oracle import accounts as accounts_oracle
from soak.oracle import cards as cards_oracle
from soak.oracle import groups as groups_oracle
from soak.oracle import packages as packages_oracle
from soak.oracle.facts import Asked, Change, Closure, Deleted, History, Key, Looked
from soak.oracle.rules import Rules, Stage
from soak.oracle.verdict import Must, Verdict
from soak.simulation.table import plain

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
        closure = _closure(world, stage)
        decide = partial(_of_card, card.history, world.rules, stage.name, key)
        verdict = accounts_oracle.judge(
            decide, card.history, closure, was_open=was, is_unsure=_is_unsure(card, stage, closure)
        )
        known = as_if_known(card.history, world.now())
        ideal = cards_oracle.judge(known, world.rules, stage.name, was_open=was, key=key)
        for account in stage.accounts:
            sees = {role: card.may(account, role, "DescribeModelCard") for role in (*stage.roles, "Administrator")}
            writes = {role: card.may(account, role, "UpdateModelCard") for role in sees}
            counts.verdicts[verdict.must.value] += 1
            if closure is None or not closure.is_closed:
                counts.note((card.name, stage.name), is_wrong=not all(ideal.allows(each) for each in sees.values()))
            for role, seen in sees.items():
                if not verdict.allows(seen):
                    raise _access(card.name, stage.name, role, "sees", verdict.why, found=seen)
                is_said = verdict.must is not Must.EITHER and verdict.write is not None
                if is_said and writes[role] != (seen and verdict.write):
                    raise _access(card.name, stage.name, role, "may write", verdict.why, found=writes[role])
            if verdict.must is Must.CLOSED and not (closure and closure.is_closed):
                _nothing_is_left(world, card, account, f"{stage.name}: {verdict.why}")
            # What somebody has taken off behind its back is open all the same, as far as anybody has decided.
            card.open[stage.name] = any(sees.values()) or (was and key is not None and key.lost > looked(card.history))
    if must_be_asked(card, world) and not any(
        asked.content == card.history.written.content for asked in card.history.questions
    ):
        raise WrongError(Wrong.UNASKED, f"{card.name}: nobody asked the approvers about it, in {card.history.status}")
    if card.key is None:
        is_open = [stage for stage, found in card.open.items() if found]
        anew = [stage for stage in is_open if cards_oracle.asks_anew(card.history, world.rules, stage)]
        _asked_anew(card.name, card.history, anew)


def _of_card(history: History, rules: Rules, stage: str, key: Key | None, was_open: bool) -> Verdict:  # noqa: FBT001  as the oracle calls it
    return cards_oracle.judge(history, rules, stage, was_open=was_open, key=key)


def _of_package(package: Package, world: World, stage: str, was_open: bool) -> Verdict:  # noqa: FBT001  as above
    return packages_oracle.judge(
        package.history,
        world.rules,
        stage,
        was_open=was_open,
        group=package.group,
        tampered=max(world.tampered, package.lost_model),
        blindness=world.blindness.get(DEV),
    )


def _closure(world: World, stage: Stage) -> Closure | None:
    return next((world.closures[account] for account in stage.accounts if account in world.closures), None)


def _is_unsure(subject: Card | Package, stage: Stage, closure: Closure | None) -> bool:
    """Whether nobody knows if it was open; known is that again from the first sweep after its account was opened."""
    is_unsure = stage.name in subject.unsure
    if closure is not None and (closure.is_closed or closure.turned > looked(subject.history)):
        subject.unsure.add(stage.name)
    else:
        subject.unsure.discard(stage.name)
    return is_unsure


def _nothing_is_left(world: World, card: Card, account: str, why: str) -> None:
    """Nobody of an account sees so much as that the card is there, and no grant lets anybody there decrypt it."""
    if card.may(account, "Administrator", "DescribeModelCard", IncludedData="MetadataOnly"):
        raise WrongError(Wrong.TOO_MUCH, f"{card.name}: {account} sees that it is there: {why}")
    if card.is_sealed and account in world.key.accounts(world, card.arn):
        raise WrongError(Wrong.TOO_MUCH, f"{card.name}: a grant lets {account} decrypt it: {why}")


def _asked_anew(name: str, history: History, stages: list[str]) -> None:
    """Where a stage stays open after a change, the approvers were asked about what there is now."""
    if stages and not any(asked.content == history.written.content for asked in history.questions):
        raise WrongError(
            Wrong.UNASKED, f"{name}: {stages} stay open after a change, and nobody asked the approvers about it"
        )


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
        closure = _closure(world, stage)
        decide = partial(_of_package, package, world, stage.name)
        verdict = accounts_oracle.judge(
            decide, package.history, closure, was_open=was, is_unsure=_is_unsure(package, stage, closure)
        )
        all_known = as_if_known(package.history, world.now())
        ideal = packages_oracle.judge(all_known, world.rules, stage.name, was_open=was, group=package.group)
        if HOSTING in stage.accounts:
            _imported(package, stage.name, verdict, counts)
            continue
        for account, role in [(a, r) for a in stage.accounts for r in stage.roles]:
            may = package.may(account, role)
            if may.pop("approve"):
                raise WrongError(Wrong.TOO_MUCH, f"{name}: {stage.name} {role} may approve it")
            image = may.pop("image")
            counts.verdicts[f"package {verdict.must.value}"] += 1
            if closure is None or not closure.is_closed:
                counts.note((name, stage.name), is_wrong=not all(ideal.allows(each) for each in may.values()))
            for what, found in may.items():
                if not verdict.allows(found):
                    raise _access(name, stage.name, role, what, verdict.why, found=found)
            if verdict.must is Must.OPEN and not image:
                raise _access(name, stage.name, role, "pull the image of", verdict.why, found=image)
            package.open[stage.name] = all(may.values()) or (was and world.tampered > looked(package.history))
            is_shut = verdict.must is Must.CLOSED and not (closure and closure.is_closed)
            (package.shut.add if is_shut else package.shut.discard)(stage.name)
        for account in stage.accounts:
            beyond = [what for what, found in package.may(account, "Administrator").items() if found]
            if beyond and account != DEV:
                raise WrongError(
                    Wrong.TOO_MUCH, f"{name}: {stage.name} Administrator, whom no rule names, may {', '.join(beyond)}"
                )
    if _must_be_asked(package, world) and not package.history.questions:
        raise WrongError(Wrong.UNASKED, f"{name}: nobody asked the approvers about it, in {package.history.status}")
    if not world.blindness:
        is_open = [stage for stage, found in package.open.items() if found]
        anew = [stage for stage in is_open if packages_oracle.asks_anew(package.history, world.rules, stage)]
        _asked_anew(name, package.history, anew)


def _imported(package: Package, stage: str, verdict: Verdict, counts: Counts) -> None:
    """A model in Bedrock is there exactly while its package is let in; nobody there may do anything else with it."""
    found = package.model is not None
    counts.verdicts[f"import {verdict.must.value}"] += 1
    if not verdict.allows(found):
        raise _access(package.name, stage, "Bedrock", "has", verdict.why, found=found)
    beyond = [what for what, may in package.may(HOSTING, "ModelConsumer").items() if may]
    if beyond:
        raise WrongError(
            Wrong.TOO_MUCH, f"{package.name}: {stage} ModelConsumer may {', '.join(beyond)}: it is imported alone"
        )
    # What somebody has deleted behind its back is let in all the same, as far as anybody has decided.
    package.open[stage] = found or (package.open.get(stage, False) and package.lost_model > looked(package.history))


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
    found = package.may_register("PendingManualApproval")
    if not verdict.allows(found):
        raise WrongError(
            Wrong.access(found=found), f"{package.group}: registering: must be {verdict.must.value}: {verdict.why}"
        )
    if package.may_register("Approved"):
        raise WrongError(Wrong.TOO_MUCH, f"{package.group}: the training account may register what is approved already")


def news(subject: Card | Package) -> None:
    """Stagegate hears of every change, and who made it, unless the event was lost or is late."""
    if isinstance(subject, Package):
        _passed_on(subject.group, subject.group_history, subject.group_events)
    if subject.events is None or not _passed_on(subject.name, subject.history, subject.events):
        return
    last = subject.history.changes[-1]
    if not last.recorded and not isinstance(last, Deleted) and subject.events.withheld < last.at:
        raise WrongError(Wrong.OTHER, f"{subject.name}: no rule passes on who changed it")


def _passed_on(name: str, history: History, events: SubjectEvents) -> bool:
    """Whether anything has happened to it."""
    if not history.changes:
        return False
    last = history.changes[-1]
    if not history.is_looked_at and not last.recorded and events.withheld < last.at:
        raise WrongError(Wrong.OTHER, f"{name}: no rule passes on that it was changed")
    return True


def beyond(world: World, packages: Collection[Package]) -> None:
    """Nobody has more than the rules could ever give."""
    if said := limits.beyond(world, packages):
        raise WrongError(Wrong.TOO_MUCH, said)


def foreign(world: World) -> None:
    """What other teams have written is there, by its Sid or its name; what it says isn't compared."""
    for document, found in statements(world).items():
        lost = world.foreign - {each["Sid"] for each in found}
        if lost:
            raise WrongError(Wrong.FOREIGN_LOST, f"{document}: other teams' statements are lost: {sorted(lost)}")
    if "auditors" not in {grant["Name"] for grant in world.key.grants(world)}:
        raise WrongError(Wrong.FOREIGN_LOST, "the cards' key: another team's grant is lost")


def must_be_asked(card: Card, world: World) -> bool:
    """Whether the approvers must have got a question about this content by now."""
    history, rules = card.history, world.rules
    if not history.exists or not history.is_looked_at or rules.paused or history.status not in rules.card_asks:
        return False
    # Nobody is asked about what can't be read.
    return card.key is None or not (card.key.is_shut or card.key.turned > history.looks[-1].at)


def heard(world: World, *, alarm_is_enough: bool = True) -> None:
    """Nothing has failed without a message that names what it was about.

    `alarm_is_enough`: where the message itself could not be sent, an alarm says that something has failed.
    """
    executions = world.organization.executions()
    for run in executions[world.heard :]:
        if run.error == "ClaimLostError":
            raise WrongError(Wrong.OTHER, f"{run.name}: another run had its claim while it was at work")
        if run.status in ("FAILED", "TIMED_OUT"):
            since = run.stop_date.timestamp() - 60.0 if run.stop_date else 0.0
            named = subject_of(json.loads(run.execution_input)) or run.execution_arn
            told = any(
                (message.subject or "").startswith("FAILED") and named in message.text
                for message in world.organization.outbox
                if message.at >= since
            )
            alarmed = any("ALARM" in (m.subject or "") for m in world.organization.outbox if m.at >= since)
            if not told and not (alarm_is_enough and alarmed):
                why = f"no message of a failure names {named}: {run.cause}"
                raise WrongError(Wrong.UNHEARD, f"{run.name} {run.status} {run.error}: {why}")
    world.heard = len(executions)


def subject_of(given: dict[str, Any]) -> str:
    """The subject that an execution with this input is about; "" for a sweep."""
    if "detail" not in given:
        return str(given.get("subject") or given.get("requested", {}).get("subject") or "")
    if given["detail-type"] == "Step Functions Execution Status Change":
        return subject_of(json.loads(given["detail"]["input"]))
    return about(given)[1]


def claims(world: World) -> None:
    """No claim is held by anybody once all is at rest."""
    table = dynamodb_backends[GOVERNANCE][REGION].tables[world.organization.outputs["LedgerTable"]]
    for partition in table.items.values():
        for key, item in partition.items():
            if key.value == "CLAIM" and "holder" in plain(item):
                raise WrongError(
                    Wrong.CLAIM_HELD, f"{item.hash_key.value}: the claim is still held by {plain(item)['holder']}"
                )


def looked(history: History) -> float:
    """When a run last looked at all of it."""
    return max((look.at for look in history.looks if look.full), default=0.0)


def as_if_known(history: History, now: float) -> History:
    """The same history, as if all news of it had arrived."""
    changes: list[Change] = [replace(change, recorded=True) for change in history.changes]
    return replace(history, changes=changes, questions=list(history.questions), looks=[*history.looks, Looked(now)])


def _access(name: str, stage: str, role: str, what: str, why: str, *, found: bool) -> WrongError:
    text = f"{name}: {stage} {role} {what} it: found {found}, must be {not found}: {why}"
    return WrongError(Wrong.access(found=found), text)
