"""What is played: several writers on one bucket, and which faults may come between their calls."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from stagegate.iam.statements import Statement
from stagegate.ledger import items
from stagegate.targets.desired import desired_text_of, statements_in

from .aws import Aws
from .documents import TARGET, closes, document, opens, reads
from .moments import Faults, Moment, Writer, claim_of
from .writers import Change

HUGE = tuple(f"{number:01000}" for number in range(21))
"""More than a bucket policy can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The tasks, in the order of their claims for tasks on one subject; what is open before; who else has something."""

    name: str
    tasks: tuple[Change, ...]
    before: tuple[Change, ...] = ()
    foreign: tuple[str, ...] = ("Foreign",)
    faults: Faults = field(default_factory=Faults)

    def first(self) -> Moment:
        """The moment before anything happens: what is wanted is on record, and stands."""
        writers: list[Writer] = []
        standing = document(self.foreign, self.standing())
        aws = Aws(policy=standing, before=standing)
        for change in self.before:
            desired_text = {"desired": desired_text_of(change)}
            key = items.target_key(TARGET.id), f"{items.DESIRED}{change.subject_arn}"
            aws = aws.with_item(key, items.item(*key, desired_text))
        for number, change in enumerate(self.tasks):
            earlier = [n for n, writer in enumerate(writers) if writer.change.subject_arn == change.subject_arn]
            writer = Writer(change=change, holder=f"run-{number}", after=earlier[-1] if earlier else None)
            if not earlier:
                aws = aws.with_item(claim_of(writer), items.item(*claim_of(writer), {"holder": writer.holder}))
            writers.append(writer)
        return Moment(aws=aws, writers=tuple(writers), left=self.faults)

    def standing(self) -> Iterable[Statement]:
        """What we have in the document before."""
        return statements_in({change.subject_arn: desired_text_of(change) or "" for change in self.before})


ONE_DIES = Faults(crashes=1, edits=1, ticks=1)
TWO = (opens(1), closes(2))
THREE = (*TWO, opens(3))
OPENED = (opens(2),)
TOO_MUCH = replace(opens(1), statements=(reads("1.tar"), reads(*HUGE)))
IN_ITS_PLACE = replace(opens(1), statements=(reads(*HUGE),))
ANY = Faults(crashes=1, lost_answers=1, stale_reads=1, edits=1, ticks=1)

QUICK = (
    Scenario(name="one opens, one closes", tasks=TWO, before=OPENED, faults=Faults(crashes=1, stale_reads=1, edits=1)),
    Scenario(name="opened, then closed", tasks=(opens(1), closes(1)), faults=Faults(crashes=1, stale_reads=1)),
    Scenario(name="closed, then opened", tasks=(closes(2), opens(2)), before=OPENED, faults=Faults(stale_reads=1)),
    Scenario(
        name="the last two close",
        tasks=(closes(1), closes(2)),
        before=(opens(1), opens(2)),
        foreign=(),
        faults=Faults(crashes=1, edits=1),
    ),
    Scenario(
        name="one wants too much",
        tasks=(TOO_MUCH, closes(2)),
        before=(opens(1), opens(2)),
        faults=Faults(crashes=1),
    ),
    Scenario(name="closed while it opens", tasks=(opens(1), closes(1)), faults=Faults(thefts=1, ticks=1)),
    Scenario(name="three", tasks=THREE, before=OPENED, faults=Faults(crashes=1)),
)
"""What `make test` plays."""

FULL = (
    Scenario(name="one opens, one closes", tasks=TWO, before=OPENED, faults=replace(ANY, edits=2)),
    Scenario(name="opened, then closed", tasks=(opens(1), closes(1)), faults=replace(ANY, crashes=2)),
    Scenario(name="closed, then opened", tasks=(closes(2), opens(2)), before=OPENED, faults=replace(ANY, crashes=2)),
    Scenario(
        name="the last two close", tasks=(closes(1), closes(2)), before=(opens(1), opens(2)), foreign=(), faults=ANY
    ),
    Scenario(name="one wants too much", tasks=(TOO_MUCH, closes(2)), before=(opens(1), opens(2)), faults=ANY),
    Scenario(
        name="something else that is too much", tasks=(IN_ITS_PLACE, closes(2)), before=(opens(1), opens(2)), faults=ANY
    ),
    Scenario(name="closed while it opens", tasks=(opens(1), closes(1)), faults=replace(ANY, thefts=1)),
    Scenario(name="opened while it closes", tasks=(closes(2), opens(2)), before=OPENED, faults=replace(ANY, thefts=1)),
    Scenario(name="three", tasks=THREE, before=OPENED, faults=replace(ANY, lost_answers=0)),
    Scenario(
        name="three, one package twice",
        tasks=(opens(1), closes(2), closes(1)),
        before=OPENED,
        faults=replace(ANY, lost_answers=0),
    ),
)
"""What `make explore` plays."""
