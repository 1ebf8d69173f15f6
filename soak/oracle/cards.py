"""What must be open of a model card."""

from __future__ import annotations

from soak.oracle.facts import Asked, History, Key, Set, Wrote
from soak.oracle.rules import Rules
from soak.oracle.verdict import Must, Verdict, closed, either, opened

INTERVAL_S = 122.0
"""A record's change was made up to two minutes before its time, which has whole seconds (decision 19). What was edited
within that time of an approval can't be told apart."""


def judge(card: History, rules: Rules, stage: str, *, was_open: bool, key: Key | None = None) -> Verdict:
    """What must be so for a stage, when everything that was under way has come to rest.

    `was_open`: whether it was open when all was at rest before. `key`: the customer key that the card lies under.
    """
    if rules.paused:
        return _paused(card, key, was_open=was_open)
    if not card.is_looked_at:
        return either("no event of the last change has arrived, and no sweep has come by")
    if not card.exists:
        return closed("it was deleted")
    if key is not None and (of_key := _key(card, key)):
        return of_key
    may_write = rules.card_opens[card.status].get(stage)
    if may_write is None:
        return closed(f"{card.status} doesn't open {stage}")
    if not rules.is_gated(stage):
        return opened(f"{card.status} opens {stage}, which has no approvers", write=may_write)
    verdict = _gate(card, rules, stage, was_open=was_open)
    return opened(verdict.why, write=may_write) if verdict.must.value == "open" else verdict


def _paused(card: History, key: Key | None, *, was_open: bool) -> Verdict:
    """No run changes anything ("paused", docs/rules.md): what was open stays so, and nothing opens. What is gone, or
    what somebody has done to its key, is nobody's to judge meanwhile.
    """
    if key is not None and (key.is_shut or max(key.turned, key.lost) > card.last_sweep):
        return either("paused: nobody looks at the key")
    if was_open and not card.exists:
        return either("paused: nothing changes")
    return opened("paused: what was open stays so", write=None) if was_open else closed("paused: nothing opens")


def asks_anew(card: History, rules: Rules, stage: str) -> bool:
    """Whether a stage that is open after an edit stays so while the approvers are asked about the content of now
    (`after_edit = "ask"`).
    """
    if rules.edit_closes or rules.paused or not card.exists or not card.is_looked_at or not rules.is_gated(stage):
        return False
    if stage not in rules.card_opens[card.status] or not all(change.recorded for change in card.since_created):
        return False
    principals = rules.principals(stage, card.written.risk)
    approvals = [each for each in card.setters if each.by in principals]
    if not approvals or any(each.content == card.written.content for each in approvals):
        return False
    return _unless_unclear(card, approvals, "it stays open after an edit").must is Must.OPEN


def _key(card: History, key: Key) -> Verdict | None:
    """What follows from the key alone: a card that Stagegate can't decrypt is closed for everybody (decision 12). None
    where nothing does.
    """
    if key.turned > card.looks[-1].at:
        return either("nobody has looked since the key was shut or opened")
    if key.is_shut:
        return closed("Stagegate may not decrypt it")
    if key.lost > card.last_sweep:
        # A run for an event that has nothing to do reads no key (decision 12).
        return either("somebody took our grants off the key, and no sweep has come by")
    return None


def _gate(card: History, rules: Rules, stage: str, *, was_open: bool) -> Verdict:  # noqa: C901  one condition of the rules after the other
    """Whether an approval lets the card in."""
    principals = rules.principals(stage, card.written.risk)
    if not principals:
        return closed(f"nobody may approve risk {card.written.risk}")
    approvals = [each for each in card.setters if each.by in principals]
    known = [each for each in approvals if each.recorded]
    on_this = [each for each in known if each.content == card.written.content]
    if not card.since_created[-1].recorded and not (was_open and on_this):
        return either("waiting: the record of the last change hasn't come") if was_open else closed("waiting")
    if not known:
        return closed("no approver has set this status, as far as is recorded")
    if not rules.required_sections <= card.written.sections:
        return closed("a required section is missing")
    if not on_this:
        if rules.edit_closes or not was_open:
            return closed("the content was edited after the approval")
        return _unless_unclear(card, known, "it stays open after an edit")
    if rules.four_eyes and not card.written.recorded and not was_open:
        return closed("nobody knows who wrote it: the record of that is lost, or on its way")
    others = [each for each in on_this if not (rules.four_eyes and each.by in _authors(card))]
    if not others:
        return closed("whoever wrote it approved it")
    if was_open and any(_is_standing(each, card) and not _other_statuses_beside(each, card) for each in others):
        return opened("it is open on an approval of this content")
    answers = [each for each in others if not rules.card_asks or answered(each, card.asked)]
    if not answers:
        if any(answered(each, card.asked, by=max(each.took, 1.0)) for each in others):
            return either("it was asked within the second of the approval, or while its call was going on")
        # An approval that nobody asked for closes nothing, but what was open may have been closed before it came.
        return closed("it was approved before anybody was asked") if not was_open else either("approved unasked")
    return _unless_unclear(card, answers, "an approver approved this content")


def _authors(card: History) -> frozenset[str]:
    """Who may have written what there is now: all whose records lie so near that they can't be told apart."""
    return frozenset(
        change.by
        for change in card.since_created
        if isinstance(change, Wrote) and abs(change.at - card.written.at) <= 2 * INTERVAL_S
    )


def _is_standing(approval: Set, card: History) -> bool:
    return approval.at - card.written.at > INTERVAL_S


def _other_statuses_beside(approval: Set, card: History) -> list[Set]:
    """What was set to another status about the time of an approval: which of both was there first can't be told, and
    whatever the other one closes needs an approval that was asked for.
    """
    sets = [change for change in card.since_created if isinstance(change, Set)]
    return [each for each in sets if each.status != approval.status and abs(each.at - approval.at) < 2.0]


def answered(approval: Set, questions: list[Asked], *, by: float = 0.0) -> bool:
    """Whether a question about the same was asked more than a second before the approval, or so long after it."""
    return any(asked.content == approval.content and asked.at < approval.at + by - 1.0 for asked in questions)


def _unless_unclear(card: History, approvals: list[Set], why: str) -> Verdict:
    """What was written, or set to another status, about the time of an approval can't be told apart from it."""
    for approval in approvals:
        written = [each for each in card.since_created if isinstance(each, Wrote)]
        if any(abs(each.at - approval.at) <= INTERVAL_S for each in written):
            continue
        if not _other_statuses_beside(approval, card):
            return opened(why)
    return either("something was changed about the time of the approval")
