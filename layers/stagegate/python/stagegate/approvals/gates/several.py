"""Several approvers: as many different people as the rules ask for, each of whom has approved the very same thing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from stagegate.approvals.gate import APPROVALS_MISSING
from stagegate.approvals.principals import Actor, could_be_one_person, crowds_of, somebody_of
from stagegate.approvals.records import Approvable, AuditRecord
from stagegate.core.findings import Finding, blocked
from stagegate.core.sentences import named
from stagegate.core.statuses import RiskRating
from stagegate.core.untrusted import word
from stagegate.rules.model import Approvers


def needed_for(gated: Collection[Approvers], risk: RiskRating) -> int:
    """Return how many different people have to let in a subject of this risk: as the strictest entry says."""
    return max((entry.needed for entry in gated if risk in entry.risks), default=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The approvals of as many different people as are needed (`complete`); while they are too few, none, and `so_far`
    those of different people that there are. Each in the order in which they were given.
    """

    complete: tuple[AuditRecord, ...] = ()
    so_far: tuple[AuditRecord, ...] = ()


def counted(
    approvals: Sequence[AuditRecord], needed: int, stands_for_all: Callable[[AuditRecord], bool] = lambda _: False
) -> Count:
    """Return how far the approvals of one thing have come, which are in the order in which they were given.

    They make sets: one is complete with the approval of the last person who is needed, and the next approval begins
    another. The last complete set counts. So an approval more takes nothing away, under however many names somebody
    gives it, and one person alone renews nothing that takes several. Of an approval that `stands_for_all` it is taken
    that all the others who are missing have approved, too, if it is one person's more.
    """
    complete: tuple[AuditRecord, ...] = ()
    begun: list[AuditRecord] = []
    for approval in approvals:
        others = [each for each in begun if not could_be_one_person(each.actor, approval.actor)]
        found = _different(others, needed - 1)
        if found is None and stands_for_all(approval):
            found = _all_of(others, begun, needed - 1)
        if found is not None:
            complete, begun = (*found, approval), []
        elif not _is_enough(begun, approval.actor, needed):
            begun.append(approval)
    return Count(complete=complete) if complete else Count(so_far=_most(begun, needed))


def approvals_missing(
    subject: Approvable,
    so_far: Sequence[AuditRecord],
    approvals: Collection[AuditRecord],
    principals: Collection[str],
    needed: int,
    stage: str,
    *,
    what: str,
) -> Finding:
    """Return the finding that says who has approved, of all `approvals` that count, and who is still asked."""
    callers = {approval.actor for approval in so_far}
    alike = dict.fromkeys(word(each.actor.arn) for each in approvals if each.actor not in callers)
    again = f" {named(list(alike))} approved, too, and nothing tells that this is another person." if alike else ""
    by = f", by {'; '.join(map(str, so_far))}" if so_far else ""
    asked = [p for p in sorted(principals) if not any(could_be_one_person(somebody_of(p), c) for c in callers)]
    who = f" Still asked: {named(asked)}." if asked else " Nobody else is on its list who is certain to be another one."
    return blocked(
        APPROVALS_MISSING,
        f"{len(so_far)} of {needed} approved the {what} as it is (version {subject.version}){by}.{again} {stage} opens"
        f" once {needed} different people have set {subject.status}.{who}",
        stage,
    )


def _is_enough(begun: Sequence[AuditRecord], actor: Actor, needed: int) -> bool:
    """Tell whether a set that this caller would be in is one without them, too, by somebody of the same crowd.

    Each of the others in a set takes one place of a crowd at most. So of as many places as people are needed, one is
    free for whoever is missing. What is begun stays short by that, and nobody's approval leaves it for another's.
    """
    for crowd in crowds_of(actor):
        places = {each.place for one in begun for each in crowds_of(one.actor) if each.of == crowd.of}
        if crowd.place in places or len(places) >= needed:
            return True
    return False


def _all_of(
    others: Sequence[AuditRecord], begun: Sequence[AuditRecord], at_most: int
) -> tuple[AuditRecord, ...] | None:
    """Return those who have approved beside somebody, None where that isn't one person more than have without."""
    found = _most(others, at_most)
    return found if len(found) == len(_most(begun, at_most)) else None


def _most(approvals: Sequence[AuditRecord], at_most: int) -> tuple[AuditRecord, ...]:
    """Return approvals of as many people as are different for certain, and no more than that number."""
    found = (_different(approvals, number) for number in range(min(at_most, len(approvals)), 0, -1))
    return next((each for each in found if each is not None), ())


def _different(approvals: Sequence[AuditRecord], number: int) -> tuple[AuditRecord, ...] | None:
    """Return the first approvals of so many people of whom no two could be one, None where there are fewer."""
    if number == 0:
        return ()
    for at, approval in enumerate(approvals):
        others = [each for each in approvals[at + 1 :] if not could_be_one_person(each.actor, approval.actor)]
        rest = _different(others, number - 1) if len(others) >= number - 1 else None
        if rest is not None:
            return (approval, *rest)
    return None
