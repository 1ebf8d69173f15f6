"""What must be open of a version of a model package.

What differs from cards: SageMaker itself says who made the last change, so that an approval counts before its record
has come (decision 2). And what is approved is the bytes (decision 10): no event tells of a change of these, so that
only a sweep or a person's run notices one.
"""

from __future__ import annotations

from soak.oracle.cards import INTERVAL_S, answered
from soak.oracle.facts import Blindness, History, Set, Wrote
from soak.oracle.rules import Rules
from soak.oracle.verdict import Must, Verdict, closed, either, opened


def judge(
    version: History,
    rules: Rules,
    stage: str,
    *,
    was_open: bool,
    group: str = "",
    tampered: float = 0.0,
    blindness: Blindness | None = None,
) -> Verdict:
    """What must be so for a stage, when everything has come to rest: for one where the `group` is imported, whether its
    model is there (decision 15). `tampered`: when somebody last took statements of ours out of a document that this
    version needs, or deleted its model. `blindness`: how the account of its bucket can be looked into.

    What can't be looked at stays as it is until so many sweeps in a row could not; nothing opens anew. A close that
    the status or an approval asks for never waits for a look (decision 20).
    """
    verdict = _judge(version, rules, stage, group, was_open=was_open)
    if verdict.must is Must.OPEN and tampered > version.last_sweep:
        return either("somebody took our statements out, and no sweep has come by")
    if blindness is None or rules.paused or verdict.must is not Must.OPEN:
        return verdict
    if blindness.is_blind:
        if version.blind_sweeps >= rules.close_after_blind_sweeps:
            return closed(f"{version.blind_sweeps} sweeps in a row could not look at its bucket")
        return verdict if was_open else closed("its bucket can't be looked at, and nothing opens anew")
    if not was_open and blindness.turned > version.last_sweep:
        return either("its bucket can be looked at again, and no sweep has come by")
    return verdict


def asks_anew(version: History, rules: Rules, stage: str) -> bool:
    """Whether a stage that is open though the bytes were written anew stays so while the approvers are asked about
    those of now (`after_change = "ask"`). Only a run that looks at everything notices.
    """
    if rules.change_closes or rules.paused or not version.exists or not rules.is_gated(stage):
        return False
    if stage not in rules.package_opens[version.status] or not all(change.recorded for change in version.since_created):
        return False
    principals = rules.principals(stage, version.written.risk)
    approvals = [each for each in version.setters if each.by in principals]
    if not approvals or version.last_sweep <= version.since_created[-1].at:
        return False
    if any(each.content == version.written.content for each in approvals):
        return False
    return not any(
        _is_beside(change, each) for each in approvals for change in version.since_created if change is not each
    )


def _judge(version: History, rules: Rules, stage: str, group: str, *, was_open: bool) -> Verdict:
    if rules.paused:
        if was_open and not version.exists:
            return either("paused: nothing changes")
        return opened("paused: what was open stays so") if was_open else closed("paused: nothing opens")
    if not version.is_looked_at:
        return either("nobody has looked since the last change")
    if not version.exists:
        return closed("it was deleted")
    if stage not in rules.package_stages(group, version.status):
        return closed(f"{version.status} doesn't open {stage}")
    if not rules.is_gated(stage):
        return opened(f"{version.status} opens {stage}, which has no approvers")
    return _gate(version, rules, stage, was_open=was_open)


def _gate(version: History, rules: Rules, stage: str, *, was_open: bool) -> Verdict:  # noqa: C901  one condition of the rules after the other
    principals = rules.principals(stage, version.written.risk)
    if not principals:
        return closed("nobody may approve this risk")
    last = version.since_created[-1]
    known = [each for each in version.setters if each.by in principals and (each.recorded or each is last)]
    if not known:
        return closed("no approver has set this status, as far as anybody knows")
    if version.written.at > max(version.last_sweep, known[-1].at):
        return either("the bytes were written anew, and no sweep has come by")
    on_this = [each for each in known if each.content == version.written.content]
    if not on_this:
        if rules.change_closes or not was_open:
            return closed("the bytes were written anew after the approval")
        return opened("it stays open after a change, and the approvers are asked")
    authors = {change.by for change in version.since_created if isinstance(change, Wrote)}
    if rules.package_four_eyes:
        on_this = [each for each in on_this if each.by not in authors]
        if not on_this:
            return closed("whoever registered it approved it")
    # What was written, or set to another status, about the time of an approval can't be told apart from it.
    if any(_is_beside(change, each) for each in on_this for change in version.since_created if change is not each):
        return either("something was changed about the time of the approval")
    if not all(each.recorded for each in on_this) and not was_open:
        return either("what lay there is known when the record has come")
    if any(not rules.package_asks or answered(each, version.asked) for each in on_this):
        return opened("an approver approved these bytes")
    if any(answered(each, version.asked, by=max(each.took, 1.0)) for each in on_this):
        return either("it was asked within the second of the approval, or while its call was going on")
    # An approval that nobody asked for closes nothing, but what was open may have been closed before it came.
    return either("approved unasked") if was_open else closed("it was approved before anybody was asked")


def _is_beside(change: object, approval: Set) -> bool:
    if isinstance(change, Wrote):
        return abs(change.at - approval.at) <= INTERVAL_S
    return isinstance(change, Set) and change.status != approval.status and abs(change.at - approval.at) < 2.0
