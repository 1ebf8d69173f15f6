"""Compares who has access with what the oracle says, once all is at rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from sandbox.stagegate.members import HOSTING
from soak.histories import questions
from soak.histories.cards import Card
from soak.histories.packages import Package
from soak.histories.world import DEV, World
from soak.histories.wrong import Wrong, WrongError
from soak.oracle import accounts as accounts_oracle
from soak.oracle import cards as cards_oracle
from soak.oracle import doubt
from soak.oracle import groups as groups_oracle
from soak.oracle import packages as packages_oracle
from soak.oracle.facts import Change, Closure, History, Key, Looked
from soak.oracle.rules import Rules, Stage
from soak.oracle.verdict import BOTH, SHUT, Known, Must, Verdict, either, whichever

Decide = Callable[[bool], Verdict]


@dataclass(slots=True)
class Counts:
    """What was looked at, and what was wrong. `wrong_for`: after how many steps in a row access was not what it should
    be. A subject that nobody looked at in between was wrong then, too.
    """

    verdicts: Counter[str] = field(default_factory=Counter)
    wrong_for: int = 0
    step: int = 0
    """How many steps there were."""
    _since: dict[tuple[str, str], int] = field(default_factory=dict)

    def note(self, key: tuple[str, str], *, is_wrong: bool) -> None:
        """Count for how many steps it has been wrong."""
        if is_wrong:
            self._since.setdefault(key, self.step)
        if (since := self._since.get(key)) is not None:
            self.wrong_for = max(self.wrong_for, self.step - since + is_wrong)
        if not is_wrong:
            self._since.pop(key, None)

    def end(self) -> None:
        """What is still wrong has been so until now."""
        for since in self._since.values():
            self.wrong_for = max(self.wrong_for, self.step - since + 1)


def card(world: World, card: Card, counts: Counts) -> None:
    """Judge one card."""
    questions.of_a_card(world, card)
    moments = card.moments()
    for stage in world.rules.stages:
        # Nobody needs the key to be let at what is gone: so what was seen before says nothing of that.
        was_seen = card.seen.get(stage.name, False) or (card.is_sealed and not card.history.exists)
        closure = _closure(world, stage)
        was = _was(world, card.open, stage, was_seen=was_seen)
        decide = partial(_of_card, card.history, world.rules, stage.name, card.key)
        known = as_if_known(card.history, world.now())
        ideal = whichever(partial(_of_card, known, world.rules, stage.name, card.key), was)
        must = accounts_oracle.judge(decide, card.history, closure, was=was)
        verdict = doubt.narrowed(
            must,
            ideal,
            was_seen=was_seen,
            moments=moments,
            is_looked_at=card.history.is_looked_at,
        )
        for account in stage.accounts:
            sees = {role: card.may(account, role, "DescribeModelCard") for role in (*stage.roles, "Administrator")}
            writes = {role: card.may(account, role, "UpdateModelCard") for role in sees}
            counts.verdicts[verdict.must.value] += 1
            if closure is None or not closure.is_closed:
                counts.note((card.name, account), is_wrong=not all(ideal.allows(each) for each in sees.values()))
            for role, seen in sees.items():
                if not verdict.allows(seen):
                    raise _access(card.name, stage.name, role, "sees", verdict.why, found=seen)
                is_said = verdict.must is not Must.EITHER and verdict.write is not None
                if is_said and writes[role] != (seen and verdict.write):
                    raise _access(card.name, stage.name, role, "may write", verdict.why, found=writes[role])
            if must.must is Must.CLOSED and not (closure and closure.is_closed):
                _nothing_is_left(world, card, account, f"{stage.name}: {verdict.why}")
            card.seen[stage.name] = any(sees.values())
        if not world.rules.paused:
            # What somebody has taken off behind its back is open all the same, as far as anybody has decided.
            untouched = replace(card.key, lost=0.0) if card.key is not None else None
            decided = partial(_of_card, card.history, world.rules, stage.name, untouched)
            card.open[stage.name] = accounts_oracle.known(decided, card.history, closure, was=was)
    questions.of_a_card_are_asked(world, card)


def _of_card(history: History, rules: Rules, stage: str, key: Key | None, was_open: bool) -> Verdict:  # noqa: FBT001  as the oracle calls it
    return cards_oracle.judge(history, rules, stage, was_open=was_open, key=key)


def _of_package(
    package: Package,
    history: History,
    world: World,
    stage: str,
    tampered: float,
    was_open: bool,  # noqa: FBT001  as above
) -> Verdict:
    return packages_oracle.judge(
        history,
        world.rules,
        stage,
        was_open=was_open,
        group=package.group,
        tampered=tampered,
        blindness=world.blindness.get(DEV),
    )


def _was(world: World, known: dict[str, Known], stage: Stage, *, was_seen: bool) -> Known:
    """Whether it was open. While Stagegate is paused nothing changes, and it is as it was seen."""
    return frozenset({was_seen}) if world.rules.paused else known.get(stage.name, SHUT)


def _closure(world: World, stage: Stage) -> Closure | None:
    return next((world.closures[account] for account in stage.accounts if account in world.closures), None)


def _nothing_is_left(world: World, card: Card, account: str, why: str) -> None:
    """Nobody of an account sees so much as that the card is there, and no grant lets anybody there decrypt it."""
    if card.may(account, "Administrator", "DescribeModelCard", IncludedData="MetadataOnly"):
        raise WrongError(Wrong.TOO_MUCH, f"{card.name}: {account} sees that it is there: {why}")
    if card.is_sealed and account in world.key.accounts(world, card.arn):
        raise WrongError(Wrong.TOO_MUCH, f"{card.name}: a grant lets {account} decrypt it: {why}")


def package(world: World, package: Package, counts: Counts) -> None:
    """Judge a version and its group."""
    questions.of_a_package(world, package)
    _registering(package, world)
    if not package.history.changes:
        package.shut = {stage.name for stage in world.rules.stages}
        return
    moments = package.moments()
    for stage in world.rules.stages:
        is_imported = HOSTING in stage.accounts
        seen = {
            what: package.parts.get((stage.name, what), False)
            for what in (("model",) if is_imported else ("describe", "artifact"))
        }
        found = {was: _verdicts(world, package, stage, moments, was_seen=was) for was in {*seen.values()}}
        by_part = {what: found[was] for what, was in seen.items()}
        _note_what_is_decided(world, package, stage)
        if is_imported:
            is_there = _imported(package, stage.name, _waits(world, package, by_part["model"].verdict), counts)
            package.lost_model = 0.0 if is_there else package.lost_model
            package.seen[stage.name] = package.parts[stage.name, "model"] = is_there
            continue
        _deployed(world, package, stage, by_part, counts)
        is_shut = all(each.must.must is Must.CLOSED for each in by_part.values()) and not any(
            closed.is_closed for account in stage.accounts if (closed := world.closures.get(account))
        )
        (package.shut.add if is_shut else package.shut.discard)(stage.name)
    questions.of_a_package_are_asked(world, package)


@dataclass(frozen=True, slots=True)
class _Verdicts:
    """What `must` be so of one part of a version for a stage; `verdict` is the same, narrowed by what was seen, and
    `ideal` what if all were known.
    """

    must: Verdict
    verdict: Verdict
    ideal: Verdict


def _verdicts(world: World, package: Package, stage: Stage, moments: int, *, was_seen: bool) -> _Verdicts:
    """What must be so of a part that was seen when all was at rest last, or wasn't."""
    closure = _closure(world, stage)
    tampered = max(world.tampered, package.lost_model)
    # A run about another one may have put back what somebody has taken out, since anybody looked here.
    is_unsure = tampered > package.history.last_sweep
    was = BOTH if world.rules.paused and is_unsure else _was(world, package.open, stage, was_seen=was_seen)
    decide = partial(_of_package, package, package.history, world, stage.name, tampered)
    known = as_if_known(package.history, world.now())
    ideal = whichever(partial(_of_package, package, known, world, stage.name, 0.0), was)
    must = accounts_oracle.judge(decide, package.history, closure, was=was)
    verdict = doubt.narrowed(
        must,
        ideal,
        was_seen=was_seen or is_unsure,
        moments=moments,
        is_looked_at=package.history.is_looked_at or is_unsure,
    )
    return _Verdicts(must, verdict, ideal)


def _note_what_is_decided(world: World, package: Package, stage: Stage) -> None:
    """What somebody has taken out behind its back is open all the same, as far as anybody has decided."""
    if not world.rules.paused:
        decided = partial(_of_package, package, package.history, world, stage.name, 0.0)
        was, closure = package.open.get(stage.name, SHUT), _closure(world, stage)
        package.open[stage.name] = accounts_oracle.known(decided, package.history, closure, was=was)


def _deployed(world: World, package: Package, stage: Stage, by_part: Mapping[str, _Verdicts], counts: Counts) -> None:
    """A stage's roles may deploy it exactly while it is let in, and nobody there may approve it."""
    name, closure = package.name, _closure(world, stage)
    for account, role in [(a, r) for a in stage.accounts for r in stage.roles]:
        may = package.may(account, role)
        if may.pop("approve"):
            raise WrongError(Wrong.TOO_MUCH, f"{name}: {stage.name} {role} may approve it")
        image = may.pop("image")
        verdicts = {what: by_part[what].verdict for what in may}
        counts.verdicts[f"package {verdicts['describe'].must.value}"] += 1
        if closure is None or not closure.is_closed:
            is_wrong = not all(by_part[what].ideal.allows(found) for what, found in may.items())
            counts.note((name, account), is_wrong=is_wrong)
        for what, found in may.items():
            if not verdicts[what].allows(found):
                raise _access(name, stage.name, role, what, verdicts[what].why, found=found)
            package.parts[stage.name, what] = found
        if not image and all(each.must is Must.OPEN for each in verdicts.values()):
            raise _access(name, stage.name, role, "pull the image of", verdicts["describe"].why, found=image)
        package.seen[stage.name] = all(may.values())
    for account in stage.accounts:
        beyond = [what for what, found in package.may(account, "Administrator").items() if found]
        if beyond and account != DEV:
            raise WrongError(
                Wrong.TOO_MUCH, f"{name}: {stage.name} Administrator, whom no rule names, may {', '.join(beyond)}"
            )


def _waits(world: World, package: Package, verdict: Verdict) -> Verdict:
    """The verdict of an import; either, where it was tried again while nobody could look at its source. Then it has
    failed, and waits for a person (decision 15).
    """
    blindness = world.blindness.get(DEV)
    is_lost = blindness is not None and 0.0 < package.lost_model < max(
        blindness.turned, blindness.is_blind * world.now()
    )
    if is_lost and verdict.must is Must.OPEN:
        return either("its import may have failed while nobody could look at its source")
    return verdict


def _imported(package: Package, stage: str, verdict: Verdict, counts: Counts) -> bool:
    """A model in Bedrock is there exactly while its package is let in; nobody there may do anything else with it.
    Returns whether it is there.
    """
    found = package.model is not None
    counts.verdicts[f"import {verdict.must.value}"] += 1
    if not verdict.allows(found):
        raise _access(package.name, stage, "Bedrock", "has", verdict.why, found=found)
    beyond = [what for what, may in package.may(HOSTING, "ModelConsumer").items() if may]
    if beyond:
        raise WrongError(
            Wrong.TOO_MUCH, f"{package.name}: {stage} ModelConsumer may {', '.join(beyond)}: it is imported alone"
        )
    return found


def _registering(package: Package, world: World) -> None:
    if not package.group_history.changes:
        return
    verdict = groups_oracle.judge(
        package.group_history, package.group, world.rules, "dev", was_open=package.may_be_registered
    )
    found = package.may_register("PendingManualApproval")
    if not verdict.allows(found):
        raise WrongError(
            Wrong.access(found=found), f"{package.group}: registering: must be {verdict.must.value}: {verdict.why}"
        )
    if package.may_register("Approved"):
        raise WrongError(Wrong.TOO_MUCH, f"{package.group}: the training account may register what is approved already")
    package.may_be_registered = found


def as_if_known(history: History, now: float) -> History:
    """The same history, as if all news of it had arrived."""
    changes: list[Change] = [replace(change, recorded=True) for change in history.changes]
    return replace(history, changes=changes, questions=list(history.questions), looks=[*history.looks, Looked(now)])


def _access(name: str, stage: str, role: str, what: str, why: str, *, found: bool) -> WrongError:
    text = f"{name}: {stage} {role} {what} it: found {found}, must be {not found}: {why}"
    return WrongError(Wrong.access(found=found), text)
