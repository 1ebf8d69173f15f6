"""A moment: AWS, the writers, and what may still go wrong; and every moment that can follow it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from stagegate.core import errors
from stagegate.core.errors import RetryableError
from stagegate.ledger import items

from .aws import Answer, Attributes, Aws, Call, Key, Refusal, answered
from .documents import TARGET, foreign_in, with_foreign
from .writers import OVER_A_LEASE, START, Change, Ended, Writers

Lost = tuple[str, str]
"""A foreign statement that is gone, and why: "window", "behind", or "ours", which must not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often each may still happen.

    `crashes`: a function dies between two calls; the state machine starts it again. `lost_answers`: a write of the
    policy is made, or isn't, and the connection is gone. `stale_reads`: a read of the policy misses the last write.
    `edits`: somebody else adds a statement, at once. `ticks`: so much time passes that the lease of a writer that is
    at work has run out, and every function that was running has been stopped by its timeout; until the lease of a dead
    writer has run out, time passes anyway. `thefts`: the claim passes to the next run on the subject although the
    present one isn't over.
    """

    crashes: int = 0
    lost_answers: int = 0
    stale_reads: int = 0
    edits: int = 0
    ticks: int = 0
    thefts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """One run's task. `had` are the answers since it was started (or started again), `read` what it last read of the
    policy; `end` is None while it has something to do. One `after` another is a later run on the same subject: it has
    nothing to do until the claim has passed to it.
    """

    change: Change
    holder: str
    after: int | None = None
    tick: int = 0
    had: tuple[int, ...] = ()
    read: str | None = None
    was_behind: bool = False
    end: Ended | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Everything there is."""

    aws: Aws
    writers: tuple[Writer, ...]
    left: Faults
    tick: int = 0
    lost: frozenset[Lost] = frozenset()

    @property
    def is_over(self) -> bool:
        """Whether every writer has ended."""
        return all(writer.end for writer in self.writers)


@dataclass(frozen=True)
class Play:
    """The rules by which a moment follows another. With `outlived`, a function may run longer than its lease."""

    code: Writers
    outlived: bool = False

    def following(self, moment: Moment) -> Iterator[tuple[str, Moment]]:
        """Every moment that can come next, and what happens."""
        for number, writer in enumerate(moment.writers):
            if not _has_claim(moment, writer):
                yield from _passed(moment, writer)
            elif writer.end is None:
                yield from self._called(moment, number, writer)
                if moment.left.crashes and writer.had:
                    left = replace(moment.left, crashes=moment.left.crashes - 1)
                    yield f"{number} dies", replace(_with(moment, number, _anew(writer)), left=left)
        if moment.left.edits and not moment.is_over:
            name = f"Foreign{moment.left.edits}"
            left = replace(moment.left, edits=moment.left.edits - 1)
            policy = with_foreign(moment.aws.policy, name)
            yield f"{name} is added", replace(moment, aws=moment.aws.with_policy(policy), left=left)
        at_work = _holds_lease(moment)
        if at_work is not None and (moment.left.ticks or not at_work):
            writers = moment.writers if self.outlived else tuple(map(_anew, moment.writers))
            left = replace(moment.left, ticks=moment.left.ticks - at_work)
            yield "the lease runs out", replace(moment, tick=moment.tick + 1, writers=writers, left=left)

    def _called(self, moment: Moment, number: int, writer: Writer) -> Iterator[tuple[str, Moment]]:
        writer = writer if writer.had else replace(writer, tick=moment.tick)
        call = self.code.next(writer.change, writer.holder, writer.tick, writer.had)
        if isinstance(call, Ended):
            raise TypeError(f"{writer.holder} ends without a call: {call}")
        aws, answer = answered(moment.aws, call)
        yield f"{number} {call.operation}", self._after(moment, number, writer, call, aws, answer)
        left = moment.left
        if left.stale_reads and call.operation == "GetBucketPolicy" and moment.aws.before != moment.aws.policy:
            _, old = answered(moment.aws, call, behind=True)
            less = replace(moment, left=replace(left, stale_reads=left.stale_reads - 1))
            yield f"{number} {call.operation}, behind", self._after(less, number, writer, call, aws, old, behind=True)
        if left.lost_answers and call.writes_the_policy:
            less = replace(moment, left=replace(left, lost_answers=left.lost_answers - 1))
            for made, how in ((aws, "unheard"), (moment.aws, "not made")):
                yield f"{number} {call.operation}, {how}", self._after(less, number, writer, call, made, Refusal(""))

    def _after(
        self, moment: Moment, number: int, writer: Writer, call: Call, aws: Aws, answer: Answer, *, behind: bool = False
    ) -> Moment:
        """The moment after a call; a task that ends with an error that passes is started again."""
        if call.operation == "GetBucketPolicy":
            writer = replace(writer, read=moment.aws.before if behind else moment.aws.policy, was_behind=behind)
        lost = moment.lost
        if call.writes_the_policy:
            gone = set(foreign_in(moment.aws.policy)) - set(foreign_in(aws.policy))
            lost |= {(name, _why(moment.aws, writer)) for name in gone}
        writer = replace(writer, had=(*writer.had, self.code.number(answer)))
        then = self.code.next(writer.change, writer.holder, writer.tick, writer.had)
        if isinstance(then, Ended):
            writer = _anew(writer) if _is_retried(then) else replace(_anew(writer), end=then)
        return replace(_with(moment, number, writer), aws=aws, lost=lost)


def _holds_lease(moment: Moment) -> bool | None:
    """Tell whether the holder of a lease that counts still is at work, or None if there is no such lease."""
    lease = items.values(moment.aws.item((items.target_key(TARGET.id), items.LEASE)) or {})
    if lease.get("expires", 0) < START + moment.tick * OVER_A_LEASE:
        return None
    return any(writer.holder == lease["holder"] and writer.had for writer in moment.writers)


def _has_claim(moment: Moment, writer: Writer) -> bool:
    """Tell whether a run may work on its subject, or has: one that has lost its claim doesn't know that yet."""
    return writer.after is None or moment.aws.item(claim_of(writer)) == _claim(writer)


def _passed(moment: Moment, writer: Writer) -> Iterator[tuple[str, Moment]]:
    """The claim passes to a later run on the same subject."""
    aws = moment.aws.with_item(claim_of(writer), _claim(writer))
    if writer.after is not None and moment.writers[writer.after].end:
        yield f"the claim passes to {writer.holder}", replace(moment, aws=aws)
    elif moment.left.thefts:
        left = replace(moment.left, thefts=moment.left.thefts - 1)
        yield f"{writer.holder} takes the claim", replace(moment, aws=aws, left=left)


def claim_of(writer: Writer) -> Key:
    """The key of the claim on a writer's subject."""
    return items.subject_key(writer.change.subject_arn), items.CLAIM


def _claim(writer: Writer) -> Attributes:
    return items.item(*claim_of(writer), {"holder": writer.holder})


def _why(aws: Aws, writer: Writer) -> str:
    """Why a write of this writer loses what somebody else has added."""
    if writer.read == aws.policy:
        return "ours"
    return "behind" if writer.was_behind else "window"


def _is_retried(end: Ended) -> bool:
    return end.error is not None and issubclass(getattr(errors, end.error, Exception), RetryableError)


def _anew(writer: Writer) -> Writer:
    return replace(writer, had=(), read=None, was_behind=False, tick=0)


def _with(moment: Moment, number: int, writer: Writer) -> Moment:
    writers = (*moment.writers[:number], writer, *moment.writers[number + 1 :])
    return replace(moment, writers=writers)
