"""Look at every moment that can be reached, once each; count the schedules, and judge how each of them ends."""

from collections import Counter
from dataclasses import dataclass, field

from stagegate.ledger import items
from stagegate.targets.desired import desired_text_of, digest_of, statements_in, still_desired

from .documents import TARGET, foreign_in, ours_in, said_by
from .moments import Moment, Play
from .scenarios import Scenario

Verdict = tuple[str, ...]
"""What is to be said of an end; nothing for one that is as it should be."""

UNAVOIDABLE = {
    "foreign edit between our read and our PUT is lost",
    "foreign edit before a read that was behind is lost",
}
"""What no writer can do anything against, as no PUT of a policy is conditional."""


@dataclass(slots=True)
class Explored:
    """`schedules` counts the ways from the first moment to an end, by verdict. `example` is one way to each verdict."""

    moments: int = 0
    transitions: int = 0
    waits: int = 0
    runs: int = 0
    schedules: Counter[Verdict] = field(default_factory=Counter)
    example: dict[Verdict, list[str]] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        """In how many schedules something is wrong that isn't unavoidable."""
        return sum(number for verdict, number in self.schedules.items() if set(verdict) - UNAVOIDABLE)

    def counted(self, what: str) -> int:
        """In how many schedules this is said of the end."""
        return sum(number for verdict, number in self.schedules.items() if what in verdict)


def explore(scenario: Scenario, play: Play) -> Explored:
    """Return what was found. A way that comes back to one of its own moments waits there, and is followed once."""
    found = Explored()
    counts: dict[Moment, Counter[Verdict]] = {}
    way: list[str] = []
    open_: set[Moment] = set()
    first = scenario.first()
    stack = [(first, iter(list(play.following(first))), Counter[Verdict]())]
    open_.add(first)
    while stack:
        moment, following, counted = stack[-1]
        step = next(following, None)
        if step is None:
            stack.pop()
            open_.discard(moment)
            if not counted:
                verdict = judged(scenario, moment)
                counted[verdict] = 1
                found.example.setdefault(verdict, list(way))
            counts[moment] = counted
            if stack:
                stack[-1][2].update(counted)
                way.pop()
            continue
        what, then = step
        found.transitions += 1
        if then in open_:
            found.waits += 1
        elif then in counts:
            counted.update(counts[then])
        else:
            open_.add(then)
            way.append(what)
            stack.append((then, iter(list(play.following(then))), Counter()))
    found.moments, found.runs, found.schedules = len(counts), play.code.runs, counts[first]
    return found


def judged(scenario: Scenario, moment: Moment) -> Verdict:
    """Say what is wrong with a moment after which nothing happens."""
    if not moment.is_over:
        return ("a writer is stuck",)
    said = {"ours": "a foreign statement was dropped from what was read", "window": "", "behind": ""}
    said["window"], said["behind"] = sorted(UNAVOIDABLE, reverse=True)
    wrong = {said[why] for _, why in moment.lost}
    kept = {*scenario.foreign, *(f"Foreign{n}" for n in range(moment.left.edits + 1, scenario.faults.edits + 1))}
    if {*foreign_in(moment.aws.policy), *(name for name, _ in moment.lost)} != kept:
        wrong.add("a foreign statement is lost or invented")
    desired_texts = _desired_texts(scenario, moment)
    table = {sk: values for (pk, sk), values in _table(moment).items() if pk == items.target_key(TARGET.id)}
    recorded = {sk.removeprefix(items.DESIRED): v["desired"] for sk, v in table.items() if sk.startswith(items.DESIRED)}
    if recorded != desired_texts:
        wrong.add("what is wanted isn't on record")
    stands, wanted = ours_in(moment.aws.policy), said_by(statements_in(desired_texts))
    if wanted - stands:
        wrong.add("something wanted is missing")
    if stands - wanted:
        wrong.add("something stands that nobody wants")
    if "holder" in table.get(items.LEASE, {}):
        wrong.add("the lease is still held")
    if _wrongly_written(moment):
        wrong.add("the record says something else than what stands")
    return tuple(sorted(wrong))


def _desired_texts(scenario: Scenario, moment: Moment) -> dict[str, str]:
    """What everybody wants after all that has happened, by the arguments of the tasks and how these have ended."""
    desired_texts = {change.subject_arn: desired_text_of(change) for change in scenario.before}
    for writer in moment.writers:
        arn, desired_text = writer.change.subject_arn, desired_text_of(writer.change)
        if writer.end and writer.end.error is None:
            desired_texts[arn] = desired_text
        elif writer.end and writer.end.error != "ClaimLostError":
            desired_texts[arn] = still_desired(desired_texts.get(arn), desired_text)
    return {arn: desired_text for arn, desired_text in desired_texts.items() if desired_text is not None}


def _wrongly_written(moment: Moment) -> set[str]:
    """The subjects whose own record of what stands is wrong: the next plan would go by it."""
    table = _table(moment)
    wrong = set()
    for writer in moment.writers:
        arn = writer.change.subject_arn
        is_last = all(w.after is None or moment.writers[w.after] != writer for w in moment.writers)
        if is_last and writer.end and writer.end.error is None:
            desired_text = desired_text_of(writer.change)
            found = table.get((items.subject_key(arn), f"{items.WRITTEN}{TARGET.id}"))
            if (found or {}).get("digest") != (None if desired_text is None else digest_of(desired_text)):
                wrong.add(arn)
    return wrong


def _table(moment: Moment) -> dict[tuple[str, str], dict[str, object]]:
    return {key: items.values(moment.aws.item(key) or {}) for key, _ in moment.aws.table}
